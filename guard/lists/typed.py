"""
E-mail addresses and telephone numbers by their shape alone, each in the one reading that is likely.

For counting, where no list decides what is meant: a look-up tries every reading (`emails`,
`phones`), a count wants each once. The time grows with the text, whatever stands in it.
"""

from typing import Final

import numpy as np

from guard.lists.arrays import NO_SPANS, Bools, Ints, Spans
from guard.lists.chunk import Chunk
from guard.lists.letters import ASCII, GAP, LOCAL

_LOCAL_LETTERS: Final = 64  # RFC 5321 §4.5.3.1.1
_DOMAIN_LETTERS: Final = 255  # RFC 5321 §4.5.3.1.2
_GROUPS: Final = 6
_GAP_CHARS: Final = 2
_TRUNK_DIGITS: Final = (9, 11)
"""Digits of a number that begins with 0, as it is dialled within a country."""

_ABROAD_DIGITS: Final = (9, 15)  # ITU-T E.164 §6.2.1, with the country code
_NORTH_AMERICA: Final = (3, 3, 4)


def typed_emails(chunk: Chunk) -> Spans:
    """Give every address of ASCII letters that has a dot in its domain."""
    codes = chunk.letters.codes
    at = chunk.ats
    if not len(at):
        return NO_SPANS
    dot = codes == ord(".")
    # An = or ' may belong to what stands around an address; it is part of nobody's.
    outside = ~chunk.letters.is_a(LOCAL) | (codes == ord("=")) | (codes == ord("'"))
    start = _last(outside, at) + 1
    end = _next(~(chunk.letters.is_a(ASCII) | dot | (codes == ord("-"))), at + 1)
    end = end - ((end > at + 1) & dot[end - 1])
    dots = np.concatenate((np.zeros(1, np.int64), np.cumsum(dot)))
    good = (start < at) & (at - start <= _LOCAL_LETTERS) & (end - at <= _DOMAIN_LETTERS)
    good &= (end > at + 1) & (dots[end] > dots[np.minimum(at + 1, end)])
    return _spans(chunk, start[good], end[good])


def typed_phones(chunk: Chunk) -> Spans:
    """
    Give every number that is typed as one is: with a trunk 0, a +, or as in North America.

    Bare digits without these are no number here; neither are dates, amounts and parts of longer
    codes with hyphens.
    """
    starts, ends = chunk.digits
    count = len(starts)
    if not count:
        return NO_SPANS
    codes, widths = chunk.letters.codes, ends - starts
    linked = chunk.all_between(ends[:-1], starts[1:], GAP, most=_GAP_CHARS)
    before, behind = chunk.code_at(starts - 1), chunk.code_at(ends)
    plus = (before == ord("+")) | (
        chunk.is_one(starts - 1, "( ") & (chunk.code_at(starts - 2) == ord("+"))
    )
    # 1.2+2026…: a version.
    plus &= ((chunk.class_at(starts - 2) & ASCII) == 0) & (chunk.code_at(starts - 2) != ord("+"))
    free = _free(chunk, starts, linked)
    trunk = (codes[starts] == ord("0")) & (widths > 1) & (chunk.code_at(starts + 1) != ord("0"))
    # 0044 20 …: of one piece it may be any number with zeros in front.
    dialled = (codes[starts] == ord("0")) & chunk.is_one(starts + 1, "0") & (widths <= 5)
    # Behind the number: no further part of a code, no minutes, no decimals.
    closed = np.ones(count, bool)
    closed[:-1] = ~(linked & (starts[1:] - ends[:-1] == 1) & chunk.is_one(ends[:-1], "-."))
    closed &= behind != ord(":")
    followed, preceded = np.zeros(count, bool), np.zeros(count, bool)
    followed[:-1] = preceded[1:] = linked
    best = np.full(count, -1, np.int64)
    going = np.ones(count, bool)
    for groups in range(1, min(_GROUPS, count) + 1):
        first = np.arange(count - groups + 1)
        last = first + groups - 1
        going = going[: len(first)]
        if groups > 1:
            going = going & linked[last - 1]
        if not going.any():
            break
        digits = chunk.widths(starts[first], ends[last])
        good = trunk[first] & free[first] & (digits <= _TRUNK_DIGITS[1])
        good &= digits >= (_TRUNK_DIGITS[0] if groups > 1 else _TRUNK_DIGITS[1] - 1)
        # 01 23 45 67 89, and no further pair: that were octets.
        pairs = (digits == 10) & ~followed[last] & ~preceded[first]
        good &= (widths[last] >= 3) | (pairs & (groups == 5))
        abroad = plus[first] & (widths[last] >= 2)
        abroad |= dialled[first] & free[first] & (groups > 1) & (widths[last] >= 3)
        abroad &= (digits >= _ABROAD_DIGITS[0]) & (digits <= _ABROAD_DIGITS[1])
        good |= abroad
        if groups == len(_NORTH_AMERICA):
            good |= free[first] & _north_american(chunk, starts, widths, first)
        good &= going & closed[last]
        best[first[good]] = last[good]
    chosen = _apart(np.flatnonzero(best >= 0).tolist(), best)
    return _spans(chunk, starts[chosen], ends[best[chosen]])


def _free(chunk: Chunk, starts: Ints, linked: Bools) -> Bools:
    """Say of each run of digits whether a number may begin there: not within a code."""
    free = np.ones(len(starts), bool)
    free[1:] = ~(linked & chunk.is_one(starts[1:] - 1, "-."))
    letter = (chunk.class_at(starts - 1) & ASCII) != 0
    # TEL03-… is typed so; a letter in front of bare digits is a code.
    tel = (chunk.code_at(starts - 1) == ord("l")) | (chunk.code_at(starts - 1) == ord("x"))
    return free & (~letter | tel)


def _north_american(chunk: Chunk, starts: Ints, widths: Ints, first: Ints) -> Bools:
    """(555) 555-0123: area code and exchange begin with 2 to 9."""
    good = np.ones(len(first), bool)
    for step, width in enumerate(_NORTH_AMERICA):
        good &= widths[first + step] == width
    for step in range(2):
        good &= chunk.code_at(starts[first + step]) >= ord("2")
    return good


def _apart(first: list[int], last: Ints) -> Ints:
    """Leave out what begins within the one before."""
    kept, free = [], 0
    for run in first:
        if run >= free:
            kept.append(run)
            free = int(last[run]) + 1
    return np.array(kept, np.int64)


def _last(mask: Bools, places: Ints) -> Ints:
    """Give the last place in front of each at which *mask* holds; -1 for none."""
    held = np.concatenate((np.full(1, -1), np.where(mask, np.arange(len(mask)), -1)))
    found: Ints = np.maximum.accumulate(held)[places]
    return found


def _next(mask: Bools, places: Ints) -> Ints:
    """Give the first place from each on at which *mask* holds; the end for none."""
    held = np.flatnonzero(mask)
    held = np.concatenate((held, np.full(1, len(mask))))
    found: Ints = held[np.searchsorted(held, places)]
    return found


def _spans(chunk: Chunk, start: Ints, end: Ints) -> Spans:
    return Spans(start, end, chunk.hashes(start, end))
