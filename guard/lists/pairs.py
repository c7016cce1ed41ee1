"""Rows of a list, each at a place in a text that speaks for it, and what it says."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from guard.lists.arrays import U64, Bools, Ints
from guard.lists.kinds import Kind
from guard.lists.score import LADDER, POSSIBLE, Floats

# What is independent of each other: of those in one group, the best counts.
GROUPS: Final = {
    Kind.EMAIL: 0, Kind.PHONE: 1, Kind.ID: 2, Kind.NAME: 3, Kind.KANA: 3, Kind.COMPANY: 4,
    Kind.POSTCODE: 5, Kind.ADDRESS: 5, Kind.BIRTHDAY: 6, Kind.LAST: 3, Kind.FIRST: 3,
}  # fmt: skip
ORDER: Final = tuple(str(kind) for kind in GROUPS)
"""Kinds in the order in which they are told."""

_PERSONAL: Final = sum(
    1 << list(GROUPS).index(kind)
    for kind in (Kind.EMAIL, Kind.ID, Kind.NAME, Kind.KANA, Kind.BIRTHDAY)
)
"""Kinds that tell the people of one company apart."""

_PARTS: Final = sum(1 << list(GROUPS).index(kind) for kind in (Kind.LAST, Kind.FIRST))

DOUBTED: Final = (LADDER[0] + POSSIBLE) / 2
"""Score of a row that is possible and no more."""

TIED: Final = 2
"""Rows that one value may speak for alike; of more, nobody can say which it is."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Rows, each at a place that speaks for it."""

    row: Ints
    kind: Ints
    start: Ints
    end: Ints
    value: U64
    score: Floats
    fields: Ints
    """A bit for each kind that agrees, by `ORDER`."""

    groups: Ints
    """How many of these are independent."""

    others: Floats
    """What all but the value that was looked up say together, in bits."""

    name: tuple[Ints, Ints]
    """Start and end of the name, or −1."""

    beside: Bools
    """Whether the name stands on the line of the value that was looked up."""

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, chosen: "Ints | Bools") -> "Pairs":
        return Pairs(
            self.row[chosen], self.kind[chosen], self.start[chosen], self.end[chosen],
            self.value[chosen], self.score[chosen], self.fields[chosen], self.groups[chosen],
            self.others[chosen], (self.name[0][chosen], self.name[1][chosen]),
            self.beside[chosen],
        )  # fmt: skip

    @staticmethod
    def joined(one: "Pairs", other: "Pairs") -> "Pairs":
        """Put two together."""
        join = np.concatenate
        return Pairs(
            join((one.row, other.row)), join((one.kind, other.kind)),
            join((one.start, other.start)), join((one.end, other.end)),
            join((one.value, other.value)), join((one.score, other.score)),
            join((one.fields, other.fields)), join((one.groups, other.groups)),
            join((one.others, other.others)),
            (join((one.name[0], other.name[0])), join((one.name[1], other.name[1]))),
            join((one.beside, other.beside)),
        )  # fmt: skip


def doubted(pairs: Pairs, feeds: Ints) -> Pairs:
    """
    Leave only possible what a name of another line confirms, where the own line names another row.

    Of 「山田 (佐藤の電話) ⏎ 佐藤 (山田の電話)」 nobody can say whose a number
    is. So it is where a name of another row stands between the two, or both rows are in each
    other's place; a record that was broken across lines has a neighbour's name on its line, too,
    but nothing in between. *feeds* are the places where lines end.
    """
    at, start = pairs.name[0], pairs.start
    line, other = np.searchsorted(feeds, start), np.searchsorted(feeds, at)
    away = (at >= 0) & (line != other)
    if not away.any():
        return pairs
    names = np.unique(at[at >= 0])
    edges = np.concatenate((np.full(1, -1), feeds, np.full(1, np.iinfo(np.int64).max)))
    named = _any(names, edges[line] + 1, edges[line + 1])
    between = named & _any(names, np.minimum(start, at + 1), np.maximum(start, at))
    lines = len(feeds) + 1
    swapped = np.isin(other * lines + line, (line * lines + other)[away])
    doubt = away & (between | swapped)
    return replace(
        pairs,
        score=np.where(doubt, np.minimum(pairs.score, DOUBTED), pairs.score),
        others=np.where(doubt, 0.0, pairs.others),
    )


def _any(places: Ints, low: Ints, high: Ints) -> Bools:
    """Say whether any of *places*, in order, is from *low* on and before *high*."""
    return np.searchsorted(places, high) > np.searchsorted(places, low)


def untied(pairs: Pairs) -> Pairs:
    """
    Leave out rows between which a place does not choose.

    The telephone and address of a shared desk name no one of its people. Where one of them is
    named, it is that one, and rather on the same line than on others; where nobody is, up to two
    may be meant. A surname alone names up to two, where nobody is named whole.
    """
    place = pairs.start * len(ORDER) + pairs.kind
    several = pairs.groups > 1
    named = several & ((pairs.fields & _PERSONAL) != 0)
    places, at, counts = np.unique(place[several], return_inverse=True, return_counts=True)
    with_name = np.zeros(len(places), bool)
    with_name[at[named[several]]] = True
    beside = np.zeros(len(places), bool)
    beside[at[(named & pairs.beside)[several]]] = True
    named[several] &= ~beside[at] | pairs.beside[several]
    part = several & ((pairs.fields & _PARTS) != 0)
    alike = np.bincount(at, part[several], len(places))
    kept = np.ones(len(pairs), bool)
    kept[several] = named[several] | (
        ~with_name[at]
        & np.where(alike[at] > 0, part[several] & (alike[at] <= TIED), counts[at] <= TIED)
    )
    return pairs[kept]
