"""One database, SQLite or PostgreSQL: open it, read, write durably, know its time and its room."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

from sqlalchemy import func, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from guard.model.errors import StoreError
from guard.store import postgres, sqlite
from guard.store.faults import store_errors
from guard.store.schema import SCHEMA_VERSION, schema_version
from guard.store.tables import metadata

BUSY_S: Final = 5.0
"""Seconds to wait for another process that writes to the same SQLite file."""

QUEUE_S: Final = 10.0
"""Seconds to wait for the other writers of this process; with `BUSY_S`, below the 20 s in which a
client has its 451."""

RESERVE_BYTES: Final = 64 * 1024 * 1024
"""Free space that must remain, at least, before another message is begun."""


class Database:
    """
    The database behind every adapter of this package.

    Writes of one process take turns: two that fought for SQLite's lock would only sleep and poll.
    """

    def __init__(self, engine: AsyncEngine, path: Path | None) -> None:
        self.path: Final = path
        """The SQLite file; `None` with PostgreSQL."""

        self._file: Final = _identity(path)

        self._reads: Final = engine
        self._writes: Final = engine.execution_options(writes=True)
        self._turn: Final = asyncio.Lock()

    @classmethod
    async def open(cls, url: str, *, folder: Path = Path(), busy_s: float = BUSY_S) -> "Database":
        """
        Open the database of *url*, and make file and tables where they are missing.

        A relative SQLite path starts at *folder*.

        Raises:
            StoreError: It is away, open to other users, made by a newer Guard, or *url* is none
                that Guard knows.
        """
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise StoreError('write a database address like "sqlite:///guard.db"') from error
        match parsed.get_backend_name():
            case "sqlite" if parsed.database and parsed.database != ":memory:":
                path = folder / parsed.database
                sqlite.prepare_file(path)
                database = cls(sqlite.engine(path, busy_s=busy_s), path)
            case "postgresql":
                database = cls(postgres.engine(parsed), None)
            case _:
                raise StoreError("the store is a SQLite file or PostgreSQL, nothing else")
        try:
            await database._make_tables()
        except BaseException:
            await database.close()
            raise
        return database

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """
        Give a connection to read with; on SQLite all its reads see the same moment.

        Raises:
            StoreError: The database is away.
        """
        with store_errors():
            async with self._reads.connect() as conn:
                yield conn

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """
        Give a connection in a transaction; it is durable once this ends without an exception.

        Raises:
            StoreFullError: There is no room; nothing was changed.
            StoreError: The database is away or locked; nothing was changed.
        """
        async with self._in_turn():
            self._check_file()
            with store_errors():
                async with self._writes.begin() as conn:
                    yield conn

    async def now_on(self, conn: AsyncConnection) -> datetime:
        """Give the database's time, by *conn*: of several nodes' clocks, the one that counts."""
        if self.path is not None:
            return datetime.now(UTC)
        answer = await conn.scalar(select(func.clock_timestamp()))
        return cast("datetime", answer).astimezone(UTC)

    def room(self, message_bytes: int) -> bool:
        """
        Whether there is room to begin a message of up to *message_bytes*.

        Of PostgreSQL, whose disk is not ours to see, this is always true.
        """
        if self.path is None:
            return True
        disk = os.statvfs(self.path.parent)
        names_left = disk.f_favail > 0 or disk.f_files == 0  # some file systems count none
        return names_left and disk.f_bavail * disk.f_frsize >= max(2 * message_bytes, RESERVE_BYTES)

    async def shred_log(self) -> None:
        """
        Empty SQLite's write-ahead log, where copies of deleted pages would last on.

        Best effort: while somebody reads, it is left for the next time.
        """
        if self.path is None:
            return
        with store_errors():
            async with self._reads.execution_options(bare=True).connect() as conn:
                await conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        """Close every connection."""
        await self._reads.dispose()

    def _check_file(self) -> None:
        """
        See that the file at the path is still the one that is open.

        What is written to a file that was deleted or replaced is gone with the process.
        """
        if _identity(self.path) != self._file:
            raise StoreError("the database file was moved, deleted or replaced; start again")

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        if self.path is None:
            yield
            return
        try:
            async with asyncio.timeout(QUEUE_S):
                await self._turn.acquire()
        except TimeoutError as error:
            raise StoreError("too many writes wait for the database") from error
        try:
            yield
        finally:
            self._turn.release()

    async def _make_tables(self) -> None:
        async with self.write() as conn:
            if self.path is None:
                # Two nodes that start at once would both create.
                await conn.execute(text("SELECT pg_advisory_xact_lock(hashtext('guard.schema'))"))
            await conn.run_sync(metadata.create_all, tables=[schema_version])
            found = await conn.scalar(select(schema_version.c.version))
            if found is not None and found > SCHEMA_VERSION:
                raise StoreError(
                    f"the database has schema {found}, made by a newer Guard; this one knows up to"
                    f" {SCHEMA_VERSION}"
                )
            await conn.run_sync(metadata.create_all)
            if found is None:
                await conn.execute(insert(schema_version).values(id=1, version=SCHEMA_VERSION))


def _identity(path: Path | None) -> tuple[int, int] | None:
    """Tell one file from another at the same path; `None` where there is none."""
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
