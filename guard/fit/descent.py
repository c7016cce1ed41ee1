"""
Logistic regression over facts, each weight bound to the only sign that makes sense.

Accelerated projected gradient (Beck and Teboulle 2009), with steps scaled by how often a fact is
seen, and a fresh start whenever the last step led uphill (O'Donoghue and Candès 2015). A ridge
holds back weights of which the rows say little.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

STEPS: Final = 120
RIDGE: Final = 3.0
"""Pull of each weight towards nothing, in rows that say the opposite."""

_CURVATURE: Final = 0.25  # the most that the logistic function bends
_LEAST_PACE: Final = 1e-3


class Rows:
    """Facts of rows by number, row after row, and whether each row is a slip."""

    def __init__(
        self, facts: "NDArray[np.int64]", lengths: "NDArray[np.int64]", slips: "Numbers"
    ) -> None:
        import numpy as np  # a tenth of a second that only fitting needs

        self.facts, self.lengths, self.slips = facts, lengths, slips
        self.begins = np.concatenate(([0], np.cumsum(lengths)[:-1]))

    def odds(self, weights: "Numbers") -> "Numbers":
        """Give the log odds of each row; the last of *weights* is the bias."""
        import numpy as np

        found: Numbers = np.add.reduceat(weights[self.facts], self.begins) + weights[-1]
        return found


def fit(
    rows: Rows,
    start: "Numbers",
    signs: "NDArray[np.int64]",
    *,
    steps: int = STEPS,
    pull: float = RIDGE,
) -> "Numbers":
    """
    Give the weights for *rows*, the bias last; the same for the same rows.

    *signs* has one number a weight: above 0 it may not fall below nothing, below 0 not rise above.
    Each row must have a fact. *pull* is what `RIDGE` says.
    """
    import numpy as np

    count = len(signs)
    low = np.append(np.where(signs > 0, 0.0, -np.inf), -np.inf)
    high = np.append(np.where(signs < 0, 0.0, np.inf), np.inf)
    seen = np.append(np.bincount(rows.facts, minlength=count), len(rows.slips))
    ridge = np.append(np.full(count, pull), 0.0)
    scale = 1 / (_CURVATURE * seen + ridge + (seen == 0))

    def loss_of(odds: "Numbers", weights: "Numbers") -> float:
        return float(np.logaddexp(0, odds).sum() - rows.slips @ odds + ridge @ weights**2 / 2)

    here = ahead = np.clip(start, low, high)
    momentum, pace = 1.0, 1.0
    for _ in range(steps):
        odds = rows.odds(ahead)
        errors = 1 / (1 + np.exp(-np.clip(odds, -30, 30))) - rows.slips
        of_facts = np.bincount(rows.facts, np.repeat(errors, rows.lengths), count)
        slope = np.append(of_facts, errors.sum()) + ridge * ahead
        loss = loss_of(odds, ahead)
        while True:
            there = np.clip(ahead - pace * scale * slope, low, high)
            moved = there - ahead
            bound = loss + slope @ moved + (moved**2 / scale).sum() / (2 * pace)
            if pace < _LEAST_PACE or loss_of(rows.odds(there), there) <= bound + 1e-6:
                break
            pace /= 2
        if ((ahead - there) / scale) @ (there - here) > 0:
            momentum = 1.0
        following = (1 + (1 + 4 * momentum**2) ** 0.5) / 2
        ahead = there + (momentum - 1) / following * (there - here)
        here, momentum = there, following
        pace = min(1.0, pace * 1.2)
    return here
