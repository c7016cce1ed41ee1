"""
Rows and columns of a sheet that nobody sees without looking for them.

ECMA-376 part 1 §18.3.1.13 and §18.3.1.73; OpenDocument 1.3 part 3 §19.749.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from guard.extract.elements import Handler, attribute, walk

_ROW: Final = re.compile(rb"<(?:\w+:)?row\s([^>]*)>")
_COLUMN: Final = re.compile(rb"<(?:\w+:)?col\s([^>]*)>")
_NUMBER: Final = re.compile(rb'(?:^|\s)r\s*=\s*["\'](\d{1,7})["\']')
_FROM_TO: Final = re.compile(rb'(?:^|\s)(min|max)\s*=\s*["\'](\d{1,5})["\']')
_HIDDEN: Final = re.compile(
    rb'\bhidden\s*=\s*["\'](?:1|true)["\']|\bht\s*=\s*["\']0["\']|\bwidth\s*=\s*["\']0["\']'
)
_MARKS: Final = (b"hidden", b'ht="0"', b'width="0"')

_LETTERS: Final = 26

_MOST_REPEATED: Final = 100_000
"""Rows that are counted one by one where a row stands for many: more hold no text."""

MOST_RUNS: Final = 200
"""Stretches of hidden rows that are named one by one; a filter may make thousands."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is hidden of one sheet."""

    rows: frozenset[int] = frozenset()
    """1-based numbers."""

    columns: tuple[tuple[int, int], ...] = ()
    """First and last of each stretch, 1-based."""

    def place(self, sheet: str) -> str:
        """Name the sheet, with its hidden columns: ``sheet “S” with hidden columns C–F``."""
        if not self.columns:
            return sheet
        named = ", ".join(
            letters(first) if first == last else f"{letters(first)}–{letters(last)}"
            for first, last in self.columns
        )
        return f"{sheet} with hidden columns {named}"

    def parted(self, first_row: int, lines: list[str]) -> Iterator[tuple[int, list[str], bool]]:
        """
        Part lines at the edges of hidden rows: first row, lines, and whether they are hidden.

        One stretch where nothing is hidden, or so much here and there that nobody could use it.
        """
        runs = [
            (hidden, list(members))
            for hidden, members in groupby(
                range(len(lines)), key=lambda at: first_row + at in self.rows
            )
        ]
        if len(runs) > MOST_RUNS:
            yield first_row, lines, False
            return
        for hidden, members in runs:
            yield first_row + members[0], [lines[at] for at in members], hidden


def hidden_in(worksheet: bytes) -> Hidden:
    """
    Look at the XML of a worksheet.

    By its octets, since expat would take a second for a large one and most have nothing hidden.
    """
    if not any(mark in worksheet for mark in _MARKS):
        return Hidden()
    start = worksheet.find(b"sheetData")
    columns = []
    for column in _COLUMN.finditer(worksheet, 0, max(0, start)):
        if _HIDDEN.search(column[1]):
            ends = {which: int(number) for which, number in _FROM_TO.findall(column[1])}
            columns.append((ends.get(b"min", 1), ends.get(b"max", ends.get(b"min", 1))))
    rows = set()
    at = 0
    for row in _ROW.finditer(worksheet, max(0, start)):
        number = _NUMBER.search(row[1])
        at = int(number[1]) if number else at + 1
        if _HIDDEN.search(row[1]):
            rows.add(at)
    return Hidden(frozenset(rows), tuple(columns))


class _Tables(Handler):
    """Tables of an OpenDocument spreadsheet, row by row, with what is repeated."""

    def __init__(self) -> None:
        self.found: dict[str, Hidden] = {}
        self._name = ""
        self._row = self._column = 0
        self._rows: set[int] = set()
        self._columns: list[tuple[int, int]] = []

    def start(self, local: str, attributes: Mapping[str, str]) -> None:
        if local == "table":
            self._name = attribute(attributes, "name")
            self._row = self._column = 0
            self._rows, self._columns = set(), []
        elif local in {"table-row", "table-column"}:
            which = "rows" if local == "table-row" else "columns"
            given = attribute(attributes, f"number-{which}-repeated")
            count = min(int(given), _MOST_REPEATED) if given.isdecimal() else 1
            unseen = attribute(attributes, "visibility") in {"collapse", "filter"}
            self._row_or_column(local, count, unseen=unseen)

    def end(self, local: str) -> None:
        if local == "table" and (self._rows or self._columns):
            self.found[self._name] = Hidden(frozenset(self._rows), tuple(self._columns))

    def _row_or_column(self, local: str, count: int, *, unseen: bool) -> None:
        if local == "table-row":
            if unseen and len(self._rows) < _MOST_REPEATED:
                self._rows.update(range(self._row + 1, self._row + count + 1))
            self._row += count
        else:
            if unseen:
                self._columns.append((self._column + 1, self._column + count))
            self._column += count


def hidden_in_tables(content: bytes) -> Mapping[str, Hidden]:
    """
    Look at the content part of an OpenDocument spreadsheet: what is hidden, by name of the sheet.

    Raises:
        UnreadError: It cannot be parsed.
    """
    found = _Tables()
    if b":visibility=" in content:
        walk(content, found)
    return found.found


def letters(column: int) -> str:
    """Name a column: 1 is A, 27 is AA."""
    named = ""
    while column > 0:
        column, rest = divmod(column - 1, _LETTERS)
        named = chr(ord("A") + rest) + named
    return named
