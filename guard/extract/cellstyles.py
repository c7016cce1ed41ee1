"""Which cells of a worksheet in XML have a number format that says more than the number."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from guard.extract.elements import Handler, walk, whole
from guard.extract.numberformats import Formats, NumberFormat, shown, telling

Placed = Mapping[int, Mapping[int, NumberFormat]]
"""Formats by 0-based row, then by 0-based column."""

REFERENCE: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_DEFINES: Final = (b"numFmt ", b"numFmt\t", b"numFmt\n", b"numFmt\r")
_NO_REFERENCE: Final = re.compile(
    rb"<(?:[\w.-]+:)?c(?:\s+(?!r\s*=)[\w:.-]+\s*=\s*[\"'][^\"'<>]*[\"'])*\s*/?>"
)
_ESCAPED: Final = re.compile(rb"\s[rs]\s*=\s*[\"'][^\"'<]{0,20}&")
_CELL: Final = (
    rb"<(?:[\w.-]+:)?c\s(?=[^<]*?\bs\s*=\s*[\"']0*(%b)[\"'])"
    rb"[^<]*?\br\s*=\s*[\"']([A-Z]{1,3})(\d{1,7})[\"']"
)


def formats_of(styles: bytes) -> Formats:
    """
    Give the formats that tell from the part with the styles, by number of the cell's style.

    Raises:
        UnreadError: It cannot be parsed.
    """
    if not any(mark in styles for mark in _DEFINES):
        return {}
    found = _Styles()
    walk(styles, found)
    return telling(found.codes, found.styles)


def placed(worksheet: bytes, formats: Formats) -> Placed:
    """
    Look for the cells of a worksheet whose style has one of *formats*.

    By the octets where cells say where they are, since expat would take a second for many.

    Raises:
        UnreadError: It cannot be parsed.
    """
    if not formats:
        return {}
    if 0 in formats or _is_odd(worksheet):
        cells = _Positions(formats)
        walk(worksheet, cells)
        return cells.found
    styles = "|".join(map(str, formats)).encode("ascii")
    cell = re.compile(_CELL % styles)
    found: dict[int, dict[int, NumberFormat]] = {}
    columns: dict[bytes, int] = {}
    for style, letters, row in cell.findall(worksheet):
        if letters not in columns:
            columns[letters] = column_number(letters.decode("ascii")) - 1
        found.setdefault(int(row) - 1, {})[columns[letters]] = formats[int(style)]
    return found


def _is_odd(worksheet: bytes) -> bool:
    """Whether cells do not say where they are, or say it in character references."""
    if b"&#" in worksheet and _ESCAPED.search(worksheet):
        return True
    # Counted, for most programs write them all alike, and it takes a hundredth of the time.
    count = worksheet.count
    others = count(b":c") + sum(map(count, (b"<c>", b"<c/", b"<c\t", b"<c\n", b"<c\r")))
    alike = not others and count(b'<c r="') == count(b"<c ")
    return not alike and bool(_NO_REFERENCE.search(worksheet))


def with_formats(
    cells: Sequence[str], values: Sequence[object], formats: Mapping[int, NumberFormat], first: int
) -> list[str]:
    """
    Give the cells of a row as they show, and behind them the numbers that this hides.

    *values* are what *cells* was written from; the first stands in the 0-based column *first*.
    """
    seen = list(cells)
    hidden = []
    for column, format_ in formats.items():
        at = column - first
        if 0 <= at < len(cells):
            seen[at], plain = shown(values[at], cells[at], format_)
            if plain:
                hidden.append(plain)
    while hidden and seen and not seen[-1]:
        seen.pop()
    return [*seen, *hidden]


def column_number(letters: str) -> int:
    """Give the number of a column: A is 1, XFD is 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


class _Styles(Handler):
    """Codes of formats by their ids, and the id of each style of cells."""

    def __init__(self) -> None:
        self.codes: dict[int, str] = {}
        self.styles: list[int] = []
        self._in_cells = False

    def start(self, local: str, attributes: Mapping[str, str]) -> None:
        if local in {"cellXfs", "dxfs"}:
            self._in_cells = local == "cellXfs"
        elif local == "numFmt":
            self.codes.setdefault(
                whole(attributes.get("numFmtId", "")), attributes.get("formatCode", "")
            )
        elif local == "xf" and self._in_cells:
            self.styles.append(whole(attributes.get("numFmtId", "")))

    def end(self, local: str) -> None:
        if local == "cellXfs":
            self._in_cells = False


class _Positions(Handler):
    """Formats of the cells of a worksheet, which need not say where they are."""

    def __init__(self, formats: Formats) -> None:
        self.found: dict[int, dict[int, NumberFormat]] = {}
        self._formats = formats
        self._row = self._column = 0

    def start(self, local: str, attributes: Mapping[str, str]) -> None:
        if local == "row":
            self._row = whole(attributes.get("r", "")) or self._row + 1
            self._column = 0
        elif local == "c":
            reference = REFERENCE.fullmatch(attributes.get("r", ""))
            self._column = column_number(reference[1]) if reference else self._column + 1
            row = int(reference[2]) if reference else self._row
            if format_ := self._formats.get(whole(attributes.get("s", ""))):
                self.found.setdefault(row - 1, {})[self._column - 1] = format_
