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
from guard.extract.cellstyles import Placed, formats_of, placed, with_formats
from guard.extract.celltext import ONE_LINE, number
from guard.extract.hidden import Hidden, hidden_in, hidden_in_tables
from guard.extract.numberformats import Formats
from guard.extract.office import beside, refuse_encrypted
from guard.extract.pieces import Piece, Source, UnreadError
from guard.extract.scans import letters
from guard.extract.tables import shows_more, without_rows
from guard.extract.workbook import (
    USUAL,
    Sheet,
    related,
    related_part,
    sheet_place,
    sheets,
    workbook_part,
)
from guard.extract.zipped import DAMAGED, Archive
from guard.model.extract import Passage, Reason

_READ_AS_CELLS: Final = ("xl/sharedStrings.xml",)
_RELATED: Final = ("sharedStrings", "styles")
_HEAD_BYTES: Final = 200
_OTHER_ENCODING: Final = re.compile(
    rb"\s*<\?xml[^>]*\sencoding\s*=\s*[\"'](?!utf-?8[\"'])", re.IGNORECASE
)
_NOTHING: Final = Hidden()
_BARE: Final = re.compile(r"(?<=”)(?: with hidden columns [^“”]*|, hidden rows)*$")
_LONG: Final = 20_000


class UnusualError(Exception):
    """Parts stand elsewhere, or in another encoding, than calamine takes for granted."""


def xlsx(source: Source, budget: Budget) -> Iterator[Piece]:
    """
    Give cells of all sheets, hidden ones too, then comments, text boxes and the rest.

    Raises:
        UnusualError: Calamine would not find all cells.
    """
    opened = Archive(source.octets, budget)
    opened.foresee()
    if _is_unusual(opened):
        raise UnusualError
    formats = telling_formats(opened)
    hidden = {}
    shown = {}
    for sheet, octets in _worksheets(opened):
        hidden[sheet.name] = hidden_in(octets)
        with suppress(UnreadError):  # who reads the rest of the part tells of it
            shown[sheet.name] = placed(octets, formats)
    chars: Counter[str] = Counter()
    yield from counted(cells(source.octets, budget, hidden, shown), chars)
    yield from beyond_cells(opened, budget, chars)


def ods(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give cells of all sheets, then what else they show, notes, drawings, headers and footers."""
    opened = Archive(source.octets, budget)
    opened.foresee()
    refuse_encrypted(opened)
    info = opened.find("content.xml")
    content = opened.unpack(info) if info else b""
    more = shows_more(content)
    try:
        yield from cells(source.octets, budget, hidden_in_tables(content))
    except UnreadError as unread:
        if unread.reason is not Reason.CORRUPT:
            raise
        more = True  # calamine wants the media type to come first; the XML says it all, too
    instead = {} if more else {"content.xml": without_rows(content)}
    yield from beside(opened, budget, lambda _: False, {}, instead)


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


def _is_unusual(opened: Archive) -> bool:
    """Whether a workbook begins elsewhere than usual, or a part is not in UTF-8."""
    try:
        book = workbook_part(opened)
        found = opened.find(book)
        if book != USUAL or (found and found.filename != USUAL):
            return True
        if any(related_part(opened, kind).lower() != f"xl/{kind}.xml".lower() for kind in _RELATED):
            return True
        parts = [book, *(sheet.part for sheet in sheets(opened)), *_READ_AS_CELLS]
        heads = [opened.begins(info, _HEAD_BYTES) for part in parts if (info := opened.find(part))]
    except (UnreadError, *DAMAGED):
        return False  # its reader tells of it
    return any(b"\0" in head or _OTHER_ENCODING.match(head) for head in heads)


def telling_formats(opened: Archive) -> Formats:
    """Give the number formats that tell; none of a part that is torn, which its reader tells of."""
    try:
        return formats_of(related(opened, "styles"))
    except (UnreadError, *DAMAGED):
        return {}


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
    octets: bytes,
    budget: Budget,
    hidden: Mapping[str, Hidden] = MappingProxyType({}),
    shown: Mapping[str, Placed] = MappingProxyType({}),
) -> Iterator[Piece]:
    """
    Give the rows of each sheet.

    *hidden* and *shown* are what is hidden, and which number formats tell, of those called so.
    """
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
        formats = shown.get(sheet.name)
        if formats:
            lines = _shown_rows(list(read.iter_rows()), read.start, read.end, formats)
        else:
            lines = [_row(row) for row in read.iter_rows()]
        first_row = _first_row(len(lines), read.start, read.end)
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


def _first_row(lines: int, start: tuple[int, int], end: tuple[int, int] | None) -> int:
    """Give its number: releases of calamine differ in whether blank rows at the top are given."""
    return 1 if end and lines > end[0] else start[0] + 1


def _shown_rows(
    rows: Sequence[Sequence[object]],
    start: tuple[int, int],
    end: tuple[int, int] | None,
    formats: Placed,
) -> list[str]:
    """Write rows with what number formats show."""
    first = _first_row(len(rows), start, end) - 1
    # A row that is given from its first column on is longer than from the first that is used.
    left = 0 if end and rows and len(rows[0]) > end[1] else start[1]
    lines = []
    for at, row in enumerate(rows, start=first):
        of_row = formats.get(at)
        if of_row:
            lines.append("\t".join(with_formats(_texts(row), row, of_row, left)).rstrip("\t"))
        else:
            lines.append(_row(row))
    return lines


def _row(cells: Sequence[object]) -> str:
    return "\t".join(_texts(cells)).rstrip("\t")


def _texts(cells: Sequence[object]) -> list[str]:
    return [
        # Most cells are plain strings; asking here spares a call for each.
        cell
        if isinstance(cell, str) and cell.isprintable()
        else number(cell)
        if isinstance(cell, float)
        else _cell(cell)
        for cell in cells
    ]


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
