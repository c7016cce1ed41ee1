"""
Cells of an xlsx by expat alone, for workbooks that the native reader dies of.

Calamine lays a sheet out as one rectangle: two cells in opposite corners, which anybody can make
by accident, ask for 512 GB. Here a sheet costs what stands in it. Dates come out as the serial
numbers that they are.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from guard.extract.budget import Budget
from guard.extract.celltext import MOST_TABS, is_whole, stretches
from guard.extract.elements import Handler, walk
from guard.extract.hidden import hidden_in
from guard.extract.pieces import Piece, Source
from guard.extract.sheets import beyond_cells, counted, rows
from guard.extract.workbook import sheets
from guard.extract.zipped import Archive

_REFERENCE: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")


def xlsx(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give cells of all sheets, hidden ones too, then comments, text boxes and the rest."""
    opened = Archive(source.octets, budget)
    strings = _Strings()
    if shared := opened.find("xl/sharedStrings.xml"):
        walk(opened.unpack(shared), strings)
    chars: Counter[str] = Counter()
    places = {sheet.part: sheet.place for sheet in sheets(opened)}
    for info in opened.entries:
        if "worksheets/" not in info.filename or not info.filename.endswith(".xml"):
            continue
        cells = _Cells(strings.found)
        octets = opened.unpack(info)
        walk(octets, cells)
        place = places.get(info.filename, info.filename)
        for first_row, lines in stretches(cells.rows):
            found = rows(place, hidden_in(octets), first_row, lines, budget)
            yield from counted(found, chars)
    yield from beyond_cells(opened, budget, chars)


class _Strings(Handler):
    """The table of shared strings; readings (``rPh``) are left out as in the cells."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._pieces: list[str] = []
        self._in_text = False
        self._in_reading = 0

    def start(self, local: str, attributes: Mapping[str, str]) -> None:
        del attributes
        self._in_text = local == "t"
        self._in_reading += local == "rPh"

    def end(self, local: str) -> None:
        self._in_text = False
        self._in_reading -= local == "rPh"
        if local == "si":
            self.found.append(" ".join("".join(self._pieces).split("\n")))
            self._pieces.clear()

    def text(self, text: str) -> None:
        if self._in_text and not self._in_reading:
            self._pieces.append(text)


class _Cells(Handler):
    """The cells of one sheet, as they stand in the file: row by row."""

    def __init__(self, strings: list[str]) -> None:
        self._strings = strings
        self.rows: list[tuple[int, str]] = []
        self._row = 0
        self._cells: list[str] = []
        self._column = self._last = 0
        self._type = ""
        self._pieces: list[str] = []
        self._keep = False

    def start(self, local: str, attributes: Mapping[str, str]) -> None:
        if local == "row":
            given = attributes.get("r", "")
            self._row = int(given) if given.isdecimal() else self._row + 1
            self._cells, self._column, self._last = [], 0, 0
        elif local == "c":
            reference = _REFERENCE.fullmatch(attributes.get("r", ""))
            self._column = _number(reference[1]) if reference else self._column + 1
            self._type = attributes.get("t", "")
            self._pieces = []
        self._keep = local in {"v", "t"}

    def end(self, local: str) -> None:
        self._keep = False
        if local == "c" and self._pieces:
            tabs = min(MOST_TABS, max(1, self._column - self._last)) if self._last else 0
            self._cells.append("\t" * tabs + self._value("".join(self._pieces)))
            self._last = self._column
        elif local == "row" and self._cells:
            self.rows.append((self._row, "".join(self._cells)))

    def text(self, text: str) -> None:
        if self._keep:
            self._pieces.append(text)

    def _value(self, raw: str) -> str:
        if self._type == "s":
            number = int(raw) if raw.isdecimal() else -1
            return self._strings[number] if 0 <= number < len(self._strings) else raw
        if self._type in {"", "n"}:
            try:
                number_read = float(raw)
            except ValueError:
                return raw
            return str(int(number_read)) if is_whole(number_read) else raw
        return " ".join(raw.split("\n"))


def _number(letters: str) -> int:
    """Give the number of a column: A is 1, XFD is 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
