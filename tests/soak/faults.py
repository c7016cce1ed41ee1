"""What goes wrong, one after the other: each fault begins, lasts some seconds and is over."""

import asyncio
import contextlib
import signal
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from tests.smarthost import HANG, TAKE_AND_CLOSE
from tests.soak.account import Account, Trouble
from tests.soak.ledger import Ledger
from tests.soak.site import POLICY, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where faults happen."""

    site: Site
    ledger: Ledger
    account: Account
    lasts_s: float


Fault = Callable[[Place], Awaitable[None]]


@asynccontextmanager
async def _copies_may_be_made(place: Place, name: str) -> AsyncIterator[None]:
    """In this span the octets of a mail can leave while our word of it is lost."""
    clock = asyncio.get_running_loop().time
    began = clock()
    try:
        yield
    finally:
        place.account.troubles.append(Trouble(name, began, clock()))


async def killed(place: Place) -> None:
    """Kill -9, and a new start."""
    async with _copies_may_be_made(place, "killed"):
        await place.site.end(signal.SIGKILL)
        await place.site.start()


async def restarted(place: Place) -> None:
    """SIGTERM, and a new start."""
    async with _copies_may_be_made(place, "restarted"):
        await place.site.end(signal.SIGTERM)
        await place.site.start()


async def paused(place: Place) -> None:
    """A process that does not run for a while, as on a machine that swaps."""
    place.site.send(signal.SIGSTOP)
    await asyncio.sleep(place.lasts_s)
    place.site.send(signal.SIGCONT)


async def upstream_gone(place: Place) -> None:
    """The mail server hangs up on everybody and is away."""
    async with _copies_may_be_made(place, "upstream gone"):
        await place.ledger.stop()
        await asyncio.sleep(place.lasts_s)
        await place.ledger.start()


async def upstream_busy(place: Place) -> None:
    """The mail server puts everybody off."""
    async with _with_rule(place, "RCPT", "450 4.3.2 Busy, try later"):
        await asyncio.sleep(place.lasts_s)


async def upstream_refuses(place: Place) -> None:
    """The mail server refuses messages at their end, for now."""
    async with _with_rule(place, "DOT", "452 4.3.1 No room"):
        await asyncio.sleep(place.lasts_s)


async def upstream_hangs(place: Place) -> None:
    """The mail server says nothing more, then hangs up."""
    async with _copies_may_be_made(place, "upstream hung"):
        async with _with_rule(place, "MAIL", HANG):
            await asyncio.sleep(place.lasts_s)
        place.ledger.hang_up()


async def answers_lost(place: Place) -> None:
    """The mail server takes mails and hangs up without a word of it."""
    async with _copies_may_be_made(place, "answers lost"), _with_rule(place, "DOT", TAKE_AND_CLOSE):
        await asyncio.sleep(place.lasts_s)


async def database_locked(place: Place) -> None:
    """Somebody else has the database for himself."""
    assert place.site.database is not None
    file = place.site.database
    with contextlib.closing(
        sqlite3.connect(file, isolation_level=None, timeout=20, check_same_thread=False)
    ) as other:
        await asyncio.to_thread(other.execute, "BEGIN EXCLUSIVE")
        await asyncio.sleep(place.lasts_s)
        other.execute("ROLLBACK")


async def reloaded(place: Place) -> None:
    """A bad policy, then the good one again."""
    place.site.set_policy(POLICY + "  - nonsense\n")
    place.site.send(signal.SIGHUP)
    await asyncio.sleep(place.lasts_s)
    place.site.set_policy(POLICY)
    place.site.send(signal.SIGHUP)


async def clients_drop(place: Place) -> None:
    """Clients that go away in the middle of everything, all the time."""
    clock = asyncio.get_running_loop().time
    until = clock() + place.lasts_s
    talks = (
        b"EHLO a\r\nMAIL FROM:<ann@example.com>\r\nRCPT TO:<bob@example.net>\r\nDATA\r\n",
        b"EHLO a\r\nMAIL FROM:<ann@example.com>\r\n",
        b"EHL",
    )
    while clock() < until:
        for talk in talks:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", place.site.smtp)
                writer.write(talk + b"Subject: never\r\n" * 1000 * (b"DATA" in talk))
                await asyncio.sleep(0.05)
                writer.transport.abort()


async def slow_clients(place: Place) -> None:
    """Clients that hand in their mail octet by octet."""

    async def crawl() -> None:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", place.site.smtp)
            with contextlib.closing(writer):
                for octet in b"EHLO a\r\nMAIL FROM:<ann@example.com>\r\n" * 100:
                    writer.write(bytes([octet]))
                    await asyncio.sleep(0.2)

    crawlers = [asyncio.create_task(crawl()) for _ in range(20)]
    await asyncio.sleep(place.lasts_s)
    for crawler in crawlers:
        crawler.cancel()
    await asyncio.gather(*crawlers, return_exceptions=True)


@asynccontextmanager
async def _with_rule(place: Place, command: str, action) -> AsyncIterator[None]:
    before = list(place.ledger._rules)
    place.ledger.on(command, action)
    try:
        yield
    finally:
        place.ledger._rules[:] = before


FAULTS: Final[tuple[Fault, ...]] = (
    upstream_busy,
    clients_drop,
    upstream_gone,
    reloaded,
    database_locked,
    paused,
    upstream_refuses,
    slow_clients,
    killed,
    upstream_hangs,
    clients_drop,
    answers_lost,
    restarted,
)
"""In turn, from the first again."""
