"""
The audit log: rows that are only ever added, each sealed with the hash of the one before.

An edit, a gap, an exchange or a cut end shows in `AuditLog.verify`. The chain is no secret:
who can write to the database could make a new one, so its head belongs into a backup elsewhere.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, func, insert, literal, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.ports import AuditEntry
from guard.store.database import Database
from guard.store.schema import Instant
from guard.store.tables import GENESIS, audit_table, head_table

_BATCH: Final = 500


async def append(conn: AsyncConnection, *entries: AuditEntry) -> None:
    """
    Add *entries* in the caller's transaction, as the last thing there.

    From here to its end the transaction holds the head of the chain, for which others wait.
    """
    head = (await conn.execute(select(head_table).with_for_update())).one()
    rows = []
    before = head.hash
    for seq, entry in enumerate(entries, start=head.seq + 1):
        row = {
            "seq": seq,
            "event": entry.event,
            "hold_id": entry.hold_id,
            "at": entry.at,
            "actor": entry.actor,
            "peer": entry.peer,
            "details": _canonical(entry.details),
        }
        before = _hash(row, before)
        rows.append({**row, "hash": before})
    if rows:
        await conn.execute(insert(audit_table), rows)
        await conn.execute(update(head_table).values(seq=rows[-1]["seq"], hash=before))


async def told_of(conn: AsyncConnection, hold_id: str, events: Collection[str]) -> list[AuditEntry]:
    """Give the entries of one hold under *events*, oldest first, as the transaction sees them."""
    column = audit_table.c
    query = (
        select(audit_table)
        .where(column.hold_id == hold_id, column.event.in_(events))
        .order_by(column.seq)
    )
    return [_entry(row) for row in await conn.execute(query)]


async def first_wrong(conn: AsyncConnection) -> int | None:
    """As `AuditLog.first_wrong`, in the caller's transaction: of the rows as it sees them."""
    return (await _verified(lambda: nullcontext(conn))).wrong


