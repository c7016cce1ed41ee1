"""
The index of a list in the database, in parts, so that other nodes can have it.

What arrives is checked under the key, every octet of it, before it stands in the folder: whoever
can write to the database cannot put another index there.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.durable import private_path
from guard.lists.build import remove_segments
from guard.lists.index import ListIndex
from guard.lists.layout import read_header
from guard.lists.paths import index_path
from guard.model.errors import SourceError
from guard.store.database import Database
from guard.store.list_rows import list_octets

CHUNK_BYTES: Final = 1 << 20


async def put(conn: AsyncConnection, name: str, version: str, index: Path) -> None:
    """
    Store *index* as that of the list *name*, in the caller's transaction, in place of older ones.

    Raises:
        SourceError: It cannot be read.
    """
    await take_out(conn, name)
    try:
        with index.open("rb") as file:
            number = 0
            while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                row = {"name": name, "version": version, "number": number, "chunk": chunk}
                await conn.execute(insert(list_octets), [row])
                number += 1
    except OSError as error:
        raise SourceError(f"{index}: cannot be read ({error.strerror})") from error


async def take_out(conn: AsyncConnection, name: str) -> None:
    """Delete what was stored of a list."""
    await conn.execute(delete(list_octets).where(list_octets.c.name == name))


async def is_there(database: Database, name: str, version: str) -> bool:
    """Whether this version of a list can be fetched."""
    asked = select(list_octets.c.number).where(
        list_octets.c.name == name, list_octets.c.version == version, list_octets.c.number == 0
    )
    async with database.read() as conn:
        return await conn.scalar(asked) is not None


async def fetch(
    database: Database, name: str, version: str, folder: Path, *, key_of: Callable[[str], bytes]
) -> bool:
    """
    Put the index of the list *name* into *folder*, if the database has this version.

    *key_of* gives the key with an id.

    Raises:
        KeyFileError: It was made with a key that this node does not have.
        SourceError: What arrived is not what was imported, or the folder cannot be written; what
            stood there stays.
        StoreError: The database is away.
    """
    path = index_path(folder, name)
    asked = (
        select(list_octets.c.chunk)
        .where(list_octets.c.name == name, list_octets.c.version == version)
        .order_by(list_octets.c.number)
        .execution_options(yield_per=4)
    )
    try:
        with private_path(path, replace=True) as temporary:
            with temporary.open("wb") as file:
                # All parts by one statement, which sees one moment.
                async with database.read() as conn, conn.stream(asked) as rows:
                    async for (chunk,) in rows:
                        await asyncio.to_thread(file.write, chunk)
                file.flush()
                # A gigabyte takes seconds, for which mail must not wait.
                await asyncio.to_thread(os.fsync, file.fileno())
            if not temporary.stat().st_size:
                raise _NotThere
            arrived = await asyncio.to_thread(_checked, temporary, key_of)
            if (arrived.header.name, arrived.header.version) != (name, version):
                raise SourceError(f"{path.name}: what the database has is another list or version")
        # It is all of the list: an update that was not finished here would seem a part of it.
        remove_segments(folder, name)
    except _NotThere:
        return False
    except OSError as error:
        raise SourceError(f"{path}: cannot be written ({error.strerror})") from error
    return True


def _checked(path: Path, key_of: Callable[[str], bytes]) -> ListIndex:
    try:
        key_id = read_header(path).key_id
        index = ListIndex.open(path, key_of(key_id), key_id)
        index.verify()
    except SourceError:
        raise SourceError(
            "what the database has of it is not what was imported, or this node has another key "
            "file; import the list again"
        ) from None
    return index


class _NotThere(Exception):  # noqa: N818 -- a way out, no error
    """The database does not have that version."""
