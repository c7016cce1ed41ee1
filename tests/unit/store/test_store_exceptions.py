"""Exceptions made by command: kept with who and when, ended, noted in the audit log."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from guard.store.audit import AuditLog
from guard.store.database import Database
from guard.store.exceptions import SILENT, Exceptions
from guard.store.policy_processes import GONE, PolicyProcesses, Told
from guard.store.policy_rows import exceptions as table
from guard.store.policy_rows import processes
from guard.store.wishes import NONE_YET

AT = datetime(2026, 11, 27, tzinfo=UTC)
UNTIL = date(2099, 1, 1)


@pytest.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    tmp_path.chmod(0o700)
    url = f"sqlite:///{tmp_path}/guard.db"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_server").database()
    opened = await Database.open(url)
    yield opened
    await opened.close()


async def added(store: Exceptions, rule: str = "r") -> str:
    made = await store.add(
        rule=rule,
        to=["*@例え.jp"],
        from_=["a@b.example"],
        because="監査 (木村)",
        until=UNTIL,
        who="admin:x",
    )
    return made.id


async def test_from_its_beginning_to_its_end(database: Database) -> None:
    """It counts from adding to ending; both stand in the audit log, and so does who it was."""
    store, log = Exceptions(database), AuditLog(database)
    id_ = await added(store)

    (one,) = await store.in_force()
    assert (one.id, one.rule, one.until) == (id_, "r", UNTIL)
    assert one.because == "監査 (木村)"
    assert one.told["to"] == ["*@例え.jp"]
    before = await store.end(id_, who="admin:y")
    assert before is not None
    assert before.ended_at is None
    again = await store.end(id_, who="admin:z")
    assert again is not None
    assert again.ended_by == "admin:y"
    assert await store.end("nobody", who="admin:z") is None
    assert await store.in_force() == ()
    assert [kept.granted.id for kept in await store.all()] == [id_]
    entries = [entry async for entry in log.entries()]
    assert [(each.event, each.actor) for each in entries] == [
        ("exception.added", "admin:x"),
        ("exception.ended", "admin:y"),
    ]
    assert entries[0].details["rule"] == "r"
    assert await log.first_wrong() is None


async def test_each_change_is_a_wish(database: Database) -> None:
    """So that every node looks; an end that changed nothing is none."""
    store, running = Exceptions(database), PolicyProcesses(database)
    assert await running.wished() == NONE_YET
    id_ = await added(store)
    await store.end(id_, who="admin:x")
    await store.end(id_, who="admin:x")

    assert await running.ask_reload() == 1
    assert await running.ask_reload() == 2
    wished = await running.wished()
    assert (wished.exceptions, wished.reload) == (2, 2)


async def test_the_day_of_the_last_match(database: Database) -> None:
    """It is noted, and one that matched nothing for long is idle."""
    store = Exceptions(database)
    used, unused = await added(store), await added(store)
    await store.matched([used])
    await store.matched([used])

    one, other = sorted(await store.all(), key=lambda kept: kept.granted.id == unused)
    today = one.added_at.date()
    assert one.matched_on is not None
    assert other.matched_on is None
    assert not one.is_idle(today + SILENT - timedelta(days=1))
    assert one.is_idle(one.matched_on + SILENT)
    assert other.is_idle(today + SILENT)
    assert one.counts(UNTIL)
    assert not one.counts(UNTIL + timedelta(days=1))


async def test_one_that_nobody_understands_excuses_nothing(database: Database) -> None:
    """A row that another version wrote, or a hand; the others count all the same."""
    store = Exceptions(database)
    bad, good = await added(store), await added(store)
    async with database.write() as conn:
        await conn.execute(update(table).where(table.c.id == bad).values(to=["no address"]))

    assert [one.id for one in await store.in_force()] == [good]


def told(policy: str = "7f3a1c", *problems: str) -> Told:
    return Told(policy=policy, mode="hold", loaded_at=AT, reload=0, problems=problems)


async def test_processes_tell_what_they_have(database: Database) -> None:
    """Each has one row, until it leaves or was not heard for long."""
    one, other = PolicyProcesses(database), PolicyProcesses(database)
    await one.tell(told("a"))
    await one.tell(told("b", "main.yaml:1: wrong"))
    await other.tell(told("c"))

    alive = await other.alive()
    assert {(each.policy, each.problems) for each in alive} == {
        ("b", ("main.yaml:1: wrong",)),
        ("c", ()),
    }
    await other.leave()
    (left,) = await one.alive()
    assert left.loaded_at == AT
    async with database.write() as conn:
        await conn.execute(update(processes).values(heard_at=left.heard_at - 2 * GONE))
    assert await one.alive() == ()
