"""Customer numbers and postal codes: digits, and the letters and signs that stand among them."""

from typing import Final

import numpy as np

from guard.lists.arrays import NO_SPANS, Bools, Ints, Spans, true_at
from guard.lists.chunk import Chunk

LONGEST: Final = 40
"""Letters and digits of the longest customer number."""

POSTCODE: Final = (3, 10)
"""Letters and digits of the shortest postal code and of the longest, leading zeros included."""

_ZERO: Final = np.uint32(ord("0"))
_FAR: Final = 3
"""Tokens that may be held to one that has a digit, in front of it and behind it together."""


def ids(chunk: Chunk) -> tuple[Spans, Ints]:
    """
    Give every stretch of letters and digits, one at least, that may be a number; and its length.

    Parts are held together by single signs: of ``No.C-00123`` these are 00123, C-00123 and all.
    Leading zeros of what has digits alone are not counted.
    """
    return _codes(chunk, _FAR, "-_./", LONGEST)


def postcodes(chunk: Chunk) -> Spans:
    """Give every stretch that could be a postal code: one token, or two with a space or hyphen."""
    return _codes(chunk, 1, " -", POSTCODE[1])[0]


def _codes(chunk: Chunk, far: int, signs: str, longest: int) -> tuple[Spans, Ints]:
    starts, ends = chunk.tokens
    telling, digits = chunk.telling
    if not len(telling):
        return NO_SPANS, np.zeros(0, np.int64)

    def held(token: Ints) -> Bools:
        """Say of tokens whether one of *signs*, and nothing else, parts each from the next."""
        good = (token >= 0) & (token < len(starts) - 1)
        close = true_at(good)
        close = close[starts[token[close] + 1] - ends[token[close]] == 1]
        good[:] = False
        good[close] = chunk.is_one(ends[token[close]], signs)
        return good

    first, last = [telling], [telling]
    # Of each number of tokens in front, those that are held to this one; the same behind it.
    in_front = telling
    for before in range(far + 1):
        if before:
            in_front = in_front[held(in_front - before)]
        whole = in_front
        for behind in range(far + 1 - before):
            if behind:
                whole = whole[held(whole + behind - 1)]
            if not len(whole):
                break
            if before or behind:
                first.append(whole - before)
                last.append(whole + behind)
        if not len(in_front):
            break
    begin, stop = np.concatenate(first), np.concatenate(last)
    counted = digits[stop + 1] - digits[begin]
    return chosen(chunk, starts[begin], ends[stop], counted, longest)


def chosen(chunk: Chunk, start: Ints, end: Ints, digits: Ints, longest: int) -> tuple[Spans, Ints]:
    """
    Leave out stretches that are too long, and leading zeros of those that are *digits* alone.

    Gives the stretches with the letters and digits that count of each.
    """
    low, high = chunk.ranks[start], chunk.ranks[end]
    zero = true_at(digits == high - low)
    codes = chunk.squeezed_codes
    for _ in range(longest):
        zero = zero[low[zero] < high[zero] - 1]
        zero = zero[codes[low[zero]] == _ZERO]
        if not len(zero):
            break
        low[zero] += 1
    good = true_at((high > low) & (high - low <= longest))
    low, high = low[good], high[good]
    return Spans(start[good], end[good], chunk.squeezed.of(low, high)), high - low
