"""
Checksums in RAR archives, which libarchive 3.6 does not compare for stored files.

RAR 1.5 to 4 as technote.txt of unrar tells it, RAR 5 by rarlab.com/technote.htm.
"""

import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

_RAR5: Final = b"Rar!\x1a\x07\x01\x00"
_RAR3_BYTES: Final = 7
_BLOCK: Final = struct.Struct("<HBHH")
_FILE: Final = struct.Struct("<IIBI")
_FILE_BLOCK: Final = 0x74
_HAS_DATA: Final = 0x8000
_LARGE: Final = 0x100
_RAR5_FILE: Final = 2


def declared(octets: bytes) -> set[int]:
    """Give the CRC-32 of every file, as the headers say; those up to the first damage."""
    sums: set[int] = set()
    walk = _rar5 if octets.startswith(_RAR5) else _rar3
    with suppress(struct.error, IndexError):  # cut off, which libarchive says
        sums.update(walk(octets))
    return sums


def _rar3(octets: bytes) -> Iterator[int]:
    at = _RAR3_BYTES
    while at + _BLOCK.size <= len(octets):
        _, kind, flags, size = _BLOCK.unpack_from(octets, at)
        data = 0
        if kind == _FILE_BLOCK:
            data, _, _, crc = _FILE.unpack_from(octets, at + _BLOCK.size)
            if flags & _LARGE:
                data += struct.unpack_from("<I", octets, at + 32)[0] << 32
            yield crc
        elif flags & _HAS_DATA:
            data = struct.unpack_from("<I", octets, at + _BLOCK.size)[0]
        at += max(size, _BLOCK.size) + data


def _rar5(octets: bytes) -> Iterator[int]:
    at = len(_RAR5)
    while at + 4 < len(octets):
        size, start = _number(octets, at + 4)
        kind, place = _number(octets, start)
        flags, place = _number(octets, place)
        data = 0
        if flags & 1:
            _, place = _number(octets, place)
        if flags & 2:
            data, place = _number(octets, place)
        if kind == _RAR5_FILE:
            file_flags, place = _number(octets, place)
            _, place = _number(octets, place)
            _, place = _number(octets, place)
            place += 4 if file_flags & 2 else 0
            if file_flags & 4:
                yield struct.unpack_from("<I", octets, place)[0]
        at = start + size + data


def _number(octets: bytes, at: int) -> tuple[int, int]:
    """Give a number of seven bits an octet, and where it ends."""
    value = shift = 0
    while True:
        octet = octets[at]
        value |= (octet & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if octet < 0x80 or shift > 63:
            return value, at
