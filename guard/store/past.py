"""
Features of judged mail in SQL: many to a row, compressed and sealed, for a set number of days.

A mail costs no write of its own, and nobody waits for one: what came is written together, some
seconds later. A crash forgets the mails of that time.
"""

import asyncio
import json
import secrets
import time
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final, TypeVar

import structlog
from prometheus_client import Counter
from sqlalchemy import delete, func, select

from guard.model.errors import DamagedError, GuardError, KeyFileError
from guard.policy.past.features import Features
from guard.store.crypto import Seal
from guard.store.database import Database
from guard.store.keys import KeyRing
from guard.store.opening import Ground
from guard.store.past_rows import features_table

EVERY_S: Final = 10.0
"""Seconds between two writings."""

BATCH: Final = 500
"""Mails in a row, at most."""

MOST_WAITING: Final = 20_000
"""Mails that wait to be written, at most: what comes beyond is let go."""

ROWS_AT_ONCE: Final = 20
"""Rows in memory while they are read: some megabytes."""

_FIELD: Final = "features"
CLEAN_UP_S: Final = 3600.0
"""Seconds between two looks at what is too old."""

LOST: Final = Counter(
    "guard_features_lost",
    "Judged mails of which no features could be kept, so that `guard policy try` misses them.",
)

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one row has."""

    key_id: str
    """Of the key that names are written by."""

    policies: dict[str, dict[str, list[str]]]
    """By its hash, what each policy that judged these mails asked for: ``lists``, ``tags``."""

    records: list[bytes]


@dataclass(slots=True)
class Missing:
    """What was kept, and cannot be read."""

    mails: int = 0
    keys: set[str] = field(default_factory=set)
    """Subkeys for holds that the ring no longer has."""


class SqlPast:
    """`ports.Past` in SQL."""

    def __init__(self, ground: Ground, kept: timedelta) -> None:
        """Keep mails on *ground* for as long as *kept*; zero: none, and delete what there is."""
        self._database: Final = ground.database
        self._keys: Final = ground.keys
        self._kept: Final = kept
        self._waiting: list[Features] = []
        self._clean_at = 0.0
        self._writing: asyncio.Task[None] | None = None
        self._closing: Final = asyncio.Event()

    def start(self) -> None:
        """Write again and again, and delete what is too old, until `close`."""
        self._writing = asyncio.create_task(self._write_on())

    def keep(self, features: Features) -> None:
        """As `ports.Past.keep`."""
        if not self._kept:
            return
        if len(self._waiting) >= MOST_WAITING:
            LOST.inc()
            return
        self._waiting.append(features)

    async def close(self) -> None:
        """Write what is left. Failing is logged."""
        self._closing.set()  # not cancelled: a commit that was given up may have been done
        if self._writing is not None:
            await self._writing
        await self._write_or_log()

    async def write(self) -> None:
        """
        Write what waits, and delete what is too old.

        Raises:
            GuardError: It cannot be written now; it waits on.
        """
        taken, self._waiting = self._waiting, []
        try:
            rows = await asyncio.to_thread(self._rows, taken) if taken else []
            if rows:
                async with self._database.write() as conn:
                    await conn.execute(features_table.insert(), rows)
        except GuardError:
            waiting = [*taken, *self._waiting]
            self._waiting = waiting[:MOST_WAITING]
            LOST.inc(len(waiting) - len(self._waiting))
            raise
        await self._clean_up()

    async def _clean_up(self) -> None:
        if time.monotonic() < self._clean_at:
            return
        self._clean_at = time.monotonic() + CLEAN_UP_S
        async with self._database.read() as conn:
            now = await self._database.now_on(conn)
        if await forget(self._database, before=now - self._kept if self._kept else None):
            await self._database.shred_log()

    def _rows(self, taken: Sequence[Features]) -> list[dict[str, Any]]:
        key_id, key = self._keys.current("holds")
        rows = []
        by_name = sorted(taken, key=lambda one: one.key_id)
        for names_by, some in groupby(by_name, key=lambda one: one.key_id):
            for mails in _parted(list(some), BATCH):
                row_id = secrets.token_hex(16)
                head = {
                    "key": names_by,
                    "policies": {one.policy: dict(one.asked) for one in mails},
                }
                lines = [json.dumps(head).encode(), *(one.record for one in mails)]
                octets = zlib.compress(b"\n".join(lines), 6)
                times = [one.at for one in mails]
                rows.append(
                    {
                        "id": row_id,
                        "first_at": min(times),
                        "last_at": max(times),
                        "mails": len(mails),
                        "key_id": key_id,
                        "sealed": Seal.of(key, row_id).close(_FIELD, octets),
                    }
                )
        return rows

    async def _write_on(self) -> None:
        while not self._closing.is_set():
            await self._write_or_log()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), EVERY_S)

    async def _write_or_log(self) -> None:
        try:
            await self.write()
        except GuardError as error:
            log.warning("features.not_written", error=type(error).__name__)
        except Exception:  # a bug here must not end the writing, and changes no mail
            log.exception("features.not_written")


async def forget(database: Database, *, before: datetime | None = None, key_id: str = "") -> int:
    """
    Delete rows: all, or those of mails *before* a time, or those sealed by one subkey.

    Gives how many rows that were.
    """
    query = delete(features_table)
    if before is not None:
        query = query.where(features_table.c.last_at < before)
    if key_id:
        query = query.where(features_table.c.key_id == key_id)
    async with database.write() as conn:
        return int((await conn.execute(query)).rowcount)


async def count(ground: Ground, since: datetime) -> int:
    """Give about how many mails are kept since a time: whole rows count."""
    query = select(func.sum(features_table.c.mails)).where(features_table.c.last_at >= since)
    async with ground.database.read() as conn:
        return int(await conn.scalar(query) or 0)


async def read(ground: Ground, since: datetime, missing: Missing) -> AsyncIterator[Batch]:
    """Give what was kept of mails since a time, row by row; *missing* hears what does not open."""
    table = features_table.c
    wanted = select(table.id).where(table.last_at >= since).order_by(table.first_at, table.id)
    async with ground.database.read() as conn:
        ids = list((await conn.scalars(wanted)).all())
    for some in _parted(ids, ROWS_AT_ONCE):
        query = select(features_table).where(table.id.in_(some)).order_by(table.first_at, table.id)
        async with ground.database.read() as conn:
            rows = (await conn.execute(query)).all()
        for row in rows:
            try:
                yield _opened(ground.keys, row)
            except KeyFileError:
                missing.mails += row.mails
                missing.keys.add(row.key_id)
            except DamagedError:
                missing.mails += row.mails


def _parted(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (things[start : start + size] for start in range(0, len(things), size))


def _opened(keys: KeyRing, row: Any) -> Batch:
    seal = Seal.of(keys.get("holds", row.key_id), row.id)
    try:
        head, *records = zlib.decompress(seal.open(_FIELD, row.sealed)).split(b"\n")
        told = json.loads(head)
        return Batch(key_id=told["key"], policies=told["policies"], records=records)
    except (zlib.error, ValueError, KeyError) as error:
        raise DamagedError("features are not what was written") from error
