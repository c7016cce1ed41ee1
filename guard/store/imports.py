"""
Which lists were imported, from what, and which were forgotten: kept apart from the indexes.

A folder that was emptied looks like one that was never filled. This says which of the two it is.
Every import is in the audit log, too: after a leak that names a list, its version and rows, the
log says what that version was made of.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.model.job import Job
from guard.ports import AuditEntry
from guard.store import outbox, published
from guard.store.audit import append
from guard.store.database import Database
from guard.store.list_rows import list_sources
from guard.store.tables import imports


@dataclass(frozen=True, slots=True, kw_only=True)
class ListImport:
    """The last import of one list."""

    name: str
    version: str
    """`IndexHeader.version` of what was made."""

    imported_at: datetime
    rows: int
    """Rows kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSource:
    """Where one list comes from, as far as it is known."""

    name: str
    origin: str = ""
    """For people: ``crm.csv``, ``3 files``, ``sql``."""

    parts: Sequence[str] = ()
    """Of each file of the last import its name and data rows in the list: ``a.csv: 1-1200``."""

    told: Mapping[str, str] = field(default_factory=dict)
    """Headers and what somebody said that their columns hold."""

    token: str = ""
    """Changes when a source that was read does."""

    tried_at: datetime | None = None
    """The last reading, however it ended; aware, UTC."""

    error: str = ""
    """Why it went wrong; empty where it went well."""

    busy_until: datetime | None = None
    """While somebody reads it: when that ends at the latest; aware, UTC."""


