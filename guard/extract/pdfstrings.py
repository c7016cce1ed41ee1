"""Strings as they stand among the objects of a PDF (ISO 32000-2 §7.3.4 and §7.9.2.2)."""

import re
from collections.abc import Iterator
from typing import Final

from guard.parse.charset import guess

_STRING: Final = re.compile(
    rb"\(((?:[^()\\]|\\.){3,65535})\)|<((?:[0-9A-Fa-f\s]){8,65535})>", re.DOTALL
)
_ESCAPE: Final = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|.))", re.DOTALL)
_LETTERS: Final = {
    b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f",
    b"\n": b"", b"\r": b"", b"\r\n": b"",
}  # fmt: skip
"""Escapes in strings (ISO 32000-1 §7.3.4.2)."""

_READABLE: Final = re.compile(r"(?!D:\d{4,14})(?s:.)*?(?:[^\W\d_]{2}|\d{4})")
"""Words or numbers; dates of the file (§7.9.4) look like telephone numbers, and are left out."""


def strings(octets: bytes) -> Iterator[str]:
    """Give those that hold words or numbers, decoded."""
    for plain, hexadecimal in _STRING.findall(octets):
        if hexadecimal:
            digits = b"".join(hexadecimal.split())
            raw = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
        else:
            raw = _ESCAPE.sub(_unescaped, plain)
        text = _decoded(raw)
        if says_something(text) and text.isprintable():
            yield text


def says_something(text: str) -> bool:
    """Whether there are words or numbers in it."""
    return _READABLE.match(text) is not None


def _unescaped(found: re.Match[bytes]) -> bytes:
    octal, letter = found.groups()
    if octal:
        return bytes([int(octal, 8) & 0xFF])
    return _LETTERS.get(letter, letter)


def _decoded(raw: bytes) -> str:
    """Decode a text string (ISO 32000-2 §7.9.2.2); one in no known form as best one can."""
    if raw.startswith(b"\xfe\xff"):
        return raw[2:].decode("utf-16-be", "replace")
    if raw.startswith(b"\xff\xfe"):
        return raw[2:].decode("utf-16-le", "replace")
    return guess(raw.removeprefix(b"\xef\xbb\xbf"))
