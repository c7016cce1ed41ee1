"""Cells of Excel's records, of all versions since 2; dates are the serial numbers that they are."""

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from guard.extract.celltext import line, rk, stretches, written
from guard.extract.numberformats import Formats, shown

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

    def __init__(
        self, *, version: int, text: Text, shared: Sequence[str], formats: Callable[[], Formats]
    ) -> None:
        self._head = 7 if version == 2 else 6
        self._length = 1 if version == 2 else 2
        self._text = text
        self._shared = shared
        self._formats = formats
        self._rows: dict[int, dict[int, str]] = {}
        self._plain: dict[int, list[str]] = {}
        self._formula = (0, 0, 0)

    def take(self, kind: int, payload: bytes) -> None:
        """
        Note what stands in a record of `RECORDS`.

        Raises:
            struct.error, IndexError: It is shorter than it has to be.
        """
        if kind in _RESULTS:
            self._put(*self._formula, self._text(payload, self._length))
            return
        row, column, style = struct.unpack_from("<HHH", payload)
        cell = row, column, style
        rest = payload[self._head :]
        if kind in _NUMBERS:
            self._put(*cell, *struct.unpack_from("<d", rest))
        elif kind == _INTEGER:
            self._put(*cell, float(*struct.unpack_from("<H", rest)))
        elif kind in _LABELS:
            self._put(*cell, self._text(rest, self._length))
        elif kind in _FORMULAS:
            self._take_formula(cell, rest)
        elif kind in _TRUTHS:
            if not rest[1]:
                self._put(*cell, rest[0] == _TRUTH)
        elif kind == _SHARED:
            self._put(*cell, self._shared[struct.unpack_from("<I", rest)[0]])
        elif kind == _RK:
            self._put(*cell, rk(*struct.unpack_from("<I", rest)))
        elif kind == _SEVERAL_RK:
            for at in range(6, len(payload) - 5, 6):
                style, packed = struct.unpack_from("<HI", payload, at - 2)
                self._put(row, column + at // 6 - 1, style, rk(packed))

    def runs(self) -> Iterator[tuple[int, str]]:
        """Give stretches of rows with their first row's number; blank rows stay as empty lines."""
        rows = (
            (row + 1, "\t".join([line(self._rows[row]), *self._plain.get(row, ())]))
            for row in sorted(self._rows)
        )
        for first_row, lines in stretches(rows):
            yield first_row, "\n".join(lines)

    def _put(self, row: int, column: int, style: int, value: str | float) -> None:
        text, plain = shown(value, written(value), self._formats().get(style))
        if text:
            self._rows.setdefault(row, {})[column] = text
        if plain:
            self._plain.setdefault(row, []).append(plain)

    def _take_formula(self, cell: tuple[int, int, int], rest: bytes) -> None:
        self._formula = cell  # its text, if it has one, comes in a record of its own
        if rest[6:8] != _NO_NUMBER:
            self._put(*cell, *struct.unpack_from("<d", rest))
        elif rest[0] == _TRUTH:
            self._put(*cell, bool(rest[2]))


def styles(kind: int, payload: bytes) -> Iterator[tuple[int, int]]:
    """
    Give 0-based column and style of each cell in a record of `RECORDS`, but for results.

    Raises:
        struct.error: It is shorter than it has to be.
    """
    if kind in _RESULTS:
        return
    _, column, style = struct.unpack_from("<HHH", payload)
    yield column, style
    if kind == _SEVERAL_RK:
        for at in range(10, len(payload) - 5, 6):
            yield column + at // 6, *struct.unpack_from("<H", payload, at)
