"""SQLite as a store that keeps its word: private files, write-ahead log, full syncs, one writer."""

import contextlib
import logging
import sqlite3
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from guard.durable import private_file
from guard.model.errors import StoreError
from guard.store.faults import spoils_connection
from guard.store.mounts import shared_mount
from guard.store.private import require_own_folder, require_private

_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit survives a power cut; NORMAL only a crash
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is deleted is overwritten
    "PRAGMA temp_store = MEMORY",
)

# At DEBUG it would write every value that goes into a statement.
logging.getLogger("aiosqlite").setLevel(logging.INFO)


def prepare_file(path: Path) -> None:
    """
    Make the database file where it is missing (0600; the log beside it inherits that).

    Raises:
        StoreError: File or folder is open to other users of the machine, lies on a file system
            that several machines share, or cannot be made.
    """
    folder = path.parent
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        require_own_folder(folder)
        mounts = Path("/proc/self/mounts")
        remote = mounts.exists() and shared_mount(
            folder.resolve(), mounts.read_text("utf-8", "replace")
        )
        if remote:
            raise StoreError(f"{folder}: SQLite cannot be trusted on {remote}; use a local disk")
        if not path.exists():
            if left := next((file for file in beside(path) if file.exists()), None):
                # SQLite would play it into the new file.
                raise StoreError(
                    f"{path}: is missing, but {left} is there; restore both or neither"
                )
            with private_file(path, replace=False) as file:
                file.write(_empty())
        # Of a file that was copied here, the log may have other permissions than the database.
        require_private(path, *beside(path))
    except OSError as error:
        raise StoreError(f"{path}: cannot be used ({error.strerror})") from error


def is_unused(path: Path) -> bool:
    """Whether the database file is still as `prepare_file` made it."""
    empty = _empty()
    same = path.stat().st_size == len(empty) and path.read_bytes() == empty
    return same and not any(file.exists() for file in beside(path))


def beside(path: Path) -> tuple[Path, ...]:
    """Give the files that SQLite may keep beside the database at *path*."""
    return tuple(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))


def _empty() -> bytes:
    """
    Give a database without tables that has a write-ahead log already.

    Of several processes that begin to use a log at once, SQLite lets some fail with SQLITE_BUSY
    without waiting (https://www.sqlite.org/pragma.html#pragma_journal_mode).
    """
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version = 0")  # or it would have no page at all
        octets = bytearray(connection.serialize())
    octets[18:20] = b"\x02\x02"  # read and write version: WAL, https://sqlite.org/fileformat.html
    return bytes(octets)


def engine(path: Path, *, busy_s: float) -> AsyncEngine:
    """Give an engine whose connections wait *busy_s* seconds for the lock of another process."""
    return _engine(URL.create("sqlite+aiosqlite", database=str(path)), _PRAGMAS, busy_s)


def builder(path: Path) -> AsyncEngine:
    """Give an engine that fills a file which nobody else knows of: no log stays beside it."""
    pragmas = ("PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON")
    return _engine(URL.create("sqlite+aiosqlite", database=str(path)), pragmas, 0)


def reader(path: Path) -> AsyncEngine:
    """Give an engine that changes nothing of the file, not even how it keeps its log."""
    uri = f"file:{quote(str(path.absolute()))}"
    query = {"mode": "ro", "uri": "true"}
    url = URL.create("sqlite+aiosqlite", database=uri, query=query)
    return _engine(url, ("PRAGMA query_only = ON",), 0)


def asker(path: Path) -> Engine:
    """Give an engine for reading in a thread, by one connection: much quicker for many reads."""
    made = create_engine(
        URL.create("sqlite", database=str(path)),
        hide_parameters=True,
        pool_size=1,
        max_overflow=0,
        connect_args={"isolation_level": None, "check_same_thread": False},
    )
    _listen(made, ("PRAGMA query_only = ON", "PRAGMA temp_store = MEMORY"))
    return made


def _engine(url: URL, pragmas: Sequence[str], busy_s: float) -> AsyncEngine:
    made = create_async_engine(
        url,
        hide_parameters=True,
        pool_timeout=10,
        # Python's sqlite3 would begin transactions by itself, and late; `_begin` does it.
        connect_args={"isolation_level": None, "timeout": busy_s},
    )
    _listen(made.sync_engine, pragmas)
    return made


def _listen(made: Engine, pragmas: Sequence[str]) -> None:
    event.listen(made, "connect", partial(_configure, pragmas))
    event.listen(made, "begin", _begin)
    event.listen(made, "handle_error", _drop_spoilt)


def _configure(pragmas: Sequence[str], connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    try:
        for pragma in pragmas:
            cursor.execute(pragma)
    finally:
        cursor.close()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("bare"):  # for what SQLite only does outside a transaction
        return
    # A transaction that reads before it writes fails at once with SQLITE_BUSY_SNAPSHOT when
    # another has written in between; one that will write takes the lock at its start.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


def _drop_spoilt(context: ExceptionContext) -> None:
    if spoils_connection(context.original_exception):
        context.is_disconnect = True
