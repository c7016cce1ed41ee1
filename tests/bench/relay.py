"""Mail through a guard that checks everything, and the same mail without it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from tests.bench import mails
from tests.bench.case import Benchmark, Case, Figures
from tests.bench.children import child, cpu_s, memory_mib
from tests.bench.office import SENDER, Office
from tests.bench.source import Client, Mail, UnexpectedReplyError, send_all

SESSIONS: Final = 20
SMALL_BYTES: Final = 4_000
HELD: Final = 40
KNOWN: Final = 1_000
CUSTOMERS: Final = 10_000
TRIED: Final = 60
WRITTEN: Final = 20
"""Mails to a person before somebody who looks like them gets one."""

LOOKALIKE: Final = "sato@kita-syoji.example"
MEANT: Final = ("佐藤 一郎", "北商事", "sato@kita-shoji.example")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Somebody who takes mail."""

    port: int
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is sent in one round, and how."""

    make: Callable[[], Sequence[Mail]]
    """Called before the clock runs."""

    sessions: int
    kept: bool
    """Whether a connection serves for more than one mail."""

    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """A guard with its neighbours: the sink behind it, and plain aiosmtpd in its place."""

    servers: Mapping[str, Server]
    """By peer; mail that goes ``direct`` goes to the sink."""

    idle_mib: Mapping[str, float]
    """Memory of the guard before any mail."""

    recipients: Sequence[tuple[str, str]]
    """Name and address of those to whom mail goes out unasked."""

    def cases(self, loads: Mapping[str, Load]) -> list[Case]:
        """Give each load, through each of them."""
        return [
            Case(name=name, peer=peer, run=partial(through, server, load))
            for name, load in loads.items()
            for peer, server in self.servers.items()
        ]


@asynccontextmanager
async def street(folder: Path) -> AsyncIterator[Street]:
    """Start them all; the guard knows some people and customers."""
    async with AsyncExitStack() as parts:
        sink = await parts.enter_async_context(listening("sink"))
        plain = await parts.enter_async_context(listening("plain_relay", str(sink.port)))
        office = Office(folder / "guard", sink.port)
        people = mails.contacts(1, KNOWN)
        await office.import_contacts([MEANT, *people])
        await office.import_customers(CUSTOMERS)
        guard = await parts.enter_async_context(office.running())
        idle_mib = memory_mib(guard.pid)
        friend = small(MEANT[0], MEANT[2])
        await send_all(guard.smtp, [friend] * WRITTEN, sessions=1, kept=True, expect=passed)
        yield Street(
            servers={
                "guard": Server(port=guard.smtp, pid=guard.pid),
                "direct": sink,
                "aiosmtpd": plain,
            },
            idle_mib=idle_mib,
            recipients=await _clean(people[:TRIED], guard.smtp),
        )


@asynccontextmanager
async def listening(module: str, *words: str) -> AsyncIterator[Server]:
    """Run a server of this benchmark, which prints its port."""
    pipe = asyncio.subprocess.PIPE
    where = ("-m", f"tests.bench.{module}", *words)
    async with child(*where, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        yield Server(port=int(await process.stdout.readline()), pid=process.pid)


async def through(server: Server, load: Load) -> Figures:
    """Send one round of *load*."""
    batch = load.make()
    before = cpu_s(server.pid)
    took = await send_all(server.port, batch, sessions=load.sessions, kept=load.kept, expect=passed)
    spent = {"CPU s/1,000": (cpu_s(server.pid) - before) * 1000 / len(batch)}
    return {name: value for name, value in (took.figures | spent).items() if name in load.figures}


def small(name: str, address: str) -> Mail:
    """Make a letter of 4 KB."""
    return Mail.of(SENDER, address, mails.letter(name, address, SENDER, SMALL_BYTES))


def passed(reply: bytes) -> bool:
    """Whether a mail was handed on."""
    return reply.startswith(b"250") and b"Held" not in reply


def held(reply: bytes) -> bool:
    """Whether a mail was held."""
    return reply.startswith(b"250") and b"Held" in reply


@asynccontextmanager
async def cases(folder: Path) -> AsyncIterator[Sequence[Case]]:
    """Small mail that passes, mail that is held, and what is in memory afterwards."""
    async with street(folder) as place:
        guard, sink = place.servers["guard"], place.servers["direct"]
        letters = [small(*recipient) for recipient in place.recipients]

        def batch(count: int) -> Callable[[], Sequence[Mail]]:
            made = list(islice(cycle(letters), count))
            return lambda: made

        async def memory() -> Figures:
            now = memory_mib(guard.pid)
            return {f"{name} idle MiB": value for name, value in place.idle_mib.items()} | {
                f"{name} after MiB": value for name, value in now.items()
            }

        busy = ("msg/s", "p99 ms", "CPU s/1,000")
        yield [
            *place.cases(
                {
                    "4 KB, one at a time": Load(
                        make=batch(200),
                        sessions=1,
                        kept=True,
                        figures=("p50 ms", "p99 ms", "CPU s/1,000"),
                    ),
                    "4 KB, 20 sessions kept": Load(
                        make=batch(600), sessions=SESSIONS, kept=True, figures=busy
                    ),
                    "4 KB, 20 sessions, each mail a new one": Load(
                        make=batch(400), sessions=SESSIONS, kept=False, figures=busy
                    ),
                }
            ),
            Case(name="4 KB held, 20 sessions kept", run=_holding(guard, sink)),
            Case(name="memory of the process tree", run=memory),
        ]


def _holding(guard: Server, sink: Server) -> Callable[[], Awaitable[Figures]]:
    """Give the case of mail that is kept: until the reply, and until its sender is asked."""
    batch = [small(MEANT[0], LOOKALIKE)] * HELD

    async def run() -> Figures:
        loop = asyncio.get_running_loop()
        counter = await Client.connect(sink.port)
        awaited = await _taken(counter) + len(batch)
        before, began = cpu_s(guard.pid), loop.time()
        took = await send_all(guard.port, batch, sessions=SESSIONS, kept=True, expect=held)
        while await _taken(counter) < awaited:
            await asyncio.sleep(0.005)
        asked_s = loop.time() - began
        await counter.quit()
        return {
            "msg/s": took.figures["msg/s"],
            "senders asked/s": len(batch) / asked_s,
            "CPU s/1,000": (cpu_s(guard.pid) - before) * 1000 / len(batch),
        }

    return run


async def _taken(sink: Client) -> int:
    return int((await sink.ask(b"XCOUNT\r\n"))[4:])


async def _clean(people: Sequence[tuple[str, str, str]], port: int) -> list[tuple[str, str]]:
    """
    Give those to whom mail goes out unasked.

    Among invented people some resemble each other; to them it is rightly held.
    """
    clean = []
    client = await Client.connect(port)
    for name, _, address in people:
        try:
            if passed(await client.send(small(name, address))):
                clean.append((name, address))
        except UnexpectedReplyError:  # also an answer, but not to what is measured
            await client.ask(b"RSET\r\n")
    await client.quit()
    if len(clean) < SESSIONS:
        raise RuntimeError(f"only {len(clean)} of {len(people)} recipients are beyond doubt")
    return clean


BENCHMARK: Final = Benchmark(
    name="relay",
    about="mail over loopback without TLS; the load comes from the same machine",
    rounds=5,
    cases=cases,
)
