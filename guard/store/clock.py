"""One time for all nodes: that of the database, whatever the clock of each machine shows."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from guard.model.errors import StoreError
from guard.ports import Clock
from guard.store.database import Database

EVERY_S: Final = 30.0
"""Between two comparisons: what our counter drifts in that time does not matter."""

TRIES: Final = 5
"""Comparisons of which the quickest counts: it says the most exactly when the answer was given."""

log = structlog.get_logger()


def machine_time() -> datetime:
    """Now, aware, by the clock of this machine."""
    return datetime.now(UTC)


class DatabaseClock:
    """
    `ports.Clock` by the database's time, without asking it each time.

    Between two comparisons a counter goes on that nobody sets, and that a suspended machine does
    not stop; so a clock that is set wrong, or jumps, changes nothing here.
    """

    def __init__(self, database: Database) -> None:
        self._database: Final = database
        self._start = machine_time() - timedelta(seconds=_counter_s())
        """What the database's clock showed when our counter stood at zero."""

    def __call__(self) -> datetime:
        """Now, by the database's clock."""
        return self._start + timedelta(seconds=_counter_s())

    async def compare(self) -> None:
        """
        Ask the database what time it is.

        Raises:
            StoreError: It is away; the last comparison goes on to count.
        """
        starts: list[tuple[float, datetime]] = []
        async with self._database.read() as conn:
            for _ in range(TRIES):
                before = _counter_s()
                told = await self._database.now_on(conn)
                after = _counter_s()
                starts.append((after - before, told - timedelta(seconds=(before + after) / 2)))
        _, self._start = min(starts)

    async def keep(self) -> None:
        """Compare again and again, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.compare()
            except StoreError:
                log.warning("clock.not_compared", exc_info=True)


@asynccontextmanager
async def clock_of(database: Database) -> AsyncIterator[Clock]:
    """
    Give the clock that decides for the block: with PostgreSQL the database's, else the machine's.

    Raises:
        StoreError: The database does not tell its time.
    """
    if database.path is not None:
        yield machine_time
        return
    clock = DatabaseClock(database)
    await clock.compare()
    keeping = asyncio.create_task(clock.keep())
    try:
        yield clock
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])


def _counter_s() -> float:
    # CLOCK_BOOTTIME counts the time in which a machine sleeps, as CLOCK_MONOTONIC does not.
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
