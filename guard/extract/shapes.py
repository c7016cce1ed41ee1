"""Text that a shape has among its properties ([MS-ODRAW] §2.3): effects, names, descriptions."""

import struct
from collections.abc import Iterator
from typing import Final

RECORDS: Final = {0xF00B, 0xF121, 0xF122}
"""Types of records with properties (OfficeArtFOPT and its two extensions)."""

_HEADER: Final = struct.Struct("<HHI")
_CONTAINER: Final = 0xF
_PROPERTY: Final = struct.Struct("<HI")
_COMPLEX: Final = 0x8000
_NUMBER: Final = 0x3FFF
_TEXT: Final = {0x00C0, 0x0105, 0x0380, 0x0381, 0x038D, 0x039F}
"""Letters of WordArt, name of the picture's file, name, description, tooltip, script."""


def texts(payload: bytes, count: int) -> Iterator[str]:
    """Give the strings of a record with *count* properties."""
    at = count * _PROPERTY.size
    for number in range(min(count, len(payload) // _PROPERTY.size)):
        name, length = _PROPERTY.unpack_from(payload, number * _PROPERTY.size)
        if not name & _COMPLEX:
            continue
        if name & _NUMBER in _TEXT:
            text = payload[at : at + length].decode("utf-16-le", "replace").strip("\0")
            if text:
                yield text
        at += length


def within(octets: bytes) -> Iterator[str]:
    """Give the strings of all shapes in a drawing, however deep in groups."""
    at = 0
    while at + _HEADER.size <= len(octets):
        version, kind, length = _HEADER.unpack_from(octets, at)
        at += _HEADER.size
        if kind in RECORDS:
            yield from texts(octets[at : at + length], version >> 4)
        if version & _CONTAINER != _CONTAINER:
            at += length
