"""Cells of Excel's records, of all versions since 2; dates are the serial numbers that they are."""

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from guard.extract.celltext import line, number, rk, stretches

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
            self._put(row, column, number(*struct.unpack_from("<d", rest)))
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
            self._put(row, column, number(rk(*struct.unpack_from("<I", rest))))
        elif kind == _SEVERAL_RK:
            for at in range(6, len(payload) - 5, 6):
                value = rk(*struct.unpack_from("<I", payload, at))
                self._put(row, column + at // 6 - 1, number(value))

    def runs(self) -> Iterator[tuple[int, str]]:
        """Give stretches of rows with their first row's number; blank rows stay as empty lines."""
        rows = ((row + 1, line(self._rows[row])) for row in sorted(self._rows))
        for first_row, lines in stretches(rows):
            yield first_row, "\n".join(lines)

    def _put(self, row: int, column: int, text: str) -> None:
        if text:
            self._rows.setdefault(row, {})[column] = text

    def _take_formula(self, row: int, column: int, rest: bytes) -> None:
        self._formula = row, column  # its text, if it has one, comes in a record of its own
        if rest[6:8] != _NO_NUMBER:
            self._put(row, column, number(*struct.unpack_from("<d", rest)))
        elif rest[0] == _TRUTH:
            self._put(row, column, str(bool(rest[2])).upper())
