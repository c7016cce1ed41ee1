"""
Who uses a database: running guards say so for as long as they run, and some commands want nobody.

On SQLite that is the file of `occupant`. On PostgreSQL each node shares a lock of its session; who
moves or upgrades the database wants the lock alone. A node that finds the database taken from it
writes nothing more: clients are told 451.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.model.errors import SchemaError, StoreError
from guard.store.database import Database
from guard.store.occupant import BEAT_S, still_ours
from guard.store.version import require_current, version_of

# By schema, for one database of a server may hold several stores.
_KEY: Final = "hashtext('guard.running.' || current_schema())"
_SHARE: Final = text(f"SELECT pg_try_advisory_lock_shared({_KEY})")
_TAKE: Final = text(f"SELECT pg_try_advisory_lock({_KEY})")

_RELEASE: Final = text("SELECT pg_advisory_unlock_all()")

_AGAIN_S: Final = 1.0
"""Seconds before a lost connection is made again."""

_TAKEN: Final = "a guard on another machine took this database; only one may have a SQLite file"
_BUSY: Final = "“guard db” is at work on this database; start again when it is done"

log = structlog.get_logger()


@asynccontextmanager
async def present(database: Database) -> AsyncIterator[None]:
    """
    Be a running guard on *database*, for the block.

    Raises:
        StoreError: A command has the database to itself, or it is away.
    """
    started = asyncio.get_running_loop().create_future()
    told = (
        _share(database, started)
        if database.path is None
        else _speak(database, database.path, started)
    )
    task = asyncio.create_task(told)
    try:
        await started
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def nobody_else(database: Database) -> AsyncIterator[None]:
    """
    Have a PostgreSQL database without any guard, for the block; of SQLite see `only_guard`.

    Raises:
        StoreError: A guard is running on it, or it is away.
    """
    if database.path is not None:
        yield
        return
    async with database.session() as conn:
        try:
            if not await conn.scalar(_TAKE):
                raise StoreError("a guard is running on this database; stop every node of it first")
            yield
        finally:
            await _end(conn)


async def _speak(database: Database, path: Path, started: "asyncio.Future[None]") -> None:
    """Say again and again that the guard of this machine has a SQLite file."""
    started.set_result(None)
    while True:
        await _pause(BEAT_S)
        try:
            ours = await asyncio.to_thread(still_ours, path)
        except OSError as error:
            log.warning("store.unheard", error=type(error).__name__)
            continue
        if not ours:
            _give_up(database, _TAKEN)
            return


async def _share(database: Database, started: "asyncio.Future[None]") -> None:
    """Keep a shared lock on a PostgreSQL database, over lost connections too."""
    while True:
        try:
            async with database.session() as conn:
                try:
                    if not await conn.scalar(_SHARE):
                        raise SchemaError(_BUSY)
                    # While the lock was lost, all may have been moved elsewhere.
                    found = await conn.run_sync(version_of)
                    require_current(found or 0)
                    if not started.done():
                        started.set_result(None)
                    while True:
                        await _pause(BEAT_S)
                        await conn.execute(select(1))
                finally:
                    await _end(conn)
        except StoreError as error:
            if not started.done():
                started.set_exception(error)
                return
            if isinstance(error, SchemaError):
                _give_up(database, str(error))
                return
        await _pause(_AGAIN_S)


async def _end(conn: AsyncConnection) -> None:
    """End a session and its lock: at once where it is sound, when the server notices where not."""
    with contextlib.suppress(SQLAlchemyError):
        await conn.execute(_RELEASE)
    await conn.invalidate()


async def _pause(seconds: float) -> None:
    await asyncio.sleep(seconds)


def _give_up(database: Database, why: str) -> None:
    log.critical("store.taken", why=why)
    database.give_up(why)
