"""Customer numbers and postal codes: digits, and the letters and signs that stand among them."""

from typing import Final

import numpy as np

from guard.lists.arrays import Bools, Ints, Spans, firsts
from guard.lists.chunk import Chunk

LONGEST: Final = 40
"""Letters and digits of the longest customer number."""

POSTCODE: Final = (3, 10)
"""Letters and digits of the shortest postal code and of the longest, leading zeros included."""

# How many tokens more in front of one that has a digit, and behind it.
_REACH: Final = ((0, 0), (0, 1), (1, 0), (0, 2), (1, 1), (2, 0), (0, 3), (1, 2), (2, 1), (3, 0))


_FAR: Final = 3


def ids(chunk: Chunk) -> tuple[Spans, Ints]:
    """
    Give every stretch of letters and digits, one at least, that may be a number; and its length.

    Parts are held together by single signs: of ``No.C-00123`` these are 00123, C-00123 and all.
    Leading zeros of what has digits alone are not counted.
    """
    return _codes(chunk, _REACH, "-_./", LONGEST)


def postcodes(chunk: Chunk) -> Spans:
    """Give every stretch that could be a postal code: one token, or two with a space or hyphen."""
    return _codes(chunk, _REACH[:3], " -", POSTCODE[1])[0]


def _codes(
    chunk: Chunk, reaches: tuple[tuple[int, int], ...], signs: str, longest: int
) -> tuple[Spans, Ints]:
    starts, ends = chunk.tokens
    telling = _with_digit(chunk, starts)
    parts: list[Spans] = []
    widths: list[Ints] = []
    holds = _held(chunk, ends, starts, telling, signs)
    for before, behind in reaches if len(telling) else ():
        first, last = telling - before, telling + behind
        good = (first >= 0) & (last < len(starts))
        first, last = first[good], last[good]
        for step in range(before + behind):
            going = holds[first + step]
            first, last = first[going], last[going]
        if len(first):
            found, width = chosen(chunk, starts[first], ends[last], longest)
            parts.append(found)
            widths.append(width)
    return Spans.joined(parts), np.concatenate(widths) if widths else np.zeros(0, np.int64)


def chosen(chunk: Chunk, start: Ints, end: Ints, longest: int) -> tuple[Spans, Ints]:
    """
    Leave out stretches that are too long, and leading zeros of mere digits.

    Gives the stretches with the letters and digits that count of each.
    """
    low, high = chunk.ranks[start], chunk.ranks[end]
    count = chunk.digit_ranks
    mere = count[high] - count[low] == high - low
    if mere.any():
        codes = chunk.squeezed_codes
        for _ in range(longest):
            zero = mere & (low < high - 1) & (codes[np.minimum(low, high - 1)] == ord("0"))
            if not zero.any():
                break
            low = low + zero
    good = np.flatnonzero((high > low) & (high - low <= longest))
    low, high = low[good], high[good]
    return Spans(start[good], end[good], chunk.squeezed.of(low, high)), high - low


def _with_digit(chunk: Chunk, starts: Ints) -> Ints:
    """Give the tokens that have a digit."""
    digits, _ = chunk.digits
    found = np.searchsorted(starts, digits, side="right") - 1
    return found[firsts(found)]


def _held(chunk: Chunk, ends: Ints, starts: Ints, telling: Ints, signs: str) -> Bools:
    """
    Say of each token whether one of *signs*, and nothing else, parts it from the next.

    Asked only around those that are *telling*.
    """
    asked = np.zeros(len(starts) + 2 * _FAR, bool)
    for step in range(-_FAR, _FAR):
        asked[telling + (_FAR + step)] = True
    near = np.flatnonzero(asked[_FAR : _FAR + len(starts) - 1])
    near = near[starts[near + 1] - ends[near] == 1]
    near = near[chunk.is_one(ends[near], signs)]
    held = np.zeros(len(starts), bool)
    held[near] = True
    return held
