"""Database and key ring belong together: here they are opened together, or refused clearly."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from guard.store import sqlite
from guard.store.database import Database
from guard.store.keys import KeyRing
from guard.store.occupant import Occupant
from guard.store.presence import present
from guard.store.tables import holds


@dataclass(frozen=True, slots=True)
class Ground:
    """What every adapter of this package stands on."""

    database: Database
    keys: KeyRing

    async def reload_keys(self) -> None:
        """
        Put the ring in force that the key file has by now, if it opens all held mail.

        Raises:
            KeyFileError: It does not; the ring before stays in force.
            StoreError: The database cannot be asked; so it does then.
        """
        needed = await _needed(self.database)
        await asyncio.to_thread(self.keys.reload, needed=needed)


@asynccontextmanager
async def opened(
    url: str,
    key_file: Path,
    *,
    folder: Path = Path(),
    alone: bool = False,
    running: bool = False,
) -> AsyncIterator[Ground]:
    """
    Open the store of *url* and its key ring, make what is missing, and close it in the end.

    A relative path starts at *folder*. With *alone* no other process may have a SQLite store open
    in the same way: two guards would each believe that their memory is all there is. With *running*
    the caller is a guard, or one process of it, and is known to others as such (`presence`). A ring
    is only made where no mail is held yet: with a new one, what waits could never be sent.

    Raises:
        KeyFileError: The ring is missing, damaged, open to others, or not the one that the held
            mail was sealed with.
        SchemaError: The tables are of another version of Guard.
        StoreError: The database cannot be used.
    """
    async with AsyncExitStack() as parts:
        if alone and (path := sqlite_file(url, folder)) is not None:
            occupant = _occupant(path, parts)
            for wait_s in occupant.waits():
                await asyncio.sleep(wait_s)
        database = await Database.open(url, folder=folder)
        parts.push_async_callback(database.close)
        if running:
            await parts.enter_async_context(present(database))
        used = await _needed(database)
        keys = KeyRing.open(folder / key_file, create=not used)
        for key_id in used:
            keys.get("holds", key_id)
        yield Ground(database, keys)


async def _needed(database: Database) -> set[str]:
    """Give the subkeys that held mail was sealed with."""
    async with database.read() as conn:
        return set((await conn.scalars(select(holds.c.key_id).distinct())).all())


@contextmanager
def only_guard(url: str, *, folder: Path = Path()) -> Iterator[None]:
    """
    Be the only guard on a SQLite database, for the block; other databases may have many.

    Processes that are forked in the block are the same guard: the lock lasts until the last of them
    has ended. The kernel frees it at any end.

    Raises:
        StoreError: Another guard has it, on this machine or another, or the file cannot be used.
    """
    with ExitStack() as parts:
        if (path := sqlite_file(url, folder)) is not None:
            occupant = _occupant(path, parts)
            for wait_s in occupant.waits():
                time.sleep(wait_s)
        yield


def _occupant(path: Path, parts: AsyncExitStack | ExitStack) -> Occupant:
    """Be the only guard of this machine on *path* until *parts* are closed."""
    sqlite.prepare_file(path)
    occupant = Occupant.of(path)
    parts.callback(occupant.leave)
    return occupant


def sqlite_file(url: str, folder: Path = Path()) -> Path | None:
    """Give the SQLite file of *url*; `None` for what `Database.open` has to judge."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return None
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        return None
    return folder / str(parsed.database)
