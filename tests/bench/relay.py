"""Small mail through a guard that checks everything, and through others that do not."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from typing import Final

from tests.bench.case import Benchmark, Case, Figures, Site
from tests.bench.load import SERIES, SESSIONS, Load, held, numbered
from tests.bench.server import Server
from tests.bench.source import send_all
from tests.bench.street import GUARD, LOOKALIKE, MEANT, small, street

HELD: Final = 40
MOST: Final = 2_000


@asynccontextmanager
async def cases(site: Site) -> AsyncIterator[Sequence[Case]]:
    """Small mail that passes, and mail that is held."""
    async with street(site) as place:
        letters = [small(*recipient) for recipient in place.recipients]
        series = count(0, SERIES)

        def load(sessions: int, *, kept: bool) -> Load:
            make = partial(numbered, letters, next(series))
            return Load(make=make, sessions=sessions, kept=kept, least=100, most=MOST)

        yield [
            *place.cases(
                {
                    "4 KB, one at a time": load(1, kept=True),
                    "4 KB, 20 connections kept": load(SESSIONS, kept=True),
                    "4 KB, 20 at once, each on a new connection": load(SESSIONS, kept=False),
                }
            ),
            Case(
                name="4 KB held, 20 connections kept",
                run=_holding(place.servers[GUARD]),
            ),
        ]


def _holding(guard: Server) -> Callable[[], Awaitable[Figures]]:
    """Give the case of mail that is kept; `holds` measures until its sender is asked."""
    batch = [small(MEANT[0], LOOKALIKE)] * HELD

    async def run() -> Figures:
        before = guard.cpu_s()
        took = await send_all(guard.port, batch, sessions=SESSIONS, kept=True, expect=held)
        spent = guard.cpu_s() - before
        return {
            "msg/s": len(batch) / (took.ended - took.began),
            **took.latency,
            "CPU s/1,000": spent * 1000 / len(batch),
        }

    return run


BENCHMARK: Final = Benchmark(
    name="relay",
    about="small mail over loopback without TLS; the load comes from the same machine",
    rounds=5,
    cases=cases,
)
