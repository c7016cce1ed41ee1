"""Workbooks in binary parts (xlsb): cells by calamine, and by their records where it fails."""

from collections import Counter
from collections.abc import Callable, Iterator

from guard.extract import biff12
from guard.extract.budget import Budget
from guard.extract.cellstyles import Placed
from guard.extract.celltext import stretches
from guard.extract.numberformats import Formats
from guard.extract.office import beside
from guard.extract.pieces import Piece, Source
from guard.extract.relations import relations
from guard.extract.scraped import runs
from guard.extract.sheets import cells, counted
from guard.extract.workbook import sheet_place
from guard.extract.zipped import Archive
from guard.model.extract import Passage, Reason


def xlsb(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give cells of all sheets, the XML parts, and all text in the binary ones."""
    opened = Archive(source.octets, budget)
    opened.foresee()
    chars: Counter[str] = Counter()
    yield from counted(cells(source.octets, budget, shown=_shown(opened)), chars)
    yield from counted(_by_records(opened, budget, biff12.has_short_cells), chars)
    yield from _scraped(opened, budget)
    # Which sheet a picture lies on stands in binary parts: it is one of the workbook.
    whole = {"": chars.total()}
    yield from beside(
        opened, budget, lambda name: name.endswith(".bin") and "embeddings" not in name, whole
    )


def plain_xlsb(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give cells by their records, and what text can be seen elsewhere; never called all."""
    opened = Archive(source.octets, budget)
    opened.foresee()
    yield from _by_records(opened, budget, lambda _: True)
    yield from _scraped(opened, budget)
    yield Reason.CRASH


def _shown(opened: Archive) -> dict[str, Placed]:
    """Give the number formats that tell, by name of the sheet."""
    formats = _formats(opened)
    return (
        {name: biff12.placed(worksheet, formats) for name, _, worksheet in _worksheets(opened)}
        if formats
        else {}
    )


def _formats(opened: Archive) -> Formats:
    styles = opened.find("xl/styles.bin")
    return biff12.formats_of(opened.unpack(styles)) if styles else {}


def _worksheets(opened: Archive) -> Iterator[tuple[str, str, bytes]]:
    """Give name, state and octets of each sheet."""
    book = opened.find("xl/workbook.bin")
    if book is None:
        return
    targets = {identity: target for identity, _, target in relations(opened, book.filename)}
    for relation, name, how in biff12.sheets(opened.unpack(book)):
        info = opened.find(targets.get(relation, ""))
        yield name, how, opened.unpack(info) if info else b""


def _by_records(
    opened: Archive, budget: Budget, wanted: Callable[[bytes], bool]
) -> Iterator[Passage]:
    """Give the rows of those sheets that are *wanted*, by their octets."""
    strings = opened.find("xl/sharedStrings.bin")
    shared = biff12.shared_strings(opened.unpack(strings)) if strings else []
    formats = _formats(opened)
    for name, how, worksheet in _worksheets(opened):
        if wanted(worksheet):
            for first_row, lines in stretches(biff12.rows(worksheet, shared, formats)):
                text = "\n".join(lines)
                budget.say(len(text))
                yield Passage(place=sheet_place(name, how), text=text, first_row=first_row)


def _scraped(opened: Archive, budget: Budget) -> Iterator[Passage]:
    """Give all text in the binary parts: comments and text boxes are no cells."""
    for info in opened.entries:
        if info.filename.endswith(".bin"):
            text = runs(opened.unpack(info))
            budget.say(len(text))
            yield Passage(place="beside the cells", text=text)
