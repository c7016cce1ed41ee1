"""Whether a store is sound: what `guard db check` looks at, one thing after the other."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.model.errors import DamagedError, KeyFileError, NoSuchHoldError, StoreError
from guard.model.life import DESTROYABLE, HoldState
from guard.store.append_only import TRIGGERS
from guard.store.audit import AuditLog
from guard.store.holds import SqlHoldStore
from guard.store.opening import Ground
from guard.store.outbox import SqlOutbox
from guard.store.schema import SCHEMA_VERSION, alembic_version, revision_of, schema_version
from guard.store.tables import holds, jobs_table, links, octets_table

NAMED: Final = 5
"""Holds that are named where something is wrong; of more, only how many they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One thing that was looked at."""

    name: str
    """A stable word: ``schema``, ``audit``, ``holds``."""

    sound: bool
    text: str
    """One line for people; numbers of holds, no content."""


async def check(ground: Ground, tell: Callable[[int], None]) -> AsyncIterator[Result]:
    """Look at all that a store promises; *tell* hears how many holds were opened so far."""
    log = AuditLog(ground.database)
    looks: tuple[tuple[str, Callable[[], Awaitable[Result]]], ...] = (
        ("schema", partial(_reading, ground, _schema)),
        ("file", partial(_reading, ground, _file)),
        ("append-only", partial(_reading, ground, _triggers)),
        ("audit", partial(_chain, log)),
        ("holds", partial(_holds, ground, tell)),
        ("orphans", partial(_reading, ground, _orphans)),
        ("unattended", partial(_reading, ground, _unattended)),
        ("parked", partial(_reading, ground, _parked)),
    )
    for name, look in looks:
        try:
            yield await look()
        except StoreError as error:
            # What is damaged here may be sound elsewhere.
            yield Result(name=name, sound=False, text=f"cannot be read: {error}")


async def _reading(ground: Ground, look: Callable[[AsyncConnection], Awaitable[Result]]) -> Result:
    async with ground.database.read() as conn:
        return await look(conn)


async def _schema(conn: AsyncConnection) -> Result:
    found = await conn.scalar(select(schema_version.c.version))
    noted = (await conn.scalars(select(alembic_version.c.version_num))).all()
    sound = found == SCHEMA_VERSION and list(noted) == [revision_of(SCHEMA_VERSION)]
    of_alembic = ", ".join(noted) or "none"
    return Result(
        name="schema", sound=sound, text=f"schema {found}, revision {of_alembic} of the tables"
    )


async def _file(conn: AsyncConnection) -> Result:
    """Have SQLite read its whole file; PostgreSQL has checksums and tools of its own for that."""
    if conn.dialect.name != "sqlite":
        return Result(name="file", sound=True, text="PostgreSQL looks after its files itself")
    wrong = (await conn.scalars(text("PRAGMA integrity_check(5)"))).all()
    broken = (await conn.execute(text("PRAGMA foreign_key_check"))).all()
    told = "whole, every row points to one that is there"
    if list(wrong) != ["ok"]:
        told = "damaged; restore a backup"
    elif broken:
        told = f"{len(broken)} rows point to a hold that is not there"
    return Result(name="file", sound=list(wrong) == ["ok"] and not broken, text=told)


async def _triggers(conn: AsyncConnection) -> Result:
    wanted = set(TRIGGERS[conn.dialect.name])
    names = (
        text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'")
        if conn.dialect.name == "sqlite"
        else text(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit'::regclass AND tgenabled <> 'D'"
        )
    )
    missing = wanted - set((await conn.scalars(names)).all())
    told = "the audit log only takes new rows"
    if missing:
        told = f"somebody removed what protects the audit log: {', '.join(sorted(missing))}"
    return Result(name="append-only", sound=not missing, text=told)


async def _chain(log: AuditLog) -> Result:
    found = await log.verify()
    told = f"{found.rows} rows, none changed"
    if found.wrong is not None:
        told = f"row {found.wrong} is not as it was written; see: guard audit verify"
    return Result(name="audit", sound=found.wrong is None, text=told)


async def _holds(ground: Ground, tell: Callable[[int], None]) -> Result:
    """Open every hold with the key ring, and its octets as long as they are needed."""
    store = SqlHoldStore(ground.database, ground.keys, SqlOutbox(ground.database))
    wrong: list[str] = []
    count = 0
    async for hold_id, number, state in _every_hold(ground):
        count += 1
        try:
            hold = await store.get(hold_id)
            octets = await store.octets(hold_id)
        except NoSuchHoldError:
            if state not in DESTROYABLE:
                wrong.append(f"{number} (its octets are gone)")
        except KeyFileError:
            wrong.append(f"{number} (its key is not in the key file)")
        except (DamagedError, ValueError):
            wrong.append(f"{number} (changed on disk)")
        else:
            found = hashlib.sha256(octets).hexdigest()
            if hold.octets_sha256 and found != hold.octets_sha256:
                wrong.append(f"{number} (not the octets that were received)")
        tell(count)
    told = f"{count} open with the key file"
    if wrong:
        told = f"{len(wrong)} of {count} cannot be sent: {_some(wrong)}"
    return Result(name="holds", sound=not wrong, text=told)


async def _every_hold(ground: Ground) -> AsyncIterator[tuple[str, str, HoldState]]:
    # Not by the store: one hold that does not open must not end it.
    last = ""
    while True:
        query = select(holds.c.id, holds.c.number, holds.c.state).where(holds.c.id > last)
        async with ground.database.read() as conn:
            rows = (await conn.execute(query.order_by(holds.c.id).limit(100))).all()
        for row in rows:
            yield row.id, row.number, HoldState(row.state)
        if not rows:
            return
        last = rows[-1].id


async def _orphans(conn: AsyncConnection) -> Result:
    there = select(holds.c.id)
    counted = {
        table.name: await conn.scalar(
            select(func.count()).select_from(table).where(table.c.hold_id.not_in(there))
        )
        for table in (octets_table, links, jobs_table)
    }
    wrong = [f"{count} of {name}" for name, count in counted.items() if count]
    told = f"rows without their hold: {', '.join(wrong) or 'none'}"
    return Result(name="orphans", sound=not wrong, text=told)


async def _unattended(conn: AsyncConnection) -> Result:
    """Find holds that wait for something of which no job knows: they would wait for ever."""
    # Of one whose end nobody knows, nothing more may happen by itself.
    waiting = {state.value for state in HoldState if state not in DESTROYABLE}
    of_holds = select(jobs_table.c.hold_id).where(jobs_table.c.hold_id.is_not(None))
    without = holds.c.id.not_in(of_holds)
    numbers = await _numbers(conn, holds.c.state.in_(waiting), without)
    told = f"open holds without a job: {_some(numbers) or 'none'}"
    return Result(name="unattended", sound=not numbers, text=told)


async def _parked(conn: AsyncConnection) -> Result:
    parked = holds.c.id.in_(select(jobs_table.c.hold_id).where(jobs_table.c.parked_at.is_not(None)))
    numbers = await _numbers(conn, parked)
    told = f"holds with a job that was given up: {_some(numbers) or 'none'}"
    return Result(name="parked", sound=not numbers, text=told)


async def _numbers(conn: AsyncConnection, *where: ColumnElement[bool]) -> list[str]:
    found: Any = await conn.scalars(select(holds.c.number).where(*where).order_by(holds.c.number))
    return list(found)


def _some(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
