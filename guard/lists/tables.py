"""Tables of people: a row of headers that we know, with rows below that have what they announce."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from guard.lists.arrays import Bools, Ints
from guard.lists.chunk import Chunk
from guard.lists.fold import fold
from guard.lists.headers import kind_of
from guard.lists.kinds import Kind
from guard.lists.letters import DIGIT

_SIGNS: Final = "\t,;|"
"""What parts cells; the one that a line has most of."""

_REACH: Final = frozenset(
    {Kind.EMAIL, Kind.PHONE, Kind.ADDRESS, Kind.POSTCODE, Kind.BIRTHDAY, Kind.KANA, Kind.LAST_KANA}
)
"""Columns of which people have one and goods, tasks and meetings have none."""

_WORDS: Final = """
    mail メール メアド courriel correo 電話 連絡先 携帯 直通 tel phone mobile handy fax
    ファックス ファクス 住所 所在地 番地 addr strasse street direccion zip post plz 郵便 〒
    生年 誕生 birth dob geburt カナ ヨミ yomi kana reading furigana フリガナ セイ
"""
_HINTS: Final = tuple(dict.fromkeys(map(fold, _WORDS.split())))
"""What stands in the header of a column of `_REACH`; a line without any is no such header."""

_MOST_CELLS: Final = 300
"""Cells of a text that are looked at as headers: it may be made of such words."""

_LONGEST: Final = 40
"""Characters of a header cell; a longer one is a sentence."""

_DIGITS: Final = 12
"""Digits of a header row: 電話1, address 2, and no telephone number."""

_LONG: Final = 4000
"""Characters of a line that are looked at."""

_WIDEST: Final = 200
_MISSES: Final = 2
"""Lines in a row without data at which a table ends: one may be a total or a page's end."""


@dataclass(frozen=True, slots=True)
class Table:
    """One header row and what stands below it."""

    header: int
    """0-based line."""

    kinds: tuple[Kind, ...]
    """What its columns hold, as far as we know them, each kind once."""

    rows: tuple[int, ...]
    """0-based lines that hold data in these columns."""


def hinted(chunk: Chunk) -> list[int]:
    """Give the 0-based lines, within the chunk, that may be a header row."""
    codes = chunk.letters.codes
    starts, ends = chunk.lines
    signs = _counts(np.isin(codes, [ord(sign) for sign in _SIGNS]), starts, ends)
    digits = _counts(chunk.letters.is_a(DIGIT), starts, ends)
    likely = np.flatnonzero((signs > 0) & (digits <= _DIGITS))
    if not len(likely):
        return []
    text = chunk.letters.text(0, len(codes))
    return [
        line
        for line in likely.tolist()
        if _has_hint(text[int(starts[line]) : min(int(ends[line]), int(starts[line]) + _LONG)])
    ]


def _counts(mask: Bools, starts: Ints, ends: Ints) -> Ints:
    sums: Ints = np.concatenate((np.zeros(1, np.int64), np.cumsum(mask)))
    found: Ints = sums[ends] - sums[starts]
    return found


def tables(lines: Sequence[str], hinted: Iterable[int]) -> Iterator[Table]:
    """Give the tables of people below *hinted* lines; the time grows with the text."""
    left, free = _MOST_CELLS, 0
    for number in hinted:
        line = lines[number]
        sign = max(_SIGNS, key=line.count)
        if number < free or sign not in line:
            continue
        cells = _cells(line, sign)
        likely = [cell for cell in cells if len(cell) <= _LONGEST and _has_hint(fold(cell))]
        left -= len(likely)
        if left < 0:
            return
        if not any(_kind(cell) in _REACH for cell in likely):
            continue
        left -= len(cells)
        kinds = {place: kind for place, cell in enumerate(cells) if (kind := _kind(cell))}
        known = tuple(dict.fromkeys(kinds.values()))
        if len(known) < 2:
            continue
        rows = tuple(_rows(lines, number + 1, sign, kinds))
        if rows:
            yield Table(number, known, rows)
            free = rows[-1] + 1


def _rows(lines: Sequence[str], start: int, sign: str, kinds: dict[int, Kind]) -> Iterator[int]:
    reach = [(place, kind) for place, kind in kinds.items() if kind in _REACH]
    misses = 0
    for number in range(start, len(lines)):
        line = lines[number]
        cells = _cells(line, sign) if sign in line else []
        filled = [place for place in kinds if place < len(cells) and cells[place].strip()]
        telling = any(place < len(cells) and _fits(kind, cells[place]) for place, kind in reach)
        if len(filled) > 1 and telling:
            misses = 0
            yield number
        elif misses == _MISSES:
            return
        else:
            misses += 1


def _cells(line: str, sign: str) -> list[str]:
    return line.split(sign, _WIDEST)[:_WIDEST]


def _has_hint(folded: str) -> bool:
    return any(hint in folded for hint in _HINTS)


def _kind(cell: str) -> Kind | None:
    cell = cell.strip().strip("\"'")
    return kind_of(cell) if cell and len(cell) <= _LONGEST and "@" not in cell else None


def _fits(kind: Kind, cell: str) -> bool:
    """Whether a cell holds what its column announces, as far as its letters tell."""
    if kind is Kind.EMAIL:
        return "@" in cell or "＠" in cell
    if kind in (Kind.KANA, Kind.LAST_KANA):
        return any(
            "\u3041" <= sign <= "\u30fa" or "\uff66" <= sign <= "\uff9d" for sign in cell[:40]
        )
    digits = sum(sign.isdigit() for sign in cell[:60])
    if kind is Kind.ADDRESS:
        return digits > 0 and len(cell.strip()) >= 6
    return digits >= {Kind.PHONE: 7, Kind.POSTCODE: 4, Kind.BIRTHDAY: 4}[kind]
