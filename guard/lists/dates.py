"""Dates of birth, in any of the ways that they are written."""

from typing import Final

import numpy as np

from guard.lists.arrays import NO_SPANS, Bools, Ints, Spans, true_at
from guard.lists.chunk import Chunk
from guard.lists.fold import fold
from guard.lists.letters import WORD

_YEARS: Final = (1800, 2099)
_GAP: Final = fold("-/. 年月日,")
_GAP_CHARS: Final = 3
_NAME_CHARS: Final = 18
"""Characters between the day and the year, where the month is a name."""

_ERAS: Final = {
    "明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018,
}  # fmt: skip
_ERA_LETTERS: Final = {"m": 1867, "t": 1911, "s": 1925, "h": 1988, "r": 2018}
_BEFORE_YEAR: Final = np.zeros(1 << 16, bool)
"""Whether the year of an era may stand behind a letter: most numbers stand behind no such one."""

_BEFORE_YEAR[[ord(fold(name)[-1]) for name in (*_ERAS, *_ERA_LETTERS, " ", ".")]] = True

_MONTHS: Final = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
]


def _month_table() -> Ints:
    table = np.zeros(27**3, np.int64)
    for number, name in enumerate(_MONTHS, start=1):
        one, two, three = (ord(letter) - ord("a") for letter in name)
        table[(one * 27 + two) * 27 + three] = number
    return table


_MONTH: Final = _month_table()


def dates(chunk: Chunk) -> Spans:
    """
    Give every date of a text; its value is ``yyyymmdd``, the smaller of month and day first.

    So 11/12/1985 is one value whether its writer put the month or the day first, in the list
    and in the text.
    """
    starts, ends = chunk.digits
    if not len(starts):
        return NO_SPANS
    values = chunk.digit_values
    width = ends - starts
    parts = [_together(starts, ends, values, width)]
    if len(starts) > 1:
        linked = _linked(chunk, ends[:-1], starts[1:])
        parts.append(_named(chunk, starts, ends, values, width))
        parts.append(_first_year(chunk, starts, ends, values, width, linked))
        parts += _in_three(chunk, starts, ends, values, width, linked)
    return Spans.joined([part for part in parts if len(part)])


