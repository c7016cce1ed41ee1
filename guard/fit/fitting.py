"""
From pairs to weights.

What matters are the few clean messages that look worst. So the first fit takes clean pairs by
chance, and each further one adds those that the weights so far find most suspicious.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from guard.detect.channel import Channel
from guard.detect.evidence import sign_of
from guard.fit.descent import RIDGE, Rows, fit
from guard.fit.pairs import Pairs
from guard.model.errors import SourceError
from guard.names.likeness import UNLIKE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Places = NDArray[np.int64]
    Numbers = NDArray[np.float64]

ROUNDS: Final = 4
BY_CHANCE: Final = 10
"""Pairs of each clean message that the first fit takes."""


class Way(NamedTuple):
    """How to fit."""

    worst: int = 3
    """Pairs of each clean message that a further fit adds."""

    ridge: float = RIDGE


ONE_WAY: Final = (Way(),)
SEVERAL_WAYS: Final = (Way(), Way(worst=8), Way(ridge=30.0))
"""For weights that shall serve others: their mean leans on the whims of none of them."""

NEVER_HELD: Final = -99.0
"""Log odds of a message in which nobody resembles anybody."""

FEWEST: Final = 200
"""Clean messages, and slips, below which weights would mean nothing."""

SHARES: Final = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1)
"""Shares of held mail that the table of thresholds has."""


def weights_for(
    pairs: Pairs,
    apart: Pairs,
    about: str,
    tell: Callable[[int], None] = lambda _: None,
    ways: Sequence[Way] = ONE_WAY,
) -> Channel:
    """
    Fit on *pairs* in each of some *ways*, and take the mean.

    The table of thresholds is counted on *apart*; *tell* hears of each round.

    Raises:
        SourceError: There is too little mail.
    """
    import numpy as np

    counts = [one.slips.count(slip) for one in (pairs, apart) for slip in (0, 1)]
    if min(counts) < FEWEST:
        raise SourceError(
            "too little mail to learn from: {} messages and {} slips to fit on, {} and {} to count "
            "with; {} of each are needed".format(*counts, FEWEST)
        )
    everything = _Everything(pairs)
    signs = np.array([sign_of(fact) for fact in pairs.facts])
    found = np.mean([_fitted(everything, signs, way, tell) for way in ways], axis=0)
    weights = dict(zip(pairs.facts, map(float, found[:-1]), strict=True))
    channel = Channel(bias=float(found[-1]), weights=weights, hold_shares=(), about=about)
    return replace(channel, hold_shares=hold_shares(channel, apart))


def _fitted(
    everything: "_Everything", signs: "Places", way: Way, tell: Callable[[int], None]
) -> "Numbers":
    """Fit in one way; the bias stands last."""
    import numpy as np

    found = np.zeros(len(signs) + 1)
    found[-1] = -3.0
    odds = np.random.default_rng(7).random(len(everything.lengths))
    negatives = everything.highest(odds, BY_CHANCE, slips=False)
    for turn in range(ROUNDS):
        if turn:
            worst = everything.highest(odds, way.worst, slips=False)
            negatives = np.union1d(negatives, worst)
        rows = everything.rows(negatives, everything.made(odds))
        found = fit(rows, found, signs, pull=way.ridge)
        odds = everything.odds(found)
        tell(turn + 1)
    return found


def hold_shares(channel: Channel, pairs: Pairs) -> tuple[tuple[float, float], ...]:
    """
    Count which log odds the worst pair of what share of the clean messages exceeds.

    Pairs that are not alike do not count: no rule that asks for a likeness holds for them.
    """
    odds, _ = worst_pairs(channel, pairs, without=f"kind.{UNLIKE.kind}")
    clean = (odd for odd, slip in zip(odds, pairs.slips, strict=True) if not slip)
    worst = sorted(clean, reverse=True)
    return tuple((share, worst[int(len(worst) * share)]) for share in SHARES)


def worst_pairs(
    channel: Channel, pairs: Pairs, *, without: str = ""
) -> tuple[list[float], list[bool]]:
    """
    Give for each message the highest log odds, and whether that pair is what a slip made.

    Pairs that have the fact *without* are left out.
    """
    import numpy as np

    everything = _Everything(pairs)
    values = [*(channel.weights.get(fact, 0.0) for fact in pairs.facts), channel.bias]
    found = everything.odds(np.array(values))
    if without in pairs.facts:
        found[everything.having(pairs.facts[without])] = NEVER_HELD
    odds = np.full(len(pairs.slips), NEVER_HELD)
    right = np.zeros(len(pairs.slips), bool)
    order = np.lexsort((found, everything.messages))  # the highest of each message stands last
    odds[everything.messages[order]] = found[order]
    right[everything.messages[order]] = everything.right[order]
    return odds.tolist(), right.tolist()


class _Everything:
    """All pairs as numbers of numpy."""

    def __init__(self, pairs: Pairs) -> None:
        import numpy as np

        self.facts = np.frombuffer(pairs.coded, np.uint16)
        self.lengths = np.frombuffer(pairs.lengths, np.uint16).astype(np.int64)
        self.begins = np.concatenate(([0], np.cumsum(self.lengths)[:-1]))
        self.messages = np.frombuffer(pairs.messages, np.uint32).astype(np.int64)
        self.right = np.frombuffer(pairs.right, np.uint8).astype(bool)
        self.slips = np.frombuffer(pairs.slips, np.uint8).astype(bool)

    def odds(self, weights: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """Give the log odds of every pair, a million facts at a time."""
        import numpy as np

        found = np.empty(len(self.lengths))
        for first in range(0, len(found), 20_000):
            last = min(first + 20_000, len(found))
            begin, end = self.begins[first], self.begins[last - 1] + self.lengths[last - 1]
            sums = np.add.reduceat(weights[self.facts[begin:end]], self.begins[first:last] - begin)
            found[first:last] = sums + weights[-1]
        return found

    def having(self, fact: int) -> "NDArray[np.bool_]":
        """Say of each pair whether it has a fact."""
        import numpy as np

        found: NDArray[np.bool_] = np.logical_or.reduceat(self.facts == fact, self.begins)
        return found

    def highest(
        self, odds: "NDArray[np.float64]", count: int, *, slips: bool, right: bool = False
    ) -> "Places":
        """Give where the *count* highest pairs of each message are."""
        import numpy as np

        wanted = self.slips[self.messages] == slips
        places = np.nonzero(wanted & self.right if right else wanted)[0]
        order = places[np.lexsort((-odds[places], self.messages[places]))]
        messages = self.messages[order]
        place = np.arange(len(order))
        begins = np.append(True, messages[1:] != messages[:-1])[: len(order)]
        since = place - np.maximum.accumulate(np.where(begins, place, 0))
        return order[since < count]

    def made(self, odds: "NDArray[np.float64]") -> "Places":
        """Give of each slip the pair that it is made of; of several the likeliest."""
        return self.highest(odds, 1, slips=True, right=True)

    def rows(self, negatives: "Places", positives: "Places") -> Rows:
        """Give those pairs as rows to fit on."""
        import numpy as np

        places = np.concatenate((negatives, positives))
        facts = [self.facts[self.begins[i] : self.begins[i] + self.lengths[i]] for i in places]
        slips = np.concatenate((np.zeros(len(negatives)), np.ones(len(positives))))
        return Rows(np.concatenate(facts).astype(np.int64), self.lengths[places], slips)
