"""
TNEF, ``winmail.dat`` ([MS-OXTNEF]): what Outlook sends when it takes the receiver for Outlook.

Every size is compared with what is there before anything is taken by it: a count of a file of 53
octets has taken another reader past 9 GB.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from guard.extract import codepages, mapi
from guard.extract.budget import Budget
from guard.extract.pieces import Member, Piece, Source
from guard.model.extract import Passage, Reason

SIGNATURE: Final = b"\x78\x9f\x3e\x22"
_HEAD: Final = 6
_ATTRIBUTE: Final = struct.Struct("<BII")
"""§2.1.3: level, identity, octets of the data; after it comes a checksum of two."""

_LEVELS: Final = {1, 2}
_ATTACHMENT_LEVEL: Final = 2
_CODE_PAGE: Final = 0x00069007
_RENDER: Final = 0x00069002
"""Begins an attachment."""

_PROPERTIES: Final = {0x00069003, 0x00069005}
_RECIPIENTS: Final = 0x00069004
_DATA: Final = 0x0006800F
_OLD: Final = {0x00018004: 0x0037, 0x00008000: 0x0C1A, 0x0002800C: 0x1000, 0x00018010: 0x3704}
"""Attributes from before MAPI to the properties that they are: subject, sender, body, title."""

_FROM: Final = 0x00008000
_OLD_NAME: Final = 0x00069001

_FIXED: Final = {
    0x00: 0, 0x01: 0, 0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4,
    0x14: 8, 0x40: 8, 0x48: 16,
}  # fmt: skip
"""Types of properties to the octets of a value, with its padding (§2.1.3.4)."""

_VARIABLE: Final = {mapi.NARROW, mapi.WIDE, mapi.BINARY, mapi.OBJECT}
_SEVERAL: Final = 0x1000
_NAMED: Final = 0x8000
_BY_NAME: Final = 1
_GUID: Final = 16


@dataclass(slots=True)
class _Part:
    """The message itself, or an attachment: what was found of it."""

    properties: list[mapi.Property] = field(default_factory=list)
    data: bytes = b""


class _TornError(Exception):
    """A size leads beyond the end; what came before it counts."""


def tnef(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give header and bodies of the message, and its attachments."""
    reading = _Reading()
    try:
        reading.run(source.octets)
    except _TornError:
        reading.whole = False
    head, *attachments = reading.parts
    codec = mapi.codec_of(head.properties) or reading.codec
    recipients = [
        f"To: {mapi.other_texts(row, codec).replace(chr(10), ' ')}" for row in reading.recipients
    ]
    yield from mapi.message(head.properties, recipients, codec, budget)
    for part in attachments:
        yield from _attachment(part, codec, budget)
    if not reading.whole:
        yield Reason.CORRUPT


def _attachment(part: _Part, codec: str | None, budget: Budget) -> Iterator[Piece]:
    name = mapi.name_of(part.properties, codec)
    if text := mapi.other_texts(part.properties, codec):
        budget.say(len(text))
        yield Passage(place="attachment", text=text)
    # What the property holds is the file; the attribute may be what stands for an object.
    objects = [one for one in part.properties if one.number == mapi.DATA and one.octets]
    for found in objects:
        # An object stands behind the identity of its interface (§2.1.3.4).
        octets = found.octets[_GUID:] if found.kind == mapi.OBJECT else found.octets
        budget.enter()
        yield Member(name=name, octets=octets)
    if part.data and all(found.kind != mapi.OBJECT for found in objects):
        budget.enter()
        yield Member(name=name, octets=part.data)


class _Reading:
    """One pass over the attributes."""

    def __init__(self) -> None:
        self.parts = [_Part()]
        self.recipients: list[list[mapi.Property]] = []
        self.codec: str | None = None
        self.whole = True

    def run(self, octets: bytes) -> None:
        """
        Read to the end.

        Raises:
            _TornError: It ends before it should.
        """
        at = _HEAD
        while at < len(octets):
            level, identity, length = _take(_ATTRIBUTE, octets, at)
            at += _ATTRIBUTE.size
            data = octets[at : at + length]
            at += length
            if level not in _LEVELS or len(octets) < at + 2:
                self._attribute(level, identity, data)
                raise _TornError
            checksum = int.from_bytes(octets[at : at + 2], "little")
            at += 2
            if sum(data) & 0xFFFF != checksum:
                self.whole = False
            try:
                self._attribute(level, identity, data)
            except _TornError:  # within the attribute; the next one begins where it says
                self.whole = False

    def _attribute(self, level: int, identity: int, data: bytes) -> None:
        if identity == _RENDER or (level == _ATTACHMENT_LEVEL and len(self.parts) == 1):
            self.parts.append(_Part())
        part = self.parts[-1] if level == _ATTACHMENT_LEVEL else self.parts[0]
        if identity in _PROPERTIES:
            for found in _properties(_Cursor(data)):
                part.properties.append(found)
        elif identity == _RECIPIENTS:
            cursor = _Cursor(data)
            for _ in range(cursor.count(4)):
                self.recipients.append([])
                for found in _properties(cursor):
                    self.recipients[-1].append(found)
        elif identity == _CODE_PAGE:
            self.codec = codepages.of_page(int.from_bytes(data[:4], "little"))
        elif identity == _DATA:
            part.data = data
        elif number := _OLD.get(identity) or (identity == _OLD_NAME and 0x3707):
            if identity == _FROM:  # in front of the name are its lengths
                data = data[8:].replace(b"\0", b" ")
            old = mapi.Property(number=number, kind=mapi.NARROW, octets=data.rstrip(b"\0"))
            part.properties.append(old)


class _Cursor:
    """A place in some octets; what it cannot give raises `_TornError`."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def take(self, length: int) -> bytes:
        """Give so many octets, and step behind their padding to four."""
        if length > len(self._octets) - self._at:
            raise _TornError
        found = self._octets[self._at : self._at + length]
        self._at += length + -length % 4
        return found

    def number(self) -> int:
        """Give a number of four octets."""
        return int.from_bytes(self.take(4), "little")

    def count(self, least: int) -> int:
        """Give a number of things that have *least* octets each: no more than can be there."""
        count = self.number()
        if count * least > len(self._octets) - self._at:
            raise _TornError
        return count


def _properties(cursor: _Cursor) -> Iterator[mapi.Property]:
    """Give the properties of a list (§2.1.3.4), one for each value."""
    for _ in range(cursor.count(4)):
        tag = cursor.number()
        number, kind = tag >> 16, tag & 0xFFFF
        if number & _NAMED:
            cursor.take(_GUID)
            cursor.take(cursor.number() if cursor.number() == _BY_NAME else 4)
        several, kind = kind & _SEVERAL, kind & ~_SEVERAL
        if kind not in _VARIABLE and kind not in _FIXED:
            raise _TornError
        size = _FIXED.get(kind)
        for _ in range(cursor.count(size or 4) if several or size is None else 1):
            octets = cursor.take(cursor.number() if size is None else size)
            yield mapi.Property(number=number, kind=kind, octets=octets)


def _take(layout: struct.Struct, octets: bytes, at: int) -> tuple[int, ...]:
    if at + layout.size > len(octets):
        raise _TornError
    return layout.unpack_from(octets, at)
