"""PowerPoint 97 to 2003 ([MS-PPT]): the text of slides, notes, comments, and what is embedded."""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from guard.extract import shapes
from guard.extract.budget import Budget
from guard.extract.compound import Compound
from guard.extract.embedded import beside
from guard.extract.ole1 import embedded
from guard.extract.pieces import Member, Piece, Source, UnreadError
from guard.extract.protected import unlocked
from guard.extract.scans import FEW, LITTLE, SCAN_BYTES, letters
from guard.model.extract import Passage, Reason

_HEADER: Final = struct.Struct("<HHI")
"""§2.3.1: version and instance, type, octets that follow."""

_CONTAINER: Final = 0xF
_BINARY_TAG: Final = 0x138B
"""Holds records although it is no container by its version: comments stand in there."""

_DOCUMENT: Final = 0x03E8
_SLIDE: Final = 0x03EE
_NOTES: Final = 0x03F0
_NOTES_ATOM: Final = 0x03F1
_PLACES: Final = {
    0x03F8: "master",
    0x03FC: "master",
    0x0FC9: "master",
    0x0FD9: "header or footer",
    0x0FD7: "links",
    0x2EE0: "comments",
    0x0FF0: "outline",
}
"""Containers to what they are for people."""

_OUTLINE: Final = 0x0FF0
_PERSISTENT: Final = 0x03F3
_WIDE: Final = {0x0FA0, 0x0FBA}
_NARROW: Final = 0x0FA8
_TORN: Final = -1
"""Told instead of a type where a record is longer than what it stands in."""

_OBJECT: Final = 0x1011
_DIRECTORY: Final = 0x1772
_PACKED: Final = 1
_VERSION_TAG: Final = "___PPT"

_ENCRYPTED: Final = 0xF3D1C4DF
"""headerToken of the stream ``Current User`` (§2.3.2)."""

_LINES: Final = str.maketrans({"\r": "\n", "\x0b": "\n"})


def powerpoint(source: Source, budget: Budget) -> Iterator[Piece]:
    """
    Give the text of slides and notes, what is embedded, then macros and properties.

    Old versions of slides that PowerPoint left behind when it saved in haste are given as well,
    without a number.
    """
    compound = Compound(source.octets)
    user = compound.root.stream("Current User")
    head = compound.read(user, budget)[12:16] if user else b""
    if int.from_bytes(head, "little") == _ENCRYPTED:
        compound = Compound(unlocked(source, budget))
    entry = compound.root.stream("PowerPoint Document")
    if entry is None:
        raise UnreadError(Reason.CORRUPT)
    chars = 0
    for piece in _document(compound.read(entry, budget), budget):
        if isinstance(piece, Passage):
            budget.say(len(piece.text))
            # A master has text that is on no slide.
            chars += letters(piece.text) if piece.place != "master" and chars < LITTLE else 0
        yield piece
    pictures = compound.root.stream("Pictures")
    size = pictures.size if pictures else 0
    if size and chars < (LITTLE if size > SCAN_BYTES else FEW):
        yield Reason.IMAGE_ONLY
    yield from beside(compound, budget)


def _document(octets: bytes, budget: Budget) -> Iterator[Piece]:
    """Give text by place, in the order of the places' first appearance; objects as they come."""
    numbers = _numbers(octets)
    texts: dict[str, list[str]] = {}
    torn = False
    for kind, instance, place, start, end in _records(octets, numbers):
        payload = octets[start:end]
        if kind == _OBJECT:
            yield from _object(payload, instance, budget)
            continue
        torn = torn or kind == _TORN
        text = _text(kind, instance, payload)
        if text and not text.startswith(_VERSION_TAG):
            texts.setdefault(place, []).append(text)
    for place, lines in texts.items():
        yield Passage(place=place, text="\n".join(lines))
    if torn:
        yield Reason.CORRUPT


def _text(kind: int, instance: int, payload: bytes) -> str:
    if kind in _WIDE:
        text = payload.decode("utf-16-le", "replace")
    elif kind == _NARROW:
        text = payload.decode("latin-1")  # the lower halves of UTF-16 (§2.9.43)
    elif kind in shapes.RECORDS:
        return "\n".join(shapes.texts(payload, instance))
    else:
        return ""
    return text.translate(_LINES).strip("\0")


