"""
What stands within OpenPGP messages that are not encrypted: literal data, packed or not (RFC 9580).

"BEGIN PGP MESSAGE" says nothing about secrecy: a message that is only signed looks the same, and
everybody's program shows it.
"""

import binascii
import bz2
import re
import zlib
from collections.abc import Iterator
from typing import Final

_ARMOR: Final = re.compile(
    rb"^[ \t>]*-----BEGIN PGP MESSAGE[^\n]*-----[ \t]*\r?\n(.*?)^[ \t>]*-----END PGP MESSAGE",
    re.MULTILINE | re.DOTALL,
)
_BEGIN: Final = b"-----BEGIN PGP MESSAGE"
_MOST: Final = 50
"""Messages in one text that are looked at."""

_CHECKSUM: Final = re.compile(rb"^[ \t>]*=[A-Za-z0-9+/]{4}\s*\Z", re.MULTILINE)
_EMPTY_LINE: Final = re.compile(rb"^[ \t>]*\r?\n", re.MULTILINE)

_LITERAL: Final = 11
_COMPRESSED: Final = 8
_PASSED_OVER: Final = {2, 4, 10, 13, 21}
"""Signatures, what announces them, markers, padding."""

_EXPANDED_BYTES: Final = 64 * 1024 * 1024
_DEPTH: Final = 4
_PACKETS: Final = 1_000


class NotReadError(Exception):
    """It is encrypted, or broken."""


def messages(octets: bytes) -> list[bytes]:
    """
    Give the content of every armored message in a text.

    Raises:
        NotReadError: One of them cannot be read: most likely it is encrypted.
    """
    count = octets.count(_BEGIN)
    if count > _MOST:
        raise NotReadError
    found = [content(_dearmored(armor[1])) for armor in _ARMOR.finditer(octets)]
    if len(found) != count:
        raise NotReadError
    return found


def content(octets: bytes) -> bytes:
    """
    Give the literal data in a message of packets.

    Raises:
        NotReadError: There is none, or it is encrypted.
    """
    try:
        found = list(_literals(octets, 0))
    except (IndexError, ValueError, OSError, zlib.error) as error:
        raise NotReadError from error
    if not found:
        raise NotReadError
    return b"\n".join(found)


def _dearmored(armor: bytes) -> bytes:
    """Undo ASCII armor (RFC 9580 §6.2): headers, an empty line, base64, a checksum."""
    if empty := _EMPTY_LINE.search(armor):
        armor = armor[empty.end() :]
    letters = _CHECKSUM.sub(b"", armor).translate(None, b" \t\r\n>")
    try:
        return binascii.a2b_base64(letters)
    except binascii.Error:
        return b""


def _literals(octets: bytes, depth: int) -> Iterator[bytes]:
    """Give the literal data of all packets; what else is no signature ends it."""
    if depth > _DEPTH:
        raise ValueError("packed too deep")
    for tag, body in _packets(octets):
        if tag == _LITERAL:
            yield body[6 + body[1] :]
        elif tag == _COMPRESSED:
            yield from _literals(_expanded(body[0], body[1:]), depth + 1)
        elif tag not in _PASSED_OVER:
            raise ValueError("encrypted, or no message")


def _packets(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Give tag and body of each packet (RFC 9580 §4.2)."""
    at = 0
    for _ in range(_PACKETS):
        if at >= len(octets):
            return
        first = octets[at]
        if first & 0xC0 == 0xC0:
            body, at = _new_body(octets, at + 1)
            yield first & 0x3F, body
        elif first & 0x80:
            size = (1, 2, 4, 0)[first & 3]
            start = at + 1 + size
            length = int.from_bytes(octets[at + 1 : start], "big") if size else len(octets) - start
            if start + length > len(octets):
                raise ValueError("cut off")
            at = start + length
            yield first >> 2 & 0x0F, octets[start:at]
        else:
            raise ValueError("no packet")
    raise ValueError("too many packets")


def _new_body(octets: bytes, at: int) -> tuple[bytes, int]:
    """Read the body of a packet in the new format, put together where it is in pieces."""
    pieces = []
    while True:
        first = octets[at]
        partial = 224 <= first < 255
        if first < 192:
            length, at = first, at + 1
        elif first < 224:
            length, at = ((first - 192) << 8) + octets[at + 1] + 192, at + 2
        elif partial:
            length, at = 1 << (first & 0x1F), at + 1
        else:
            length, at = int.from_bytes(octets[at + 1 : at + 5], "big"), at + 5
        if at + length > len(octets):
            raise ValueError("cut off")
        pieces.append(octets[at : at + length])
        at += length
        if not partial:
            return b"".join(pieces), at


def _expanded(method: int, octets: bytes) -> bytes:
    """Unpack, within limits (RFC 9580 §9.4)."""
    if method == 0:
        return octets
    if method == 3:
        expander = bz2.BZ2Decompressor()
        expanded = expander.decompress(octets, _EXPANDED_BYTES)
        whole = expander.eof
    else:
        inflater = zlib.decompressobj(-15 if method == 1 else 15)
        expanded = inflater.decompress(octets, _EXPANDED_BYTES)
        whole = not inflater.unconsumed_tail
    if not whole:
        raise ValueError("too big, or cut off")
    return expanded
