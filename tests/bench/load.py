"""Mail sent through somebody: how, how much of it, and what it took."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Self

from tests.bench import mails
from tests.bench.case import Figures
from tests.bench.server import Server
from tests.bench.source import Client, Mail, send_all

SESSIONS: Final = 20
ROUND_S: Final = 0.8
"""How long one round goes on: each sends as many mails as it can in that time."""


PATIENCE_S: Final = 90
"""After which a round has failed: somebody hangs."""


SERIES: Final = 100_000
"""Numbers kept for the mails of one series."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is sent in one round, and how."""

    make: Callable[[int, int], Sequence[Mail]]
    """Makes mails number N to M - 1 of a series, before the clock runs."""

    sessions: int
    kept: bool
    """Whether a connection serves for more than one mail."""

    least: int
    """Mails of one round that are needed for a median."""

    most: int
    """Mails of one round that are enough."""


def numbered(templates: Sequence[Mail], series: int, first: int, end: int) -> Sequence[Mail]:
    """Make mails number *first* to *end* - 1 of a series that begins at *series*: no two alike."""
    return [
        Mail(envelope=each.envelope, content=mails.numbered(each.content, series + number))
        for number in range(first, end)
        for each in [templates[number % len(templates)]]
    ]


class Passage:
    """One load through one server, again and again."""

    def __init__(self, server: Server, sink: Server, load: Load) -> None:
        self._server = server
        self._sink = sink
        self._load = load
        self._count = 0
        self._sent = 0

    async def run(self) -> Figures:
        """
        Send one round.

        The first is sent twice: nobody is measured while it starts its processes, and how long it
        took says how many mails a round is made of.
        """
        if not self._count:
            load = self._load
            speed = (await self._send(load.least))["msg/s"]
            self._count = max(load.least, min(load.most, int(speed * ROUND_S)))
        return await self._send(self._count)

    async def _send(self, count: int) -> Figures:
        load, server = self._load, self._server
        batch = load.make(self._sent, self._sent + count)
        self._sent += count
        async with Delivery.of(count, self._sink) as delivery:
            before = server.cpu_s()
            took = await send_all(
                server.port, batch, sessions=load.sessions, kept=load.kept, expect=passed
            )
            # Who queues mail first is done when it has been delivered.
            seconds = max(took.ended, await delivery.at) - took.began
            spent = server.cpu_s() - before
        return {
            **took.latency,
            "msg/s": count / seconds,
            "CPU s/1,000": spent * 1000 / count,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Mail that is about to reach the sink."""

    at: Awaitable[float]
    """When all of it has, by the clock of `time.perf_counter`."""

    @classmethod
    @asynccontextmanager
    async def of(cls, count: int, sink: Server) -> AsyncIterator[Self]:
        """
        Await *count* mails from now on, for as long as the block lasts.

        Raises:
            TimeoutError: The block lasts longer than `PATIENCE_S`.
        """
        counter = await Client.connect(sink.port)
        taken = int((await counter.ask(b"XCOUNT\r\n"))[4:])
        at = asyncio.create_task(_answered(counter, b"XAWAIT %d\r\n" % (taken + count)))
        try:
            async with asyncio.timeout(PATIENCE_S):
                yield cls(at=at)
        finally:
            at.cancel()
            counter.hang_up()


async def _answered(client: Client, line: bytes) -> float:
    await client.ask(line)
    return time.perf_counter()


def passed(reply: bytes) -> bool:
    """Whether a mail was handed on."""
    return reply.startswith(b"250") and b"Held" not in reply


def held(reply: bytes) -> bool:
    """Whether a mail was held."""
    return reply.startswith(b"250") and b"Held" in reply
