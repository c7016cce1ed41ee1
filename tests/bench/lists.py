"""Customer lists: making the index, and searching texts for its rows, beside others who do it."""

import importlib.util
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from tests.bench.case import Benchmark, Case, Figures, Site, say
from tests.bench.children import figures_of

SIZES: Final = (10_000, 100_000)
LARGE: Final = 100_000
"""From here on one round is enough: making the index takes long."""

LANGUAGES: Final = {"Japanese": "ja", "English": "en"}
PEERS: Final = {"regex + keyed hashes": "hashes", "pyahocorasick": "automaton"}


@asynccontextmanager
async def cases(site: Site) -> AsyncIterator[Sequence[Case]]:
    """Nothing is needed but room for the index."""
    peers = PEERS if site.peers else {}
    if "pyahocorasick" in peers and importlib.util.find_spec("ahocorasick") is None:
        say("lists: pyahocorasick is not there, and is left out")
        peers = {name: which for name, which in peers.items() if name != "pyahocorasick"}
    yield [
        Case(
            name=f"{size:,} {language} rows, {peer}",
            peer=peer,
            run=partial(_measured, which, LANGUAGES[language], size, site.folder),
            rounds=1_000 if size < LARGE else 1,
        )
        for language in LANGUAGES
        for size in site.list_rows or SIZES
        for peer, which in {"guard": "guard", **peers}.items()
    ]


async def _measured(which: str, language: str, size: int, folder: Path) -> Figures:
    words = (language, str(size), str(folder))
    if which != "guard":
        return await figures_of("rows.speed", which, *words)
    built = await figures_of("rows.speed", "build", *words)
    # Another process searches: what making the index took is not its memory.
    return {**built, **await figures_of("rows.speed", "search", *words)}


BENCHMARK: Final = Benchmark(
    name="lists",
    about="customer lists of invented people, one process; times are of the processor",
    rounds=1,
    cases=cases,
)
