"""Customer numbers and postal codes: digits, and the letters and signs that stand among them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from guard.lists.arrays import Bools, Ints, Spans, true_at
from guard.lists.chunk import Chunk

LONGEST: Final = 40
"""Letters and digits of the longest customer number."""

POSTCODE: Final = (3, 10)
"""Letters and digits of the shortest postal code and of the longest, leading zeros included."""

_ZERO: Final = np.uint32(ord("0"))
_FAR: Final = 3
"""Tokens that may be held to one that has a digit, in front of it and behind it together."""


@dataclass(frozen=True, slots=True)
class Codes:
    """Stretches that may be numbers, not hashed yet: most are as long as none of a list is."""

    start: Ints
    end: Ints
    low: Ints
    """Its first letter or digit that counts, by `Chunk.ranks`."""

    high: Ints

    def __len__(self) -> int:
        return len(self.start)

    @property
    def width(self) -> Ints:
        """Letters and digits that count of each."""
        return self.high - self.low

    def hashed(self, chunk: Chunk) -> Spans:
        """Hash all."""
        return Spans(self.start, self.end, chunk.squeezed.of(self.low, self.high))

    def of_lengths(self, chunk: Chunk, lengths: Sequence[int]) -> Spans:
        """Hash those of some lengths."""
        usual = np.zeros(LONGEST + 1, bool)
        usual[[length for length in lengths if length <= LONGEST]] = True
        kept = true_at(usual[self.width])
        low, high = self.low[kept], self.high[kept]
        return Spans(self.start[kept], self.end[kept], chunk.squeezed.of(low, high))


def ids(chunk: Chunk) -> Codes:
    """
    Give every stretch of letters and digits, one at least, that may be a number.

    Parts are held together by single signs: of ``No.C-00123`` these are 00123, C-00123 and all.
    Leading zeros of what has digits alone are not counted.
    """
    return _codes(chunk, _FAR, "-_./", LONGEST)


def postcodes(chunk: Chunk) -> Spans:
    """Give every stretch that could be a postal code: one token, or two with a space or hyphen."""
    return _codes(chunk, 1, " -", POSTCODE[1]).hashed(chunk)


def _codes(chunk: Chunk, far: int, signs: str, longest: int) -> Codes:
    starts, ends = chunk.tokens
    telling, digits = chunk.telling
    if not len(telling):
        return Codes(telling, telling, telling, telling)

    def held(token: Ints) -> Bools:
        """Say of tokens whether one of *signs*, and nothing else, parts each from the next."""
        good = (token >= 0) & (token < len(starts) - 1)
        close = true_at(good)
        close = close[starts[token[close] + 1] - ends[token[close]] == 1]
        good[:] = False
        good[close] = chunk.is_one(ends[token[close]], signs)
        return good

    has_digit = np.diff(digits) > 0
    first, last = [telling], [telling]
    # Of each number of tokens in front, those that are held to this one; the same behind it, but
    # for those with a digit, from which the same stretch will be reached.
    in_front = telling
    for before in range(far + 1):
        if before:
            in_front = in_front[held(in_front - before)]
        whole = in_front
        for behind in range(far + 1 - before):
            if behind:
                whole = whole[held(whole + behind - 1)]
                whole = whole[~has_digit[whole + behind]]
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


def chosen(chunk: Chunk, start: Ints, end: Ints, digits: Ints, longest: int) -> Codes:
    """Leave out stretches that are too long, and leading zeros of those that are *digits* alone."""
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
    return Codes(start[good], end[good], low[good], high[good])
