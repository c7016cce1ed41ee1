"""The arrays that texts and lists are searched in, and what every search does with them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches of a text that may be values: where each starts and ends, and its hash."""

    start: Ints
    """Place of the first letter."""

    end: Ints
    """Place behind the last letter."""

    value: U64
    """`Hashing`'s linear hash: never stored, and looked up only through a fingerprint."""

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, chosen: "Ints | Bools") -> "Spans":
        return Spans(self.start[chosen], self.end[chosen], self.value[chosen])

    @staticmethod
    def joined(parts: "Sequence[Spans]") -> "Spans":
        """Put several together, in their order."""
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return NO_SPANS
        return Spans(
            np.concatenate([part.start for part in parts]),
            np.concatenate([part.end for part in parts]),
            np.concatenate([part.value for part in parts]),
        )


NO_SPANS = Spans(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint64))


def true_at(mask: Bools) -> Ints:
    """
    Give the places at which a mask of one dimension is true.

    As `numpy.flatnonzero` without its wrappers: a short text is searched by a thousand small steps.
    """
    return mask.nonzero()[0]


def runs(mask: Bools) -> tuple[Ints, Ints]:
    """Give start and end of each stretch of `True`."""
    turns = true_at(mask[1:] != mask[:-1]) + 1
    if len(mask) and mask[0]:
        turns = np.concatenate((np.zeros(1, np.int64), turns))
    if len(turns) % 2:
        turns = np.concatenate((turns, np.full(1, len(mask), np.int64)))
    return turns[::2], turns[1::2]


def firsts(groups: Ints) -> Ints:
    """Give the place of the first element of each group; *groups* are in order."""
    if not len(groups):
        return np.zeros(0, np.int64)
    return np.concatenate((np.zeros(1, np.int64), true_at(groups[1:] != groups[:-1]) + 1))
