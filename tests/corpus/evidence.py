"""
Whether a string stands in a file, by its octets alone.

A producer may leave out what it was asked to plant: a filter has no place for it. The corpus must
not take the word of a reader of Guard's for that, so this looks at the raw octets, unpacked.
"""

import base64
import binascii
import bz2
import contextlib
import gzip
import html
import io
import json
import lzma
import quopri
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Final

from tests.corpus.planted import folded

_ENCODINGS: Final = (
    "utf-8",
    "utf-16-le",
    "utf-16-be",
    "cp932",
    "euc_jis_2004",
    "iso2022_jp",
    "cp1252",
)
_TAGS: Final = re.compile(r"<[^<>]*>")
_BASE64: Final = re.compile(rb"(?:[A-Za-z0-9+/]{60,76}\r?\n)*[A-Za-z0-9+/]{8,}={0,2}")
_STREAM: Final = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_RTF_UNICODE: Final = re.compile(r"\\u(-?\d+)\s?(?:\\'[0-9a-f]{2}|\?)*")
_RTF_OCTETS: Final = re.compile(r"(?:\\'[0-9a-fA-F]{2}|(?<=\\'[0-9a-fA-F]{2})[ -~])+")
_UNPACKERS: Final[tuple[tuple[bytes, Callable[[bytes], bytes]], ...]] = (
    (b"\x1f\x8b", gzip.decompress),
    (b"BZh", bz2.decompress),
    (b"\xfd7zXZ", lzma.decompress),
)


def said(octets: bytes) -> str:
    """Give all that *octets* could mean, in every encoding, packed parts unpacked; to search."""
    return "\n".join(_readings(octets, depth=4))


def stands(strings: tuple[str, ...], text: str) -> bool:
    """Whether each of *strings* is in what `said` gave, folded."""
    return all(folded(each) in text for each in strings)


def _readings(octets: bytes, *, depth: int) -> Iterator[str]:
    for encoding in _ENCODINGS:
        text = octets.decode(encoding, "ignore")
        yield folded(text)
        if encoding in {"utf-8", "cp932", "utf-16-le"} and ("<" in text or "&" in text):
            yield folded(html.unescape(_TAGS.sub("", text)))
    if octets[1:2] and octets.count(b"\0") * 4 > len(octets):
        yield folded(octets[1:].decode("utf-16-le", "ignore"))
    if b"\\u" in octets:
        yield from _escaped(octets)
    if b"=E" in octets or b"=8" in octets or b"=\n" in octets or b"=\r\n" in octets:
        yield folded(quopri.decodestring(octets).decode("utf-8", "ignore"))
    if depth:
        for inner in _within(octets):
            yield from _readings(inner, depth=depth - 1)


def _escaped(octets: bytes) -> Iterator[str]:
    text = octets.decode("latin-1")
    if text.startswith("{\\rtf"):
        text = _RTF_UNICODE.sub(lambda found: chr(int(found[1]) % 65536), text)
        yield folded(re.sub(r"\\[a-z]+-?\d* ?|[{}\r\n]", "", text))
    else:
        yield folded(re.sub(r"\\u[0-9a-fA-F]{4}", lambda f: json.loads(f'"{f[0]}"'), text))


def _within(octets: bytes) -> Iterator[bytes]:
    if octets.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            for info in archive.infolist():
                try:
                    yield archive.read(info)
                except (NotImplementedError, RuntimeError):
                    continue  # a method or a password that this library has not
        return
    for magic, unpack in _UNPACKERS:
        if octets.startswith(magic):
            yield unpack(octets)
            return
    if octets.startswith(b"%PDF"):
        for found in _STREAM.finditer(octets):
            try:
                yield zlib.decompress(found[1])
            except zlib.error:
                continue
    if b"ase64" in octets:
        for found in _BASE64.finditer(octets):
            with contextlib.suppress(binascii.Error):  # a long word looks like it
                yield base64.b64decode(found[0])
