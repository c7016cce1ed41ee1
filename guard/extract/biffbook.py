"""What a workbook of Excel's records says, sheet by sheet, in one pass over them ([MS-XLS])."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from guard.extract import codepages, shapes
from guard.extract.biffcells import RECORDS, Cells
from guard.extract.biffformats import RECORDS as FORMATS
from guard.extract.biffformats import BookFormats
from guard.extract.biffstrings import Strings, TornError, shared
from guard.extract.budget import Budget
from guard.extract.pieces import Piece
from guard.extract.scraped import runs
from guard.extract.workbook import sheet_place
from guard.model.extract import Passage, Reason

_HEAD: Final = struct.Struct("<HH")
_BEGINS: Final = {0x0009: 2, 0x0209: 3, 0x0409: 4, 0x0809: 5}
"""BOF to the version of the records; of 5, what follows says whether it is 8."""

_VERSION_8: Final = b"\0\6"
_BIFF_8: Final = 8
_END: Final = 0x0A
_CONTINUE: Final = 0x3C
_FILEPASS: Final = 0x2F
_CODE_PAGE: Final = 0x42
_SHARED: Final = 0xFC
_SHEET: Final = 0x85
_NOTE: Final = 0x1C
_TEXT_OBJECT: Final = 0x01B6
_OBJECT: Final = 0x5D
_DRAWINGS: Final = {0xEB, 0xEC}
_EDGES: Final = {0x14: "header", 0x15: "footer"}
_SCRAPED: Final = {
    0x18: "names", 0x0218: "names", 0x23: "links", 0x01AE: "links", 0x5A: "links", 0x51: "links",
    0x01B8: "links", 0x0800: "links", 0x01BE: "prompts", 0x089C: "header or footer",
    0x100D: "chart", 0xCD: "pivot table", 0xAF: "scenarios", 0x0872: "table", 0x01AD: "links",
}  # fmt: skip
"""Records with text in them that is worth seeing, though not worth taking apart."""

_COMMENT: Final = 0x19
_MORE_OF_NOTE: Final = 0xFFFF
_SHOWN: Final = {1: "hidden", 2: "veryHidden"}


def is_encrypted(stream: bytes) -> bool:
    """Whether a record in the first part of the stream says so; it stands near the beginning."""
    at = 0
    while at + _HEAD.size <= len(stream):
        kind, length = _HEAD.unpack_from(stream, at)
        if kind in {_FILEPASS, _END}:
            return bool(kind == _FILEPASS)
        at += _HEAD.size + length
    return False


def _split(stream: bytes) -> Iterator[tuple[int, int, list[bytes]]]:
    """
    Give place and type of each record, and its octets with those of records that continue it.

    Raises:
        TornError: The last is longer than what is left.
    """
    at = 0
    waiting: tuple[int, int, list[bytes]] | None = None
    while at + _HEAD.size <= len(stream):
        kind, length = _HEAD.unpack_from(stream, at)
        payload = stream[at + _HEAD.size : at + _HEAD.size + length]
        if kind == _CONTINUE and waiting:
            waiting[2].append(payload)
        else:
            if waiting:
                yield waiting
            waiting = at, kind, [payload]
        at += _HEAD.size + length
        if not kind and not length and not stream[at:].strip(b"\0"):
            break
    if waiting:
        yield waiting
    if at > len(stream):
        raise TornError


@dataclass(frozen=True, slots=True)
class _Open:
    """A part of the stream that has begun and not ended: a sheet, or a chart on it."""

    place: str
    name: str
    cells: Cells | None


class Reading:
    """One pass over the records of a workbook."""

    def __init__(self, *, own_cells: bool) -> None:
        self.torn = False
        self.cells: list[tuple[str, Cells]] = []
        self.texts: dict[str, list[str]] = {}
        self.formats: Final = BookFormats()
        self._own_cells = own_cells
        self._version = 2
        self._codec: str | None = None
        self._shared: list[str] = []
        self._places: dict[int, tuple[str, str]] = {}
        """Places and names of sheets, by where they begin."""
        self._begun: set[int] = set()
        self._open: list[_Open] = []
        self._object = 0

    def run(self, stream: bytes) -> None:
        """Read to the end; what is torn leaves its mark."""
        try:
            for at, kind, segments in _split(stream):
                try:
                    self._record(at, kind, segments)
                except (struct.error, IndexError, TornError):
                    self.torn = True
        except TornError:
            self.torn = True
        if not self._begun.issuperset(self._places):
            self.torn = True  # a sheet does not begin where it should

    def pieces(self, budget: Budget) -> Iterator[Piece]:
        """Give cells, if they were wanted, then what stands beside them."""
        for place, cells in self.cells:
            for first_row, text in cells.runs():
                budget.say(len(text))
                yield Passage(place=place, text=text, first_row=first_row)
        for place, lines in self.texts.items():
            text = "\n".join(dict.fromkeys(filter(None, map(_clean, lines))))
            if text:
                budget.say(len(text))
                yield Passage(place=place, text=text)
        if self.torn:
            yield Reason.CORRUPT

    def _record(self, at: int, kind: int, segments: list[bytes]) -> None:
        payload = segments[0]
        here = self._open[-1] if self._open else _Open("", "", None)
        if kind in _BEGINS:
            self._begin(at, kind, payload, here)
        elif kind == _END:
            del self._open[-1:]
        elif kind in RECORDS:
            if here.cells:
                here.cells.take(kind, b"".join(segments))
            elif self.formats.telling:
                self.formats.place(here.name, kind, payload)
        elif kind in FORMATS:
            self.formats.take(kind, payload, self._version, self._text)
        elif kind == _SHARED:
            if self._own_cells:
                self._shared.extend(shared(segments))
        elif kind == _CODE_PAGE:
            self._codec = codepages.of_page(int.from_bytes(payload[:2], "little"))
        elif kind == _SHEET:
            self._sheet(payload)
        else:
            self._beside(kind, segments, here.place)

    def _begin(self, at: int, kind: int, payload: bytes, here: _Open) -> None:
        self._begun.add(at)
        version = _BEGINS[kind]
        self._version = _BIFF_8 if version == 5 and payload[:2] == _VERSION_8 else version
        place, name = self._places.get(at, (here.place, here.name))
        cells = None
        if self._own_cells:
            cells = Cells(
                version=self._version,
                text=self._text,
                shared=self._shared,
                formats=lambda: self.formats.telling,
            )
            self.cells.append((place, cells))
        self._open.append(_Open(place, name, cells))

    def _sheet(self, payload: bytes) -> None:
        """Note name and place of a sheet (BoundSheet8), and whether it is hidden."""
        start, state = struct.unpack_from("<IB", payload)
        name = self._text(payload[6:], 1)
        self._places[start] = sheet_place(name, _SHOWN.get(state & 3, "visible")), name

    def _beside(self, kind: int, segments: list[bytes], place: str) -> None:
        payload = segments[0]
        if kind in _EDGES and payload:
            self._say(
                place, _EDGES[kind], self._text(payload, 2 if self._version == _BIFF_8 else 1)
            )
        elif kind == _OBJECT:
            self._object = int.from_bytes(payload[4:6], "little")
        elif kind == _TEXT_OBJECT:
            count = int.from_bytes(payload[10:12], "little")
            if count:
                what = "comments" if self._object == _COMMENT else "text box"
                self._say(place, what, Strings(segments).continued(count))
        elif kind == _NOTE:
            self._note(payload, place)
        elif kind in _DRAWINGS:
            for text in shapes.within(b"".join(segments)):
                self._say(place, "drawing", text)
        elif what := _SCRAPED.get(kind, ""):
            self._say(place, what, runs(b"".join(segments)))

    def _note(self, payload: bytes, place: str) -> None:
        """Note who wrote a comment; before Excel 97 also what."""
        if self._version == _BIFF_8:
            self._say(place, "comments", self._text(payload[8:], 2))
            return
        row, _, length = struct.unpack_from("<HHH", payload)
        text = codepages.decode(payload[6 : 6 + length], self._codec)
        lines = self.texts.setdefault(_joined(place, "comments"), [])
        if row == _MORE_OF_NOTE and lines:
            lines[-1] += text
        else:
            lines.append(text)

    def _say(self, place: str, what: str, text: str) -> None:
        if text:
            self.texts.setdefault(_joined(place, what), []).append(text)

    def _text(self, octets: bytes, length: int) -> str:
        """Read a string whose length stands in so many octets before it."""
        count = int.from_bytes(octets[:length], "little")
        if self._version == _BIFF_8:
            wide = bool(octets[length] & 1) if count else False
            return Strings([octets[length + 1 :]]).characters(count, wide=wide)
        return codepages.decode(octets[length : length + count], self._codec)


def _joined(place: str, what: str) -> str:
    return f"{place}, {what}" if place else what


def _clean(text: str) -> str:
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\0 \n")
