"""
What PostgreSQL tells of jobs that other nodes committed: a hint to look, never a promise.

A node that does not hear it finds the job at its next look, some seconds later.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import structlog
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.store.database import Database

CHANNEL: Final = "guard_outbox"
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 60.0

log = structlog.get_logger()


async def give(conn: AsyncConnection) -> None:
    """Have the commit of the caller's transaction tell all nodes; nothing happens on SQLite."""
    if conn.dialect.name == "postgresql":
        await conn.execute(text(f"NOTIFY {CHANNEL}"))


@asynccontextmanager
async def taken(database: Database, ring: Callable[[], None]) -> AsyncIterator[None]:
    """Have *ring* called whenever a node has committed jobs, for the block."""
    if database.path is not None:
        yield
        return
    listening = asyncio.create_task(_listen(database.url, ring))
    try:
        yield
    finally:
        listening.cancel()
        await asyncio.wait([listening])


async def _listen(url: URL, ring: Callable[[], None]) -> None:
    import psycopg

    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    wait_s = FIRST_WAIT_S
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                address, autocommit=True, connect_timeout=10
            ) as conn:
                await conn.execute(f"LISTEN {CHANNEL}")
                wait_s = FIRST_WAIT_S
                ring()  # for what was committed while nobody listened
                async for _ in conn.notifies():
                    ring()
        except psycopg.Error as error:
            # Its text can name the host and the user; the class says enough of a mere hint.
            log.warning("hints.lost", error=type(error).__name__)
        await asyncio.sleep(wait_s)
        wait_s = min(LONGEST_WAIT_S, 2 * wait_s)
