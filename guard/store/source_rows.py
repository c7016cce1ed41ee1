"""
The tables of sources: how far each was read, whom it has, which mails were counted.

The contacts themselves stand in `contact_rows`, which only `take_out` changes from here.
"""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.store import contact_rows
from guard.store.contact_sql import chunks, upsert
from guard.store.schema import Instant, metadata

BATCH: Final = 5000
"""Rows that are read at once, between which others get the loop."""

sources: Final = Table(
    "contact_sources",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("settings", String(32), nullable=False),
    Column("token", Text, nullable=False),
    Column("contacts", Integer, nullable=False),
    Column("mails", Integer, nullable=False),
    Column("read_at", Instant),
    Column("tried_at", Instant),
    Column("error", Text, nullable=False),
    Column("reader", String(32), nullable=False),
    Column("reads_until", Instant),
)
"""One row a source. `settings` is a hash: a token is good for those that it was made with only.
`reader` has the source to itself up to `reads_until`."""

members: Final = Table(
    "source_contacts",
    metadata,
    Column("source", String(100), primary_key=True),
    Column("contact", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", BigInteger, nullable=False),
    Index(None, "contact"),
)
"""Whom a source had when it was last read whole; `digest` is of name and company."""

counted: Final = Table(
    "counted_mails",
    metadata,
    Column("message", BigInteger, primary_key=True, autoincrement=False),
)
"""Mails of sources that were learned, by hash of their Message-ID: none counts twice."""


async def put(conn: AsyncConnection, name: str, digests: Mapping[int, int]) -> None:
    """Note contacts of a source, by their ids."""
    rows = [{"source": name, "contact": one, "digest": value} for one, value in digests.items()]
    await upsert(conn, members, rows)


async def take_out(conn: AsyncConnection, name: str, gone: Collection[int]) -> int:
    """
    Let a source have some contacts no more; take out those that nothing else speaks for.

    Gives how many these were.
    """
    people, written = contact_rows.contacts, contact_rows.relations
    out = 0
    for ids in chunks(sorted(gone)):
        of_source = members.c.source == name
        await conn.execute(delete(members).where(of_source, members.c.contact.in_(ids)))
        still = select(members.c.contact).where(members.c.contact.in_(ids))
        nowhere = people.c.id.in_(ids) & people.c.id.not_in(still)
        unheard = select(people.c.id).where(
            nowhere,
            people.c.id.not_in(select(written.c.recipient).where(written.c.recipient.in_(ids))),
            people.c.id.not_in(select(written.c.sender).where(written.c.sender.in_(ids))),
        )
        removed = (await conn.scalars(unheard)).all()
        keys = contact_rows.contact_keys
        await conn.execute(delete(keys).where(keys.c.contact.in_(removed)))
        await conn.execute(delete(people).where(people.c.id.in_(removed)))
        out += len(removed)
        await conn.execute(update(people).where(nowhere).values(imported=False))
    return out


async def count_of(conn: AsyncConnection, name: str) -> int:
    """Say how many contacts a source has."""
    query = select(func.count()).select_from(members).where(members.c.source == name)
    return await conn.scalar(query) or 0
