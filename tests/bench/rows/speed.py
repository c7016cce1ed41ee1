"""
What one list costs: to make, to open, and to search texts with. A process for each figure's sake.

    python -m tests.bench.rows.speed build LANGUAGE ROWS FOLDER
    python -m tests.bench.rows.speed search LANGUAGE ROWS FOLDER
    python -m tests.bench.rows.speed hashes|automaton LANGUAGE ROWS FOLDER

Times are of the processor, in one thread. Each text is searched several times, and its best time
counts: on a machine that others use, the rest is theirs.
"""

import resource
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from guard.lists.paths import index_path
from tests.bench.case import Figures
from tests.bench.children import print_figures
from tests.bench.rows.innocent import innocent
from tests.bench.rows.people import block_of, cells
from tests.bench.rows.prose import prose
from tests.bench.rows.searching import build_index, found, open_index, rows

SEED: Final = 20
CLEAN_OCTETS: Final = 4_000_000
LARGE_OCTETS: Final = 100_000
LARGE_TEXTS: Final = 30
SHORT_CHARS: Final = 280
SHORT_TEXTS: Final = 200
FULL_ROWS: Final = 5_000
LEAST_FOUND: Final = 0.95
BEST_OF: Final = 5

Search = Callable[[str], int]
"""Gives the rows that are found in a text."""


def build(language: str, count: int, folder: Path) -> Figures:
    """Make the index, and say what it took beyond inventing the people."""
    for _ in islice(rows(language, SEED, count), 1):
        pass  # what is read but once
    began = time.process_time()
    for _ in rows(language, SEED, count):
        pass
    inventing = time.process_time() - began
    memory, began = peak_mib(), time.process_time()
    path, _ = build_index(folder, language, SEED, count)
    took, peak = time.process_time() - began - inventing, peak_mib()
    began = time.perf_counter()
    open_index(path)
    return {
        "build s": took,
        "build MiB": peak - memory,
        "B/row": path.stat().st_size / count,
        "open ms": (time.perf_counter() - began) * 1000,
    }


def search(language: str, count: int, folder: Path) -> Figures:
    """Search with an index that another process made."""
    texts = Texts(language, count)
    before = private_mib()
    index = open_index(index_path(folder, f"{language}{count}"))
    figures = dict(searched(lambda text: len(found(index, text)), texts, best_of=BEST_OF))
    return figures | {"private MiB": private_mib() - before}


class Texts:
    """What every one of them is asked to search."""

    def __init__(self, language: str, count: int) -> None:
        self.clean = prose(language, SEED + 1, CLEAN_OCTETS)
        people = [
            person
            for block in range(-(-min(FULL_ROWS, count) // 10_000))
            for person in block_of(language, SEED, block)
        ][: min(FULL_ROWS, count)]
        self.lines = ["\t".join(cells(person)) for person in people]
        self.full = "\n".join(self.lines)
        self.large_clean = [
            prose(language, seed, LARGE_OCTETS) for seed in range(100, 100 + LARGE_TEXTS)
        ]
        a_text = LARGE_OCTETS * len(self.lines) // len(self.full.encode())
        self.large_full = [
            "\n".join(self.lines[at : at + a_text])
            for at in np.linspace(0, len(self.lines) - a_text, LARGE_TEXTS).astype(int).tolist()
        ]
        self.short = [
            text[:SHORT_CHARS] for text in innocent(language, 9, SHORT_TEXTS, (SEED, count))
        ]


def searched(search: Search, texts: Texts, best_of: int) -> Figures:
    """Search all texts; each figure is of the best of several goes."""
    search(texts.short[0])
    clean_s, none = best(search, texts.clean, best_of)
    full_s, all_ = best(search, texts.full, best_of)
    if all_ < len(texts.lines) * LEAST_FOUND or none:
        raise RuntimeError(f"{all_} of {len(texts.lines)} rows found, {none} in clean text")
    figures = {
        "clean MB/s": CLEAN_OCTETS / 1e6 / clean_s,
        "rows MB/s": len(texts.full.encode()) / 1e6 / full_s,
        "rows/s": len(texts.lines) / full_s,
    }
    for name, several in (
        ("100 KB clean", texts.large_clean),
        ("100 KB rows", texts.large_full),
        ("280 chars", texts.short),
    ):
        times = np.array([best(search, text, best_of)[0] for text in several]) * 1000
        for percent in (50, 99):
            figures[f"{name} p{percent} ms"] = float(np.percentile(times, percent))
    return figures


def best(search: Search, text: str, times: int) -> tuple[float, int]:
    """Give the least processor time of several goes in seconds, and what was found."""
    least, number = float("inf"), 0
    for _ in range(times):
        began = time.thread_time()
        number = search(text)
        least = min(least, time.thread_time() - began)
    return least, number


def peak_mib() -> float:
    """Give the most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def private_mib() -> float:
    """Give the memory that this process shares with nobody."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def main(words: Sequence[str]) -> None:
    """Run the command line."""
    what, language, count, folder = words
    if what in ("build", "search"):
        of = {"build": build, "search": search}[what]
        print_figures(of(language, int(count), Path(folder)))
        return
    from tests.bench.rows import peers

    print_figures(peers.measured(what, language, int(count)))


if __name__ == "__main__":
    main(sys.argv[1:])
