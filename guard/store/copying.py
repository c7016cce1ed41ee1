"""
One idea for backup, restore and move: all rows of one moment, into a database that has none.

The source may be in use: it is read in one snapshot. The target gets everything in one transaction,
so an interrupted copy has left nothing. Rows go over in batches, whatever their number.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, Connection, Table, func, insert, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.model.errors import SchemaError, StoreError
from guard.store.audit import first_wrong
from guard.store.database import Database
from guard.store.list_rows import list_octets
from guard.store.schema import (
    MOVED,
    SCHEMA_VERSION,
    alembic_version,
    metadata,
    schema_version,
)
from guard.store.tables import head_table, jobs_table
from guard.store.version import lock_schema, make_tables, version_of

BATCH: Final = 100
"""Rows in memory at once; of octets, at most 6.4 MB."""

_OWN: Final = (schema_version, alembic_version, list_octets)
"""
Tables of which every database has its own rows: indexes of lists stand on every node anyway, and
belong into no backup.
"""

Progress = Callable[[int], None]
"""Is told the number of rows so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a copy had in it."""

    rows: Mapping[str, int]
    """Rows by table."""

    version: int
    """Schema of the source."""

    first_wrong: int | None
    """First row of the audit log that is not as it was written, in the source as in the copy."""


async def copy(source: Database, target: Database, tell: Progress) -> Copied:
    """
    Copy all rows of *source* into *target*, which gets its tables and has no rows yet.

    Where the source is of an older schema, the target is so, too.

    Raises:
        SchemaError: The source has no tables, or those of a newer Guard.
        StoreError: The target is not empty, either database failed, or what arrived is not what was
            sent; the target is unchanged.
    """
    async with _snapshot(source) as old:
        version = await old.run_sync(version_of)
        if version is None:
            raise SchemaError("there is nothing to copy: the database has no tables of Guard")
        if version > SCHEMA_VERSION:
            why = "was moved away already" if version == MOVED else "was made by a newer Guard"
            raise SchemaError(f"the database cannot be copied: it {why}")
        async with target.write() as new:
            await new.run_sync(unhurried)
            await new.run_sync(_prepare, version)
            rows: dict[str, int] = {}
            for table, columns in await old.run_sync(_tables):
                there = sum(rows.values())
                rows[table.name] = await _copy_table(old, new, table, columns, there, tell)
            await new.run_sync(_set_counters)
            wrong = await first_wrong(new)
            if wrong != await first_wrong(old):
                raise StoreError("the audit log did not arrive as it was sent; nothing was kept")
    return Copied(rows=rows, version=version, first_wrong=wrong)


async def mark_moved(database: Database) -> None:
    """Have every Guard refuse *database* from now on: its content lives elsewhere."""
    async with database.write() as conn:
        await conn.execute(schema_version.update().values(version=MOVED))


@asynccontextmanager
async def _snapshot(database: Database) -> AsyncIterator[AsyncConnection]:
    """Give a connection whose reads all see the same moment."""
    async with database.read() as conn:
        if database.path is None:
            # Before the first statement, as PostgreSQL wants it.
            await conn.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield conn


def unhurried(connection: Connection) -> None:
    """Lift the limits that are made for the writes of a running guard."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT set_config('statement_timeout', '0', true)"))


def _prepare(connection: Connection, version: int) -> None:
    """Have empty tables of *version*."""
    lock_schema(connection)
    found = version_of(connection)
    if found is None:
        if version == SCHEMA_VERSION:
            make_tables(connection)
        else:
            from guard.store.migrations import make

            make(connection, version)
    elif found != version:
        raise SchemaError(
            f"there are tables of schema {found} already, and the copy has {version}; begin with an"
            " empty database"
        )
    for table, _ in _tables(connection):
        if table is not head_table and connection.scalar(select(func.count()).select_from(table)):
            raise StoreError(f"there are rows in “{table.name}” already; begin with an empty one")
    connection.execute(head_table.delete())


def _tables(connection: Connection) -> list[tuple[Table, list[Column[Any]]]]:
    """Give the tables to copy, those that others point to first, each with its columns there."""
    # An older schema lacks tables and columns; one that later loses some has to copy them here.
    found = inspect(connection)
    names = set(found.get_table_names())
    tables = [
        table for table in metadata.sorted_tables if table.name in names and table not in _OWN
    ]
    there = {table: {each["name"] for each in found.get_columns(table.name)} for table in tables}
    return [(table, [c for c in table.columns if c.name in there[table]]) for table in tables]


async def _copy_table(
    old: AsyncConnection,
    new: AsyncConnection,
    table: Table,
    columns: list[Column[Any]],
    there: int,
    tell: Progress,
) -> int:
    """Copy one table, and give the number of rows that are there now."""
    query = select(*columns).order_by(*table.primary_key).execution_options(yield_per=BATCH)
    count = 0
    async with old.stream(query) as found:
        async for batch in found.mappings().partitions():
            await new.execute(insert(table), [dict(row) for row in batch])
            count += len(batch)
            tell(there + count)
    for conn in (old, new):
        if await conn.scalar(select(func.count()).select_from(table)) != count:
            raise StoreError(f"rows of “{table.name}” are missing in the copy; nothing was kept")
    return count


def _set_counters(connection: Connection) -> None:
    """Let numbers that the database gives go on behind those that were copied."""
    if connection.dialect.name != "postgresql":
        return
    sequence = func.pg_get_serial_sequence(jobs_table.name, "id")
    last = connection.scalar(select(func.max(jobs_table.c.id)))
    connection.execute(select(func.setval(sequence, last or 1, last is not None)))
