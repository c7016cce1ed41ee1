"""Telephone numbers: the national digits without trunk 0, however they were typed."""

from typing import Final

import numpy as np

from guard.lists.arrays import NO_SPANS, Bools, Ints, Spans, firsts
from guard.lists.chunk import Chunk
from guard.lists.letters import GAP

SHORTEST: Final = 7
LONGEST: Final = 15  # ITU-T E.164 §6.2.1
_WITH_PREFIX: Final = LONGEST + 4
_GROUPS: Final = 6
"""Groups of digits that one number is typed in, at most."""

_GAP_CHARS: Final = 4

# ITU-T E.164 country codes: of one digit, of two, and all others of three.
_TWO: Final = (
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 "
    "60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98"
)
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
    several = _several(chunk, starts, ends, linked) if whole else linked
    parts: list[tuple[Ints, Ints]] = []
    first = np.arange(len(starts))
    going = np.ones(len(starts), bool)
    for more in range(_GROUPS):
        if more:
            first = first[: len(starts) - more]
            going = going[: len(first)] & linked[first + more - 1]
        last = first + more
        digits = chunk.widths(starts[first], ends[last])
        good = going & (digits >= SHORTEST) & (digits <= _WITH_PREFIX)
        if whole:
            good &= several[first] | (~_followed(linked, last) & ~_followed(linked, first - 1))
        chosen = np.flatnonzero(good)
        if len(chosen):
            parts.append((starts[first[chosen]], ends[last[chosen]]))
        if not going.any():
            break
    if not parts:
        return NO_SPANS
    start = np.concatenate([part[0] for part in parts])
    end = np.concatenate([part[1] for part in parts])
    return _readings(chunk, start, end)


def _linked(chunk: Chunk, starts: Ints, ends: Ints) -> Bools:
    """Say of each run of digits whether the next one may belong to the same number."""
    return chunk.all_between(ends[:-1], starts[1:], GAP, most=_GAP_CHARS)


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
    digits = chunk.squeezed_codes.astype(np.int64) - ord("0")
    total = high - low
    zeros = _zeros(digits, low, high)
    plus = _has_plus(chunk, start)
    national = low + zeros
    # Where a plus or 00 stands in front, what follows is a country code and nothing else.
    abroad = plus | (zeros >= 2)
    maybe = (zeros == 0) & (total > 10)
    out_of_japan = (zeros == 1) & (total >= 13) & (digits[np.minimum(low + 1, high - 1)] == 1)
    parts = [
        _span(chunk, start, end, national, high, ~abroad),
        _span(
            chunk, start, end, _inland(digits, national, high), high, (abroad | maybe) & (total > 8)
        ),
        _span(chunk, start, end, _inland(digits, low + 3, high), high, out_of_japan),
    ]
    return Spans.joined([part for part in parts if len(part)])


def _span(chunk: Chunk, start: Ints, end: Ints, low: Ints, high: Ints, good: Bools) -> Spans:
    width = high - low
    chosen = np.flatnonzero(good & (width >= SHORTEST) & (width <= LONGEST))
    return Spans(start[chosen], end[chosen], chunk.squeezed.of(low[chosen], high[chosen]))


def _zeros(digits: Ints, low: Ints, high: Ints) -> Ints:
    found = np.zeros(len(low), np.int64)
    going = np.ones(len(low), bool)
    for step in range(4):
        at = np.minimum(low + step, high - 1)
        going &= (digits[at] == 0) & (low + step < high)
        found += going
    return found


def _inland(digits: Ints, low: Ints, high: Ints) -> Ints:
    """Go behind a country code, and behind the 0 that is dialled within the country only."""
    last = np.maximum(high - 1, 0)
    pair = digits[np.minimum(low, last)] * 10 + digits[np.minimum(low + 1, last)]
    inland = np.minimum(low + _COUNTRY[np.clip(pair, 0, 99)], high)
    return inland + np.where(inland < high, _zeros(digits, np.minimum(inland, last), high), 0)


def _has_plus(chunk: Chunk, start: Ints) -> Bools:
    before = chunk.code_at(start - 1)
    bracket = chunk.is_one(start - 1, "( ")
    return (before == ord("+")) | (bracket & (chunk.code_at(start - 2) == ord("+")))
