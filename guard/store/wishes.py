"""What a command wants of every guard on a database: numbers that each keeps looking at."""

from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.store.policy_rows import wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How often each thing was asked for."""

    reload: int = 0
    exceptions: int = 0
    """How often exceptions were added or ended."""


NONE_YET: Final = Wishes()


async def wish(conn: AsyncConnection, what: Literal["reload", "exceptions"]) -> int:
    """Ask for *what* once more, in the caller's transaction, and give its number."""
    made = postgresql if conn.dialect.name == "postgresql" else sqlite
    first = {"id": 1, "reload": 0, "exceptions": 0, what: 1}
    row = made.insert(wishes).values(first)
    column = wishes.c[what]
    row = row.on_conflict_do_update(index_elements=[wishes.c.id], set_={what: column + 1})
    number: int = (await conn.execute(row.returning(column))).scalar_one()
    return number


async def wished(conn: AsyncConnection) -> Wishes:
    """Give what was asked for so far."""
    row = (await conn.execute(select(wishes.c.reload, wishes.c.exceptions))).one_or_none()
    return NONE_YET if row is None else Wishes(reload=row.reload, exceptions=row.exceptions)
