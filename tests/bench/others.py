"""What others notice while somebody's mail is a lot of work."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from tests.bench.case import Benchmark, Case, Figures, Site
from tests.bench.children import child
from tests.bench.large import pictures
from tests.bench.load import Load, Passage
from tests.bench.server import Server
from tests.bench.street import DIRECT, street
from tests.bench.workbooks import NewBooks

SESSIONS: Final = 2


@asynccontextmanager
async def cases(site: Site) -> AsyncIterator[Sequence[Case]]:
    """One client says NOOP while others send big pictures, or workbooks to be opened."""
    async with street(site, workbooks=True) as place:
        sink = place.servers[DIRECT]
        loads = {
            "NOOP while 10 MB mails go through": Load(
                make=pictures(place), sessions=SESSIONS, kept=True, least=4, most=12
            ),
            "NOOP while new workbooks go through": Load(
                make=NewBooks(place, 0).make, sessions=SESSIONS, kept=True, least=8, most=100
            ),
        }
        yield [
            Case(name=name, peer=peer, run=_asking(server, Passage(server, sink, load)))
            for name, load in loads.items()
            for peer, server in place.servers.items()
        ]


def _asking(server: Server, passage: Passage) -> Callable[[], Awaitable[Figures]]:
    """Give the case of a client who asks from before the mails until after them."""

    async def run() -> Figures:
        words = ("-m", "tests.bench.ping", str(server.port))
        pipe = asyncio.subprocess.PIPE
        async with child(*words, stdin=pipe, stdout=pipe) as process:
            assert process.stdout is not None
            await process.stdout.readline()
            await passage.run()
            printed, _ = await process.communicate(b"")
        figures: Figures = json.loads(printed)
        return figures

    return run


BENCHMARK: Final = Benchmark(
    name="others",
    about="how long one client waits for the answer to NOOP while two others send big mail",
    rounds=2,
    cases=cases,
)
