"""A day on which much was held is told of, once."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from guard.app.many_held import FEWEST, look, telling_of_many
from guard.compose.alarm import MANY_HELD
from guard.ports import AuditEntry
from guard.store.audit import append
from guard.store.clock import machine_time
from guard.store.database import Database
from guard.store.held_share import HeldShare, held_share
from guard.store.policy_processes import PolicyProcesses
from guard.store.suspicion_rows import suspicions
from guard.store.tables import jobs_table

YESTERDAY = machine_time().date() - timedelta(days=1)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open("sqlite:///guard.db", folder=tmp_path)
    yield opened
    await opened.close()


async def fill(database: Database, *, mails: int, held: int) -> None:
    """So many mails were judged yesterday, by two sets of weights, and so many held; today more."""
    days = (YESTERDAY.toordinal(), YESTERDAY.toordinal() + 1)
    rows = [
        {"weights": weights, "day": day, "step": 0, "mails": mails // 2, "held": 0}
        for day in days
        for weights in ("a", "b")
    ]
    at = machine_time()
    noon = at.replace(hour=12) - timedelta(days=1)
    entries = [
        AuditEntry(event=event, hold_id="1" * 32, at=when, actor="a@b.example", details={})
        for event, when in (
            *[("hold.created", noon)] * held,
            ("hold.created", at),
            ("hold.viewed", noon),
        )
    ]
    async with database.write() as conn:
        await conn.execute(insert(suspicions), rows)
        await append(conn, *entries)


async def notes(database: Database) -> list[str]:
    async with database.read() as conn:
        return [*(await conn.scalars(select(jobs_table.c.note)))]


async def test_the_share_is_of_one_day(database: Database) -> None:
    """Whatever weights judged the mail, and whatever happened the day after."""
    await fill(database, mails=200, held=3)

    assert await held_share(database, YESTERDAY) == HeldShare(mails=200, held=3)
    assert await held_share(database, YESTERDAY - timedelta(days=9)) == HeldShare(0, 0)


@pytest.mark.parametrize(
    ("mails", "held", "told"),
    [
        pytest.param(200, 5, True, id="more than two percent"),
        pytest.param(200, 4, False, id="just as much"),
        pytest.param(FEWEST - 2, 50, False, id="too few to say"),
    ],
)
async def test_who_is_told(database: Database, mails: int, held: int, told: bool) -> None:
    """Each process looks, and the administrators hear of it once."""
    await fill(database, mails=mails, held=held)

    for _ in range(2):
        assert await look(database, PolicyProcesses(database), 0.02) is told

    assert await notes(database) == ([MANY_HELD] if told else [])


async def test_a_database_that_is_away_ends_nothing(database: Database) -> None:
    """It is logged, and looked at again later; leaving is at once."""
    await database.close()

    async with telling_of_many(database, PolicyProcesses(database), lambda: 0.02):
        pass
