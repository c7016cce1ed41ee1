"""
Numbers that carry a check digit: the Japanese individual number ("my number") and payment cards.

A check digit is right by chance in one of ten or eleven numbers, so it alone says little: parcels,
invoices and goods have long numbers too. A number counts where a word beside it says what it is, or
where most numbers of that shape in the text are right, which chance does not do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from guard.lists.arrays import Bools, Ints, Spans
from guard.lists.chunk import Chunk
from guard.lists.fold import fold
from guard.lists.letters import ASCII

NumberKind = Literal["my_number", "card"]

SEVERAL: Final = 3
"""Numbers from which they may count without a word beside them."""

_MY_DIGITS: Final = 12  # Act on the Use of Numbers, order for its enforcement, §8
_MY_WEIGHTS: Final = np.array([6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2], np.int64)
"""Q of order 85 of 2014 (Ministry of Internal Affairs), §5, for the first eleven digits."""

_CARD_DIGITS: Final = range(13, 20)  # ISO/IEC 7812-1, the lengths that are in use
_CARD_GROUPS: Final = ((4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3))
"""As cards are embossed; 16, 15, 14 and 19 digits."""

_ISSUERS: Final = (
    # first and last of the leading four digits, digits of the whole number
    (4000, 4999, (13, 16, 19)),  # Visa
    (5100, 5599, (16,)),  # Mastercard
    (2221, 2720, (16,)),  # Mastercard
    (3400, 3499, (15,)),  # American Express
    (3700, 3799, (15,)),  # American Express
    (3528, 3589, (16, 17, 18, 19)),  # JCB
    (3000, 3059, (14, 16, 19)),  # Diners Club
    (3095, 3095, (14, 16, 19)),  # Diners Club
    (3600, 3699, (14, 16, 19)),  # Diners Club
    (3800, 3999, (14, 16, 19)),  # Diners Club
    (6011, 6011, (16, 19)),  # Discover
    (6440, 6599, (16, 19)),  # Discover
    (6200, 6299, (16, 17, 18, 19)),  # UnionPay
)

_WORDS: Final = {
    "my_number": tuple(map(fold, ("個人番号", "マイナンバー", "my number", "individual number"))),
    "card": tuple(
        map(
            fold,
            (
                "カード",
                "クレジット",
                "card",
                "credit",
                "visa",
                "master",
                "jcb",
                "amex",
                "cvv",
                "cvc",
            ),
        )
    ),
}
_IN_FRONT: Final = 100
"""Letters in front of a number within which a word speaks of it, as in a form."""

_BEHIND: Final = 30


@dataclass(frozen=True, slots=True)
class Checked:
    """Numbers of one kind and shape in one chunk."""

    kind: NumberKind
    spans: Spans
    right: Bools
    """Whether the check digit, and of a card the issuer, is right."""

    named: Bools
    """Whether a word beside it says what it is."""

    grouped: bool
    """Typed in the groups of a card, which hardly anything else has."""


def checked(chunk: Chunk) -> Iterator[Checked]:
    """Give all that has the shape of such a number, right or not."""
    starts, ends = chunk.digits
    if not len(starts):
        return
    runs = _Runs(chunk)
    words = {kind: _words(chunk, kind) for kind in ("my_number", "card")}
    for kind, digits, groups in _shapes(int(runs.widths.max())):
        first = runs.like(groups)
        if len(first):
            start, end = starts[first], ends[first + len(groups) - 1]
            values = _digits(chunk, start, digits)
            right = _is_my_number(values) if kind == "my_number" else _is_card(values)
            spans = Spans(start, end, chunk.hashes(start, end))
            yield Checked(
                kind,
                spans,
                right,
                _near(words[kind], start, end),
                grouped=kind == "card" and len(groups) > 1,
            )


def _shapes(widest: int) -> Iterator[tuple[NumberKind, int, tuple[int, ...]]]:
    yield "my_number", _MY_DIGITS, (4, 4, 4)
    for groups in _CARD_GROUPS:
        yield "card", sum(groups), groups
    if widest >= _MY_DIGITS:
        yield "my_number", _MY_DIGITS, (_MY_DIGITS,)
        for digits in _CARD_DIGITS:
            yield "card", digits, (digits,)


class _Runs:
    """The runs of digits of a chunk, and which stand together."""

    def __init__(self, chunk: Chunk) -> None:
        starts, ends = chunk.digits
        self.widths = ends - starts
        between = (starts[1:] - ends[:-1] == 1) & chunk.is_one(ends[:-1], " -")
        self.sign = np.where(between, chunk.code_at(ends[:-1]), 0)
        """What parts each run from the next; 0: more than that, or something else."""

        # Part of a word, a decimal or a longer code.
        inside = (chunk.class_at(starts - 1) & ASCII) != 0
        inside |= chunk.is_one(starts - 1, "._") | ((chunk.class_at(ends) & ASCII) != 0)
        inside |= chunk.is_one(ends, "_")
        inside |= chunk.is_one(ends, ".") & ((chunk.class_at(ends + 1) & ASCII) != 0)
        self.bare = ~inside

    def like(self, groups: Sequence[int]) -> Ints:
        """Give the first runs of what is typed in these groups, with one and the same sign."""
        count = len(self.widths) - len(groups) + 1
        if count <= 0:
            return np.zeros(0, np.int64)
        first = np.flatnonzero(self.widths[:count] == groups[0])
        for step, width in enumerate(groups[1:], start=1):
            first = first[self.widths[first + step] == width]
            sign = self.sign[first + step - 1]
            first = first[(sign != 0) & (sign == self.sign[first])]
        last = first + len(groups) - 1
        good = self.bare[first] & self.bare[last]
        good &= ~self._goes_on(first - 1, first - 1, groups) & ~self._goes_on(
            last, last + 1, groups
        )
        return first[good]

    def _goes_on(self, sign: Ints, other: Ints, groups: Sequence[int]) -> Bools:
        """Whether more of the same stands beside it: then it is another, longer number."""
        inside = (sign >= 0) & (sign < len(self.sign))
        found = np.zeros(len(sign), bool)
        signs, widths = self.sign[sign[inside]], self.widths[other[inside]]
        alike = (widths == groups[0]) & (len(groups) > 1)
        found[inside] = (signs == ord("-")) | ((signs == ord(" ")) & alike)
        return found


def _digits(chunk: Chunk, start: Ints, digits: int) -> Ints:
    places = chunk.ranks[start][:, None] + np.arange(digits)
    found: Ints = chunk.squeezed_codes[places].astype(np.int64) - ord("0")
    return found


def _is_my_number(digits: Ints) -> Bools:
    rest = (digits[:, :11] * _MY_WEIGHTS).sum(axis=1) % 11
    check = np.where(rest <= 1, 0, 11 - rest)
    return (check == digits[:, 11]) & (digits != digits[:, :1]).any(axis=1)


def _is_card(digits: Ints) -> Bools:
    """Luhn (ISO/IEC 7812-1, annex B), and an issuer that has numbers of this length."""
    count = digits.shape[1]
    doubled = digits * 2
    doubled = doubled - 9 * (doubled > 9)
    every_second = np.arange(count) % 2 == count % 2
    good = np.where(every_second, doubled, digits).sum(axis=1) % 10 == 0
    head = digits[:, :4] @ np.array([1000, 100, 10, 1], np.int64)
    issued = np.zeros(len(digits), bool)
    for low, high, lengths in _ISSUERS:
        if count in lengths:
            issued |= (head >= low) & (head <= high)
    found: Bools = good & issued
    return found


def _words(chunk: Chunk, kind: str) -> Ints:
    """Give the places of words that say what a number beside them is."""
    text = chunk.letters.text(0, len(chunk.letters))
    places: list[int] = []
    for word in _WORDS[kind]:
        at = text.find(word)
        while at >= 0:
            places.append(at)
            at = text.find(word, at + len(word))
    return np.array(sorted(places), np.int64)


def _near(words: Ints, start: Ints, end: Ints) -> Bools:
    if not len(words):
        return np.zeros(len(start), bool)
    before = np.searchsorted(words, start) - 1
    near = (before >= 0) & (start - words[np.maximum(before, 0)] <= _IN_FRONT)
    behind = np.searchsorted(words, end)
    inside = np.minimum(behind, len(words) - 1)
    return near | ((behind < len(words)) & (words[inside] - end <= _BEHIND))
