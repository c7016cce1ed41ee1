"""The weights of the look-alike channel: those that ship, or an organisation's own."""

import json
import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from importlib.resources import files
from itertools import pairwise
from math import exp, log
from pathlib import Path
from typing import Final

from guard.detect import confusion, evidence
from guard.model.errors import SourceError
from guard.names.likeness import Likeness

MOST_REMEMBERED: Final = 32_768
"""Standings and likenesses of which the weight is remembered."""

_Key = evidence.Taken | tuple[Likeness, str, int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Channel:
    """What each fact of `evidence` speaks for, in log odds of a slip."""

    bias: float
    """Before any fact is known."""

    weights: Mapping[str, float]
    """A fact that is not named weighs nothing."""

    hold_shares: tuple[tuple[float, float], ...]
    """Share of clean messages, rising, and the log odds that the worst pair of so many exceeds."""

    about: str = ""
    """Where the weights come from, for people."""

    _remembered: dict[_Key, float] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def read(cls, text: str, file: str) -> "Channel":
        """
        Read what `text` wrote.

        Raises:
            SourceError: It is something else; names *file*.
        """
        try:
            found = json.loads(text)
            channel = cls(
                bias=float(found["bias"]),
                weights={str(fact): float(weight) for fact, weight in found["weights"].items()},
                hold_shares=tuple(
                    (float(share), float(odds)) for share, odds in found["hold_shares"]
                ),
                about=str(found.get("about", "")),
            )
            numbers = (channel.bias, *channel.weights.values(), *sum(channel.hold_shares, ()))
            shares = [share for share, _ in channel.hold_shares]
            if not shares or shares != sorted(set(shares)) or shares[0] <= 0:
                raise ValueError("shares of held mail must rise from above nothing")
            if not all(map(math.isfinite, numbers)):
                raise ValueError("every number must be finite")
        except (
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            OverflowError,
            RecursionError,
        ) as error:
            raise SourceError(
                f"{file}: no weights of the look-alike channel ({error}); make them by "
                '"guard contacts fit"'
            ) from error
        return channel

    def text(self) -> str:
        """Write it as JSON, a fact a line."""
        return (
            json.dumps(
                {
                    "about": self.about,
                    "bias": round(self.bias, 3),
                    "hold_shares": [[share, round(odds, 3)] for share, odds in self.hold_shares],
                    "weights": {
                        fact: round(weight, 3)
                        for fact, weight in sorted(self.weights.items())
                        if abs(weight) >= 0.0005
                    },
                },
                indent=1,
                ensure_ascii=False,
            )
            + "\n"
        )

    @property
    def fingerprint(self) -> str:
        """Name the weights: sums by other ones say nothing about sums by these."""
        numbers = json.dumps([self.bias, *sorted(self.weights.items())])
        return blake2b(numbers.encode(), digest_size=8).hexdigest()

    def weigh(self, facts: Iterable[str], start: float = 0.0) -> float:
        """Add the weights of *facts* to *start*."""
        weights = self.weights
        for fact in facts:
            start += weights.get(fact, 0.0)
        return start

    def of_standing(self, taken: evidence.Taken) -> float:
        """Weigh a candidate's standing: of thousands of them most have taken the same steps."""
        worth = self._remembered.get(taken)
        if worth is None:
            worth = self._remember(taken, evidence.of_standing("meant", taken))
        return worth

    def of_likeness(self, alike: Likeness, acquainted: str, thread: int) -> float:
        """Weigh how two are alike."""
        key = (alike, acquainted, thread)
        worth = self._remembered.get(key)
        if worth is None:
            worth = self._remember(key, confusion.of_likeness(alike, acquainted, thread))
        return worth

    def _remember(self, key: _Key, facts: Iterable[str]) -> float:
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        worth = self._remembered[key] = self.weigh(facts)
        return worth

    def log_odds_of(self, share: float) -> float:
        """
        Give the log odds that *share* of clean mail exceeds, by `hold_shares`.

        A share of 0.003 is three messages in a thousand. Shares beyond the table take its ends.
        """
        shares = [share for share, _ in self.hold_shares]
        at = bisect_left(shares, share)
        if at in (0, len(shares)):
            return self.hold_shares[min(at, len(shares) - 1)][1]
        (low, first), (high, second) = self.hold_shares[at - 1], self.hold_shares[at]
        part = (log(share) - log(low)) / (log(high) - log(low))
        return first + part * (second - first)

    def share_above(self, log_odds: float) -> float:
        """Give the share of clean mail that exceeds *log_odds*: `log_odds_of`, turned round."""
        if log_odds >= self.hold_shares[0][1]:
            return self.hold_shares[0][0]
        for (low, first), (high, second) in pairwise(self.hold_shares):
            if first >= log_odds > second:
                part = (first - log_odds) / (first - second)
                return exp(log(low) + part * (log(high) - log(low)))
        return self.hold_shares[-1][0]


def suspicion(log_odds: float) -> float:
    """Map the sum of all weights to 0.0 to 1.0."""
    return 1 / (1 + exp(-max(-40.0, min(40.0, log_odds))))


def log_odds(suspicion: float) -> float:
    """Map it back."""
    return log(suspicion) - log(1 - suspicion) if 0 < suspicion < 1 else 40.0 * (2 * suspicion - 1)


def read_channel(path: Path | None) -> Channel:
    """
    Read a file of weights; those that ship where there is none.

    Raises:
        SourceError: It cannot be read, or is something else.
    """
    if path is None:
        return shipped()
    try:
        return Channel.read(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read ({type(error).__name__})") from error


@lru_cache(maxsize=1)
def shipped() -> Channel:
    """Give the weights that ship; they say themselves where they come from."""
    file = files("guard.detect").joinpath("lookalike.json")
    return Channel.read(file.read_text("utf-8"), file.name)
