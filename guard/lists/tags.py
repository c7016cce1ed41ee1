"""Tags of the fields that a text may hold, and whether one stands near a place."""

import numpy as np

from guard.lists.arrays import U32, Bools, Ints, Spans, true_at


class Tags:
    """Those tags of one kind in the text that are asked for, by tag and place."""

    def __init__(self, tags: U32, spans: Spans, asked: U32) -> None:
        # Most are nobody's: a table of a few bits each leaves little to be sorted.
        marks = np.zeros(1 << 16, bool)
        marks[asked & np.uint32(0xFFFF)] = True
        kept = true_at(marks[tags & np.uint32(0xFFFF)])
        start = spans.start[kept]
        keys = (tags[kept].astype(np.uint64) << np.uint64(32)) | start.astype(np.uint64)
        order = np.argsort(keys)
        self._keys = keys[order]
        self._start, self._end = start[order], spans.end[kept[order]]

    def near(
        self, tags: U32, window: tuple[Ints, Ints], *, beside: tuple[Ints, Ints] | None = None
    ) -> tuple[Bools, Ints, Ints]:
        """
        Say whether each of *tags* stands in its *window*, and where.

        One that overlaps the stretch it is asked *beside* does not count.
        """
        none = np.full(len(tags), -1)
        if not len(self._keys) or not len(tags):
            return np.zeros(len(tags), bool), none, none
        wide = tags.astype(np.uint64) << np.uint64(32)
        at = np.searchsorted(self._keys, wide | np.maximum(window[0], 0).astype(np.uint64))
        high = wide | window[1].astype(np.uint64)
        for _ in range(2 if beside is not None else 1):
            inside = np.minimum(at, len(self._keys) - 1)
            found = (at < len(self._keys)) & (self._keys[inside] <= high) & (tags != 0)
            if beside is None:
                break
            apart = (self._end[inside] <= beside[0]) | (self._start[inside] >= beside[1])
            at = np.where(found & ~apart, at + 1, at)
            found &= apart
        inside = np.minimum(at, len(self._keys) - 1)
        found &= at < len(self._keys)
        return (
            found,
            np.where(found, self._start[inside], -1),
            np.where(found, self._end[inside], -1),
        )
