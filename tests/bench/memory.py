"""Memory of a process tree: when nothing happens, and with 20 mails of 10 MB on their way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from tests.bench.case import Benchmark, Case, Figures, Site
from tests.bench.large import pictures
from tests.bench.load import passed
from tests.bench.server import Server
from tests.bench.source import Client, Mail, UnexpectedReplyError
from tests.bench.street import DIRECT, street

SENDERS: Final = 20
LAST: Final = 1_000
"""Octets that a slow sender still has when all the others have come as far."""

ESTABLISHED: Final = "01"
WATCH_S: Final = 0.05
TAKEN_IN_S: Final = 20.0
"""How long a server may take to read what was sent: one that does not wants to save memory."""


@asynccontextmanager
async def cases(site: Site) -> AsyncIterator[Sequence[Case]]:
    """Look at each while nothing has happened yet, and then under way."""
    async with street(site) as place:
        make = pictures(place)
        yield [
            Case(name="20 mails of 10 MB", peer=peer, run=_holding_back(server, make))
            for peer, server in place.servers.items()
            if peer != DIRECT
        ]


def _holding_back(
    server: Server, make: Callable[[int, int], Sequence[Mail]]
) -> Callable[[], Awaitable[Figures]]:
    """Give the case of slow senders, who are all in DATA before the first of them ends."""
    idle_mib = server.pss_mib()

    async def run() -> Figures:
        clients = [await Client.connect(server.port) for _ in range(SENDERS)]
        senders = list(zip(clients, make(0, SENDERS), strict=True))
        try:
            for client, mail in senders:
                await client.begin(mail, keep_back=LAST)
            await _taken_in(server.port, clients)
            waiting_mib = server.pss_mib()
            ending = asyncio.gather(*(client.end(mail, kept_back=LAST) for client, mail in senders))
            highest_mib = await _highest(server, ending)
            if not all(map(passed, await ending)):
                raise UnexpectedReplyError("not every mail went through")
        finally:
            for client in clients:
                client.hang_up()
        return {
            "idle MiB": idle_mib,
            "in DATA MiB": waiting_mib,
            "highest MiB": max(waiting_mib, highest_mib),
            "more than idle MiB": max(waiting_mib, highest_mib) - idle_mib,
        }

    return run


async def _taken_in(port: int, clients: Sequence[Client]) -> None:
    """Wait until the server has read what was sent to it, or does not read on."""
    with suppress(TimeoutError):
        async with asyncio.timeout(TAKEN_IN_S):
            while any(client.unsent for client in clients) or _unread(port):
                await asyncio.sleep(WATCH_S)


def _unread(port: int) -> int:
    """Octets that came over loopback for a port and that nobody has read yet."""
    lines = Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]
    rows = [line.split() for line in lines]
    # Address and port, and what waits to be sent and to be read, in hexadecimal digits.
    return sum(
        int(row[4].partition(":")[2], 16)
        for row in rows
        if row[3] == ESTABLISHED and int(row[1].partition(":")[2], 16) == port
    )


async def _highest(server: Server, ending: asyncio.Future[list[bytes]]) -> float:
    """Give the most memory seen until *ending* is over."""
    highest_mib = 0.0
    while not ending.done():
        highest_mib = max(highest_mib, await asyncio.to_thread(server.pss_mib))
        await asyncio.wait({ending}, timeout=WATCH_S)
    return highest_mib


BENCHMARK: Final = Benchmark(
    name="memory",
    about="MiB of the process tree, shared memory by shares",
    rounds=1,
    cases=cases,
)