def _together(starts: Ints, ends: Ints, values: Ints, width: Ints) -> Spans:
    """19851112."""
    good = true_at(width == 8)
    value = values[good]
    return _spans(starts[good], ends[good], value // 10000, value // 100 % 100, value % 100)


def _in_three(
    chunk: Chunk, starts: Ints, ends: Ints, values: Ints, width: Ints, linked: Bools
) -> list[Spans]:
    """1985-11-12, 12.11.1985 and 昭和60年11月12日."""
    first = true_at(linked[:-1] & linked[1:])
    if not len(first):
        return []
    one, two, three = values[first], values[first + 1], values[first + 2]
    # 三十一日 is 031 for lack of room.
    small = (width <= 2) | ((width == 3) & (values < 100))
    narrow = small[first + 1] & (width[first] <= 4) & (width[first + 2] <= 4)
    start, end = starts[first], ends[first + 2]
    forms = []
    ymd = narrow & (width[first] == 4) & small[first + 2]
    forms.append(_spans(start[ymd], end[ymd], one[ymd], two[ymd], three[ymd]))
    dmy = narrow & small[first] & (width[first + 2] == 4)
    forms.append(_spans(start[dmy], end[dmy], three[dmy], two[dmy], one[dmy]))
    old = true_at(narrow & small[first] & small[first + 2])
    old = old[_BEFORE_YEAR[chunk.code_at(start[old] - 1) & np.uint32(0xFFFF)]]
    if len(old):
        era = _era(chunk, start[old])
        old, era = old[era > 0], era[era > 0]
        forms.append(_spans(start[old], end[old], era + one[old], two[old], three[old]))
    return forms


def _first_year(
    chunk: Chunk, starts: Ints, ends: Ints, values: Ints, width: Ints, linked: Bools
) -> Spans:
    """平成元年5月3日."""
    first = true_at((width[:-1] <= 2) & (width[1:] <= 2) & linked)
    start = starts[first]
    is_first = (chunk.code_at(start - 1) == ord(fold("年"))) & (
        chunk.code_at(start - 2) == ord(fold("元"))
    )
    first, start = first[is_first], start[is_first]
    if not len(first):
        return NO_SPANS
    era = _era(chunk, start - 2)
    good = era > 0
    first, start, era = first[good], start[good], era[good]
    return _spans(start, ends[first + 1], era + 1, values[first], values[first + 1])


def _named(chunk: Chunk, starts: Ints, ends: Ints, values: Ints, width: Ints) -> Spans:
    """12 November 1985, 12th of Nov. 1985, November 12, 1985."""
    apart = starts[1:] - ends[:-1]
    pair = true_at((width[:-1] <= 2) & (width[1:] == 4) & (apart >= 1) & (apart <= _NAME_CHARS))
    if not len(pair):
        return NO_SPANS
    between = _month_in(chunk, ends[pair], starts[pair + 1])
    in_front = _month_in(chunk, starts[pair] - 12, starts[pair])
    close = apart[pair] <= 4
    month = np.where(between > 0, between, np.where(close, in_front, 0))
    good = month > 0
    pair, month = pair[good], month[good]
    return _spans(starts[pair], ends[pair + 1], values[pair + 1], month, values[pair])


def _month_in(chunk: Chunk, start: Ints, end: Ints) -> Ints:
    """Give the last month that is named from *start* to *end*; 0 where there is none."""
    found = np.zeros(len(start), np.int64)
    begins, _ = chunk.words
    word = np.searchsorted(begins, start)
    stop = np.searchsorted(begins, end - 2)
    going = true_at(word < stop)
    while len(going):
        place = begins[word[going]]
        letters = [chunk.code_at(place + n).astype(np.int64) - ord("a") for n in range(3)]
        code = (letters[0] * 27 + letters[1]) * 27 + letters[2]
        latin = np.logical_and.reduce([(letter >= 0) & (letter < 26) for letter in letters])
        month = np.where(latin, _MONTH[np.where(latin, code, 0)], 0)
        named = month > 0
        found[going[named]] = month[named]
        word[going] += 1
        going = going[word[going] < stop[going]]
    return found


def _era(chunk: Chunk, start: Ints) -> Ints:
    """Give the year before the first of the era that is named right before *start*, or 0."""
    found = np.zeros(len(start), np.int64)
    one, two, three = (chunk.code_at(start - n) for n in (1, 2, 3))
    spaced = chunk.is_one(start - 1, " .")
    for name, year in _ERAS.items():
        first, second = map(ord, fold(name))
        named = (two == first) & (one == second) | spaced & (three == first) & (two == second)
        found = np.where(named, year, found)
    for letter, year in _ERA_LETTERS.items():
        alone = (chunk.class_at(start - 2) & WORD) == 0
        spaced = (
            (one == ord(".")) & (two == ord(letter)) & ((chunk.class_at(start - 3) & WORD) == 0)
        )
        found = np.where((one == ord(letter)) & alone | spaced, year, found)
    return found


def _linked(chunk: Chunk, end: Ints, start: Ints) -> Bools:
    apart = start - end
    near = true_at((apart >= 1) & (apart <= _GAP_CHARS))
    for step in range(_GAP_CHARS):
        outside = apart[near] <= step
        near = near[outside | chunk.is_one(end[near] + step, _GAP)]
    good = np.zeros(len(start), bool)
    good[near] = True
    return good


def _spans(start: Ints, end: Ints, year: Ints, month: Ints, day: Ints) -> Spans:
    small, large = np.minimum(month, day), np.maximum(month, day)
    good = (year >= _YEARS[0]) & (year <= _YEARS[1]) & (small >= 1) & (small <= 12) & (large <= 31)
    value = (year * 10000 + small * 100 + large)[good]
    return Spans(start[good], end[good], value.astype(np.uint64))
