"""
Cells of an xlsb by its records ([MS-XLSB] §2.4), for what calamine leaves out and for when it dies.

Some programs write short cell records (`BrtShortSt` and its kin), which have no column of their
own; calamine gives the first cell of such a row and no error.
"""

import struct
from collections.abc import Iterator
from typing import Final

from guard.extract.celltext import line, number, rk

_ROW: Final = 0
_SHORT: Final = 12
_SHORTEST_LAST: Final = 18
_STRING_ITEM: Final = 19
_SHEET: Final = 156

_BLANK, _RK, _ERROR, _BOOL, _REAL, _STRING, _SHARED = range(1, 8)
_FORMULAS: Final = {8: _STRING, 9: _REAL, 10: _BOOL, 11: _ERROR}
"""Records of formulas begin as those of their values."""

_COLUMN_AND_STYLE: Final = 8
_STYLE: Final = 4
_SHOWN: Final = {1: "hidden", 2: "veryHidden"}


def records(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Give type and payload of each record; what is torn off at the end is left out."""
    at = 0
    while at < len(octets):
        kind, at = _variable(octets, at, 2)
        size, at = _variable(octets, at, 4)
        if at + size > len(octets):
            return
        yield kind, octets[at : at + size]
        at += size


def sheets(workbook: bytes) -> Iterator[tuple[str, str, str]]:
    """Give id of the relation, name and state (``veryHidden``) of each sheet (BrtBundleSh)."""
    for kind, payload in records(workbook):
        if kind == _SHEET and len(payload) > _COLUMN_AND_STYLE:
            state = int.from_bytes(payload[:4], "little")
            relation, after = _string(payload, 8)
            name, _ = _string(payload, after)
            yield relation, name, _SHOWN.get(state, "visible")


def shared_strings(part: bytes) -> list[str]:
    """Give the table of shared strings (BrtSSTItem)."""
    return [_string(payload, 1)[0] for kind, payload in records(part) if kind == _STRING_ITEM]


def has_short_cells(worksheet: bytes) -> bool:
    """Whether a worksheet has records that calamine passes over."""
    return any(_SHORT <= kind <= _SHORTEST_LAST for kind, _ in records(worksheet))


def rows(worksheet: bytes, shared: list[str]) -> Iterator[tuple[int, str]]:
    """Give 1-based number and text of each row, cells parted by tabs."""
    row = 0
    cells: dict[int, str] = {}
    column = -1
    for kind, payload in records(worksheet):
        if kind == _ROW:
            if cells:
                yield row, line(cells)
            row = int.from_bytes(payload[:4], "little") + 1
            cells, column = {}, -1
        elif _BLANK <= kind <= _SHARED or kind in _FORMULAS:
            column = int.from_bytes(payload[:4], "little")
            value = _value(_FORMULAS.get(kind, kind), payload[_COLUMN_AND_STYLE:], shared)
            if value:
                cells[column] = value
        elif _SHORT <= kind <= _SHORTEST_LAST:
            column += 1
            if value := _value(kind - _SHORT + _BLANK, payload[_STYLE:], shared):
                cells[column] = value
    if cells:
        yield row, line(cells)


def _value(kind: int, octets: bytes, shared: list[str]) -> str:
    """Write the value of a cell as people would."""
    if kind == _STRING:
        return _string(octets, 0)[0]
    if kind == _SHARED:
        at = int.from_bytes(octets[:4], "little")
        return shared[at] if at < len(shared) else ""
    if kind == _BOOL:
        return "TRUE" if octets[:1] == b"\1" else "FALSE"
    if kind == _REAL and len(octets) >= 8:
        return number(struct.unpack_from("<d", octets)[0])
    if kind == _RK and len(octets) >= 4:
        return number(rk(int.from_bytes(octets[:4], "little")))
    return ""


def _string(octets: bytes, at: int) -> tuple[str, int]:
    """Read a string behind its length in characters (XLWideString); and where it ends."""
    count = int.from_bytes(octets[at : at + 4], "little")
    if count == 0xFFFF_FFFF:
        return "", at + 4
    end = at + 4 + 2 * count
    return octets[at + 4 : end].decode("utf-16-le", "replace"), end


def _variable(octets: bytes, at: int, most: int) -> tuple[int, int]:
    """Read a number of seven bits an octet ([MS-XLSB] §2.1.4), and where it ends."""
    value = 0
    for place in range(most):
        if at >= len(octets):
            break
        value |= (octets[at] & 0x7F) << (7 * place)
        at += 1
        if not octets[at - 1] & 0x80:
            break
    return value, at
