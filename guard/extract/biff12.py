"""
Cells of an xlsb by its records ([MS-XLSB] §2.4), for what calamine leaves out and for when it dies.

Some programs write short cell records (`BrtShortSt` and its kin), which have no column of their
own; calamine gives the first cell of such a row and no error.
"""

import struct
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from guard.extract.cellstyles import Placed
from guard.extract.celltext import line, rk, written
from guard.extract.numberformats import Formats, NumberFormat, shown, telling

_ROW: Final = 0
_SHORT: Final = 12
_SHORTEST_LAST: Final = 18
_STRING_ITEM: Final = 19
_SHEET: Final = 156
_FORMAT: Final = 44
_STYLE_FORMAT: Final = 47
_CELL_STYLES: Final = 617
_CELL_STYLES_END: Final = 618

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


def formats_of(styles: bytes) -> Formats:
    """Give the number formats that tell (BrtFmt), by number of the cell's style (BrtXF)."""
    codes: dict[int, str] = {}
    found: list[int] = []
    in_cells = False
    for kind, payload in records(styles):
        if kind == _FORMAT:
            codes[int.from_bytes(payload[:2], "little")] = _string(payload, 2)[0]
        elif kind in {_CELL_STYLES, _CELL_STYLES_END}:
            in_cells = kind == _CELL_STYLES
        elif kind == _STYLE_FORMAT and in_cells:
            found.append(int.from_bytes(payload[2:4], "little"))
    return telling(codes, found)


def placed(worksheet: bytes, formats: Formats) -> Placed:
    """Give which cells have one of *formats*."""
    found: dict[int, dict[int, NumberFormat]] = {}
    row = 0
    for kind, payload in records(worksheet) if formats else ():
        if kind == _ROW:
            row = int.from_bytes(payload[:4], "little")
        elif (_BLANK <= kind <= _SHARED or kind in _FORMULAS) and (
            format_ := formats.get(int.from_bytes(payload[4:7], "little"))
        ):
            found.setdefault(row, {})[int.from_bytes(payload[:4], "little")] = format_
    return found


def rows(
    worksheet: bytes, shared: list[str], formats: Formats = MappingProxyType({})
) -> Iterator[tuple[int, str]]:
    """Give 1-based number and text of each row, cells parted by tabs, as *formats* show them."""
    row = 0
    cells: dict[int, str] = {}
    plain: list[str] = []
    column = -1
    for kind, payload in records(worksheet):
        if kind == _ROW:
            if cells:
                yield row, "\t".join([line(cells), *plain])
            row = int.from_bytes(payload[:4], "little") + 1
            cells, plain, column = {}, [], -1
            continue
        if _BLANK <= kind <= _SHARED or kind in _FORMULAS:
            column = int.from_bytes(payload[:4], "little")
            value = _value(_FORMULAS.get(kind, kind), payload[_COLUMN_AND_STYLE:], shared)
            style = int.from_bytes(payload[4:7], "little")
        elif _SHORT <= kind <= _SHORTEST_LAST:
            column += 1
            value = _value(kind - _SHORT + _BLANK, payload[_STYLE:], shared)
            style = int.from_bytes(payload[:3], "little")
        else:
            continue
        text, hidden = shown(value, written(value), formats.get(style))
        if text:
            cells[column] = text
            plain.extend(filter(None, [hidden]))
    if cells:
        yield row, "\t".join([line(cells), *plain])


def _value(kind: int, octets: bytes, shared: list[str]) -> str | float | bool:
    """Read the value of a cell."""
    if kind == _STRING:
        return _string(octets, 0)[0]
    if kind == _SHARED:
        at = int.from_bytes(octets[:4], "little")
        return shared[at] if at < len(shared) else ""
    if kind == _BOOL:
        return octets[:1] == b"\1"
    if kind == _REAL and len(octets) >= 8:
        value: float = struct.unpack_from("<d", octets)[0]
        return value
    if kind == _RK and len(octets) >= 4:
        return rk(int.from_bytes(octets[:4], "little"))
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
