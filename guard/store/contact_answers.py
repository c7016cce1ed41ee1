"""Answers about look-alikes, kept and counted."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, func, insert, select, update

from guard.contacts.answers import Answered
from guard.model.address import Address
from guard.model.pair_answer import PairAnswer, Said
from guard.store.answer_rows import answers
from guard.store.contact_rows import address_id
from guard.store.database import Database


async def record(database: Database, said: Sequence[PairAnswer], about: str) -> frozenset[Address]:
    """
    Keep answers; give those written addresses that were never confirmed before.

    Raises:
        StoreError: The database is away; nothing was kept.
    """
    if not said:
        return frozenset()
    new = set()
    async with database.write() as conn:
        for one in said:
            ids = [address_id(each.key) for each in (one.sender, one.written, one.meant)]
            match = (answers.c.sender == ids[0]) & (answers.c.written == ids[1])
            this = match & (answers.c.meant == ids[2])
            # Whom the owner confirmed once, whoever was suggested then, is known from now on.
            again = case(((answers.c.about == about) & (answers.c.said == Said.SENT), 1), else_=0)
            before = select(func.count()).where(match, answers.c.sent > again)
            if one.said is Said.SENT and not await conn.scalar(before):
                new.add(one.written)
            row = (await conn.execute(select(answers).where(this))).one_or_none()
            values = _values(one, about, row)
            if row is None:
                keys = dict(zip(("sender", "written", "meant"), ids, strict=True))
                await conn.execute(insert(answers).values(**keys, **values))
            else:
                await conn.execute(update(answers).where(this).values(**values))
    return frozenset(new)


def _values(one: PairAnswer, about: str, row: Any) -> dict[str, Any]:
    before = Answered(Said(row.said), row.at, row.never_until) if row else None
    now = Answered.after(before, one)
    counts = {said.value: getattr(row, said.value, 0) for said in Said}
    if row is None or row.about != about:
        counts[one.said.value] += 1
    return {
        "kind": one.kind,
        "said": now.said.value,
        "at": now.at,
        "never_until": now.never_until,
        "about": about,
        **counts,
    }


async def by_kind(database: Database) -> dict[str, dict[str, int]]:
    """
    Say for each kind of likeness how often which answer was given.

    Raises:
        StoreError: The database is away.
    """
    sums = [func.sum(answers.c[said.value]) for said in Said]
    async with database.read() as conn:
        rows = await conn.execute(select(answers.c.kind, *sums).group_by(answers.c.kind))
        return {
            row[0]: {said.value: int(count) for said, count in zip(Said, row[1:], strict=True)}
            for row in sorted(rows.all())
        }
