"""Texts in the order of their arrival, and those among them that look most like another text."""

from collections.abc import Sequence
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

MOST_ALIKE: Final = 8
ALIKE: Final = 0.7
"""Jaro-Winkler similarity, 0 to 1, from which a text counts."""


class Roll:
    """Texts, each with the number of whom it belongs to. It only grows."""

    __slots__ = ("_known", "numbers", "texts")

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.texts: list[str] = []
        """Beside `numbers`."""

        self._known: set[int] = set()

    def add(self, number: int, text: str) -> None:
        """Take in the text of a number; of one that has a text already nothing is taken."""
        if number not in self._known:
            self._known.add(number)
            self.numbers.append(number)
            self.texts.append(text)


class MostAlike:
    """The few of one roll that look most like one text; each is compared with it once."""

    __slots__ = ("_best", "_compared", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._compared = 0
        self._best: list[tuple[float, int]] = []
        """Similarity, as less than nothing for sorting, and place in the roll."""

    def catch_up(self, roll: Roll) -> bool:
        """Compare what *roll* has had since the last time; gives whether there was anything."""
        new = roll.texts[self._compared :]
        if not new:
            return False
        found = _extract(self._text, new)
        more = [(-score, self._compared + place) for _, score, place in found]
        self._best = sorted([*self._best, *more])[:MOST_ALIKE]
        self._compared = len(roll.texts)
        return True

    def numbers(self, roll: Roll) -> list[int]:
        """Give their numbers, the most alike first and of equals the earlier."""
        return [roll.numbers[place] for _, place in self._best]


def most_alike(text: str, texts: Sequence[str]) -> list[int]:
    """Give the places of the few of *texts* that look most like *text*, the most alike first."""
    return [place for _, _, place in _extract(text, texts)]


def _extract(text: str, texts: Sequence[str]) -> list[tuple[str, float, int]]:
    return process.extract(
        text,
        texts,
        scorer=JaroWinkler.similarity,
        processor=None,
        limit=MOST_ALIKE,
        score_cutoff=ALIKE,
    )
