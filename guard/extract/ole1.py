"""Objects as OLE 1 kept them ([MS-OLEDS] §2.2, §2.3.6): in RTF, and in streams of their own."""

import struct
from collections.abc import Iterator
from typing import Final

from guard.extract.budget import Budget
from guard.extract.compound import SIGNATURE
from guard.extract.kinds import Kind, has_zip_directory, kind_of
from guard.extract.pieces import Member, Piece
from guard.extract.scraped import runs
from guard.model.extract import Passage, Reason
from guard.parse.charset import guess

_PACKAGE: Final = 2
_EMBEDDED: Final = 2
_LINKED: Final = 1
_TWO: Final = 2
_FOUR: Final = 4
_PACKAGER: Final = b"package"


def embedded(member: Member, budget: Budget) -> Iterator[Member]:
    """Give a file within; a picture only where something may hide in it."""
    if kind_of(member.octets) is not Kind.IMAGE or has_zip_directory(member.octets):
        budget.enter()
        yield member


def native(octets: bytes) -> Member:
    """Take a file out of the stream of an OLE 1 object ([MS-OLEDS] §2.3.6), or a packager's."""
    (size,) = struct.unpack_from("<I", octets) if len(octets) >= 4 else (0,)
    return package(octets[4 : 4 + size]) or Member(name="object", octets=octets[4:])


def package(octets: bytes) -> Member | None:
    """Take a file out of what Windows' packager writes around it; `None`: it was not the one."""
    if len(octets) < 2 or int.from_bytes(octets[:2], "little") != _PACKAGE:
        return None
    label, _, rest = octets[2:].partition(b"\0")
    _, _, rest = rest.partition(b"\0")
    try:
        (path,) = struct.unpack_from("<4xI", rest)
        (size,) = struct.unpack_from("<I", rest, 8 + path)
    except struct.error:
        return None
    data = rest[12 + path : 12 + path + size]
    if len(data) < size:
        return None
    return Member(name=guess(label).rpartition("\\")[2] or "object", octets=data)


def objects(octets: bytes, budget: Budget) -> Iterator[Piece]:
    """Give the file in an object of an RTF document; one that is a link has only its name."""
    try:
        kind, names, at = _head(octets)
    except struct.error:
        yield Reason.CORRUPT
        return
    if kind == _LINKED:
        yield Passage(place="links", text="\n".join(guess(name) for name in names if name))
        return
    size = int.from_bytes(octets[at : at + 4], "little")
    data = octets[at + 4 : at + 4 + size]
    if kind != _EMBEDDED or len(data) < size:
        yield Reason.CORRUPT
    within = package(data) if names[0].lower() == _PACKAGER else None
    if within is None and SIGNATURE in data:
        within = Member(name="object", octets=data[data.index(SIGNATURE) :])
    if within is not None:
        yield from embedded(within, budget)
    elif kind_of(data) not in {Kind.TEXT, Kind.EMPTY}:
        yield from embedded(Member(name="object", octets=data), budget)
    elif text := runs(data):
        budget.say(len(text))
        yield Passage(place="object", text=text)


def _head(octets: bytes) -> tuple[int, list[bytes], int]:
    """Give the kind of an object, its class, topic and item, and where its data begins (§2.2.4)."""
    (kind,) = struct.unpack_from("<4xI", octets)
    names: list[bytes] = []
    at = 8
    for _ in range(3):
        (length,) = struct.unpack_from("<I", octets, at)
        names.append(octets[at + 4 : at + 4 + length].rstrip(b"\0"))
        at += 4 + length
    return kind, names, at
