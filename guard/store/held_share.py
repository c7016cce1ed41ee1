"""How much of the mail of one day was held, over all processes and nodes."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from guard.store.database import Database
from guard.store.suspicion_rows import suspicions
from guard.store.tables import audit_table


class HeldShare(NamedTuple):
    """The mail of one day."""

    mails: int
    """That was judged; a crash forgets those of the last minute."""

    held: int


async def held_share(database: Database, day: date) -> HeldShare:
    """
    Count the mail of *day*, in UTC.

    Raises:
        StoreError: The database is away.
    """
    begin = datetime.combine(day, time(), UTC)
    of_day = audit_table.c.at >= begin, audit_table.c.at < begin + timedelta(days=1)
    async with database.read() as conn:
        mails = await conn.scalar(
            select(func.sum(suspicions.c.mails)).where(suspicions.c.day == day.toordinal())
        )
        held = await conn.scalar(
            select(func.count()).where(audit_table.c.event == "hold.created", *of_day)
        )
    return HeldShare(mails or 0, held or 0)
