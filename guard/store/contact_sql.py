"""Statements that contacts and their sources are written by, the same for SQLite and PostgreSQL."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Dialect, Table, case
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

CHUNK: Final = 900
"""Ids in one statement: every SQLite takes so many."""

Row = Mapping[str, Any]
Upsert = sqlite.Insert | postgresql.Insert


def chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Part ids into lists that one statement can have."""
    for at in range(0, len(ids), CHUNK):
        yield ids[at : at + CHUNK]


async def put(conn: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows of *table*, but for those that are there."""
    await _many(conn, _ignoring(table, conn.dialect.name), rows)


async def upsert(
    conn: AsyncConnection,
    table: Table,
    rows: Sequence[Row],
    *,
    sums: tuple[str, ...] = (),
    latest: str = "",
) -> None:
    """
    Insert rows of *table*; what is there takes the new values.

    Columns in *sums* are added to, and the column *latest* keeps what is larger.
    """
    await _many(conn, _upsert(table, conn.dialect.name, sums, latest), rows)


async def _many(conn: AsyncConnection, statement: Upsert, rows: Sequence[Row]) -> None:
    """Execute a statement for all rows, whose values every driver takes as they are."""
    if not rows:
        return
    # SQLAlchemy looks at each value of each row, which takes longer than to write them.
    words, order = _compiled(statement, conn.dialect)
    if order:
        # Of one name itemgetter gives no tuple.
        values = itemgetter(*order) if len(order) > 1 else (lambda row: (row[order[0]],))
        await conn.exec_driver_sql(words, list(map(values, rows)))
    else:
        await conn.exec_driver_sql(words, list(rows))


@lru_cache
def _compiled(statement: Upsert, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    compiled = statement.compile(dialect=dialect)
    return str(compiled), tuple(compiled.positiontup or ())


@lru_cache
def _ignoring(table: Table, dialect: str) -> Upsert:
    return _insert(table, dialect).on_conflict_do_nothing()


@lru_cache
def _upsert(table: Table, dialect: str, sums: tuple[str, ...], latest: str) -> Upsert:
    statement = _insert(table, dialect)
    changes: dict[str, Any] = {}
    for column in table.columns:
        new = statement.excluded[column.name]
        if column.name in sums:
            changes[column.name] = column + new
        elif column.name == latest:
            changes[column.name] = case((new > column, new), else_=column)
        elif not column.primary_key:
            changes[column.name] = new
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes)


def _insert(table: Table, dialect: str) -> Upsert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
