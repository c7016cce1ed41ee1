"""Telephone numbers: the national digits without trunk 0, however they were typed."""

from typing import Final

import numpy as np

from guard.lists.arrays import NO_SPANS, U32, Bools, Ints, Spans, firsts, true_at
from guard.lists.chunk import Chunk
from guard.lists.codes import WRAPPED
from guard.lists.letters import GAP

SHORTEST: Final = 7
LONGEST: Final = 15  # ITU-T E.164 §6.2.1
_WITH_PREFIX: Final = LONGEST + 4
_GROUPS: Final = 6
"""Groups of digits that one number is typed in, at most."""

_GAP_CHARS: Final = 4
_BREAK_CHARS: Final = 5
"""Characters between two groups of digits, a line break and what is in front of quoted lines."""

# ITU-T E.164 country codes: of one digit, of two, and all others of three.
_TWO: Final = (
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 "
    "60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98"
)
_ZERO: Final = np.uint32(ord("0"))
_ONE: Final = np.uint32(ord("1"))
_COUNTRY: Final = np.full(100, 3, np.int64)
_COUNTRY[10:20] = _COUNTRY[70:80] = 1
_COUNTRY[[int(code) for code in _TWO.split()]] = 2


def phones(chunk: Chunk, *, whole: bool = False) -> Spans:
    """
    Give every number that a text can be read to hold: stretches of national digits.

    One stretch of digits may be read in several ways; a look-up decides. *whole*: only those that
    take all digits which stand together, as in a cell of a list.
    """
    starts, ends = chunk.digits
    if not len(starts):
        return NO_SPANS
    linked = _linked(chunk, starts, ends)
    if not whole:
        linked |= _wrapped(chunk, starts, ends, linked)
    several = _several(chunk, starts, ends, linked) if whole else linked
    parts: list[tuple[Ints, Ints]] = []
    first = last = np.arange(len(starts))
    for _ in range(_GROUPS):
        digits = chunk.widths(starts[first], ends[last])
        good = (digits >= SHORTEST) & (digits <= _WITH_PREFIX)
        if whole:
            good &= several[first] | (~_followed(linked, last) & ~_followed(linked, first - 1))
        chosen = true_at(good)
        if len(chosen):
            parts.append((starts[first[chosen]], ends[last[chosen]]))
        going = true_at(_followed(linked, last) & (digits < _WITH_PREFIX))
        first, last = first[going], last[going] + 1
        if not len(first):
            break
    if not parts:
        return NO_SPANS
    start = np.concatenate([part[0] for part in parts])
    end = np.concatenate([part[1] for part in parts])
    return _readings(chunk, start, end)


def _linked(chunk: Chunk, starts: Ints, ends: Ints) -> Bools:
    """Say of each run of digits whether the next one may belong to the same number."""
    return chunk.all_between(ends[:-1], starts[1:], GAP, most=_GAP_CHARS)


def _wrapped(chunk: Chunk, starts: Ints, ends: Ints, linked: Bools) -> Bools:
    """
    Say of each run of digits whether its number goes on in the next line.

    So it may where a line was broken, by a program that quotes it perhaps: behind a hyphen, or
    where it is as long as lines are that are broken. Numbers below each other are another matter.
    """
    found = np.zeros(len(linked), bool)
    feeds = chunk.feeds
    apart = starts[1:] - ends[:-1]
    near = true_at(~linked & (apart <= _BREAK_CHARS)) if len(feeds) else true_at(found)
    if not len(near):
        return found
    at = np.searchsorted(feeds, ends[near])
    feed = feeds[np.minimum(at, len(feeds) - 1)]
    line = np.where(at > 0, feed - feeds[np.maximum(at - 1, 0)], feed + 1)
    broken = (line > WRAPPED) | (chunk.code_at(feed - 1) == ord("-"))
    good = (feed >= ends[near]) & (feed < starts[near + 1]) & broken
    near, feed = near[good], feed[good]
    for step in range(_BREAK_CHARS):
        place = ends[near] + step
        outside = place >= starts[near + 1]
        signs = chunk.is_one(place, "->. ") | (place == feed)
        near, feed = near[outside | signs], feed[outside | signs]
    found[near] = True
    return found


def _several(chunk: Chunk, starts: Ints, ends: Ints, linked: Bools) -> Bools:
    """Say of each run whether more digits stand together with it than one number has."""
    chain: Ints = np.concatenate((np.zeros(1, np.int64), np.cumsum(~linked)))
    first = firsts(chain)
    last = np.concatenate((first[1:], np.full(1, len(starts)))) - 1
    return (chunk.widths(starts[first], ends[last]) > _WITH_PREFIX)[chain]


def _followed(linked: Bools, run: Ints) -> Bools:
    inside = (run >= 0) & (run < len(linked))
    found = np.zeros(len(run), bool)
    found[inside] = linked[run[inside]]
    return found


def _readings(chunk: Chunk, start: Ints, end: Ints) -> Spans:
    """Take trunk zeros, the way out of a country and country codes off."""
    ranks = chunk.ranks
    low, high = ranks[start], ranks[end]
    digits = chunk.squeezed_codes
    total = high - low
    zeros = _zeros(digits, low, high)
    national = low + zeros
    # Where a plus or 00 stands in front, what follows is a country code and nothing else.
    abroad = _has_plus(chunk, start) | (zeros >= 2)
    maybe = (zeros == 0) & (total > 10)
    out_of_japan = (zeros == 1) & (total >= 13) & (digits[np.minimum(low + 1, high - 1)] == _ONE)
    parts = [(true_at(~abroad), national)]
    for skipped, good in ((zeros, (abroad | maybe) & (total > 8)), (3, out_of_japan)):
        chosen = true_at(good)
        if len(chosen):
            inland = low + skipped
            inland[chosen] = _inland(digits, inland[chosen], high[chosen])
            parts.append((chosen, inland))
    which = np.concatenate([chosen for chosen, _ in parts])
    low = np.concatenate([begin[chosen] for chosen, begin in parts])
    high = high[which]
    good = true_at((high - low >= SHORTEST) & (high - low <= LONGEST))
    which = which[good]
    return Spans(start[which], end[which], chunk.squeezed.of(low[good], high[good]))


def _zeros(digits: U32, low: Ints, high: Ints) -> Ints:
    """Count zeros in front, up to four."""
    found = np.zeros(len(low), np.int64)
    going = true_at(low < high)
    for step in range(4):
        going = going[digits[low[going] + step] == _ZERO]
        found[going] += 1
        going = going[low[going] + step + 1 < high[going]]
        if not len(going):
            break
    return found


def _inland(digits: U32, low: Ints, high: Ints) -> Ints:
    """Go behind a country code, and behind the 0 that is dialled within the country only."""
    last = np.maximum(high - 1, 0)
    one, two = (digits[np.minimum(low + n, last)].astype(np.int64) - ord("0") for n in (0, 1))
    inland = np.minimum(low + _COUNTRY[np.clip(one * 10 + two, 0, 99)], high)
    return inland + _zeros(digits, inland, high)


def _has_plus(chunk: Chunk, start: Ints) -> Bools:
    before = chunk.code_at(start - 1)
    bracket = chunk.is_one(start - 1, "( ")
    return (before == ord("+")) | (bracket & (chunk.code_at(start - 2) == ord("+")))
