"""One list: its index, and what was added to it since."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guard.lists.arrays import U8, U32, U64, Bools, Ints
from guard.lists.index import ListIndex


class Segments:
    """
    The parts of one list, in the order in which they came. Rows are counted through all of them.

    All have one salt, so that one fingerprint says which have a value. Safe to share.
    """

    def __init__(self, parts: Sequence[ListIndex]) -> None:
        self.parts = tuple(parts)
        sizes = [part.header.rows for part in parts]
        self.firsts: tuple[int, ...] = tuple(sum(sizes[:n]) for n in range(len(sizes)))
        """Where the rows of each part begin."""

        self.rows = sum(sizes)
        self.rows_read = sum(part.header.rows_read for part in parts)
        self.version = self.parts[-1].header.version
        """Names the state of the list."""

        header = self.parts[0].header
        self.columns, self.anchors = header.columns, header.anchors
        self.weighed = self.parts[0].weighed
        self.keys, self.hashing = self.parts[0].keys, self.parts[0].hashing
        of_parts = [part.header.lengths for part in self.parts]
        self.lengths = {
            kind: tuple(sorted({n for one in of_parts for n in one.get(kind, ())}))
            for kind in sorted({kind for one in of_parts for kind in one})
        }
        """By kind: which lengths occur."""

    @property
    def name(self) -> str:
        """The name of the list."""
        return self.parts[0].header.name

    @cached_property
    def kept(self) -> int:
        """Rows that are still those of the list."""
        return self.rows - len(self._dead)

    @cached_property
    def _dead(self) -> U32:
        return np.unique(np.concatenate([part.dead for part in self.parts]))

    def alive(self) -> Bools:
        """Say of each row whether it is still one of the list."""
        alive = np.ones(self.rows, bool)
        alive[self._dead] = False
        return alive

    def look_up(self, fingerprints: U64) -> tuple[Ints, Ints, U32]:
        """Give the places of those fingerprints that are there, the part, and what leads on."""
        found = [part.look_up(fingerprints) for part in self.parts]
        if len(found) == 1:
            which, values = found[0]
            return which, np.zeros(len(which), np.int64), values
        parts = [np.full(len(which), number) for number, (which, _) in enumerate(found)]
        return (
            np.concatenate([which for which, _ in found]),
            np.concatenate(parts),
            np.concatenate([values for _, values in found]),
        )

    def sharing(self, part: Ints, values: U32) -> Ints:
        """Say how many rows of its part each value leads to; 0 for those of too many."""
        if len(self.parts) == 1:
            return self.parts[0].sharing(values)
        counts = np.zeros(len(values), np.int64)
        for number, one in enumerate(self.parts):
            chosen = part == number
            counts[chosen] = one.sharing(values[chosen])
        return counts

    def rows_of(self, part: Ints, values: U32) -> tuple[Ints, Ints]:
        """Give which of *values* leads to which row, but for rows that others replaced."""
        if len(self.parts) == 1:
            which, row, _ = self.parts[0].rows_of(values)
            return which, row
        found = []
        for number, (one, first) in enumerate(zip(self.parts, self.firsts, strict=True)):
            chosen = np.flatnonzero(part == number)
            which, row, _ = one.rows_of(values[chosen])
            found.append((chosen[which], row + first))
        which = np.concatenate([which for which, _ in found])
        row = np.concatenate([row for _, row in found])
        kept = ~np.isin(row, self._dead)
        return which[kept], row[kept]

    def records(self, rows: Ints) -> U32:
        """Give the tags of records."""
        return self._gathered(rows, [part.records for part in self.parts])

    def bits(self, rows: Ints) -> U8:
        """Give what fields of records say, of the columns that are `weighed`."""
        return self._gathered(rows, [part.bits for part in self.parts])

    def numbers(self, rows: Ints) -> Ints:
        """Give the 1-based data rows of the source, counted on through updates."""
        found = np.zeros(len(rows), np.int64)
        for part, first, chosen in self._by_part(rows):
            found[chosen] = part.numbers(rows[chosen] - first) + part.header.counted_from
        return found

    def records_of(self, fingerprints: U64) -> U32:
        """Give the rows that values lead to."""
        _, part, values = self.look_up(fingerprints)
        return self.rows_of(part, values)[1].astype(np.uint32)

    def _gathered(self, rows: Ints, tables: Sequence[NDArray[Any]]) -> NDArray[Any]:
        if len(tables) == 1:
            return tables[0][rows]
        found = np.zeros((len(rows), tables[0].shape[1]), tables[0].dtype)
        for table, (_, first, chosen) in zip(tables, self._by_part(rows), strict=True):
            found[chosen] = table[rows[chosen] - first]
        return found

    def _by_part(self, rows: Ints) -> list[tuple[ListIndex, int, Bools]]:
        edges = (*self.firsts, self.rows)
        return [
            (part, edges[n], (rows >= edges[n]) & (rows < edges[n + 1]))
            for n, part in enumerate(self.parts)
        ]
