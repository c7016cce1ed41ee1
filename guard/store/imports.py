"""
Which lists were imported, kept apart from the indexes themselves.

A folder that was emptied looks like one that was never filled. This says which of the two it is.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, insert, select

from guard.store.database import Database
from guard.store.tables import imports


@dataclass(frozen=True, slots=True, kw_only=True)
class ListImport:
    """The last import of one list."""

    name: str
    version: str
    """`IndexHeader.version` of what was made."""

    imported_at: datetime
    rows: int
    """Rows kept."""


class Imports:
    """What `guard lists import` did, in SQL. Every method raises `StoreError` where it cannot."""

    def __init__(self, database: Database) -> None:
        self._database: Final = database

    async def record(self, done: ListImport) -> None:
        """Note an import in place of the list's last one; durable when this returns."""
        async with self._database.write() as conn:
            await conn.execute(delete(imports).where(imports.c.name == done.name))
            await conn.execute(
                insert(imports).values(
                    name=done.name,
                    version=done.version,
                    imported_at=done.imported_at,
                    rows=done.rows,
                )
            )

    async def last(self, name: str) -> ListImport | None:
        """Give the last import of one list; `None` where there never was any."""
        async with self._database.read() as conn:
            row = (await conn.execute(select(imports).where(imports.c.name == name))).one_or_none()
        return None if row is None else ListImport(**row._mapping)

    async def names(self) -> tuple[str, ...]:
        """Give every list that was ever imported, by name."""
        async with self._database.read() as conn:
            return tuple(await conn.scalars(select(imports.c.name).order_by(imports.c.name)))
