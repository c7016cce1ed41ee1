"""
Cells of an xlsx by expat alone, for workbooks that the native reader dies of.

Calamine lays a sheet out as one rectangle: two cells in opposite corners, which anybody can make
by accident, ask for 512 GB. Here a sheet costs what stands in it. Dates come out as the serial
numbers that they are.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from guard.extract import sheets as native
from guard.extract.budget import Budget
from guard.extract.cellstyles import REFERENCE, column_number
from guard.extract.celltext import MOST_TABS, is_whole, stretches
from guard.extract.elements import Handler, walk, whole
from guard.extract.hidden import hidden_in
from guard.extract.numberformats import Formats, shown
from guard.extract.pieces import Piece, Source
from guard.extract.sheets import beyond_cells, counted, rows, telling_formats
from guard.extract.workbook import related, sheets
from guard.extract.zipped import Archive


def either(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the same by calamine, which is quicker and knows dates, where it finds everything."""
    try:
        yield from native.xlsx(source, budget)
    except native.UnusualError:
        yield from xlsx(source, budget)


def xlsx(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give cells of all sheets, hidden ones too, then comments, text boxes and the rest."""
    opened = Archive(source.octets, budget)
    chars: Counter[str] = Counter()
    yield from counted(own_cells(opened, budget), chars)
    yield from beyond_cells(opened, budget, chars)


def own_cells(opened: Archive, budget: Budget) -> Iterator[Piece]:
    """Give the cells of all sheets, and of parts that look like one though no workbook has them."""
    strings = _Strings()
    if shared := related(opened, "sharedStrings"):
        walk(shared, strings)
    formats = telling_formats(opened)
    places = {sheet.part: sheet.place for sheet in sheets(opened)}
    for info in opened.entries:
        loose = "worksheets/" in info.filename and info.filename.endswith(".xml")
        if info.filename not in places and not loose:
            continue
        cells = _Cells(strings.found, formats)
        octets = opened.unpack(info)
        walk(octets, cells)
        place = places.get(info.filename, info.filename)
        for first_row, lines in stretches(cells.rows):
            yield from rows(place, hidden_in(octets), first_row, lines, budget)


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

    def __init__(self, strings: list[str], formats: Formats) -> None:
        self._strings = strings
        self._formats = formats
        self.rows: list[tuple[int, str]] = []
        self._row = 0
        self._cells: list[str] = []
        self._plain: list[str] = []
        self._column = self._last = 0
        self._type = ""
        self._style = 0
        self._pieces: list[str] = []
        self._keep = False

    def start(self, local: str, attributes: Mapping[str, str]) -> None:
        if local == "row":
            self._row = whole(attributes.get("r", "")) or self._row + 1
            self._cells, self._plain, self._column, self._last = [], [], 0, 0
        elif local == "c":
            reference = REFERENCE.fullmatch(attributes.get("r", ""))
            self._column = column_number(reference[1]) if reference else self._column + 1
            self._type = attributes.get("t", "")
            self._style = whole(attributes.get("s", ""))
            self._pieces = []
        self._keep = local in {"v", "t"}

    def end(self, local: str) -> None:
        self._keep = False
        if local == "c" and self._pieces:
            tabs = min(MOST_TABS, max(1, self._column - self._last)) if self._last else 0
            value, text = self._value("".join(self._pieces))
            text, plain = shown(value, text, self._formats.get(self._style))
            self._plain.extend(filter(None, [plain]))
            self._cells.append("\t" * tabs + text)
            self._last = self._column
        elif local == "row" and self._cells:
            self.rows.append((self._row, "\t".join(["".join(self._cells), *self._plain])))

    def text(self, text: str) -> None:
        if self._keep:
            self._pieces.append(text)

    def _value(self, raw: str) -> tuple[object, str]:
        """Give a value, and how people would write it."""
        if self._type == "s":
            at = int(raw) if raw.isdecimal() else -1
            text = self._strings[at] if 0 <= at < len(self._strings) else raw
            return text, text
        if self._type in {"", "n"}:
            try:
                value = float(raw)
            except ValueError:
                return raw, raw
            return value, str(int(value)) if is_whole(value) else raw
        text = " ".join(raw.split("\n"))
        return None if self._type in {"b", "e"} else text, text
