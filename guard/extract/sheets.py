"""Workbooks: cells by calamine, everything else in the file by a pass of our own over its parts."""

import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Final

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from guard.extract.budget import Budget
from guard.extract.celltext import ONE_LINE, number
from guard.extract.hidden import Hidden, hidden_in, hidden_in_tables
from guard.extract.office import beside, refuse_encrypted
from guard.extract.pieces import Piece, Source, UnreadError
from guard.extract.scans import letters
from guard.extract.workbook import Sheet, sheet_place, sheets
from guard.extract.zipped import DAMAGED, Archive
from guard.model.extract import Passage, Reason

_READ_AS_CELLS: Final = ("xl/sharedStrings.xml",)
_BEYOND_CELLS: Final = (
    b"annotation>",
    b"<draw:",
    b"text:h ",
    b"table:shapes",
    b"table:content-val",
)
_NOTHING: Final = Hidden()
_BARE: Final = re.compile(r"(?<=”)(?: with hidden columns [^“”]*|, hidden rows)*$")
_LONG: Final = 20_000


def xlsx(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give cells of all sheets, hidden ones too, then comments, text boxes and the rest."""
    opened = Archive(source.octets, budget)
    opened.foresee()
    hidden = {sheet.name: hidden_in(octets) for sheet, octets in _worksheets(opened)}
    chars: Counter[str] = Counter()
    yield from counted(cells(source.octets, budget, hidden), chars)
    yield from beyond_cells(opened, budget, chars)


def ods(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give cells of all sheets, then notes, drawings, headers and footers."""
    opened = Archive(source.octets, budget)
    opened.foresee()
    refuse_encrypted(opened)
    info = opened.find("content.xml")
    content = opened.unpack(info) if info else b""
    more = any(mark in content for mark in _BEYOND_CELLS)
    try:
        yield from cells(source.octets, budget, hidden_in_tables(content))
    except UnreadError as unread:
        if unread.reason is not Reason.CORRUPT:
            raise
        more = True  # calamine wants the media type to come first; the XML says it all, too
    yield from beside(opened, budget, lambda name: name == "content.xml" and not more, {})


def beyond_cells(opened: Archive, budget: Budget, chars: Mapping[str, int]) -> Iterator[Piece]:
    """Give what an xlsx holds besides its cells; *chars* are those of each sheet, by its place."""
    return beside(opened, budget, lambda name: name in _READ_AS_CELLS, chars)


def counted(pieces: Iterator[Piece], chars: Counter[str]) -> Iterator[Piece]:
    """Pass *pieces* on, and count the characters of each sheet under its place."""
    for piece in pieces:
        if isinstance(piece, Passage):
            place = _BARE.sub("", piece.place)
            text = piece.text
            # What is long is no scan, with or without its spaces.
            chars[place] += letters(text) if len(text) < _LONG else len(text)
        yield piece


def _worksheets(opened: Archive) -> Iterator[tuple[Sheet, bytes]]:
    """Give each sheet with its XML; of one that is damaged, its reader will tell."""
    try:
        found = sheets(opened)
    except (UnreadError, *DAMAGED):
        return
    for sheet in found:
        if info := opened.find(sheet.part):
            with suppress(UnreadError, *DAMAGED):
                yield sheet, opened.unpack(info)


def cells(
    octets: bytes, budget: Budget, hidden: Mapping[str, Hidden] = MappingProxyType({})
) -> Iterator[Piece]:
    """Give the rows of each sheet; *hidden* are what is hidden of those called so."""
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(octets))
    except PasswordError:
        raise UnreadError(Reason.ENCRYPTED) from None
    except (CalamineError, OSError, ValueError):
        raise UnreadError(Reason.CORRUPT) from None
    for at, sheet in enumerate(workbook.sheets_metadata):
        try:
            read = workbook.get_sheet_by_index(at)
        except (CalamineError, OSError, ValueError, IndexError):
            if sheet.typ not in {SheetTypeEnum.ChartSheet, SheetTypeEnum.Vba}:
                yield Reason.CORRUPT
            continue
        if read.start is None:
            continue
        lines = [_row(row) for row in read.iter_rows()]
        # Releases of calamine differ in whether they give the blank rows at the top.
        first_row = 1 if read.end and len(lines) > read.end[0] else read.start[0] + 1
        blank = next((at for at, row in enumerate(lines) if row), 0)
        place = sheet_place(sheet.name, _how(sheet.visible))
        of_it = hidden.get(sheet.name, _NOTHING)
        yield from rows(place, of_it, first_row + blank, lines[blank:], budget)


def _how(shown: SheetVisibleEnum) -> str:
    """Give the word that xlsx has for it."""
    if shown is SheetVisibleEnum.VeryHidden:
        return "veryHidden"
    return "visible" if shown is SheetVisibleEnum.Visible else "hidden"


def rows(
    place: str, hidden: Hidden, first_row: int, lines: list[str], budget: Budget
) -> Iterator[Passage]:
    """Give rows of a sheet, those that are hidden under a name that says so."""
    place = hidden.place(place)
    for first, part, unseen in hidden.parted(first_row, lines):
        text = "\n".join(part)
        budget.say(len(text))
        yield Passage(
            place=f"{place}, hidden rows" if unseen else place, text=text, first_row=first
        )


def _row(cells: Sequence[object]) -> str:
    return "\t".join(
        # Most cells are plain strings; asking here spares a call for each.
        [
            cell
            if isinstance(cell, str) and cell.isprintable()
            else number(cell)
            if isinstance(cell, float)
            else _cell(cell)
            for cell in cells
        ]
    ).rstrip("\t")


def _cell(value: object) -> str:
    """Write a cell that is no number as people would: dates as ISO 8601."""
    match value:
        case str():
            return value.translate(ONE_LINE)
        case bool():
            return str(value).upper()
        case datetime():
            midnight = value.time() == time()
            return value.date().isoformat() if midnight else value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)
