"""A node on PostgreSQL keeps its share of the lock over lost connections, or writes nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from postgres import Server
from sqlalchemy.engine import make_url

from guard.model.errors import StoreError
from guard.store import presence, upkeep
from guard.store.copying import mark_moved
from guard.store.database import Database
from guard.store.presence import present


class Pauses:
    """Stands for the time between two beats: each lasts until the test lets it end."""

    def __init__(self) -> None:
        self.begun = asyncio.Queue[float]()
        self.ended = asyncio.Semaphore(0)

    async def __call__(self, seconds: float) -> None:
        self.begun.put_nowait(seconds)
        await self.ended.acquire()

    async def over(self) -> None:
        """Let one end, and wait until the next has begun."""
        self.ended.release()
        await self.begun.get()


@pytest.fixture
async def pauses(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    made = Pauses()
    monkeypatch.setattr(presence, "_pause", made)
    return made


@pytest.fixture
async def node(postgres_server: Server) -> AsyncIterator[tuple[str, Database]]:
    """A node's database, and its address."""
    url = postgres_server.database()
    database = await Database.open(url)
    yield url, database
    await database.close()


async def refused(url: str) -> bool:
    """Whether a command finds a node running."""
    try:
        async with upkeep.alone_on(url):
            return False
    except StoreError:
        return True


async def test_a_lost_connection_is_made_again(
    postgres_server: Server, node: tuple[str, Database], pauses: Pauses
) -> None:
    """R-K3: after a restart of the server the node shares the lock again, and goes on writing."""
    url, database = node
    async with present(database):
        await pauses.begun.get()
        assert await refused(url)
        postgres_server.cut_connections(str(make_url(url).database))
        while await refused(url):
            pass  # until the server has ended the session

        await pauses.over()  # finds it out, and begins the pause before it tries again
        await pauses.over()
        assert await refused(url)
        async with database.write():
            pass
    assert not await refused(url)


async def test_a_node_whose_database_was_moved_writes_nothing(
    postgres_server: Server, node: tuple[str, Database], pauses: Pauses
) -> None:
    """While its connection was lost, somebody moved all away: clients hear 451."""
    url, database = node
    async with present(database):
        await pauses.begun.get()
        postgres_server.cut_connections(str(make_url(url).database))
        while await refused(url):
            pass  # until the server has ended the session
        async with upkeep.alone_on(url) as other:
            await mark_moved(other)
        await pauses.over()
        pauses.ended.release()
        while not database._lost:
            await asyncio.sleep(0)

        with pytest.raises(StoreError, match="moved to another"):
            async with database.write():
                pytest.fail("wrote what nobody will read")
