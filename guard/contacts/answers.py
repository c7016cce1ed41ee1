"""
What senders said when they were asked about a pair, and when that settles it.

A pair is one sender's: somebody else may well confuse the two. Who said “this one” is not asked
about the same two again while the address stays in use; after long silence once more, for by then
the habit is as good as new.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from guard.model.pair_answer import PairAnswer, Said

SILENCE: Final = timedelta(days=180)
"""Without a mail to the address for so long a pair that was confirmed is asked about again."""

KEPT_FOR: Final = timedelta(days=400)
"""For so long “never ask again” is kept to."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The last answer about one pair."""

    said: Said
    at: float
    """POSIX time."""

    never_until: float = 0.0
    """POSIX time up to which the pair is not to be asked about, whatever else was said."""

    @classmethod
    def after(cls, before: "Answered | None", answer: PairAnswer) -> "Answered":
        """Give what holds of a pair once *answer* is said; what was wished is kept by “sent”."""
        at = answer.at.timestamp()
        never_until = 0.0  # any other word shows that asking was right
        if answer.said is Said.SENT:
            wished = at + KEPT_FOR.total_seconds() if answer.never_again else 0.0
            never_until = max(wished, before.never_until if before else 0.0)
        return cls(answer.said, max(at, before.at if before else at), never_until)

    def settles(self, now: float, last: float = 0.0) -> bool:
        """Say whether nobody need be asked at *now*; *last* is when the address was written to."""
        if now < self.never_until:
            return True
        silent = now - max(self.at, last)
        return self.said is Said.SENT and silent < SILENCE.total_seconds()