def _records(octets: bytes, numbers: dict[int, str]) -> Iterator[tuple[int, int, str, int, int]]:
    """Give type, instance, place, start and end of each record that is no container."""
    todo = [(0, len(octets), "")]
    while todo:
        at, end, place = todo.pop()
        while at + _HEADER.size <= end:
            version, kind, length = _HEADER.unpack_from(octets, at)
            start = at + _HEADER.size
            stop = min(end, start + length)
            if start + length > end:
                yield _TORN, 0, place, start, start
            if version & _CONTAINER == _CONTAINER or kind == _BINARY_TAG:
                todo.append((stop, end, place))
                within = numbers.get(at) or _PLACES.get(kind, "")
                if kind == _OUTLINE and version >> 4:
                    within = "master"
                at, end, place = start, stop, _joined(place, within)
                continue
            yield kind, version >> 4, place, start, stop
            at = stop


def _joined(place: str, within: str) -> str:
    """Name a place within another; each name stands once, however deep containers are."""
    if within in place:
        return place
    return f"{place}, {within}" if place else within


def _numbers(octets: bytes) -> dict[int, str]:
    """Give the place for people of each slide and its notes, by where their records begin."""
    directory: dict[int, int] = {}
    slides: dict[int, int] = {}
    notes: list[int] = []
    at = 0
    while at + _HEADER.size <= len(octets):
        _, kind, length = _HEADER.unpack_from(octets, at)
        start = at + _HEADER.size
        if kind == _DIRECTORY:
            directory.update(_persistent(octets[start : start + length]))
        elif kind == _DOCUMENT:
            slides = dict(_outline(octets[start : start + length]))
        elif kind == _NOTES:
            notes.append(at)
        at = start + length
    identities = {identity: number for number, identity in enumerate(slides, start=1)}
    places = {
        directory[persistent]: f"slide {identities[identity]}"
        for identity, persistent in slides.items()
        if persistent in directory
    }
    for at in notes:
        head = octets[at + _HEADER.size : at + 2 * _HEADER.size + 4]
        if len(head) == _HEADER.size + 4 and _HEADER.unpack_from(head)[1] == _NOTES_ATOM:
            number = identities.get(int.from_bytes(head[-4:], "little"))
            places[at] = f"slide {number}, notes" if number else "notes"
    return places


def _persistent(octets: bytes) -> Iterator[tuple[int, int]]:
    """Give number and place of what a directory of persistent objects lists (§2.3.4)."""
    words = struct.unpack_from(f"<{len(octets) // 4}I", octets)
    at = 0
    while at < len(words):
        first, count = words[at] & 0xFFFFF, words[at] >> 20
        yield from enumerate(words[at + 1 : at + 1 + count], start=first)
        at += 1 + count


def _outline(octets: bytes) -> Iterator[tuple[int, int]]:
    """Give identity and persistent number of each slide, in their order (§2.4.14.3)."""
    at = 0
    while at + _HEADER.size <= len(octets):
        version, kind, length = _HEADER.unpack_from(octets, at)
        start = at + _HEADER.size
        if kind == _OUTLINE and version >> 4 == 0:
            length = 0  # step into it
        elif kind == _PERSISTENT and start + 16 <= len(octets):
            persistent, identity = struct.unpack_from("<I8xI", octets, start)
            yield identity, persistent
        at = start + length


def _object(payload: bytes, instance: int, budget: Budget) -> Iterator[Piece]:
    """Give an embedded object (§2.10.34), which may be packed by zlib."""
    if instance != _PACKED:
        yield from embedded(Member(name="object", octets=payload), budget)
        return
    inflate = zlib.decompressobj()
    size = int.from_bytes(payload[:4], "little")
    budget.foresee(size, len(payload))
    try:
        octets = inflate.decompress(payload[4:], max(1, size))
    except zlib.error:
        yield Reason.CORRUPT
        return
    budget.expand(len(octets))
    if len(octets) < size or not inflate.eof:
        yield Reason.CORRUPT
    yield from embedded(Member(name="object", octets=octets), budget)
