"""
Who has a SQLite database: one guard, on one machine, said in a file beside it.

On one machine a lock of the kernel tells. Between machines, or guests of one, that share a disk the
lock may not reach; there the file says which boot of which kernel has the database, and the guard
changes it every few seconds. Who finds another boot's word waits until it is silent. No clock is
asked: those of two machines may differ.
"""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import structlog

from guard.model.errors import StoreError
from guard.store.private import require_private

BEAT_S: Final = 10.0
"""Seconds between two words of a running guard."""

SILENT_S: Final = 30.0
"""Seconds without a word after which the guard of another boot counts as gone."""

LOOK_S: Final = 1.0

log = structlog.get_logger()

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class Occupant:
    """One guard on a database; processes that are forked from it are the same guard."""

    def __init__(self, path: Path, handle: int) -> None:
        self._path: Final = path
        self._handle: Final = handle
        self._boot: Final = boot_id()
        self._process: Final = os.getpid()

    @classmethod
    def of(cls, database: Path) -> "Occupant":
        """
        Be the only guard of this machine on *database*; the kernel frees it at any end.

        Raises:
            StoreError: Another has it, or its file cannot be used.
        """
        path = lock_file(database)
        try:
            require_private(path)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            _leave_to_owner(handle, database)
        except OSError as error:
            raise StoreError(f"{path}: cannot be used ({error.strerror})") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise StoreError(f"{database}: another guard is running on this database") from error
        return cls(database, handle)

    def waits(self) -> Iterator[float]:
        """
        Take the place of a guard of another boot; give the seconds to wait before each look.

        Raises:
            StoreError: It is alive.
        """
        before = _read(self._handle)
        if before and not before.startswith(self._boot):
            log.warning("store.waiting", seconds=SILENT_S, why="a guard of another boot had it")
            waited = 0.0
            while waited < SILENT_S:
                yield LOOK_S
                waited += LOOK_S
                if _read(self._handle) != before:
                    raise StoreError(
                        f"{self._path}: a guard on another machine is running on this database;"
                        " SQLite is for one machine, PostgreSQL for several"
                    )
        _say(self._handle, self._boot)

    def leave(self) -> None:
        """
        Give the database back.

        Of several processes the first one says so; the lock is free when the last has ended.
        """
        with contextlib.suppress(OSError):
            if os.getpid() == self._process and _read(self._handle).startswith(self._boot):
                os.ftruncate(self._handle, 0)
        os.close(self._handle)


def still_ours(database: Path) -> bool:
    """
    Say one more word for the guard of this machine; false: that of another boot took the place.

    Raises:
        OSError: The file is away.
    """
    handle = os.open(lock_file(database), os.O_RDWR | os.O_CLOEXEC)
    try:
        word = _read(handle)
        if word and not word.startswith(boot_id()):
            return False
        _say(handle, boot_id())
    finally:
        os.close(handle)
    return True


def lock_file(database: Path) -> Path:
    """Give the file beside *database* that says who has it."""
    return database.with_name(f"{database.name}.lock")


def boot_id() -> str:
    """Give what tells this boot of this kernel from any other; its containers share it."""
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:  # no Linux
        return os.uname().nodename


def _read(handle: int) -> str:
    return os.pread(handle, 200, 0).decode("utf-8", "replace")


def _say(handle: int, boot: str) -> None:
    """Write a new word over the old one; of the same length, so that no reader sees half of it."""
    os.pwrite(handle, f"{boot} {secrets.token_hex(8)}\n".encode(), 0)
    os.fsync(handle)


def _leave_to_owner(handle: int, database: Path) -> None:
    """Give a file that root made to the user whose guard will need it."""
    owner = database.stat()
    if os.geteuid() == 0 and os.fstat(handle).st_uid != owner.st_uid:
        os.fchown(handle, owner.st_uid, owner.st_gid)
