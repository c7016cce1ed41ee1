"""Facts of very many pairs of recipient and candidate, kept small: numbers in arrays."""

from array import array
from collections.abc import Iterable, Sequence
from typing import Final

MOST_FACTS: Final = 65_535
"""Different facts that can be told apart."""


class Pairs:
    """Pairs of messages, in order. Of a slip the pair that it was made of is known."""

    def __init__(self) -> None:
        self.facts: dict[str, int] = {}
        """Number by fact."""

        self.coded = array("H")
        """Facts of all pairs, one pair after the other."""

        self.lengths = array("H")
        """How many facts each pair has."""

        self.messages = array("I")
        """Of which message each pair is."""

        self.right = array("B")
        """1 for a pair of the wrong recipient and the contact who was meant."""

        self.slips = array("B")
        """For each message whether it is a slip."""

    def add(self, pairs: Iterable[tuple[Sequence[str], bool]], *, slip: bool) -> None:
        """Add a message: for each pair of it the facts, and whether it is what a slip made."""
        message = len(self.slips)
        self.slips.append(slip)
        for facts, right in pairs:
            self.coded.extend(self._number(fact) for fact in facts)
            self.lengths.append(len(facts))
            self.messages.append(message)
            self.right.append(right)

    def extend(self, other: "Pairs") -> None:
        """Add the messages of *other* behind these."""
        numbers = [self._number(fact) for fact in other.facts]
        first = len(self.slips)
        self.coded.extend(numbers[number] for number in other.coded)
        self.lengths.extend(other.lengths)
        self.messages.extend(first + message for message in other.messages)
        self.right.extend(other.right)
        self.slips.extend(other.slips)

    def _number(self, fact: str) -> int:
        number = self.facts.get(fact)
        if number is None:
            number = self.facts[fact] = len(self.facts)
        return number
