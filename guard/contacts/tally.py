"""
Counts that forget: each mail is worth half as much after `HALF_LIFE_DAYS`.

Instead of letting every count decay, each mail is counted for 2^(days since `EPOCH` / half-life),
and a sum is scaled down when it is read. So counts are plain sums: two processes may add to one
row in any order.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

HALF_LIFE_DAYS: Final = 90.0
EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC).timestamp()
_PER_S: Final = 1 / (HALF_LIFE_DAYS * 86400)

# What a double can hold either way; times beyond are bad clocks.
_FARTHEST: Final = 900.0


def worth(at: float) -> float:
    """Give what a mail of the POSIX time *at* counts for in a sum."""
    return math.exp2(max(-_FARTHEST, min(_FARTHEST, (at - EPOCH) * _PER_S)))


@dataclass(slots=True)
class Tally:
    """How often something happened, and how lately."""

    count: int = 0
    weight: float = 0.0
    """Sum of `worth`; divide by the `worth` of now to read it."""

    last: float = 0.0
    """POSIX time of the latest."""

    def add(self, at: float, worth_: float, count: int = 1) -> None:
        """Count *count* more, of total worth *worth_*, the latest at *at*."""
        self.count += count
        self.weight += worth_
        self.last = max(self.last, at)

    @property
    def last_at(self) -> datetime | None:
        """`last` as a time, `None` where nothing was counted."""
        return datetime.fromtimestamp(self.last, UTC) if self.count else None
