"""
Two things that the formatting of a Word 97 document says about its text ([MS-DOC] §2.6).

Where a row of a table ends, for the mark of it looks like that of a cell; and what was deleted
while changes were tracked, which still stands among the rest.
"""

import struct
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from guard.extract.wordtext import DELETED

_PAGE: Final = 512
_PAGE_NUMBER: Final = 0x3FFFFF
_ROW_END: Final = {0x2417, 0x244C}
"""sprmPFTtp, sprmPFInnerTtp."""

_DELETION: Final = 0x0800
"""sprmCFRMarkDel."""

_TABLE: Final = 0xD608
"""sprmTDefTable, whose length has two octets."""

_OPERANDS: Final = (1, 1, 2, 4, 2, 2, 0, 3)
"""Octets of an operand by the upper three bits of its sprm; 0: the first says (§2.2.5.1)."""

_CELL: Final = b"\x07\0"
_NEW_ROW: Final = b"\n\0"
_TAKEN_OUT: Final = DELETED.encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Formats:
    """Places in the main stream, in octets, sorted."""

    row_ends: tuple[int, ...] = ()
    """Behind the last mark of a row."""

    deletions: tuple[tuple[int, int], ...] = ()

    def marked(self, units: bytes, start: int, width: int, deleted: list[str]) -> bytes:
        """
        Mark ends of rows and deletions in a piece of UTF-16 that stands at *start* in the file.

        *width* is the octets that a character has there. What was deleted is added to *deleted*.
        """
        end = start + len(units) // 2 * width
        changed = bytearray(units)
        first, last = bisect_right(self.row_ends, start), bisect_right(self.row_ends, end)
        for place in self.row_ends[first:last]:
            at = (place - start) // width * 2 - 2
            if changed[at : at + 2] == _CELL:
                changed[at : at + 2] = _NEW_ROW
        first = max(0, bisect_left(self.deletions, (start, 0)) - 1)
        for begun, ended in self.deletions[first : bisect_left(self.deletions, (end, 0))]:
            low = max(0, begun - start) // width * 2
            high = max(0, min(ended, end) - start) // width * 2
            if low < high:
                deleted.append(bytes(changed[low:high]).decode("utf-16-le", "replace"))
                changed[low:high] = _TAKEN_OUT * ((high - low) // 2)
        return bytes(changed)


def formats(main: bytes, characters: bytes, paragraphs: bytes) -> Formats:
    """Read both tables of formatting (PlcBteChpx, PlcBtePapx); what is not whole says nothing."""
    row_ends = (
        end
        for start, end, sprms in _runs(main, paragraphs, _paragraph)
        if any(sprm in _ROW_END and operand[:1] != b"\0" for sprm, operand in _sprms(sprms))
    )
    deletions = (
        (start, end)
        for start, end, sprms in _runs(main, characters, _character)
        if any(sprm == _DELETION and operand == b"\1" for sprm, operand in _sprms(sprms))
    )
    return Formats(tuple(sorted(row_ends)), tuple(sorted(deletions)))


def _runs(
    main: bytes, table: bytes, sprms_at: Callable[[bytes, int, int], bytes]
) -> Iterator[tuple[int, int, bytes]]:
    """Give start, end and properties of each run in the pages that *table* names, once each."""
    count = max(0, len(table) - 4) // 8
    pages = struct.unpack_from(f"<{count}I", table, 4 * (count + 1)) if count else ()
    for number in dict.fromkeys(number & _PAGE_NUMBER for number in pages):
        page = main[number * _PAGE : (number + 1) * _PAGE]
        if len(page) < _PAGE or page[-1] * 4 + 4 > _PAGE:
            continue
        runs = page[-1]
        places = struct.unpack_from(f"<{runs + 1}I", page)
        for run in range(runs):
            if sprms := sprms_at(page, runs, run):
                yield places[run], places[run + 1], sprms


def _character(page: bytes, runs: int, run: int) -> bytes:
    """Give the properties of a run of characters (Chpx, §2.9.32)."""
    at = page[min(4 * (runs + 1) + run, _PAGE - 1)] * 2
    return page[at + 1 : at + 1 + page[at]] if at else b""


def _paragraph(page: bytes, runs: int, run: int) -> bytes:
    """Give the properties of a paragraph (PapxInFkp, §2.9.175), without the number of its style."""
    at = page[min(4 * (runs + 1) + 13 * run, _PAGE - 1)] * 2
    if not at:
        return b""
    if page[at]:
        return page[at + 3 : at + 2 * page[at]]
    length = page[min(at + 1, _PAGE - 1)] * 2
    return page[at + 4 : at + 2 + length]


def _sprms(octets: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 3 <= len(octets):
        sprm = int.from_bytes(octets[at : at + 2], "little")
        at += 2
        size = _OPERANDS[sprm >> 13]
        if sprm == _TABLE:
            size = int.from_bytes(octets[at : at + 2], "little") + 1
        elif not size:
            size = octets[at] + 1
        yield sprm, octets[at : at + size]
        at += size
