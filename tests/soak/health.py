"""Memory, handles and files of the guard, and how they grow between two starts."""

import asyncio
import itertools
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from tests.bench.children import memory_mib, tree
from tests.soak.site import Site

WARM_S: Final = 120.0
"""Seconds after a start in which memory may still grow: caches fill, modules are imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """How the guard stood at one moment."""

    at: float
    start: int
    """Which start of the process this was."""

    since_s: float
    """Seconds since that start."""

    pss_mib: float
    rss_mib: float
    handles: int
    threads: int
    processes: int
    database_mib: float
    log_mib: float
    """Of SQLite's write-ahead log."""

    jobs: int


class Watch:
    """Takes a sample every few seconds."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.samples: list[Sample] = []

    async def run(self, every_s: float) -> None:
        """Sample until cancelled; while the guard is down there is nothing to see."""
        clock = asyncio.get_running_loop().time
        start, began = 0, 0.0
        while True:
            if self._site.starts != start:
                start, began = self._site.starts, clock()
            with suppress(OSError, AssertionError):
                sample = await asyncio.to_thread(self._sample, clock(), start, clock() - began)
                if sample is not None:
                    self.samples.append(sample)
            await asyncio.sleep(every_s)

    def _sample(self, at: float, start: int, since_s: float) -> Sample | None:
        pids = list(tree(self._site.pid)) if self._site.pid else []
        if not pids:
            return None
        memory = memory_mib(pids[0])
        handles = threads = 0
        for pid in pids:
            with suppress(OSError):
                handles += len(list(Path(f"/proc/{pid}/fd").iterdir()))
                threads += len(list(Path(f"/proc/{pid}/task").iterdir()))
        return Sample(
            at=at,
            start=start,
            since_s=since_s,
            pss_mib=memory["PSS"],
            rss_mib=memory["RSS"],
            handles=handles,
            threads=threads,
            processes=len(pids),
            database_mib=_mib(self._site.folder / "guard.db"),
            log_mib=_mib(self._site.folder / "guard.db-wal"),
            jobs=self._site.waiting_jobs() if self._site.database else 0,
        )


def slope_an_hour(samples: Sequence[Sample], figure: str) -> float | None:
    """
    Give how much *figure* grows an hour while one process runs and is warm.

    The median of the slopes between all pairs of samples of one start (Theil, 1950; Sen, 1968);
    `None` where there are too few.
    """
    slopes = []
    for _, group in itertools.groupby(samples, key=lambda sample: sample.start):
        warm = [sample for sample in group if sample.since_s >= WARM_S]
        slopes += [
            (getattr(b, figure) - getattr(a, figure)) / (b.at - a.at) * 3600
            for a, b in itertools.combinations(warm, 2)
            if b.at - a.at >= 60
        ]
    return median(slopes) if len(slopes) >= 20 else None


def _mib(path: Path) -> float:
    return path.stat().st_size / 2**20 if path.exists() else 0.0
