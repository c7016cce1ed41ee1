"""Exceptions to rules that were made by command: they count on every node, and always end."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Row, insert, select, update

from guard.policy.granted import Granted, granted
from guard.ports import AuditEntry
from guard.store.audit import append
from guard.store.database import Database
from guard.store.policy_rows import exceptions
from guard.store.wishes import wish

SILENT: Final = timedelta(days=90)
"""After so long without a mail that it excused, an exception is shown as idle."""

log = structlog.get_logger()

_row: Final = exceptions.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An exception as the database has it."""

    granted: Granted
    added_at: datetime
    added_by: str
    ended_at: datetime | None
    """When somebody ended it before its day; aware, UTC."""

    ended_by: str
    matched_on: date | None
    """The last day on which a rule would have spoken without it; UTC."""

    def counts(self, today: date) -> bool:
        """Whether it counts on this day."""
        return self.ended_at is None and today <= self.granted.until

    def is_idle(self, today: date) -> bool:
        """Whether it excused nothing for so long that nobody may need it."""
        return today - (self.matched_on or self.added_at.date()) >= SILENT


class Exceptions:
    """Those of one database."""

    def __init__(self, database: Database) -> None:
        self._database: Final = database

    async def all(self) -> tuple[Kept, ...]:
        """
        Give every one, also those that have ended, oldest first.

        Raises:
            StoreError: The database is away.
        """
        query = select(exceptions).order_by(_row.added_at, _row.id)
        async with self._database.read() as conn:
            rows = (await conn.execute(query)).all()
        return tuple(kept for row in rows if (kept := _kept(row)) is not None)

    async def in_force(self) -> tuple[Granted, ...]:
        """
        Give those that nobody has ended; the days on which they end are `decide`'s business.

        Raises:
            StoreError: The database is away.
        """
        return tuple(kept.granted for kept in await self.all() if kept.ended_at is None)

    async def add(
        self,
        *,
        rule: str,
        to: Sequence[str],
        from_: Sequence[str],
        because: str,
        until: date,
        who: str,
    ) -> Granted:
        """
        Make one, which counts on every node within seconds; *who* stands in the audit log.

        Raises:
            ValueError: It cannot be meant, as `granted` has it.
            StoreError: The database is away; nothing was changed.
        """
        made = granted(
            id_=secrets.token_hex(3), rule=rule, to=to, from_=from_, because=because, until=until
        )
        async with self._database.write() as conn:
            now = await self._database.now_on(conn)
            row = {**made.told, "added_at": now, "added_by": who}
            await conn.execute(insert(exceptions).values(row))
            await wish(conn, "exceptions")
            await append(conn, _entry("exception.added", made, at=now, who=who))
        return made

    async def end(self, id_: str, *, who: str) -> Kept | None:
        """
        End one now; gives it as it was, and `None` where there is none of that id.

        Raises:
            StoreError: The database is away; nothing was changed.
        """
        async with self._database.write() as conn:
            asked = select(exceptions).where(_row.id == id_).with_for_update()
            found = (await conn.execute(asked)).one_or_none()
            kept = None if found is None else _kept(found)
            if kept is not None and kept.ended_at is None:
                now = await self._database.now_on(conn)
                values = {"ended_at": now, "ended_by": who}
                await conn.execute(update(exceptions).where(_row.id == id_).values(values))
                await wish(conn, "exceptions")
                await append(conn, _entry("exception.ended", kept.granted, at=now, who=who))
        return kept

    async def matched(self, ids: Collection[str]) -> None:
        """
        Note that a rule would have spoken today without these.

        Raises:
            StoreError: The database is away; nothing was changed.
        """
        async with self._database.write() as conn:
            today = (await self._database.now_on(conn)).date().isoformat()
            mine = _row.id.in_(sorted(ids)) & (_row.matched_on < today)
            await conn.execute(update(exceptions).where(mine).values(matched_on=today))


def _kept(row: Row[Any]) -> Kept | None:
    """Give the exception of a row; one that this version does not understand counts for nothing."""
    said = row._mapping
    try:
        its = granted(
            id_=row.id,
            rule=row.rule,
            to=said["to"],
            from_=said["from"],
            because=row.because,
            until=date.fromisoformat(row.until),
        )
    except ValueError:
        log.error("exception.unusable", id=row.id)  # noqa: TRY400 -- the text shows addresses
        return None
    return Kept(
        granted=its,
        added_at=row.added_at,
        added_by=row.added_by,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        matched_on=date.fromisoformat(row.matched_on) if row.matched_on else None,
    )


def _entry(event: str, its: Granted, *, at: datetime, who: str) -> AuditEntry:
    details: dict[str, str | int | float | list[str]] = {**its.told}
    return AuditEntry(event=event, hold_id="", at=at, actor=who, details=details)
