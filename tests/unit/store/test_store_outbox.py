"""The outbox beyond its contract: whose time counts, and jobs that never end well."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from factories import hold

from guard.model.job import Job, JobKind
from guard.ports import AuditEntry, Kept
from guard.store.database import Database
from guard.store.holds import SqlHoldStore
from guard.store.keys import KeyRing
from guard.store.outbox import SqlOutbox


@pytest.fixture
async def database(tmp_path: Path):
    """A database with one hold and two jobs: one due a minute ago, one tomorrow."""
    opened = await Database.open("sqlite:///guard.db", folder=tmp_path)
    keys = KeyRing.open(tmp_path / "guard.key", create=True)
    held, now = hold(), datetime.now(UTC)
    await SqlHoldStore(opened, keys, SqlOutbox(opened)).put(
        Kept(
            hold=held,
            octets=b"",
            tokens={bytes(32): held.owner},
            jobs=(
                Job(kind=JobKind.EXPIRE, hold_id=held.id, due_at=now + timedelta(days=1)),
                Job(kind=JobKind.NOTICE, hold_id=held.id, due_at=now - timedelta(minutes=1)),
            ),
            audit=AuditEntry(event="hold.created", hold_id=held.id, at=now),
        )
    )
    yield opened
    await opened.close()


async def test_without_a_clock_the_database_tells_the_time(database: Database) -> None:
    """What was due a minute ago is due, what is due tomorrow is not."""
    outbox = SqlOutbox(database)

    claimed = await outbox.claim(lease_s=3600)

    assert claimed is not None
    assert claimed.kind is JobKind.NOTICE
    assert await outbox.begin_sending(claimed)
    assert await outbox.claim(lease_s=3600) is None


async def test_a_job_that_kills_its_workers_is_parked(database: Database) -> None:
    """It is not tried for ever, nor thrown away; other jobs go on."""
    outbox = SqlOutbox(database, max_attempts=3)
    tries = [await outbox.claim(lease_s=0) for _ in range(4)]

    assert [job.attempts for job in tries if job] == [0, 1, 2]
    assert tries[3] is None
    assert await outbox.parked() == 1
    upcoming = await outbox.next_due()
    assert upcoming is not None
    assert upcoming > datetime.now(UTC) + timedelta(hours=23)


async def test_the_last_try_may_succeed(database: Database) -> None:
    """While it runs the job is not parked yet, and afterwards it is gone."""
    outbox = SqlOutbox(database, max_attempts=1)
    claimed = await outbox.claim(lease_s=60)
    assert claimed is not None
    assert await outbox.parked() == 0

    await outbox.finish(claimed)

    assert await outbox.parked() == 0
