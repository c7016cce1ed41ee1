"""
Workbooks of Excel 2 to 2003 in their files: what stands beside the cells, and cells.

Calamine reads cells faster and knows dates; it gives no comments, text boxes, headers or links, and
reads no workbook that is not in a compound file.
"""

from collections.abc import Iterator
from typing import Final

from guard.extract import sheets
from guard.extract.biffbook import Reading, is_encrypted
from guard.extract.budget import Budget
from guard.extract.compound import Compound
from guard.extract.embedded import beside
from guard.extract.pieces import Piece, Source, UnreadError
from guard.extract.protected import unlocked
from guard.model.extract import Reason

_STREAMS: Final = ("Workbook", "Book")


def xls(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give cells of all sheets, hidden ones too, then comments, text boxes and the rest."""
    compound = Compound(opened(source, budget))
    readings = _readings(compound, budget, own_cells=False)
    shown = {name: at for reading in readings for name, at in reading.formats.placed.items()}
    try:
        yield from sheets.cells(compound.top_level(_STREAMS), budget, shown=shown)
    except UnreadError as unread:
        if unread.reason is not Reason.CORRUPT:
            raise
        readings = _readings(compound, budget, own_cells=True)
    yield from _workbook(compound, readings, budget)


def plain_xls(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the same without native code."""
    compound = Compound(opened(source, budget))
    yield from _workbook(compound, _readings(compound, budget, own_cells=True), budget)


def bare(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give a workbook that stands in no compound file, as Excel 2 to 4 wrote it."""
    reading = Reading(own_cells=True)
    reading.run(source.octets)
    yield from reading.pieces(budget)


def opened(source: Source, budget: Budget) -> bytes:
    """
    Give the file decrypted, if it is encrypted.

    Raises:
        UnreadError: No password fits (ENCRYPTED), or it has no workbook (CORRUPT).
    """
    octets = source.octets
    if not any(is_encrypted(stream) for stream in _streams(Compound(octets), budget)):
        return octets
    octets = unlocked(source, budget)
    if any(is_encrypted(stream) for stream in _streams(Compound(octets), budget)):
        raise UnreadError(Reason.ENCRYPTED)
    return octets


def _streams(compound: Compound, budget: Budget) -> list[bytes]:
    entries = [entry for name in _STREAMS if (entry := compound.root.stream(name))]
    return [compound.read(entry, budget) for entry in entries]


def _readings(compound: Compound, budget: Budget, *, own_cells: bool) -> list[Reading]:
    """
    Read the records of each stream with a workbook; a file from two versions has two.

    Raises:
        UnreadError: There is none (CORRUPT).
    """
    readings = []
    for stream in _streams(compound, budget):
        readings.append(Reading(own_cells=own_cells))
        readings[-1].run(stream)
    if not readings:
        raise UnreadError(Reason.CORRUPT)
    return readings


def _workbook(compound: Compound, readings: list[Reading], budget: Budget) -> Iterator[Piece]:
    for reading in readings:
        yield from reading.pieces(budget)
    yield from beside(compound, budget)
