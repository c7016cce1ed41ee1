"""
The audit log: rows that are only ever added, each sealed with the hash of the one before.

An edit, a gap, an exchange or a cut end shows in `AuditLog.verify`. The chain is no secret:
who can write to the database could make a new one, so its head belongs into a backup elsewhere.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, insert, literal, select, update
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


async def first_wrong(conn: AsyncConnection) -> int | None:
    """As `AuditLog.first_wrong`, in the caller's transaction: of the rows as it sees them."""
    head = (await conn.execute(select(head_table))).one_or_none()
    expected, before = 1, GENESIS
    query = select(audit_table).order_by(audit_table.c.seq)
    async with conn.stream(query.execution_options(yield_per=_BATCH)) as rows:
        async for row in rows:
            sealed = _hash(row._asdict(), before)
            if row.seq != expected or row.hash != sealed:
                return expected
            expected, before = expected + 1, sealed
    whole = head is not None and (head.seq, head.hash) == (expected - 1, before)
    return None if whole else expected


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
            entry = AuditEntry(
                event=row.event,
                hold_id=row.hold_id,
                at=row.at,
                actor=row.actor,
                peer=row.peer,
                details=json.loads(row.details),
            )
            yield Sealed(seq=row.seq, entry=entry, hash=row.hash)

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
        async with self._database.read() as conn:
            head = (await conn.execute(select(head_table))).one_or_none()
        if head is None:
            return Verified(rows=0, hash=GENESIS, wrong=1)
        expected, before = 1, GENESIS
        # Rows added while this runs are left for the next time.
        async for row in self._rows(audit_table.c.seq <= head.seq):
            sealed = _hash(row._asdict(), before)
            other = noted is not None and noted[0] == expected and noted[1] != sealed
            if row.seq != expected or row.hash != sealed or other:
                return Verified(rows=expected - 1, hash=before, wrong=expected)
            expected, before = expected + 1, sealed
            if row.seq % _BATCH == 0:
                tell(row.seq)
        cut = (head.seq, head.hash) != (expected - 1, before) or (
            noted is not None and noted[0] >= expected
        )
        return Verified(rows=expected - 1, hash=before, wrong=expected if cut else None)

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


def _where(question: Question) -> Iterator[ColumnElement[bool]]:
    column = audit_table.c
    if question.hold_id is not None:
        yield column.hold_id == question.hold_id
    if question.actor is not None:
        yield column.actor == question.actor
    if question.event is not None:
        whole = not question.event.endswith(".")
        yield column.event == question.event if whole else column.event.startswith(question.event)
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
