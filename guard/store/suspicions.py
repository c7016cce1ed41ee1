"""
How suspicious mail was of late, in SQL: one count for all workers and nodes.

A mail costs no write of its own. What was judged is counted in memory; once in a while the counts
are added to the rows, and the sum of everybody's is read.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import structlog
from prometheus_client import Gauge
from sqlalchemy import delete, select

from guard.detect.channel import Channel
from guard.detect.recent import LONGEST_DAYS, Count, Counts, Recent, recent, step_of
from guard.model.errors import GuardError
from guard.store.contact_sql import upsert
from guard.store.database import Database
from guard.store.suspicion_rows import suspicions

EVERY_S: Final = 60.0
"""Seconds between two looks; a crash forgets the mails of that time."""

HELD = Gauge(
    "guard_lookalike_held_share",
    "Share of late mail that a rule held, or would have, for a look-alike; compare "
    "guard_lookalike_hold_budget.",
    multiprocess_mode="livemax",
)

log = structlog.get_logger(__name__)


async def counted(database: Database, channel: Channel) -> list[Count]:
    """
    Give all counts by the weights of *channel*.

    Raises:
        StoreError: The database is away.
    """
    columns = [suspicions.c[name] for name in Count._fields]
    async with database.read() as conn:
        rows = await conn.execute(
            select(*columns).where(suspicions.c.weights == channel.fingerprint)
        )
        return [Count(*row) for row in rows]


class SqlSuspicions:
    """`ports.Suspicions` in SQL. While the database is away, the last sum goes on to count."""

    def __init__(self, database: Database, channel: Channel) -> None:
        self._database: Final = database
        self._weights: Final = channel.fingerprint
        self._recent = Recent()
        self._waiting = Counts()
        self._thinned_out = 0
        self._renewing: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls, database: Database, channel: Channel, *, keeps_up: bool = False
    ) -> "SqlSuspicions":
        """
        Read what was counted by the weights of *channel*; *keeps_up*: again and again.

        Raises:
            StoreError: The database is away.
        """
        opened = cls(database, channel)
        await opened.renew()
        if keeps_up:
            opened._renewing = asyncio.create_task(opened._renew_on())
        return opened

    @property
    def recent(self) -> Recent:
        """As `ports.Suspicions.recent`."""
        return self._recent

    def count(self, log_odds: float, *, at: datetime, held: bool) -> None:
        """As `ports.Suspicions.count`."""
        day = at.astimezone(UTC).toordinal()
        self._waiting.add([Count(day, step_of(log_odds), 1, int(held))])

    async def renew(self) -> None:
        """
        Write what was counted here, and read the sum of everybody's.

        Raises:
            StoreError: The database is away or full; what was counted waits for the next time.
        """
        if self._waiting:
            await self._write()
        mine = suspicions.c.weights == self._weights
        columns = [suspicions.c[name] for name in Count._fields]
        async with self._database.read() as conn:
            today = (await self._database.now_on(conn)).toordinal()
            rows = await conn.execute(select(*columns).where(mine, suspicions.c.day <= today))
            self._recent = recent((Count(*row) for row in rows), today)
        HELD.set(self._recent.held / self._recent.mails if self._recent.mails else 0.0)

    async def close(self) -> None:
        """Write what is left. Failing is logged."""
        if self._renewing is not None:
            self._renewing.cancel()
            with suppress(asyncio.CancelledError):
                await self._renewing
        if self._waiting:
            await self._renew_or_log()

    async def _write(self) -> None:
        taken, self._waiting = self._waiting, Counts()
        counts: Sequence[Count] = list(taken)
        rows = [{"weights": self._weights, **count._asdict()} for count in counts]
        oldest = counts[-1].day - LONGEST_DAYS
        try:
            async with self._database.write() as conn:
                await upsert(conn, suspicions, rows, sums=("mails", "held"))
                if self._thinned_out < oldest:
                    await conn.execute(delete(suspicions).where(suspicions.c.day <= oldest))
        except BaseException:
            self._waiting.add(counts)
            raise
        self._thinned_out = oldest

    async def _renew_on(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            await self._renew_or_log()

    async def _renew_or_log(self) -> None:
        try:
            await self.renew()
        except GuardError as error:
            log.warning("suspicions.not_renewed", error=type(error).__name__)
