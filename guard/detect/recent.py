"""
How suspicious mail was of late: counted by day and in steps, with no address and no content.

Of each message the highest log odds of a slip count, by those pairs only that a rule may hold for.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

STEP: Final = 0.25
"""Width of a step, in log odds."""

LOWEST: Final = -16
HIGHEST: Final = 48
"""The outermost steps, -4 and 12 in log odds: they also have all that lies beyond."""

DAYS: Final = 30
"""Days that count, whatever happened in them."""

ENOUGH: Final = 10_000
"""Mails up to which older days count as well, where fewer were sent lately."""

LONGEST_DAYS: Final = 400
"""After which a day counts for nobody any more."""


class Count(NamedTuple):
    """What was counted of one day and step."""

    day: int
    """As `date.toordinal` numbers it, in UTC."""

    step: int
    mails: int
    held: int
    """Of these mails those that a rule held, or would have, for a look-alike."""


def step_of(log_odds: float) -> int:
    """Give the step in which a sum of weights lies; of a message without any, the lowest."""
    return round(max(LOWEST, min(HIGHEST, math.floor(max(-99.0, min(99.0, log_odds)) / STEP))))


@dataclass(frozen=True, slots=True, eq=False)
class Recent:
    """The mails of late; by default none were counted."""

    mails: int = 0
    held: int = 0
    steps: tuple[tuple[int, int], ...] = ()
    """How many mails each step has."""

    def above(self, log_odds: float) -> float:
        """Give how many mails are more suspicious; within a step, as if they lay evenly."""
        place = log_odds / STEP
        return sum(mails * min(1.0, max(0.0, step + 1 - place)) for step, mails in self.steps)


@dataclass(slots=True)
class Counts:
    """Mails as they are counted."""

    _counted: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything was counted."""
        return bool(self._counted)

    def __iter__(self) -> Iterator[Count]:
        """Give all that was counted, by day and step."""
        return (Count(*key, *counted) for key, counted in sorted(self._counted.items()))

    def add(self, counts: Iterable[Count]) -> None:
        """Count more."""
        for one in counts:
            mails, held = self._counted.get((one.day, one.step), (0, 0))
            self._counted[one.day, one.step] = mails + one.mails, held + one.held


def recent(counts: Iterable[Count], today: int) -> Recent:
    """
    Add up what counts on the day *today*: `DAYS`, and older ones until there is `ENOUGH`.

    So an organisation that writes ten mails a day is judged by a year of them.
    """
    steps: dict[int, int] = {}
    mails = held = 0
    day = today
    for one in sorted(counts, reverse=True):
        enough = one.day <= today - DAYS and mails >= ENOUGH
        if one.day != day and (enough or one.day <= today - LONGEST_DAYS):
            break
        day = one.day
        mails += one.mails
        held += one.held
        steps[one.step] = steps.get(one.step, 0) + one.mails
    return Recent(mails, held, tuple(sorted(steps.items())))
