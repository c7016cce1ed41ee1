"""Database and key ring belong together: here they are opened together, or refused clearly."""

import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from guard.model.errors import StoreError
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
    database = await Database.open(url, folder=folder)
    try:
        with _only_one(database.path if alone else None):
            async with database.read() as conn:
                used = set((await conn.scalars(select(holds.c.key_id).distinct())).all())
            keys = KeyRing.open(folder / key_file, create=not used)
            for key_id in used:
                keys.get("holds", key_id)
            yield Ground(database, keys)
    finally:
        await database.close()


@contextmanager
def _only_one(path: Path | None) -> Iterator[None]:
    """
    Hold the lock beside the SQLite file at *path*, if there is one; the kernel frees it at any end.

    Raises:
        StoreError: Another process has it.
    """
    if path is None:
        yield
        return
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
