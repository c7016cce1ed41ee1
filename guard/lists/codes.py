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
_HYPHEN: Final = np.uint32(ord("-"))
_THOUSAND: Final = 3
_GROUPS: Final = 4
"""Groups behind the first of a number with commas, at most."""

_QUOTES: Final = 4
"""Letters of what stands in front of a line that is quoted, at most."""

WRAPPED: Final = 30
"""Characters of the shortest line that a program breaks: 35 letters of Japanese are 70 columns."""

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

    @staticmethod
    def joined(parts: "Sequence[Codes]") -> "Codes":
        """Put several together."""
        if len(parts) == 1:
            return parts[0]
        return Codes(
            np.concatenate([one.start for one in parts]),
            np.concatenate([one.end for one in parts]),
            np.concatenate([one.low for one in parts]),
            np.concatenate([one.high for one in parts]),
        )

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

    Parts are held together by single signs: of ``No.C-00123`` these are 00123, C-00123 and all; and
    what a comma parts in thousands, and what a line break parts. Leading zeros of what has digits
    alone are not counted.
    """
    found = [_codes(chunk, _FAR, "-_./", LONGEST)]
    for start, end in (_thousands(chunk), _wrapped(chunk)):
        if len(start):
            found.append(chosen(chunk, start, end, chunk.digit_counts(start, end), LONGEST))
    return Codes.joined(found)


def postcodes(chunk: Chunk) -> Spans:
    """Give every stretch that could be a postal code: one token, or two with a space or hyphen."""
    return _codes(chunk, 1, " -", POSTCODE[1]).hashed(chunk)


def _thousands(chunk: Chunk) -> tuple[Ints, Ints]:
    """Give start and end of numbers like 1,234,567."""
    starts, ends = chunk.digits
    comma = true_at(starts[1:] - ends[:-1] == 1)
    comma = comma[chunk.code_at(ends[comma]) == ord(",")]
    if not len(comma):
        return comma, comma
    held = np.zeros(len(starts), bool)
    held[comma] = ends[comma + 1] - starts[comma + 1] == _THOUSAND
    first = true_at(held & (ends - starts <= _THOUSAND))
    first = first[(first == 0) | ~held[first - 1]]
    last = first.copy()
    going = np.arange(len(first))
    for _ in range(_GROUPS):
        last[going] += 1
        going = going[held[last[going]]]
    return starts[first], ends[last]


def _wrapped(chunk: Chunk) -> tuple[Ints, Ints]:
    """Give start and end of what goes on in the next line, where a program broke that is quoted."""
    feeds = chunk.feeds
    if not len(feeds):
        return feeds, feeds
    # Most lines are neither quoted nor parted by a hyphen, and looked at no further.
    which = true_at(chunk.is_one(feeds + 1, "> ") | (chunk.code_at(feeds - 1) == _HYPHEN))
    length = feeds[which] - np.where(which > 0, feeds[which - 1], -1)
    feeds = feeds[which[length > WRAPPED]]
    if not len(feeds):
        return feeds, feeds
    hyphen = chunk.code_at(feeds - 1) == _HYPHEN
    behind = feeds + 1
    for _ in range(_QUOTES):
        behind = behind + chunk.is_one(behind, "> ")
    starts, ends = chunk.tokens
    if not len(starts):
        return starts, starts
    before = np.searchsorted(ends, feeds - hyphen)
    after = np.searchsorted(starts, behind)
    good = (before < len(ends)) & (after < len(starts))
    before, after = np.minimum(before, len(ends) - 1), np.minimum(after, len(starts) - 1)
    good &= (ends[before] == feeds - hyphen) & (starts[after] == behind)
    before, after = before[good], after[good]
    # C-|10023: what is held to the first part belongs to it, too.
    front = np.maximum(before - 1, 0)
    held = (before > 0) & (starts[before] - ends[front] == 1)
    held &= chunk.is_one(ends[front], "-_./")
    start = np.concatenate((starts[before], starts[front[held]]))
    end = np.concatenate((ends[after], ends[after[held]]))
    digits = chunk.digit_counts(start, end) > 0
    return start[digits], end[digits]


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
