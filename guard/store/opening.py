"""Database and key ring belong together: here they are opened together, or refused clearly."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from guard.store.database import Database
from guard.store.keys import KeyRing
from guard.store.tables import holds


@dataclass(frozen=True, slots=True)
class Ground:
    """What every adapter of this package stands on."""

    database: Database
    keys: KeyRing


@asynccontextmanager
async def opened(url: str, key_file: Path, *, folder: Path = Path()) -> AsyncIterator[Ground]:
    """
    Open the store of *url* and its key ring, make what is missing, and close it in the end.

    A relative path starts at *folder*. A ring is only made where no mail is held yet: with a new
    one, what waits could never be sent.

    Raises:
        KeyFileError: The ring is missing, damaged, open to others, or not the one that the held
            mail was sealed with.
        StoreError: The database cannot be used.
    """
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
