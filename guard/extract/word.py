"""Word 97 to 2003, 95 and 6 ([MS-DOC]): text of every part of a document, by its piece table."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from guard.extract import codepages
from guard.extract.budget import Budget
from guard.extract.compound import Compound
from guard.extract.embedded import beside
from guard.extract.pieces import Piece, Source, UnreadError
from guard.extract.protected import unlocked
from guard.extract.scans import FEW, LITTLE, SCAN_BYTES, letters
from guard.extract.wordruns import Formats, formats
from guard.extract.wordtext import spoken
from guard.model.extract import Passage, Reason

_WORD_97: Final = 0xA5EC
_FIRST_97: Final = 106
"""nFib; lower are Word 6 and 95."""

_FLAGS_AT: Final = 0x0A
_COMPLEX: Final = 0x0004
_ENCRYPTED: Final = 0x0100
_TABLE_1: Final = 0x0200
_WIDE_TEXT: Final = 0x1000
"""fExtChar, by which Word 95 of the Far East says that its text is UTF-16."""

_PLACES: Final = (
    "", "footnotes", "header or footer", "macros", "comments", "endnotes", "text box", "text box",
)  # fmt: skip
"""Parts in the order in which their text stands (§2.3.1 to §2.3.7)."""

_PIECES: Final = 33
_CHARACTERS: Final = 12
_PARAGRAPHS: Final = 13
"""Numbers of tables (§2.5.6)."""

_PROPERTIES: Final = 1
"""Begins properties in front of the piece table."""

_NARROW: Final = 0x40000000
"""The piece has an octet a character, in Windows-1252, and stands at half of this place."""

_PICTURES_BYTES: Final = 4096
"""Octets of the stream of pictures from which there is one in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """Where things stand in the files of one version of Word (FIB, §2.5)."""

    lengths: tuple[int, ...]
    """Characters of each part."""

    pieces: bytes
    """The piece table; empty: the text stands in one piece."""

    start: int = 0
    """Of the text, if it stands in one piece."""

    codec: str | None = None
    """Of text before Word 97, an octet a character; `None`: UTF-16, but for pieces that are not."""

    formats: Formats = field(default_factory=Formats)


def word(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give body, notes, headers, comments and text boxes, then objects, macros and properties."""
    compound, main = _opened(source.octets, budget)
    if _flags(main) & _ENCRYPTED:
        compound, main = _opened(unlocked(source, budget), budget)
        if _flags(main) & _ENCRYPTED:
            raise UnreadError(Reason.ENCRYPTED)
    chars = 0
    for piece in _parts(compound, main, budget):
        if isinstance(piece, Passage):
            budget.say(len(piece.text))
            chars += letters(piece.text) if chars < LITTLE else 0
        yield piece
    pictures = compound.root.stream("Data")
    size = pictures.size if pictures else 0
    if chars < (LITTLE if size > SCAN_BYTES else FEW) and size > _PICTURES_BYTES:
        yield Reason.IMAGE_ONLY
    yield from beside(compound, budget)


def _opened(octets: bytes, budget: Budget) -> tuple[Compound, bytes]:
    compound = Compound(octets)
    entry = compound.root.stream("WordDocument")
    if entry is None:
        raise UnreadError(Reason.CORRUPT)
    return compound, compound.read(entry, budget)


def _parts(compound: Compound, main: bytes, budget: Budget) -> Iterator[Piece]:
    """Give the text of each part, and beside it what its fields say and what was deleted."""
    deleted: list[str] = []
    try:
        document = _document(compound, main, budget)
        text = b"".join(_pieces(document, main, budget, deleted))
    except (struct.error, IndexError):
        yield Reason.CORRUPT
        return
    width = 1 if document.codec else 2
    at = 0
    for place, length in zip(_PLACES, document.lengths, strict=True):
        part = text[at * width : (at + length) * width]
        at += length
        seen, codes = spoken(codepages.decode(part, document.codec or "utf-16-le"))
        if seen:
            yield Passage(place=place, text=seen)
        if codes:
            yield Passage(place="field codes", text=codes)
    if removed := spoken("\n".join(deleted))[0]:
        yield Passage(place="deleted text", text=removed)
    if len(text) < at * width:
        yield Reason.CORRUPT


def _document(compound: Compound, main: bytes, budget: Budget) -> _Document:
    (magic, version) = struct.unpack_from("<HH", main)
    if magic != _WORD_97 or version < _FIRST_97:
        return _old_document(main)
    entry = compound.root.stream("1Table" if _flags(main) & _TABLE_1 else "0Table")
    if entry is None:
        raise UnreadError(Reason.CORRUPT)
    table = compound.read(entry, budget)

    def stretch(number: int) -> bytes:
        start, length = struct.unpack_from("<II", main, 0x9A + 8 * number)
        if start + length > len(table):
            raise struct.error
        return table[start : start + length]

    return _Document(
        lengths=struct.unpack_from("<8I", main, 0x4C),
        pieces=stretch(_PIECES),
        formats=formats(main, stretch(_CHARACTERS), stretch(_PARAGRAPHS)),
    )


def _old_document(main: bytes) -> _Document:
    """Find the text of Word 6 and 95, whose tables stand in the same stream."""
    language, flags = struct.unpack_from("<H2xH", main, 6)
    pieces = b""
    if flags & _COMPLEX:
        start, length = struct.unpack_from("<II", main, 0x160)
        pieces = main[start : start + length]
    return _Document(
        lengths=struct.unpack_from("<8I", main, 0x34),
        pieces=pieces,
        start=struct.unpack_from("<I", main, 0x18)[0],
        codec=None if flags & _WIDE_TEXT else codepages.of_language(language),
    )


def _pieces(
    document: _Document, main: bytes, budget: Budget, deleted: list[str]
) -> Iterator[bytes]:
    """Give the text piece by piece (§2.8.35), as UTF-16 or, before Word 97, as it stands."""
    if not document.pieces:
        width = 1 if document.codec else 2
        yield main[document.start : document.start + sum(document.lengths) * width]
        return
    places, starts = _piece_table(document.pieces)
    for (start, end), piece in zip(pairwise(places), starts, strict=True):
        if start > end:
            raise struct.error
        budget.say(end - start)  # pieces may overlap
        if document.codec:
            yield main[piece : piece + end - start]
            continue
        narrow = piece & _NARROW
        at, width = ((piece & ~_NARROW) // 2, 1) if narrow else (piece, 2)
        octets = main[at : at + (end - start) * width]
        if len(octets) < (end - start) * width:
            raise struct.error
        units = octets.decode("cp1252", "replace").encode("utf-16-le") if narrow else octets
        yield document.formats.marked(units, at, width, deleted)


def _piece_table(octets: bytes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Give where pieces begin and end in the text, and where they stand in the file (Clx)."""
    at = 0
    while octets[at] == _PROPERTIES:
        at += 3 + struct.unpack_from("<H", octets, at + 1)[0]
    (length,) = struct.unpack_from("<I", octets, at + 1)
    at += 5
    count = max(0, length - 4) // 12
    places = struct.unpack_from(f"<{count + 1}I", octets, at)
    starts = struct.unpack_from("<" + "2xI2x" * count, octets, at + 4 * (count + 1))
    return places, starts


def _flags(main: bytes) -> int:
    return int.from_bytes(main[_FLAGS_AT : _FLAGS_AT + 2], "little")
