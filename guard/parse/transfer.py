"""Content-Transfer-Encoding undone (RFC 2045 §6), as far as broken input allows."""

import binascii
import quopri
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from guard.parse.fields import without_comments
from guard.parse.words import decode_words

STEP: Final = 1 << 20
"""
Octets decoded by one call, a multiple of four: a call keeps the interpreter to itself until it
ends, and others wait.
"""

_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/=]+")
_AS_IT_IS: Final = {
    "", "7bit", "8bit", "binary",
    # What programs write that take it for something else; nobody decodes anything then.
    "7-bit", "8-bit", "7bits", "8bits", "none", "identity", "ascii", "us-ascii", "utf-8",
}  # fmt: skip
_STRAY: Final = re.compile(rb"^[^\r\n]*(?:[^A-Za-z0-9+/=\s]|\S[ \t]+\S)[^\r\n]*", re.MULTILINE)
"""A line that is no base64: with other octets in it, or with blanks."""

_MEANT: Final = {
    "b": "base64", "base-64": "base64", "base_64": "base64", "x-base64": "base64",
    "q": "quoted-printable", "quotedprintable": "quoted-printable",
    "quoted_printable": "quoted-printable", "quoted": "quoted-printable",
    "x-qp": "quoted-printable", "qp": "quoted-printable",
    "uuencode": "x-uuencode", "uue": "x-uuencode", "x-uue": "x-uuencode",
}  # fmt: skip
"""What programs write, or read, in other words."""

_UU_BEGIN: Final = re.compile(
    rb"^([ \t>]{0,40})begin [0-7]{1,6} ([^\r\n]{1,255})\r?\n", re.MULTILINE
)


@lru_cache(maxsize=64)
def encoding_of(text: str) -> str:
    """Name an encoding as everybody but the writer spells it: ``BASE64 (x)`` is ``base64``."""
    name = "".join(without_comments(decode_words(text)).split()).strip("\"';,").lower()
    return _MEANT.get(name, name)


def undo(octets: bytes, encoding: str) -> tuple[bytes, str]:
    """
    Undo *encoding* (as `encoding_of` names it), and name what was wrong, or give an empty name.

    ``broken-base64`` and ``broken-uuencode`` mean that octets are missing at the end or in
    between; ``unknown-encoding`` that nothing was undone.
    """
    if encoding in _AS_IT_IS:
        return octets, ""
    if encoding == "base64":
        return _base64(octets)
    if encoding == "quoted-printable":
        return b"".join(map(quopri.decodestring, _lines(octets))), ""
    if encoding == "x-uuencode":
        blocks = uu_blocks(octets)
        blocks = [block for block in blocks if block[2]] or blocks
        return (blocks[0][1], "") if blocks else (octets, "broken-uuencode")
    return octets, "unknown-encoding"


def stray_lines(octets: bytes, encoding: str, problem: str) -> bytes:
    """Give the lines of a part that are no part of its encoding, where there are any."""
    if encoding == "base64":
        return b"\n".join(_STRAY.findall(octets)) if problem else b""
    return octets if encoding == "x-uuencode" else b""


def _base64(octets: bytes) -> tuple[bytes, str]:
    """
    Decode base64 as far as it goes.

    Every piece that ends in padding is decoded by itself: some programs join encoded chunks,
    and what stands after a ``=`` is what a careless reader does not see.
    """
    octets = b"".join([piece.translate(None, b" \t\r\n") for piece in _steps(octets)])
    if octets.find(b"=", 0, -2) < 0:
        try:
            return b"".join(map(_strictly, _steps(octets))), ""
        except binascii.Error:
            pass
    # RFC 2045 §6.8 has foreign octets skipped, but they are damage all the same.
    letters = _NOT_BASE64.sub(b"", octets)
    broken = letters != octets
    pieces = []
    for piece in re.split(rb"=+", letters):
        whole = len(piece) - (len(piece) % 4 == 1)
        broken |= whole != len(piece)
        pieces.append(binascii.a2b_base64(piece[:whole] + b"=" * (-whole % 4)))
    return b"".join(pieces), "broken-base64" if broken else ""


def _strictly(piece: bytes) -> bytes:
    return binascii.a2b_base64(piece, strict_mode=True)


def _steps(octets: bytes) -> Iterator[bytes]:
    for start in range(0, len(octets), STEP):
        yield octets[start : start + STEP]


def _lines(octets: bytes) -> Iterator[bytes]:
    """Give *octets* in steps that end where a line does."""
    start = 0
    while start < len(octets):
        near = octets.rfind(b"\n", start, start + STEP) + 1
        end = near or octets.find(b"\n", start + STEP) + 1 or len(octets)
        yield octets[start:end]
        start = end


def _uu_line(line: bytes) -> bytes:
    """Decode one line; what stands behind as much as it says it holds is passed over."""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Rounded up to whole groups: some programs leave out the last of a group.
        letters = ((line[0] - 32 & 63) + 2) // 3 * 4
        if len(line) <= letters + 1:
            raise
        return binascii.a2b_uu(line[: letters + 1])


def uu_blocks(octets: bytes) -> list[tuple[bytes, bytes, bool]]:
    """
    Find uuencoded files in text: name, octets, and whether the end stood there.

    A file may be indented or quoted, line by line as its first; it goes on as far as its lines
    make sense, whether an ``end`` follows or not.
    """
    found: list[tuple[bytes, bytes, bool]] = []
    if b"begin " not in octets:
        return found
    at = 0
    while begin := _UU_BEGIN.search(octets, at):
        indent = begin[1]
        at = begin.end()
        decoded = bytearray()
        ended = False
        while at < len(octets):
            stop = octets.find(b"\n", at)
            stop = len(octets) if stop < 0 else stop
            line = octets[at:stop].removesuffix(b"\r").removeprefix(indent)
            ended = line.rstrip() == b"end"
            try:
                # A blank line would count as 32 zeros.
                decoded += _uu_line(line) if line.strip() and not ended else b""
            except binascii.Error:
                break  # what was decoded before the damage counts
            at = stop + 1
            if ended:
                break
        if decoded:
            found.append((begin[2], bytes(decoded), ended))
    return found
