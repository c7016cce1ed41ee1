"""SQLite as a store that keeps its word: private files, write-ahead log, full syncs, one writer."""

import contextlib
import logging
import os
import stat
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from guard.durable import sync_folder
from guard.model.errors import StoreError
from guard.store.faults import spoils_connection

_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit survives a power cut; NORMAL only a crash
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is deleted is overwritten
    "PRAGMA temp_store = MEMORY",
)

_NETWORK_FILE_SYSTEMS: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "glusterfs", "fuse.glusterfs", "fuse.sshfs"}
)

# At DEBUG it would write every value that goes into a statement.
logging.getLogger("aiosqlite").setLevel(logging.INFO)


def prepare_file(path: Path) -> None:
    """
    Make the database file where it is missing (0600; the log beside it inherits that).

    Raises:
        StoreError: File or folder is open to other users of the machine, lies on a network file
            system, or cannot be made.
    """
    folder = path.parent
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        mode = folder.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise StoreError(
                f"{folder}: every user may change this folder; run: chmod 700 {folder}"
            )
        mounts = Path("/proc/self/mounts")
        remote = mounts.exists() and network_mount(
            folder.resolve(), mounts.read_text("utf-8", "replace")
        )
        if remote:
            raise StoreError(f"{folder}: SQLite cannot be trusted on {remote}; use a local disk")
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            sync_folder(folder)
        if path.stat().st_mode & 0o077:
            raise StoreError(
                f"{path}: other users of this machine can open it; run: chmod 600 {path}"
            )
    except OSError as error:
        raise StoreError(f"{path}: cannot be used ({error.strerror})") from error


def network_mount(path: Path, mounts: str) -> str | None:
    """
    Give the type of the network file system that *path* is on, or `None`.

    *mounts* is a table as in ``/proc/self/mounts``. There SQLite's shared memory does not work,
    and its locks are a matter of luck (https://www.sqlite.org/wal.html §2).
    """
    under: list[tuple[str, str]] = []
    for line in mounts.splitlines():
        _, point, kind, *_ = line.split(" ")
        point = point.replace(r"\040", " ")
        if path.is_relative_to(point):
            under.append((point, kind))
    # The longest is the nearest; of two at one place the later hides the other.
    kind = max(reversed(under), key=lambda mount: len(mount[0]), default=("", ""))[1]
    return kind if kind in _NETWORK_FILE_SYSTEMS else None


def engine(path: Path, *, busy_s: float) -> AsyncEngine:
    """Give an engine whose connections wait *busy_s* seconds for the lock of another process."""
    made = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        hide_parameters=True,
        pool_timeout=10,
        # Python's sqlite3 would begin transactions by itself, and late; `_begin` does it.
        connect_args={"isolation_level": None, "timeout": busy_s},
    )
    event.listen(made.sync_engine, "connect", _configure)
    event.listen(made.sync_engine, "begin", _begin)
    event.listen(made.sync_engine, "handle_error", _drop_spoilt)
    return made


def _configure(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    try:
        for pragma in _PRAGMAS:
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
