"""Contacts that are taken out: one that somebody names, or all that grew old."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.contacts import keys
from guard.contacts.tally import worth
from guard.model.address import Address
from guard.store import sent_files
from guard.store.answer_rows import answers
from guard.store.contact_indexing import KeyRows, busy, keys_of
from guard.store.contact_rows import (
    EXPIRED,
    address_id,
    companions,
    contact,
    contact_domains,
    contact_keys,
    contacts,
    next_generation,
    number,
    relations,
    set_number,
)
from guard.store.contact_sql import chunks
from guard.store.database import Database

BATCH: Final = 5_000
"""Rows that are looked at in one transaction."""


async def forget(database: Database, address: Address) -> bool:
    """
    Take an address out of every table; gives whether it was known.

    Raises:
        StoreError: The database is away; nothing was changed.
    """
    gone = address_id(address.key)
    async with database.write() as conn:
        await next_generation(conn)
        found = await conn.execute(delete(contacts).where(contacts.c.id == gone))
        await conn.execute(delete(contact_keys).where(contact_keys.c.contact == gone))
        for table, one, other in (
            (relations, relations.c.sender, relations.c.recipient),
            (companions, companions.c.one, companions.c.other),
            (answers, answers.c.written, answers.c.meant),
        ):
            await conn.execute(delete(table).where(or_(one == gone, other == gone)))
        await conn.execute(delete(answers).where(answers.c.sender == gone))
        await sent_files.forget_company(conn, address.domain)
    return bool(found.rowcount)


async def first_of_the_day(database: Database) -> datetime | None:
    """
    Give the time to whoever asks first on a day, of all processes; to all others `None`.

    Raises:
        StoreError: The database is away.
    """
    async with database.read() as conn:
        now = await database.now_on(conn)
        if await number(conn, EXPIRED) == now.toordinal():
            return None
    async with database.write() as conn:
        await next_generation(conn)
        if await number(conn, EXPIRED) == now.toordinal():
            return None
        await set_number(conn, EXPIRED, now.toordinal())
    return now


async def expire(database: Database, before: datetime) -> int:
    """
    Forget who got no mail since *before*, did not write either and stands in no directory.

    In small transactions, so that mail is not kept waiting. Gives how many addresses.

    Raises:
        StoreError: The database is away; a part may be forgotten.
    """
    at = before.timestamp()
    async with database.read() as conn:
        now = await database.now_on(conn)
    await sent_files.expire(database, before, now)
    await _thin_out(database, relations, relations.c.last < at)
    async with database.write() as conn:
        await conn.execute(delete(answers).where(answers.c.at < at, answers.c.never_until < at))
    # Of two whose mails together count for less than one of that day, nothing is known any more.
    await _thin_out(database, companions, companions.c.weight < worth(at))
    count = 0
    while True:
        async with database.read() as conn:
            some = (await conn.scalars(select(contacts.c.id).where(_silent(at)).limit(BATCH))).all()
        if not some:
            break
        async with database.write() as conn:
            await next_generation(conn)
            count += await _drop(conn, some, at)
    if count:
        await _drop_domains(database)
    return count


def _silent(at: float) -> ColumnElement[bool]:
    """Whether an address neither got nor wrote anything since then, as far as `relations` tell."""
    wrote = select(relations.c.sender).where(relations.c.sender == contacts.c.id).exists()
    return and_(~contacts.c.imported, contacts.c.received_last < at, ~wrote)


async def _thin_out(database: Database, table: Table, old: ColumnElement[bool]) -> None:
    """Delete the old rows of a table of pairs, from its beginning to its end."""
    one, other = list(table.primary_key)
    match = and_(one == bindparam("a"), other == bindparam("b"), old)
    last = (-1, -1)
    while True:
        after = tuple_(one, other) > tuple_(*last)
        query = select(one, other).where(after, old).order_by(one, other).limit(BATCH)
        async with database.read() as conn:
            some = (await conn.execute(query)).all()
        if not some:
            return
        async with database.write() as conn:
            await conn.execute(delete(table).where(match), [{"a": a, "b": b} for a, b in some])
        last = tuple(some[-1])


async def _drop(conn: AsyncConnection, some: Sequence[int], at: float) -> int:
    """Drop those of *some* contacts to whom still nothing happened since then."""
    rows, gone = KeyRows(), []
    for ids in chunks(some):
        for row in await conn.execute(select(contacts).where(contacts.c.id.in_(ids), _silent(at))):
            gone.append(row.id)
            if known := contact(row):
                rows.take(row.id, keys_of(known.address, row.name, row.company), busy(row.received))
    await rows.write(conn)
    for ids in chunks(gone):
        await conn.execute(delete(contacts).where(contacts.c.id.in_(ids)))
        either = or_(companions.c.one.in_(ids), companions.c.other.in_(ids))
        await conn.execute(delete(companions).where(either))
    return len(gone)


async def _drop_domains(database: Database) -> None:
    """Drop domains at which nobody is known any more."""
    async with database.write() as conn:
        await next_generation(conn)
        nobody = contact_domains.c.id.not_in(select(contacts.c.home))
        rows, gone = KeyRows(), []
        for row in await conn.execute(select(contact_domains).where(nobody)):
            gone.append(row.id)
            rows.take(row.id, keys.domain_keys(row.domain), 0)
        await rows.write(conn)
        for ids in chunks(gone):
            await conn.execute(delete(contact_domains).where(contact_domains.c.id.in_(ids)))
