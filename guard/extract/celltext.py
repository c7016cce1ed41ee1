"""Cells as text, whatever record or element they stood in: numbers, rows, and stretches of rows."""

import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

_WHOLE: Final = 1e15
"""Below this a float holds every whole number exactly."""

MOST_TABS: Final = 64
"""Tabs for the empty cells between two; further apart is not told."""

_MOST_BLANK_ROWS: Final = 100
"""Rows left out before a new stretch begins."""

ONE_LINE: Final = str.maketrans("\t\n\r\v\f", "     ")


def is_whole(value: float) -> bool:
    """Whether people would write this number without a point."""
    return value.is_integer() and abs(value) < _WHOLE


def number(value: float) -> str:
    """Write a number as people would: a whole one without a point."""
    return str(int(value)) if is_whole(value) else repr(value)


def written(value: str | float | bool) -> str:
    """Write a value as people would."""
    if isinstance(value, bool):
        return str(value).upper()
    return value if isinstance(value, str) else number(value)


def rk(packed: int) -> float:
    """
    Give the value of 30 bits: a whole number, or the upper half of a float.

    [MS-XLS] §2.5.217, [MS-XLSB] §2.5.123.
    """
    if packed & 2:
        value = float((packed >> 2) - (1 << 30 if packed >> 31 else 0))
    else:
        value = struct.unpack("<d", struct.pack("<Q", (packed & ~3) << 32))[0]
    return value / 100 if packed & 1 else value


def line(cells: Mapping[int, str]) -> str:
    """Join the cells of a row, given by their 0-based columns, with tabs for those between."""
    pieces: list[str] = []
    last = 0
    for column in sorted(cells):
        pieces.append("\t" * min(MOST_TABS, column - last))
        pieces.append(cells[column].translate(ONE_LINE))
        last = column
    return "".join(pieces)


def stretches(rows: Iterable[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    """
    Join numbered rows to stretches: the number of the first, and a line a row.

    Blank rows between two are empty lines; where there are very many, or the numbers go back, a
    new stretch begins.
    """
    first = last = 0
    lines: list[str] = []
    for row, text in rows:
        if lines and not 0 < row - last <= _MOST_BLANK_ROWS:
            yield first, lines
            lines = []
        if lines:
            lines.extend([""] * (row - last - 1))
        else:
            first = row
        lines.append(text)
        last = row
    if lines:
        yield first, lines
