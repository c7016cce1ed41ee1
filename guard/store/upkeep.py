"""Looking after a database as a whole: upgrade, backup, restore, move."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from guard.durable import private_path
from guard.model.errors import StoreError
from guard.store import contact_indexing, sqlite
from guard.store.copying import Copied, Progress, copy, mark_moved, unhurried
from guard.store.database import Database
from guard.store.occupant import Occupant
from guard.store.opening import sqlite_file
from guard.store.presence import nobody_else
from guard.store.schema import SCHEMA_VERSION
from guard.store.version import lock_schema, require_current, version_of


@asynccontextmanager
async def alone_on(url: str) -> AsyncIterator[Database]:
    """
    Give the database of *url* with whatever tables it has, while no guard runs on it.

    A SQLite file that is missing is made, and is gone again if the block fails.

    Raises:
        StoreError: A guard is running on it, or it cannot be used.
    """
    path = sqlite_file(url)
    async with AsyncExitStack() as parts:
        if path is not None:
            sqlite.prepare_file(path)
            occupant = Occupant.of(path)
            parts.callback(occupant.leave)
            for wait_s in occupant.waits():
                await asyncio.sleep(wait_s)
            if sqlite.is_unused(path):
                parts.enter_context(_gone_if_it_fails(path))
        database = Database.connect(url)
        parts.push_async_callback(database.close)
        await parts.enter_async_context(nobody_else(database))
        yield database


@contextmanager
def _gone_if_it_fails(path: Path) -> Iterator[None]:
    """Delete a database if the block fails; the caller is alone on it."""
    try:
        yield
    except BaseException:
        for file in (path, *sqlite.beside(path)):
            file.unlink(missing_ok=True)
        raise


async def version(database: Database) -> int | None:
    """Give the version of the tables; `None` where there are none."""
    async with database.read() as conn:
        return await conn.run_sync(version_of)


async def upgrade(database: Database) -> None:
    """
    Bring the tables up to today's version, all or nothing; a backup is the caller's business.

    Contacts are then put under their keys, in small steps: a guard that starts goes on with what
    was not done.

    Raises:
        SchemaError: There are none, or they are of a newer Guard.
        StoreError: The database failed; nothing was changed.
    """
    from guard.store import migrations

    async with database.write() as conn:
        await conn.run_sync(unhurried)
        await conn.run_sync(lock_schema)
        found = await conn.run_sync(version_of)
        if found is None or found >= SCHEMA_VERSION:
            require_current(found or 0)
            return
        await conn.run_sync(lambda sync: migrations.upgrade(sync, found=found))
    await contact_indexing.bring_up(database)


async def backup(source: Database, file: Path, tell: Progress) -> Copied:
    """
    Write all of *source*, which may be in use, to a new SQLite file (0600): whole, or not there.

    Raises:
        StoreError: *file* is there already or cannot be written, or the database failed.
    """
    try:
        if await asyncio.to_thread(file.exists):
            raise StoreError(f"{file}: is there already; name another file")
        with private_path(file, replace=True) as temporary:
            target = Database.building(temporary)
            try:
                return await copy(source, target, tell)
            finally:
                await target.close()
                for left in sqlite.beside(temporary):
                    left.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{file}: cannot be written ({error.strerror})") from error


async def restore(file: Path, target: Database, tell: Progress) -> Copied:
    """
    Fill *target*, which has no rows, from a file that `backup` wrote; an older one is upgraded.

    Raises:
        SchemaError: The file is of a newer Guard, or of none.
        StoreError: *target* has rows, or one of the two cannot be used; nothing was changed. Or it
            could not be upgraded: then it has all rows, and `upgrade` can be tried again.
    """
    source = Database.reading(file)
    try:
        copied = await copy(source, target, tell)
    finally:
        await source.close()
    if copied.version < SCHEMA_VERSION:
        await upgrade(target)
    return copied


async def move(source: Database, target: Database, tell: Progress) -> Copied:
    """
    Copy all of *source* to *target*, which has no rows; every Guard refuses *source* from then on.

    Raises:
        SchemaError: *source* is not of this version of Guard.
        StoreError: *target* has rows, or one of the two failed; *source* is as it was.
    """
    require_current(await version(source) or 0)
    copied = await copy(source, target, tell)
    await mark_moved(source)
    return copied
