"""Cells of Excel's records, of all versions since 2; dates are the serial numbers that they are."""

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from guard.extract.sheets import WHOLE

_INTEGER: Final = 0x02
_NUMBERS: Final = {0x03, 0x0203}
_LABELS: Final = {0x04, 0x0204, 0xD6}
_FORMULAS: Final = {0x06, 0x0206, 0x0406}
_RESULTS: Final = {0x07, 0x0207}
_TRUTHS: Final = {0x05, 0x0205}
_SHARED: Final = 0xFD
_RK: Final = 0x027E
_SEVERAL_RK: Final = 0xBD
RECORDS: Final = {
    _INTEGER, _SHARED, _RK, _SEVERAL_RK, *_NUMBERS, *_LABELS, *_FORMULAS, *_RESULTS, *_TRUTHS,
}  # fmt: skip

_NO_NUMBER: Final = b"\xff\xff"
"""Ends the value of a formula that is no number."""

_TRUTH: Final = 1
_MOST_TABS: Final = 64
"""Tabs for the empty cells between two; further apart is not told."""

_MOST_BLANK_ROWS: Final = 100
"""Rows left out before a new passage begins."""

_ONE_LINE: Final = str.maketrans("\t\n\r\v\f", "     ")

Text = Callable[[bytes, int], str]
"""Reads a string whose length stands in so many octets before it."""


class Cells:
    """The cells of one sheet."""

    def __init__(self, *, version: int, text: Text, shared: Sequence[str]) -> None:
        self._head = 7 if version == 2 else 6
        self._length = 1 if version == 2 else 2
        self._text = text
        self._shared = shared
        self._rows: dict[int, dict[int, str]] = {}
        self._formula = (0, 0)

    def take(self, kind: int, payload: bytes) -> None:
        """
        Note what stands in a record of `RECORDS`.

        Raises:
            struct.error, IndexError: It is shorter than it has to be.
        """
        if kind in _RESULTS:
            self._put(*self._formula, self._text(payload, self._length))
            return
        row, column = struct.unpack_from("<HH", payload)
        rest = payload[self._head :]
        if kind in _NUMBERS:
            self._put(row, column, _number(*struct.unpack_from("<d", rest)))
        elif kind == _INTEGER:
            self._put(row, column, str(*struct.unpack_from("<H", rest)))
        elif kind in _LABELS:
            self._put(row, column, self._text(rest, self._length))
        elif kind in _FORMULAS:
            self._take_formula(row, column, rest)
        elif kind in _TRUTHS:
            if not rest[1]:
                self._put(row, column, str(rest[0] == _TRUTH).upper())
        elif kind == _SHARED:
            self._put(row, column, self._shared[struct.unpack_from("<I", rest)[0]])
        elif kind == _RK:
            self._put(row, column, _number(_rk(*struct.unpack_from("<I", rest))))
        elif kind == _SEVERAL_RK:
            for at in range(6, len(payload) - 5, 6):
                value = _rk(*struct.unpack_from("<I", payload, at))
                self._put(row, column + at // 6 - 1, _number(value))

    def runs(self) -> Iterator[tuple[int, str]]:
        """Give stretches of rows with their first row's number; blank rows stay as empty lines."""
        first = last = 0
        lines: list[str] = []
        for row in sorted(self._rows):
            if lines and row - last > _MOST_BLANK_ROWS:
                yield first + 1, "\n".join(lines)
                lines = []
            if lines:
                lines.extend([""] * (row - last - 1))
            else:
                first = row
            lines.append(_line(self._rows[row]))
            last = row
        if lines:
            yield first + 1, "\n".join(lines)

    def _put(self, row: int, column: int, text: str) -> None:
        if text:
            self._rows.setdefault(row, {})[column] = text

    def _take_formula(self, row: int, column: int, rest: bytes) -> None:
        self._formula = row, column  # its text, if it has one, comes in a record of its own
        if rest[6:8] != _NO_NUMBER:
            self._put(row, column, _number(*struct.unpack_from("<d", rest)))
        elif rest[0] == _TRUTH:
            self._put(row, column, str(bool(rest[2])).upper())


def _line(cells: dict[int, str]) -> str:
    line: list[str] = []
    last = 0
    for column in sorted(cells):
        line.append("\t" * min(_MOST_TABS, column - last))
        line.append(cells[column].translate(_ONE_LINE))
        last = column
    return "".join(line)


def _rk(packed: int) -> float:
    """Give the value of 30 bits: a whole number or the upper half of a float (§2.5.217)."""
    if packed & 2:
        value = float((packed >> 2) - (1 << 30 if packed >> 31 else 0))
    else:
        value = struct.unpack("<d", struct.pack("<Q", (packed & ~3) << 32))[0]
    return value / 100 if packed & 1 else value


def _number(value: float) -> str:
    """Write a number as people would: a whole one without a point."""
    return str(int(value)) if abs(value) < WHOLE and value.is_integer() else repr(value)
