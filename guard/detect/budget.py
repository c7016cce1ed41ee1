"""
From which suspicion mail is held, so that of late mail as much is held as the budget allows.

The table of the weights says what share of *some* mail exceeds which suspicion; how tame or wild
the mail of this organisation is, its own recent mail says. Both are added up, the table as if it
were `PRIOR` mails: at first it speaks alone, after some thousand mails it hardly counts.

Where more of late mail was suspicious than may be held, the least certain of what the table would
hold is told of instead: as much again as may be held, so that telling has its budget, too.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from guard.detect.channel import Channel, suspicion
from guard.detect.recent import Recent

PRIOR: Final = 2_000
"""Mails that the table of the weights counts for."""

LOOSEST: Final = 5.0
"""
Never held is what lies below the table's suspicion for so many times the budget.

Where hardly any mail is suspicious, the budget is not a debt: what is left of it stays unspent.
"""

STRICTEST: Final = 3.0
"""
Always held is what lies above the table's suspicion for so small a part of the budget.

Where much mail is suspicious, plain slips must not drown in it: there more is held than the budget.
"""

TELLING: Final = 2.0
"""Held and told together is at most so many times the budget."""

_HALVINGS: Final = 40

Bound = Literal["", "lowest", "highest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """From which suspicion to hold, and why from there."""

    log_odds: float
    tells_from: float
    """
    Log odds from which on what is not held is told of, for the table alone would hold it; where
    late mail is no more suspicious than the table has it, the same as `log_odds`.
    """

    budget: float
    """The share of mail that may be held."""

    recent: Recent
    """The mail that it was counted on."""

    bound: Bound = ""
    """Whether the budget alone would have it lower, or higher."""

    @property
    def suspicion(self) -> float:
        """The same from 0.0 to 1.0, as findings have it."""
        return suspicion(self.log_odds)

    @property
    def told(self) -> float:
        """The same of `tells_from`."""
        return suspicion(self.tells_from)


@lru_cache(maxsize=8)
def threshold(channel: Channel, recent: Recent, budget: float) -> Threshold:
    """Give the threshold that holds *budget*, a share of mail, of *recent* and the table."""
    log_odds, bound = _from(channel, recent, budget)
    more, beyond = _from(channel, recent, TELLING * budget)
    if beyond == "highest":  # so much is suspicious that telling of it would be no better
        more = log_odds
    return Threshold(
        log_odds=log_odds,
        tells_from=min(log_odds, max(channel.log_odds_of(budget), more)),
        budget=budget,
        recent=recent,
        bound=bound,
    )


def _from(channel: Channel, recent: Recent, budget: float) -> tuple[float, Bound]:
    """Give the log odds that *budget* of the mail exceeds, and which bound they stopped at."""
    if not recent.mails:
        return channel.log_odds_of(budget), ""

    def share(log_odds: float) -> float:
        held = PRIOR * channel.share_above(log_odds) + recent.above(log_odds)
        return held / (PRIOR + recent.mails)

    low, high = channel.log_odds_of(LOOSEST * budget), channel.log_odds_of(budget / STRICTEST)
    if share(low) <= budget:
        return low, "lowest"
    if share(high) > budget:
        return high, "highest"
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if share(middle) > budget else (low, middle)
    return high, ""
