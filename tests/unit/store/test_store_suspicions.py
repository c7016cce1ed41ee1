"""How suspicious mail was of late, counted by several processes in one database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from guard.detect.channel import shipped
from guard.detect.recent import LONGEST_DAYS, step_of
from guard.model.errors import StoreError
from guard.store.database import Database
from guard.store.suspicion_rows import suspicions
from guard.store.suspicions import SqlSuspicions

NOW = datetime.now(UTC)


@pytest.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/guard.db"
    else:
        url = request.getfixturevalue("postgres_server").database()
    opened = await Database.open(url)
    yield opened
    await opened.close()


async def test_processes_count_together(database: Database) -> None:
    """What one process counted, all know after their next look."""
    one, two = [await SqlSuspicions.open(database, shipped()) for _ in range(2)]
    one.count(2.5, at=NOW, held=True)
    one.count(-50.0, at=NOW, held=False)
    two.count(2.6, at=NOW, held=False)
    assert one.recent.mails == two.recent.mails == 0

    for each in (one, two, one):
        await each.renew()

    for each in (one, two):
        assert (each.recent.mails, each.recent.held) == (3, 1)
        assert dict(each.recent.steps)[step_of(2.5)] == 2


async def test_what_waits_is_written_at_the_end(database: Database) -> None:
    """A process that ends well forgets nothing."""
    ending = await SqlSuspicions.open(database, shipped(), keeps_up=True)
    ending.count(1.0, at=NOW, held=False)
    await ending.close()

    assert (await SqlSuspicions.open(database, shipped())).recent.mails == 1


async def test_without_the_database_the_last_sum_counts(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be written waits, and counts once."""
    counting = await SqlSuspicions.open(database, shipped())
    counting.count(1.0, at=NOW, held=False)
    await counting.renew()
    counting.count(1.0, at=NOW, held=False)
    with monkeypatch.context() as away:
        away.setattr(database, "_check_ours", lambda: (_ for _ in ()).throw(StoreError("away")))
        with pytest.raises(StoreError):
            await counting.renew()
    assert counting.recent.mails == 1

    await counting.renew()

    assert counting.recent.mails == 2


async def test_other_weights_count_apart(database: Database) -> None:
    """Sums by other weights say nothing about sums by these."""
    other = await SqlSuspicions.open(database, replace(shipped(), bias=0.0))
    other.count(1.0, at=NOW, held=False)
    await other.renew()

    assert (await SqlSuspicions.open(database, shipped())).recent.mails == 0


async def test_old_days_are_deleted(database: Database) -> None:
    """A day that counts for nobody any more does not stay, nor does that of other weights."""
    older = await SqlSuspicions.open(database, replace(shipped(), bias=0.0))
    older.count(1.0, at=NOW - timedelta(days=LONGEST_DAYS + 3), held=False)
    await older.renew()
    counting = await SqlSuspicions.open(database, shipped())
    counting.count(1.0, at=NOW, held=False)
    await counting.renew()

    async with database.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(suspicions)) == 1


async def test_a_wrong_clock_of_yesterday_does_not_count_for_ever(database: Database) -> None:
    """Mail of a day that is still to come does not count."""
    counting = await SqlSuspicions.open(database, shipped())
    counting.count(1.0, at=NOW + timedelta(days=5), held=False)
    await counting.renew()

    assert counting.recent.mails == 0
