"""Database and key ring belong together: here they are opened together, or refused clearly."""

import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from guard.model.errors import StoreError
from guard.store import sqlite
from guard.store.database import Database
from guard.store.keys import KeyRing
from guard.store.tables import holds


@dataclass(frozen=True, slots=True)
class Ground:
    """What every adapter of this package stands on."""

    database: Database
    keys: KeyRing


@asynccontextmanager
async def opened(
    url: str, key_file: Path, *, folder: Path = Path(), alone: bool = False
) -> AsyncIterator[Ground]:
    """
    Open the store of *url* and its key ring, make what is missing, and close it in the end.

    A relative path starts at *folder*. With *alone* no other process may have a SQLite store open
    in the same way: two guards would each believe that their memory is all there is. A ring is only
    made where no mail is held yet: with a new one, what waits could never be sent.

    Raises:
        KeyFileError: The ring is missing, damaged, open to others, or not the one that the held
            mail was sealed with.
        StoreError: The database cannot be used.
    """
    with only_guard(url, folder=folder) if alone else nullcontext():
        database = await Database.open(url, folder=folder)
        try:
            async with database.read() as conn:
                used = set((await conn.scalars(select(holds.c.key_id).distinct())).all())
            keys = KeyRing.open(folder / key_file, create=not used)
            for key_id in used:
                keys.get("holds", key_id)
            yield Ground(database, keys)
        finally:
            await database.close()


@contextmanager
def only_guard(url: str, *, folder: Path = Path()) -> Iterator[None]:
    """
    Be the only guard on a SQLite database, for the block; other databases may have many.

    Processes that are forked in the block are the same guard: the lock lasts until the last of them
    has ended. The kernel frees it at any end.

    Raises:
        StoreError: Another guard has it, or the file cannot be used.
    """
    path = _file(url, folder)
    if path is None:
        yield
        return
    sqlite.prepare_file(path)
    file = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(file)
        raise StoreError(f"{path}: another guard is running on this database") from error
    try:
        yield
    finally:
        os.close(file)


def _file(url: str, folder: Path) -> Path | None:
    """Give the SQLite file of *url*; `None` for what `Database.open` has to judge."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return None
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        return None
    return folder / str(parsed.database)
