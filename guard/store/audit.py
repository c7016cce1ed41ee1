"""
The audit log: rows that are only ever added, each sealed with the hash of the one before.

An edit, a gap, an exchange or a cut end shows in `AuditLog.first_wrong`. The chain is no secret:
who can write to the database could make a new one, so its head belongs into a backup elsewhere.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.ports import AuditEntry
from guard.store.database import Database
from guard.store.tables import GENESIS, audit_table, head_table

_BATCH: Final = 500


async def append(conn: AsyncConnection, entry: AuditEntry) -> None:
    """
    Add *entry* in the caller's transaction, as the last thing there.

    From here to its end the transaction holds the head of the chain, for which others wait.
    """
    head = (await conn.execute(select(head_table).with_for_update())).one()
    row = {
        "seq": head.seq + 1,
        "event": entry.event,
        "hold_id": entry.hold_id,
        "at": entry.at,
        "actor": entry.actor,
        "peer": entry.peer,
        "details": _canonical(entry.details),
    }
    sealed = _hash(row, head.hash)
    await conn.execute(insert(audit_table).values(**row, hash=sealed))
    await conn.execute(update(head_table).values(seq=row["seq"], hash=sealed))


class AuditLog:
    """The log, for those who read it."""

    def __init__(self, database: Database) -> None:
        self._database: Final = database

    async def entries(self, hold_id: str | None = None) -> AsyncIterator[AuditEntry]:
        """Give the entries, oldest first: of one hold, or all."""
        of_hold = () if hold_id is None else (audit_table.c.hold_id == hold_id,)
        async for row in self._rows(*of_hold):
            yield AuditEntry(
                event=row.event,
                hold_id=row.hold_id,
                at=row.at,
                actor=row.actor,
                peer=row.peer,
                details=json.loads(row.details),
            )

    async def first_wrong(self) -> int | None:
        """Give the number of the first row that is not as it was written; `None`: all are."""
        async with self._database.read() as conn:
            head = (await conn.execute(select(head_table))).one_or_none()
        if head is None:
            return 1
        expected, before = 1, GENESIS
        # Rows added while this runs are left for the next time.
        async for row in self._rows(audit_table.c.seq <= head.seq):
            sealed = _hash(row._asdict(), before)
            if row.seq != expected or row.hash != sealed:
                return expected
            expected, before = expected + 1, sealed
        return None if (head.seq, head.hash) == (expected - 1, before) else expected

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


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _hash(row: Mapping[str, Any], before: str) -> str:
    told = {name: row[name] for name in ("seq", "event", "hold_id", "actor", "peer", "details")}
    told["at"] = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    told["before"] = before
    return hashlib.sha256(_canonical(told).encode()).hexdigest()
