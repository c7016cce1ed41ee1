"""
Where files went before, in SQL: which company got the same file, or one of the same name.

What is kept of a file is an HMAC under a key of the ring, so that a stolen database tells neither
what was sent nor lets anybody try files that they have.
"""

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.contacts.travels import KEEP_DAYS, MOST_COMPANIES, marks, went_to
from guard.model.clue import CarriedFile, Travelled, Went
from guard.model.contact import Exchange
from guard.names.domains import company_domain, registrable_of
from guard.store.contact_rows import contact_domains, contacts
from guard.store.contact_sql import chunks, upsert
from guard.store.database import Database
from guard.store.sent_file_rows import sent_files

MOST_ROWS: Final = 5_000_000
"""Rows that are kept, some 400 MB; beyond, the oldest are let go."""

_BATCH: Final = 20_000
_LABEL: Final = b"guard where files went\0"


class SentFiles:
    """Where files went, under one key; without one nothing is kept and nothing is known."""

    def __init__(self, key: Callable[[], bytes] | None) -> None:
        self._key: Final = key

    async def learn(self, conn: AsyncConnection, exchanges: Sequence[Exchange]) -> None:
        """Count the files of messages that were really delivered; the caller has the turn."""
        added: dict[tuple[int, str], tuple[int, float]] = {}
        for exchange in exchanges if self._key else ():
            at = exchange.at.timestamp()
            for mark in {mark for file in exchange.files for mark in self._marks(file).values()}:
                for home in went_to(exchange):
                    count, last = added.get((mark, home), (0, at))
                    added[mark, home] = count + 1, max(last, at)
        if not added:
            return
        had: dict[int, set[str]] = {}
        for some in chunks(sorted({mark for mark, _ in added})):
            query = select(sent_files.c.mark, sent_files.c.domain)
            for mark, home in await conn.execute(query.where(sent_files.c.mark.in_(some))):
                had.setdefault(mark, set()).add(home)
        rows = []
        for (mark, home), (count, last) in sorted(added.items()):
            homes = had.setdefault(mark, set())
            if home in homes or len(homes) < MOST_COMPANIES:
                homes.add(home)
                rows.append({"mark": mark, "domain": home, "count": count, "last": last})
        await upsert(conn, sent_files, rows, sums=("count",), latest="last")

    def of(self, conn: Connection, exchange: Exchange) -> tuple[Travelled, ...]:
        """Say where each file of a message went before; empty without a key."""
        if self._key is None or not exchange.files:
            return ()
        asked = [self._marks(file) for file in exchange.files]
        since = exchange.at.timestamp() - KEEP_DAYS * 86400
        query = select(sent_files).where(
            sent_files.c.mark.in_({mark for each in asked for mark in each.values()}),
            sent_files.c.last >= since,
        )
        found: dict[int, list[Went]] = {}
        for row in conn.execute(query.order_by(sent_files.c.domain)):
            found.setdefault(row.mark, []).append(Went(row.domain, row._mapping["count"], row.last))
        return tuple(
            Travelled(**{kind: tuple(found.get(mark, ())) for kind, mark in each.items()})
            for each in asked
        )

    def _marks(self, file: CarriedFile) -> dict[str, int]:
        key = self._key() if self._key else b""
        return {
            kind: int.from_bytes(
                hmac.digest(key, _LABEL + kind.encode() + b"\0" + octets, "sha256")[:8]
            )
            >> 1
            for kind, octets in marks(file)
        }


async def forget_company(conn: AsyncConnection, domain: str) -> None:
    """Forget what went to the company of *domain*, unless somebody else there is still known."""
    home = company_domain(domain)
    if not home:
        return
    texts = await conn.execute(
        select(contact_domains.c.id, contact_domains.c.domain).where(
            contact_domains.c.domain.endswith(home, autoescape=True)
        )
    )
    ids = [row.id for row in texts if registrable_of(row.domain) == home]
    for some in chunks(ids):
        if await conn.scalar(select(contacts.c.id).where(contacts.c.home.in_(some)).limit(1)):
            return
    await conn.execute(delete(sent_files).where(sent_files.c.domain == home))


async def expire(database: Database, before: datetime, now: datetime) -> None:
    """
    Forget what was not sent since *before*, or for `KEEP_DAYS`, and the oldest beyond `MOST_ROWS`.

    Raises:
        StoreError: The database is away; a part may be forgotten.
    """
    oldest = max(before.timestamp(), now.timestamp() - KEEP_DAYS * 86400)
    async with database.read() as conn:
        count = await conn.scalar(select(func.count()).select_from(sent_files)) or 0
        if count > MOST_ROWS:
            last = select(sent_files.c.last).order_by(sent_files.c.last).limit(1)
            limit = await conn.scalar(last.offset(count - MOST_ROWS))
            oldest = max(oldest, limit or 0.0)
    old = select(sent_files.c.last).where(sent_files.c.last < oldest)
    some = old.order_by(sent_files.c.last).offset(_BATCH).limit(1)
    while True:
        async with database.read() as conn:
            until = await conn.scalar(some)
        # Of the same instant all go at once, so that there is an end to it.
        match = sent_files.c.last < oldest if until is None else sent_files.c.last <= until
        async with database.write() as conn:
            await conn.execute(delete(sent_files).where(match))
        if until is None:
            return