async def _verified(
    reading: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
    noted: tuple[int, str] | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> "Verified":
    """As `AuditLog.verify`, over the connections that *reading* gives, one for each batch."""
    async with reading() as conn:
        head = (await conn.execute(select(head_table))).one_or_none()
        foreign = await _foreign(conn, head.seq) if head is not None else None
    if head is None:
        return Verified(rows=0, hash=GENESIS, wrong=1)
    chain = _Chain(noted)
    # Rows added while this runs are left for the next time.
    while chain.rows < head.seq:
        async with reading() as conn:
            good = await _fed(conn, chain, head.seq)
        if not good:
            return Verified(rows=chain.rows, hash=chain.hash, wrong=chain.rows + 1)
        tell(chain.rows)
    whole = chain.hash == head.hash and (noted is None or noted[0] <= head.seq)
    first = foreign if whole else chain.rows + 1
    return Verified(rows=chain.rows, hash=chain.hash, wrong=first)


@dataclass(slots=True)
class _Chain:
    """How far rows were as they were written."""

    noted: tuple[int, str] | None
    """Number and hash of a row as somebody wrote them down elsewhere."""

    rows: int = 0
    hash: str = GENESIS

    def takes(self, row: Row[Any]) -> bool:
        """Whether *row* is the next one, as it was written; then it counts."""
        if row.seq != self.rows + 1 or row.hash != _hash(row._asdict(), self.hash):
            return False
        if self.noted is not None and self.noted[0] == row.seq and self.noted[1] != row.hash:
            return False
        self.rows, self.hash = row.seq, row.hash
        return True


async def _foreign(conn: AsyncConnection, last: int) -> int | None:
    """Give the number of a row that is none of 1 to *last*: it was put in from outside."""
    column = audit_table.c.seq
    lowest, highest = (await conn.execute(select(func.min(column), func.max(column)))).one()
    if lowest is not None and lowest < 1:
        return int(lowest)
    return None if highest is None or highest <= last else last + 1


async def _fed(conn: AsyncConnection, chain: _Chain, last: int) -> bool:
    """Give *chain* the next rows, up to *last*; false at one that is not as it was written."""
    for some in (_BATCH, 1):
        first = chain.rows + 1
        wanted = audit_table.c.seq.between(first, min(first + some - 1, last))
        query = select(audit_table).where(wanted).order_by(audit_table.c.seq)
        try:
            rows = (await conn.execute(query)).all()
            if not rows:
                return False
            return all(chain.takes(row) for row in rows)
        except (ValueError, TypeError, AttributeError, SQLAlchemyError):
            # What stands in one of them is no such value at all; one by one, that one is found.
            if some == 1:
                return False
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """One row as it stands in the log."""

    seq: int
    """From 1 on, without gaps."""

    entry: AuditEntry
    hash: str
    """SHA-256 over the row and the hash of the row before it, hexadecimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which rows are wanted; what is left out does not matter."""

    hold_id: str | None = None
    actor: str | None = None
    event: str | None = None
    """A whole name, or its beginning with a dot: ``hold.``."""

    since: datetime | None = None
    until: datetime | None = None
    """Not this instant itself."""


ALL: Final = Question()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What checking the chain found."""

    rows: int
    """How many are as they were written, from the first on."""

    hash: str
    """Of the last of them."""

    wrong: int | None = None
    """The number of the first row that is not as it was written; `None`: all are."""


class AuditLog:
    """The log, for those who read it."""

    def __init__(self, database: Database) -> None:
        self._database: Final = database

    async def entries(self, hold_id: str | None = None) -> AsyncIterator[AuditEntry]:
        """Give the entries, oldest first: of one hold, or all."""
        async for row in self.find(Question(hold_id=hold_id)):
            yield row.entry

    async def find(self, question: Question = ALL) -> AsyncIterator[Sealed]:
        """Give the rows that *question* asks for, oldest first."""
        async for row in self._rows(*_where(question)):
            yield Sealed(seq=row.seq, entry=_entry(row), hash=row.hash)

    async def first_wrong(self) -> int | None:
        """Give the number of the first row that is not as it was written; `None`: all are."""
        return (await self.verify()).wrong

    async def verify(
        self, noted: tuple[int, str] | None = None, tell: Callable[[int], None] = lambda _: None
    ) -> Verified:
        """
        Check every row against the one before it; *tell* hears how many were checked.

        *noted* is number and hash of a row as somebody wrote them down elsewhere: it shows a chain
        that was made anew, or cut behind that row, by one who can write to the database.
        """
        return await _verified(self._database.read, noted, tell)

    async def _rows(self, *where: ColumnElement[bool]) -> AsyncIterator[Row[Any]]:
        # In batches: one long read would keep SQLite from tidying its log.
        last = 0
        while True:
            query = select(audit_table).where(audit_table.c.seq > last, *where)
            async with self._database.read() as conn:
                rows = (await conn.execute(query.order_by(audit_table.c.seq).limit(_BATCH))).all()
            for row in rows:
                yield row
            if len(rows) < _BATCH:
                return
            last = rows[-1].seq


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        event=row.event,
        hold_id=row.hold_id,
        at=row.at,
        actor=row.actor,
        peer=row.peer,
        details=json.loads(row.details),
    )


def _where(question: Question) -> Iterator[ColumnElement[bool]]:
    column = audit_table.c
    if question.hold_id is not None:
        yield column.hold_id == question.hold_id
    if question.actor is not None:
        yield column.actor == question.actor
    if question.event is not None:
        whole = not question.event.endswith(".")
        yield (
            column.event == question.event
            if whole
            else column.event.startswith(question.event, autoescape=True)
        )
    if question.since is not None:
        yield column.at >= literal(question.since, Instant)
    if question.until is not None:
        yield column.at < literal(question.until, Instant)


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _hash(row: Mapping[str, Any], before: str) -> str:
    told = {name: row[name] for name in ("seq", "event", "hold_id", "actor", "peer", "details")}
    told["at"] = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    told["before"] = before
    return hashlib.sha256(_canonical(told).encode()).hexdigest()
