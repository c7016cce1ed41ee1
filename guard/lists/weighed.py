"""What is kept of the rows that a piece of text speaks for, until the whole text is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guard.lists.arrays import U64, Bools, Ints
from guard.lists.kinds import Kind
from guard.lists.pairs import ORDER, Pairs
from guard.lists.score import Floats

_ALONE = (ORDER.index(Kind.EMAIL), ORDER.index(Kind.ID))
"""Kinds that are counted also where nothing else of the row stands there."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """
    Rows, each at a place that speaks for it; see `Pairs`.

    A text of nothing but rows has several of each, so they are kept as small as they can be.
    """

    row: Ints
    at: Ints
    """The place in the whole text."""

    kind: NDArray[np.int8]
    groups: NDArray[np.int8]
    fields: NDArray[np.int16]
    value: U64
    score: Floats
    others: Floats

    @classmethod
    def of(cls, pairs: Pairs, at: Ints) -> "Weighed":
        """Keep what may count of *pairs* at places of the whole text."""
        kept = (pairs.groups > 1) | np.isin(pairs.kind, _ALONE)
        return cls(
            pairs.row[kept], at[kept], pairs.kind[kept].astype(np.int8),
            pairs.groups[kept].astype(np.int8), pairs.fields[kept].astype(np.int16),
            pairs.value[kept], pairs.score[kept], pairs.others[kept],
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, chosen: Bools) -> "Weighed":
        return Weighed(*(each[chosen] for each in self._arrays))

    @classmethod
    def joined(cls, parts: "Sequence[Weighed]") -> "Weighed":
        """Put those of all pieces together, in their order."""
        if len(parts) == 1:
            return parts[0]
        arrays = zip(*(part._arrays for part in parts), strict=True)
        return cls(*(np.concatenate(each) for each in arrays))

    @property
    def _arrays(self) -> tuple[NDArray[Any], ...]:
        return (
            self.row, self.at, self.kind, self.groups,
            self.fields, self.value, self.score, self.others,
        )  # fmt: skip
