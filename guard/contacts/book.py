"""The contacts of one sender."""

from heapq import nlargest
from typing import Final

from guard.contacts.roll import Roll
from guard.contacts.tally import Tally

MOST_WRITTEN_TO: Final = 40
"""Contacts of a sender who are kept in order of how often they are written to."""


class Book:
    """The contacts of one sender, by number."""

    __slots__ = ("_most", "locals", "names", "people", "sent", "total", "weights")

    def __init__(self) -> None:
        self.sent: dict[int, Tally] = {}
        self.weights: dict[int, float] = {}
        self.total = Tally()
        self.people = 0
        """How many contacts there are, even where `sent` has but some of them."""

        self.locals = Roll()
        """Local parts, without tags."""

        self.names = Roll()
        """Names, as `Person.folded`; of each the first that was known."""

        self._most: list[int] | None = None

    @property
    def novelty(self) -> float:
        """How many of all mails went to somebody for the first time, 0 to 1."""
        return min(1.0, self.people / self.total.count) if self.total.count else 1.0

    @property
    def most_written_to(self) -> list[int]:
        """The `MOST_WRITTEN_TO` contacts of the largest weights, the largest first."""
        if self._most is None:
            self._most = nlargest(MOST_WRITTEN_TO, self.weights, key=self.weights.__getitem__)
        return self._most

    def weigh(self, number: int, weight: float) -> None:
        """Give a contact the weight that it has by now."""
        less = weight < self.weights.get(number, 0.0)
        self.weights[number] = weight
        if self._most is None:
            return
        others = [one for one in self._most if one != number]
        # With one more mail a contact moves up, and the others keep their order. Of two that weigh
        # the same the one that was written to first stands first: `others` cannot say which.
        if less or any(self.weights[one] == weight for one in others):
            self._most = None
        else:
            self._most = nlargest(MOST_WRITTEN_TO, [*others, number], key=self.weights.__getitem__)
