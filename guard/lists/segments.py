"""One list: its index, and what was added to it since."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from guard.lists.arrays import U32, U64, Bools, Ints
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

    def are_dead(self, rows: Ints) -> Bools:
        """Say which rows others took the place of."""
        return np.isin(rows, self._dead) if len(self._dead) else np.zeros(len(rows), bool)

    def records(self, rows: Ints) -> U32:
        """Give the tags of records."""
        if len(self.parts) == 1:
            return self.parts[0].records[rows]
        found = np.zeros((len(rows), self.parts[0].records.shape[1]), np.uint32)
        for part, first, chosen in self._by_part(rows):
            found[chosen] = part.records[rows[chosen] - first]
        return found

    def numbers(self, rows: Ints) -> Ints:
        """Give the 1-based data rows of the source, counted on through updates."""
        found = np.zeros(len(rows), np.int64)
        for part, first, chosen in self._by_part(rows):
            found[chosen] = part.numbers(rows[chosen] - first) + part.header.counted_from
        return found

    def records_of(self, fingerprints: U64) -> U32:
        """Give the rows that values lead to."""
        found = []
        for part, first in zip(self.parts, self.firsts, strict=True):
            _, values = part.look_up(fingerprints)
            found.append((part.rows_of(values)[1] + first).astype(np.uint32))
        return np.concatenate(found)

    def _by_part(self, rows: Ints) -> list[tuple[ListIndex, int, Bools]]:
        edges = (*self.firsts, self.rows)
        return [
            (part, edges[n], (rows >= edges[n]) & (rows < edges[n + 1]))
            for n, part in enumerate(self.parts)
        ]
