"""One time for all nodes, and hints of jobs between them: on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from factories import HELD_AT, hold

from guard.holding import first_audit, first_jobs
from guard.model.job import Job, JobKind
from guard.ports import Kept
from guard.store import clock as clocks
from guard.store import hints
from guard.store.clock import DatabaseClock, clock_of, machine_time
from guard.store.database import Database
from guard.store.holds import SqlHoldStore
from guard.store.keys import KeyRing
from guard.store.outbox import SqlOutbox


@pytest.fixture
async def database(postgres_server) -> AsyncIterator[Database]:
    opened = await Database.open(postgres_server.database())
    yield opened
    await opened.close()


@pytest.mark.parametrize("days", [-1, 1])
async def test_a_wrong_clock_does_not_count(
    database: Database, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """R-K4: a node whose clock is a day off goes by the database's time all the same."""
    monkeypatch.setattr(clocks, "machine_time", lambda: datetime.now(UTC) + timedelta(days=days))
    clock = DatabaseClock(database)
    assert abs(clock() - datetime.now(UTC)) > timedelta(hours=23)

    await clock.compare()

    async with database.read() as conn:
        assert abs(clock() - await database.now_on(conn)) < timedelta(seconds=5)


async def test_the_clock_goes_on(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two comparisons it counts by itself, whatever is set at the machine."""
    counter = [1000.0]
    monkeypatch.setattr(clocks, "_counter_s", lambda: counter[0])
    async with clock_of(database) as clock:
        before = clock()
        counter[0] += 3600

        assert clock() - before == timedelta(hours=1)


async def test_sqlite_has_the_time_of_its_machine(tmp_path) -> None:
    """There is no other node, and no other clock."""
    opened = await Database.open(f"sqlite:///{tmp_path}/guard.db")
    async with clock_of(opened) as clock:
        assert clock is machine_time
    await opened.close()


async def test_a_job_of_another_node_rings(database: Database, postgres_server) -> None:
    """A commit on one node rings the bells of the other, again after the connection was lost."""
    here, there = SqlOutbox(database), SqlOutbox(database)
    bell = here.bell()
    name = database.url.database or ""

    async def rings() -> None:
        bell.clear()
        async with database.write() as conn:
            await hints.give(conn)
        async with asyncio.timeout(30):
            await bell.wait()

    async with hints.taken(database, here.ring):
        async with asyncio.timeout(30):
            await bell.wait()  # it listens now
        await rings()
        bell.clear()
        await asyncio.to_thread(postgres_server.cut_connections, name)
        async with asyncio.timeout(30):
            await bell.wait()  # it listens again
        await rings()
    assert not there.bell().is_set()


async def test_what_adds_a_job_gives_the_hint(database: Database, tmp_path: Path) -> None:
    """Nobody has to think of it: the outbox itself does."""
    outbox = SqlOutbox(database)
    heard = asyncio.Event()
    async with hints.taken(database, heard.set):
        async with asyncio.timeout(30):
            await heard.wait()
        heard.clear()
        held = await _held(database, tmp_path)
        async with asyncio.timeout(30):
            await heard.wait()
        heard.clear()
        await outbox.add(Job(kind=JobKind.NOTICE, hold_id=held, due_at=HELD_AT))
        async with asyncio.timeout(30):
            await heard.wait()


async def _held(database: Database, folder: Path) -> str:
    keys = KeyRing.open(folder / "guard.key", create=True)
    kept = hold()
    store = SqlHoldStore(database, keys, SqlOutbox(database))
    await store.put(
        Kept(hold=kept, octets=b"x", tokens={}, jobs=first_jobs(kept), audit=first_audit(kept))
    )
    return kept.id
