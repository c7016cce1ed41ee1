"""A database that another process has locked: who waits is told, who does not need it goes on."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from front import Client
from running import HELD_DOMAIN, Running, link_in, post
from smarthost import Smarthost
from whole import below_trace

from guard.store.database import BUSY_S

OCTETS = b"Subject: a\r\n\r\nb\r\n"
HELD = f"eve@{HELD_DOMAIN}"

TOLD_S = 20
"""In which a client has its 451, as R-A7 wants it."""

pytestmark = pytest.mark.timeout(180)


class Noticed(Smarthost):
    """Has something done when the first held mail came whole, before it is answered."""

    def __init__(self) -> None:
        super().__init__()
        self.at_dot: Callable[[], None] | None = None

    def held(self) -> list[bytes]:
        """The held messages that were released, as their sender wrote them."""
        return [below_trace(mail.octets) for mail in self.messages if mail.rcpts == (HELD,)]

    async def _taken(self, session, octets: bytes, *, stuffed: bool = False) -> None:
        if self.at_dot is not None and session.rcpts == [HELD]:
            at_dot, self.at_dot = self.at_dot, None
            at_dot()
        await super()._taken(session, octets, stuffed=stuffed)


class Lock:
    """Another process that has the database for itself, while it wants."""

    def __init__(self, guard: Running) -> None:
        self._other = sqlite3.connect(
            guard.folder / "guard.db", isolation_level=None, timeout=20, check_same_thread=False
        )

    def take(self) -> None:
        """Wait for the guard's own writes, and let it do no more."""
        self._other.execute("BEGIN EXCLUSIVE")

    def give_back(self) -> None:
        """Let the guard write again."""
        self._other.execute("ROLLBACK")

    def close(self) -> None:
        """Go away, with the lock."""
        self._other.close()


@pytest.fixture
async def smarthost() -> AsyncIterator[Noticed]:
    async with Noticed() as smarthost:
        yield smarthost
        assert smarthost.violations == []


@pytest.fixture
async def guard(tmp_path: Path, smarthost: Noticed) -> AsyncIterator[Running]:
    async with Running(tmp_path, smarthost) as guard:
        await guard.start()
        yield guard


@pytest.fixture
def lock(guard: Running) -> Iterator[Lock]:
    lock = Lock(guard)
    yield lock
    lock.close()


@asynccontextmanager
async def clients(guard: Running, count: int) -> AsyncIterator[list[Client]]:
    """So many clients that were greeted."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(await Client.greeted(guard)) for _ in range(count)]


async def to_the_dot(client: Client, to: str) -> None:
    """Hand in a mail but for its end."""
    assert (await client.ask("MAIL FROM:<ann@example.com>")).startswith("250 ")
    assert (await client.ask(f"RCPT TO:<{to}>")).startswith("250 ")
    assert (await client.ask("DATA")).startswith("354 ")
    client.send(OCTETS)


async def at_the_dot(client: Client) -> str:
    """End the mail, and give the reply that comes in time."""
    client.send(".")
    async with asyncio.timeout(TOLD_S):
        return (await client.reader.readline()).decode()


async def asked(guard: Running, smarthost: Smarthost) -> str:
    """Have a mail held, and give the link to its page, once its notice is written down as sent."""
    async with clients(guard, 1) as (client,):
        await to_the_dot(client, HELD)
        assert (await at_the_dot(client)).startswith("250 ")
    (notice,) = await smarthost.wait_for(1)
    await guard.until(lambda: guard.ask("SELECT * FROM outbox WHERE kind = 'notice'") == [])
    return link_in(notice)


async def test_a_locked_database_is_451_and_stops_nobody_else(
    guard: Running, smarthost: Noticed, lock: Lock
) -> None:
    """
    R-A7: all who wait are told in time, a client that needs no database is answered meanwhile.

    The lock lasts until the last of them is told, however long that is.
    """
    async with clients(guard, 7) as (other, clean, *holding):
        for client in holding:
            await to_the_dot(client, HELD)
        await asyncio.to_thread(lock.take)
        told = asyncio.gather(*map(at_the_dot, holding))
        answered = 0
        while not told.done():
            assert (await other.ask("NOOP")).startswith("250 ")
            answered += 1
            await asyncio.sleep(0.05)
        await to_the_dot(clean, "bob@example.net")
        assert (await at_the_dot(clean)).startswith("250 ")  # it has nothing to write
        lock.give_back()

        assert {reply[:9] for reply in await told} == {"451 4.3.0"}
        assert answered > BUSY_S  # one a second, and more
        assert guard.ask("SELECT count(*) FROM holds") == [(0,)]
        for client in holding:
            await to_the_dot(client, HELD)
            assert (await at_the_dot(client)).startswith("250 ")
    await guard.states(*["waiting"] * len(holding))
    assert await guard.stop() == 0
    assert (await guard.events()).count("hold.created") == len(holding)
    assert smarthost.held() == []


async def test_an_answer_to_a_locked_database_counts_when_it_says_so(
    guard: Running, smarthost: Noticed, lock: Lock
) -> None:
    """R-A7: the page says that it did not work, and nothing is sent until it works."""
    link = await asked(guard, smarthost)
    await asyncio.to_thread(lock.take)
    assert await post(link, action="send", confirm=HELD) == 503
    assert guard.ask("SELECT state, choice FROM holds") == [("waiting", None)]
    lock.give_back()
    assert smarthost.held() == []

    assert await post(link, action="send", confirm=HELD) == 200
    await guard.states("delivered")
    assert await guard.stop() == 0
    assert smarthost.held() == [OCTETS]
    assert (await guard.events()).count("hold.decided") == 1


async def test_locked_between_the_dot_and_the_commit(
    guard: Running, smarthost: Noticed, lock: Lock
) -> None:
    """
    R-A7: what has left is written down once it can be, and does not leave again.

    As long as the lease lasts; after that who gets the database first may send again.
    """
    link = await asked(guard, smarthost)
    smarthost.at_dot = lock.take
    await post(link, action="send", confirm=HELD)
    await guard.until(lambda: "release.not_written_down" in guard.log)
    assert smarthost.held() == [OCTETS]
    assert guard.ask("SELECT state FROM holds") == [("releasing",)]
    lock.give_back()

    await guard.states("delivered")
    assert await guard.stop() == 0
    assert smarthost.held() == [OCTETS]
    assert (await guard.events()).count("hold.delivered") == 1