class Imports:
    """What became of lists, in SQL. Every method raises `StoreError` where it cannot."""

    def __init__(self, database: Database) -> None:
        self._database: Final = database
        self._reader: Final = secrets.token_hex(8)

    async def record(
        self,
        done: ListImport,
        source: ListSource | None = None,
        *,
        actor: str = "guard",
        index: Path | None = None,
    ) -> None:
        """
        Note an import in place of the list's last one; durable when this returns.

        *index* is what was made: on PostgreSQL other nodes get it from there.
        """
        async with self._database.write() as conn:
            now = await self._database.now_on(conn)
            await conn.execute(delete(imports).where(imports.c.name == done.name))
            await conn.execute(
                insert(imports).values(
                    name=done.name,
                    version=done.version,
                    imported_at=done.imported_at,
                    rows=done.rows,
                )
            )
            if index is not None and self._database.path is None:
                await published.put(conn, done.name, done.version, index)
            source = source or ListSource(name=done.name)
            await _make(conn, done.name)
            await self._note(
                conn,
                done.name,
                origin=source.origin,
                parts=list(source.parts),
                told=dict(source.told),
                token=source.token,
                tried_at=now,
                error="",
                forgotten="",
                reads_until=None,
            )
            details: dict[str, str | int | float | list[str]] = {
                "list": done.name,
                "version": done.version,
                "rows": done.rows,
                "of": source.origin,
                "parts": list(source.parts),
            }
            entry = AuditEntry(
                event="list.imported", hold_id="", at=now, actor=actor, details=details
            )
            await append(conn, entry)

    async def last(self, name: str) -> ListImport | None:
        """Give the last import of one list; `None` where there is none, or it is forgotten."""
        async with self._database.read() as conn:
            row = (await conn.execute(select(imports).where(imports.c.name == name))).one_or_none()
        return None if row is None else ListImport(**row._mapping)

    async def all(self) -> tuple[ListImport, ...]:
        """Give the last import of every list, by name."""
        async with self._database.read() as conn:
            rows = (await conn.execute(select(imports).order_by(imports.c.name))).all()
        return tuple(ListImport(**row._mapping) for row in rows)

    async def names(self) -> tuple[str, ...]:
        """Give every list that was ever imported and not forgotten, by name."""
        return tuple(each.name for each in await self.all())

    async def sources(self) -> dict[str, ListSource]:
        """Say of every list where it comes from."""
        async with self._database.read() as conn:
            rows = (await conn.execute(select(list_sources).order_by(list_sources.c.name))).all()
        return {row.name: _source(row) for row in rows}

    async def forgotten(self) -> dict[str, str]:
        """Give the versions of lists that were forgotten, by name."""
        asked = select(list_sources.c.name, list_sources.c.forgotten)
        async with self._database.read() as conn:
            rows = (await conn.execute(asked.where(list_sources.c.forgotten != ""))).all()
        return {row.name: row.forgotten for row in rows}

    async def claim(self, name: str, *, lease_s: float) -> ListSource | None:
        """Have the source of a list to oneself for so many seconds; `None`: somebody else has."""
        async with self._database.write() as conn:
            now = await self._database.now_on(conn)
            await _make(conn, name)
            free = or_(
                list_sources.c.reads_until.is_(None),
                list_sources.c.reads_until < now,
                list_sources.c.reader == self._reader,
            )
            taken = await conn.execute(
                update(list_sources)
                .where(list_sources.c.name == name, free)
                .values(reader=self._reader, reads_until=now + timedelta(seconds=lease_s))
            )
            if not taken.rowcount:
                return None
            asked = select(list_sources).where(list_sources.c.name == name)
            row = (await conn.execute(asked)).one()
        return _source(row)

    async def failed(
        self, name: str, error: str, *, alarm: Callable[[str], Job | None] = lambda _: None
    ) -> None:
        """
        Note that the source of a list could not be taken in, and let go of it.

        *alarm* is asked, with how the last reading went wrong, for the job that tells it.
        """
        async with self._database.write() as conn:
            asked = select(list_sources.c.error).where(list_sources.c.name == name)
            job = alarm(await conn.scalar(asked.with_for_update()) or "")
            await _make(conn, name)
            now = await self._database.now_on(conn)
            await self._note(conn, name, tried_at=now, error=error, reads_until=None)
            if job is not None:
                await outbox.add(conn, [job])

    async def unchanged(self, name: str) -> None:
        """Note that the source of a list was as before, and let go of it."""
        await self.failed(name, "")

    async def let_go(self, name: str) -> None:
        """Let others read the source of a list."""
        async with self._database.write() as conn:
            await self._note(conn, name, reads_until=None)

    async def forget(self, name: str, *, actor: str) -> str | None:
        """
        Take a list out; only the audit log knows of it then. Gives its version.

        `None`: it was not imported.
        """
        async with self._database.write() as conn:
            now = await self._database.now_on(conn)
            asked = select(imports).where(imports.c.name == name)
            row = (await conn.execute(asked)).one_or_none()
            if row is None:
                return None
            await conn.execute(delete(imports).where(imports.c.name == name))
            await published.take_out(conn, name)
            await conn.execute(delete(list_sources).where(list_sources.c.name == name))
            fresh = {**_fresh(name), "forgotten": row.version}
            await conn.execute(insert(list_sources).values(**fresh))
            details: dict[str, str | int | float | list[str]] = {
                "list": name,
                "version": row.version,
                "rows": row.rows,
            }
            entry = AuditEntry(
                event="list.forgotten", hold_id="", at=now, actor=actor, details=details
            )
            await append(conn, entry)
        return str(row.version)

    async def _note(self, conn: AsyncConnection, name: str, **values: Any) -> None:
        await conn.execute(update(list_sources).where(list_sources.c.name == name).values(**values))


async def _make(conn: AsyncConnection, name: str) -> None:
    """Have a row for a list, if there is none."""
    made = postgresql if conn.dialect.name == "postgresql" else sqlite
    row = made.insert(list_sources).values(**_fresh(name))
    await conn.execute(row.on_conflict_do_nothing())


def _fresh(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "origin": "",
        "parts": [],
        "told": {},
        "token": "",
        "tried_at": None,
        "error": "",
        "forgotten": "",
        "reader": "",
        "reads_until": None,
    }


def _source(row: Any) -> ListSource:
    return ListSource(
        name=row.name,
        origin=row.origin,
        parts=tuple(row.parts),
        told=dict(row.told),
        token=row.token,
        tried_at=row.tried_at,
        error=row.error,
        busy_until=row.reads_until,
    )
