"""A stretch of text made ready: its letters, their hashes, and where numbers and words stand."""

from functools import cache, cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from guard.lists.arrays import U8, U32, U64, Bools, Ints, firsts, runs, true_at
from guard.lists.hashing import Hashing, Stream
from guard.lists.letters import ASCII, CJK, DIGIT, LETTER, WORD, Letters

MARGIN: Final = 128
"""Letters beyond the ends of a text that may be asked for."""

_LONGEST_NUMBER: Final = 8
"""Digits whose value is computed; nobody asks for that of a longer one."""

_LAST: Final = 0xFFFF
"""No character: stands for all those of other planes."""


class Chunk:
    """
    One text, or a part of one, ready for all lists under one key.

    Places are those of `letters`. What costs most is made when it is first asked for.
    """

    def __init__(self, text: str, hashing: Hashing) -> None:
        self.letters = Letters(text)
        self.hashing = hashing

    @cached_property
    def is_letter(self) -> Bools:
        """Whether each is a letter or digit: all that is hashed."""
        return self.letters.is_a(LETTER)

    @cached_property
    def ranks(self) -> Ints:
        """Letters and digits in front of each place."""
        found = np.zeros(len(self.letters) + 1, np.int64)
        np.cumsum(self.is_letter, out=found[1:])
        return found

    @cached_property
    def squeezed_codes(self) -> U32:
        """Letters and digits without what stands between them."""
        return self.letters.codes.compress(self.is_letter)

    @cached_property
    def squeezed(self) -> Stream:
        """The hashes of these."""
        return self.hashing.stream(self.squeezed_codes)

    def hashes(self, start: Ints, end: Ints) -> U64:
        """Hash stretches, squeezed."""
        return self.squeezed.of(self.ranks[start], self.ranks[end])

    def widths(self, start: Ints, end: Ints) -> Ints:
        """Count letters and digits of stretches."""
        return self.ranks[end] - self.ranks[start]

    def digit_counts(self, start: Ints, end: Ints) -> Ints:
        """Count the digits of stretches that neither begin nor end within a run of digits."""
        begins, ends = self.digits
        before = np.zeros(len(begins) + 1, np.int64)
        np.cumsum(ends - begins, out=before[1:])
        counts: Ints = before[np.searchsorted(begins, end)] - before[np.searchsorted(begins, start)]
        return counts

    def is_one(self, places: Ints, signs: str) -> Bools:
        """Whether one of a few *signs* stands at each place."""
        return _table(signs)[np.minimum(self.code_at(places), _LAST)]

    def class_at(self, places: Ints) -> U8:
        """Give the classes at places; 0 outside of the text, up to `MARGIN` letters away."""
        return self._classes[places + MARGIN]

    def code_at(self, places: Ints) -> U32:
        """Give the letters at places; 0 outside of the text, up to `MARGIN` letters away."""
        return self._codes[places + MARGIN]

    def windows(self, start: Ints, width: int) -> tuple[U8, U32]:
        """Give classes and letters of *width* places from each of *start*, a row for each."""
        view = np.lib.stride_tricks.sliding_window_view
        at = start + MARGIN
        return view(self._classes, width)[at], view(self._codes, width)[at]

    @cached_property
    def _classes(self) -> U8:
        return _padded(self.letters.classes)

    @cached_property
    def _codes(self) -> U32:
        return _padded(self.letters.codes)

    def all_between(self, start: Ints, end: Ints, classes: int, *, most: int) -> Bools:
        """Whether one to *most* letters stand between, all of *classes*."""
        apart = end - start
        near = true_at((apart >= 1) & (apart <= most))
        for step in range(most):
            outside = apart[near] <= step
            near = near[outside | ((self.class_at(start[near] + step) & classes) != 0)]
        good = np.zeros(len(start), bool)
        good[near] = True
        return good

    @cached_property
    def digits(self) -> tuple[Ints, Ints]:
        """Start and end of each run of digits."""
        return runs(self.letters.is_a(DIGIT))

    @cached_property
    def digit_values(self) -> Ints:
        """The value of each run of digits; -1 for one that is longer than any number."""
        start, end = self.digits
        width = end - start
        values = np.zeros(len(start), np.int64)
        inside = true_at(width <= _LONGEST_NUMBER)
        for step in range(_LONGEST_NUMBER):
            digit = self.letters.codes[start[inside] + step].astype(np.int64) - ord("0")
            values[inside] = values[inside] * 10 + digit
            inside = inside[width[inside] > step + 1]
            if not len(inside):
                break
        values[width > _LONGEST_NUMBER] = -1
        return values

    @cached_property
    def tokens(self) -> tuple[Ints, Ints]:
        """Start and end of each run of a–z and 0–9."""
        return runs(self.letters.is_a(ASCII))

    @cached_property
    def digit_tokens(self) -> Ints:
        """Which of `tokens` each run of digits is in."""
        return np.searchsorted(self.tokens[0], self.digits[0], side="right") - 1

    @cached_property
    def telling(self) -> tuple[Ints, Ints]:
        """Those of `tokens` that have a digit; and the digits in front of each token."""
        starts, _ = self.tokens
        begins, ends = self.digits
        token = self.digit_tokens
        before = np.zeros(len(starts) + 1, np.int64)
        counts = np.bincount(token, ends - begins, len(starts)).astype(np.int64)
        np.cumsum(counts, out=before[1:])
        return token[firsts(token)], before

    @cached_property
    def words(self) -> tuple[Ints, Ints]:
        """Start and end of each word of a script that has spaces, without digits."""
        return runs(self.letters.is_a(WORD))

    @cached_property
    def ats(self) -> Ints:
        """Where the signs of addresses of e-mail stand."""
        return true_at(self.letters.codes == ord("@"))

    @cached_property
    def feeds(self) -> Ints:
        """Where lines end."""
        return true_at(self.letters.codes == ord("\n"))

    @cached_property
    def lines(self) -> tuple[Ints, Ints]:
        """Start and end of each line, its line feed left out; an empty text has one."""
        whole = np.full(1, len(self.letters), np.int64)
        starts = np.concatenate((np.zeros(1, np.int64), self.feeds + 1))
        return starts, np.concatenate((self.feeds, whole))

    def line_of(self, places: Ints) -> Ints:
        """Give the 0-based line of each place."""
        return np.searchsorted(self.feeds, places)

    def is_cjk(self, places: Ints) -> Bools:
        """Whether a letter that is written without spaces stands at each place."""
        return (self.class_at(places) & CJK) != 0


def _padded(values: NDArray[Any]) -> NDArray[Any]:
    """Put nothing around, as `numpy.pad` does in many more steps."""
    found = np.zeros(len(values) + 2 * MARGIN, values.dtype)
    found[MARGIN : MARGIN + len(values)] = values
    return found


@cache
def _table(signs: str) -> Bools:
    """Say of each letter of the first plane whether it is one of *signs*."""
    found = np.zeros(_LAST + 1, bool)
    found[[ord(sign) for sign in signs]] = True
    return found
