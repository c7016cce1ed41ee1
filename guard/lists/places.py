"""Addresses: enough of one to tell two apart, and no more."""

from functools import lru_cache
from typing import Final

import numpy as np

from guard.lists.arrays import NO_SPANS, U64, Bools, Ints, Spans, true_at
from guard.lists.chunk import Chunk
from guard.lists.hashing import Hashing
from guard.lists.letters import BLOCK

_BLOCK_CHARS: Final = 4
_BLOCK_DIGITS: Final = 4
_HOUSE_CHARS: Final = 6


def addresses(chunk: Chunk, *, whole: bool = False) -> Spans:
    """
    Give what could be town and block, or house number and street, of an address.

    千代田区丸の内1-2-3 and 丸の内一丁目2番3号: the end of the town, and up to three numbers.
    12 Oak Street and Hauptstraße 12: the number and the word beside it. The numbers of a block may
    stand in the line below the town, as on a label; not if *whole*: each line is a cell then.
    """
    starts, ends = chunk.digits
    if not len(starts):
        return NO_SPANS
    parts = [_blocks(chunk, starts, ends, " " if whole else " \n"), *_streets(chunk)]
    return Spans.joined([part for part in parts if len(part)])


def _blocks(chunk: Chunk, starts: Ints, ends: Ints, signs: str) -> Spans:
    spaced = chunk.is_one(starts - 1, signs)
    town = starts - spaced
    narrow = ends - starts <= _BLOCK_DIGITS
    first = true_at(narrow & chunk.is_cjk(town - 1) & chunk.is_cjk(town - 2))
    if not len(first):
        return NO_SPANS
    linked = np.zeros(len(starts), bool)
    linked[:-1] = chunk.all_between(ends[:-1], starts[1:], BLOCK, most=_BLOCK_CHARS) & narrow[1:]
    values = chunk.digit_values
    last = first.copy()
    numbers = [values[first]]
    going = np.ones(len(first), bool)
    for _ in range(2):
        going &= linked[last]
        last = last + going
        numbers.append(np.where(going, values[np.minimum(last, len(values) - 1)], 0))
    end = town[first]
    hashes = chunk.hashes(end - 2, end)
    value = chunk.hashing.mixed(hashes, *(number.astype(np.uint64) for number in numbers))
    return Spans(end - 2, ends[last], value)


def _streets(chunk: Chunk) -> list[Spans]:
    starts, ends = chunk.tokens
    digits, _ = chunk.digits
    # A token that begins with a digit.
    houses = chunk.digit_tokens
    houses = houses[starts[houses] == digits]
    houses = houses[ends[houses] - starts[houses] <= _HOUSE_CHARS]
    begins, stops = chunk.words
    if not len(houses) or not len(begins):
        return []
    start, end = starts[houses], ends[houses]
    behind = np.searchsorted(begins, end)
    inside = np.minimum(behind, len(begins) - 1)
    good = (behind < len(begins)) & _close(chunk, end, begins[inside])
    good &= stops[inside] - begins[inside] >= 2
    number_first = _street(chunk, start[good], end[good], begins[inside[good]], stops[inside[good]])
    before = np.searchsorted(stops, start, side="right") - 1
    inside = np.maximum(before, 0)
    good = (before >= 0) & _close(chunk, stops[inside], start)
    good &= stops[inside] - begins[inside] >= 3
    word = begins[inside[good]], stops[inside[good]]
    start, end = start[good], end[good]
    # Flat 3, 12 Oak Street: the flat is no street, but any street may be called like one.
    street = ~np.isin(chunk.hashes(*word), _units(chunk.hashing))
    start, end, word = start[street], end[street], (word[0][street], word[1][street])
    street_first = _street(chunk, start, end, word[0], word[1] - _ending(chunk, *word))
    return [number_first, street_first]


_UNITS: Final = (
    *("flat", "apt", "apartment", "unit", "suite", "ste", "room", "floor", "box", "no", "level"),
    *("wohnung", "whg", "zimmer", "etage", "stock", "haus", "top", "appartement", "appt", "bat"),
)
"""What stands in front of the number of a flat."""

_STREET: Final = "strasse"


@lru_cache(maxsize=4)
def _units(hashing: Hashing) -> U64:
    chunk = Chunk("\n".join(_UNITS), hashing)
    return chunk.hashes(*chunk.lines)


def _ending(chunk: Chunk, begin: Ints, stop: Ints) -> Ints:
    """Count the letters by which Hauptstrasse is longer than Hauptstr."""
    good = stop - begin > len(_STREET)
    for step, sign in enumerate(reversed(_STREET), start=1):
        good &= chunk.code_at(stop - step) == ord(sign)
    return good * (len(_STREET) - len("str"))


def _close(chunk: Chunk, end: Ints, start: Ints) -> Bools:
    apart = start - end
    good = (apart == 1) | (apart == 2)
    for step in range(2):
        good &= (apart <= step) | chunk.is_one(end + np.minimum(step, apart), " ,.")
    return good


def _street(chunk: Chunk, start: Ints, end: Ints, begin: Ints, stop: Ints) -> Spans:
    value = chunk.hashing.mixed(
        np.zeros(len(start), np.uint64), chunk.hashes(start, end), chunk.hashes(begin, stop)
    )
    return Spans(np.minimum(start, begin), np.maximum(end, stop), value)
