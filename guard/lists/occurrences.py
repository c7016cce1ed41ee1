"""Values in a text that rows of a list have."""

from dataclasses import dataclass

import numpy as np

from guard.lists.arrays import U32, U64, Bools, Ints
from guard.lists.score import Floats


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Values in the text that rows have."""

    kind: Ints
    """By `guard.lists.pairs.ORDER`."""

    start: Ints
    end: Ints
    value: U64
    part: Ints
    """Which part of the list has it."""

    leads_to: U32
    """As in `ListIndex.rows_of`, of that part."""

    bits: Floats
    """What each says; of weak kinds the record of the row knows better."""

    def __getitem__(self, chosen: "Ints | Bools") -> "Occurrences":
        return Occurrences(
            self.kind[chosen], self.start[chosen], self.end[chosen],
            self.value[chosen], self.part[chosen], self.leads_to[chosen], self.bits[chosen],
        )  # fmt: skip


def distinct(found: Occurrences) -> Occurrences:
    """Leave out second readings of a place that give the same value."""
    order = np.lexsort((found.part, found.start, found.value, found.kind))
    new = np.zeros(len(order), bool)
    new[:1] = True
    for values in (found.kind, found.value, found.start, found.part):
        new[1:] |= values[order][1:] != values[order][:-1]
    return found[np.sort(order[new])]
