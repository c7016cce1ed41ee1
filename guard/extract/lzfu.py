"""RTF as Outlook packs it ([MS-OXRTFCP])."""

import struct
import zlib
from typing import Final

_HEADER: Final = struct.Struct("<II4sI")
"""Octets that follow this number, octets when unpacked, method, checksum."""

_PACKED: Final = b"LZFu"
_AS_IT_STANDS: Final = b"MELA"
_WINDOW: Final = 4096
_MOST_RATIO: Final = 9
_FIRST: Final = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    b"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    b"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
"""What the window holds at first (§2.1.2.1)."""


def unpack(octets: bytes) -> tuple[bytes, bool]:
    """
    Give the RTF, and whether it is whole by its sizes and checksum.

    No more than nine times as long as what it was packed into, which two octets cannot pass.
    """
    if len(octets) < _HEADER.size:
        return b"", False
    packed_size, size, method, checksum = _HEADER.unpack_from(octets)
    data = octets[_HEADER.size : packed_size + 4]
    whole = len(octets) >= packed_size + 4
    if method == _AS_IT_STANDS:
        return data[:size], whole and len(data) >= size
    if method != _PACKED:
        return b"", False
    found, ended = _expand(data, min(size, _MOST_RATIO * len(data)))
    # The checksum is a CRC-32 without the two inversions (§2.1.3.2).
    right = zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF == checksum
    return found[:size], whole and ended and right and len(found) >= size


def _expand(data: bytes, most: int) -> tuple[bytes, bool]:
    """Follow references into a window of what came before; say if the end was marked."""
    window = bytearray(_FIRST.ljust(_WINDOW, b"\0"))
    at = len(_FIRST)
    found = bytearray()
    place = 0
    while place < len(data) and len(found) <= most:
        control = data[place]
        place += 1
        for bit in range(8):
            if place >= len(data):
                return bytes(found), False
            if not control >> bit & 1:
                found.append(data[place])
                window[at] = data[place]
                at = (at + 1) % _WINDOW
                place += 1
                continue
            reference = int.from_bytes(data[place : place + 2], "big")
            place += 2
            start = reference >> 4
            if start == at:
                return bytes(found), True
            for offset in range(start, start + (reference & 15) + 2):
                octet = window[offset % _WINDOW]
                found.append(octet)
                window[at] = octet
                at = (at + 1) % _WINDOW
    return bytes(found), False
