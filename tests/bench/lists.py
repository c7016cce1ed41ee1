"""Customer lists: making the index, and searching texts for its rows."""

import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from guard.lists.index import index_path
from tests.bench.case import Benchmark, Case, Figures, Site
from tests.bench.children import figures_of, own_rss_mib, print_figures
from tests.unit.lists import crowd

SIZES: Final = (10_000, 100_000)
LARGE: Final = 100_000
"""From here on one round is enough: making the index takes long."""

CLEAN_MAILS: Final = 4_000
ROWS: Final = 1_000
"""Rows found in one text; a search ends there."""

LANGUAGES: Final = {"Japanese": crowd.japanese, "English": crowd.western}


@asynccontextmanager
async def cases(site: Site) -> AsyncIterator[Sequence[Case]]:
    """Nothing is needed but room for the index."""
    yield [
        Case(
            name=f"{size:,} {language} rows",
            run=partial(figures_of, "lists", language, str(size), str(site.folder)),
            rounds=1_000 if size < LARGE else 1,
        )
        for language in LANGUAGES
        for size in SIZES
    ]


def measure(language: str, size: int, folder: Path) -> Figures:
    """Make the index of *size* people, and search mail without and a text full of them."""
    people = LANGUAGES[language](1, size)
    name = f"{language}{size}"
    began, memory = time.perf_counter(), own_rss_mib()
    index, _ = crowd.make_index(folder, people, name=name)
    built = time.perf_counter() - began
    clean = crowd.innocent(7, CLEAN_MAILS)
    full = "\n".join("\t".join(crowd.cells(person)) for person in people[:ROWS])
    took_clean, none = _searched(index, clean)
    took_full, all_ = _searched(index, [full])
    if all_ < ROWS * 0.95 or none > CLEAN_MAILS * 0.01:
        raise RuntimeError(f"{all_} of {ROWS} rows found, {none} in clean mail")
    return {
        "build s": built,
        "build MiB": own_rss_mib() - memory,
        "index MiB": index_path(folder, name).stat().st_size / 2**20,
        "clean MB/s": sum(map(_octets, clean)) / 1e6 / took_clean,
        "clean ms a mail": took_clean * 1000 / len(clean),
        "rows MB/s": _octets(full) / 1e6 / took_full,
        "rows/s": all_ / took_full,
    }


def _searched(index: crowd.ListIndex, texts: Sequence[str]) -> tuple[float, int]:
    """Give the seconds that a search of each text took, and the rows found."""
    began = time.perf_counter()
    found = sum(len(crowd.found(index, text)) for text in texts)
    return time.perf_counter() - began, found


def _octets(text: str) -> int:
    return len(text.encode())


BENCHMARK: Final = Benchmark(
    name="lists",
    about="customer lists of invented people, one process",
    rounds=3,
    cases=cases,
)

if __name__ == "__main__":
    print_figures(measure(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
