"""One database, SQLite or PostgreSQL: open it, read, write durably, know its time and its room."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

from sqlalchemy import URL, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from guard.model.errors import StoreError
from guard.store import postgres, sqlite
from guard.store.faults import store_errors
from guard.store.schema import SCHEMA_VERSION
from guard.store.version import lock_schema, make_tables, require_current, version_of

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
        self._lost = ""

    @classmethod
    async def open(cls, url: str, *, folder: Path = Path(), busy_s: float = BUSY_S) -> "Database":
        """
        Open the database of *url*, and make file and tables where they are missing.

        A relative SQLite path starts at *folder*.

        Raises:
            SchemaError: Its tables are of an older or newer Guard.
            StoreError: It is away, open to other users, or *url* is none that Guard knows.
        """
        database = cls.connect(url, folder=folder, busy_s=busy_s)
        try:
            await database._make_ready()
        except BaseException:
            await database.close()
            raise
        return database

    @classmethod
    def connect(cls, url: str, *, folder: Path = Path(), busy_s: float = BUSY_S) -> "Database":
        """
        Give the database of *url* with whatever tables it has: for those who look after them.

        Raises:
            StoreError: As `open`.
        """
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise StoreError('write a database address like "sqlite:///guard.db"') from error
        match parsed.get_backend_name():
            case "sqlite" if parsed.database and parsed.database != ":memory:":
                path = folder / parsed.database
                sqlite.prepare_file(path)
                return cls(sqlite.engine(path, busy_s=busy_s), path)
            case "postgresql":
                return cls(postgres.engine(parsed), None)
            case _:
                raise StoreError("the store is a SQLite file or PostgreSQL, nothing else")

    @classmethod
    def building(cls, path: Path) -> "Database":
        """Give a database to be filled in the empty file at *path*, which nobody else knows of."""
        return cls(sqlite.builder(path), path)

    @classmethod
    def reading(cls, path: Path) -> "Database":
        """Give the database in the file at *path*, which is only read."""
        return cls(sqlite.reader(path), path)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """
        Give a connection to read with; on SQLite all its reads see the same moment.

        Raises:
            StoreError: The database is away.
        """
        with store_errors(self.path):
            async with self._reads.connect() as conn:
                yield conn

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """
        Give a connection in a transaction; it is durable once this ends without an exception.

        Raises:
            StoreFullError: There is no room; nothing was changed.
            StoreError: The database is away, locked or given up; nothing was changed.
        """
        async with self._in_turn():
            self._check_ours()
            with store_errors(self.path):
                async with self._writes.begin() as conn:
                    yield conn

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncConnection]:
        """
        Give a connection outside any transaction, for as long as the block takes.

        Raises:
            StoreError: The database is away.
        """
        apart = self._reads.execution_options(isolation_level="AUTOCOMMIT", bare=True)
        with store_errors(self.path):
            async with apart.connect() as conn:
                yield conn

    @property
    def url(self) -> URL:
        """Where it is; may hold a password."""
        return self._reads.url

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
        with store_errors(self.path):
            async with self._reads.execution_options(bare=True).connect() as conn:
                await conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        """Close every connection."""
        await self._reads.dispose()

    def give_up(self, why: str) -> None:
        """Write nothing from now on: somebody else has the database; *why* is what writers hear."""
        self._lost = why

    def _check_ours(self) -> None:
        """
        See that nobody else took the database, and that the file at the path is the one open here.

        What is written to a file that was deleted or replaced is gone with the process.
        """
        if self._lost:
            raise StoreError(self._lost)
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

    async def _make_ready(self) -> None:
        # Most starts find their tables: for them one read is enough.
        async with self.read() as conn:
            found = await conn.run_sync(version_of)
        if found is None:
            async with self.write() as conn:
                await conn.run_sync(lock_schema)
                found = await conn.run_sync(version_of)  # somebody else may have been quicker
                if found is None:
                    await conn.run_sync(make_tables)
                    found = SCHEMA_VERSION
        require_current(found)


def _identity(path: Path | None) -> tuple[int, int] | None:
    """Tell one file from another at the same path; `None` where there is none."""
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
