"""
What a contact is found by: the keys of its address and name, and its text for searching.

All of it is made of folded names. Where these are folded otherwise than when a row was written, the
row is brought up to date by `bring_up`.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.contacts import keys
from guard.contacts.companies import company_keys
from guard.model.address import Address
from guard.names.fold import person, plain, untagged
from guard.store.contact_rows import (
    KEYED,
    address_id,
    contact_domains,
    contact_keys,
    contacts,
    next_generation,
    number,
    set_number,
)
from guard.store.contact_rows import contact as contact_of
from guard.store.contact_sql import chunks, put, upsert
from guard.store.database import Database

BATCH: Final = 2_000
"""Contacts that are brought up to date in one transaction."""

BUSY: Final = (4, 32)
"""Mails received from which a contact stands before others under a key that very many have."""


FOUND_BY: Final = ("home", "folded", "called", "keyed")
"""Columns of `contacts` that `found_by` gives."""

_GONE: Final = delete(contact_keys).where(
    contact_keys.c.key == bindparam("k"),
    contact_keys.c.busy == bindparam("b"),
    contact_keys.c.contact == bindparam("c"),
)


def busy(received: int) -> int:
    """Say how much an address is in use, in few steps: each is written under all of its keys."""
    return bisect_right(BUSY, received)


def keys_of(address: Address, name: str, company: str) -> frozenset[int]:
    """Give all that an address with a name and a company is found under."""
    found = {*keys.address_keys(address.local, address.domain), *keys.name_keys(person(name))}
    found |= company_keys(address.domain, company)
    if (box := untagged(address.local)) != address.local:
        found.add(keys.box_key(box, address.domain))
    return frozenset(found)


def found_by(address: Address, name: str, company: str) -> dict[str, Any]:
    """Give the columns of a contact that are made of the others."""
    return {
        "home": address_id(address.domain),
        "folded": "\n".join(map(plain, (address.key, name, company))),
        "called": person(name).folded if name else "",
        "keyed": keys.VERSION,
    }


class KeyRows:
    """Rows of `contact_keys` and `contact_domains` that one transaction adds and takes away."""

    def __init__(self) -> None:
        self._more: set[tuple[int, int, int]] = set()
        self._less: set[tuple[int, int, int]] = set()
        self._domains: dict[int, tuple[str, float]] = {}

    def put(self, contact: int, under: frozenset[int], step: int) -> None:
        """Have a contact under keys, at its step of `busy`."""
        self._more.update((key, step, contact) for key in under)

    def take(self, contact: int, under: frozenset[int], step: int) -> None:
        """Take a contact away from where it stood at the step *step*."""
        self._less.update((key, step, contact) for key in under)

    def weigh(self, domain: str, weight: float) -> None:
        """Count mails to a domain, which is made known by this."""
        home = address_id(domain)
        self._domains[home] = domain, self._domains.get(home, ("", 0.0))[1] + weight

    async def write(self, conn: AsyncConnection) -> None:
        """Write all of it; the caller has the turn to write."""
        await self._index_domains(conn)
        # In the order of the tree: neighbours are written to the same page.
        if self._less:
            await conn.execute(_GONE, [{"k": k, "b": b, "c": c} for k, b, c in sorted(self._less)])
        if self._more:
            rows = [{"key": k, "busy": b, "contact": c} for k, b, c in sorted(self._more)]
            await put(conn, contact_keys, rows)
        domains = [
            {"id": home, "domain": domain, "weight": weight, "keyed": keys.VERSION}
            for home, (domain, weight) in sorted(self._domains.items())
        ]
        await upsert(conn, contact_domains, domains, sums=("weight",))

    async def _index_domains(self, conn: AsyncConnection) -> None:
        have = contact_domains.c.id, contact_domains.c.keyed
        known: set[int] = set()
        for some in chunks(sorted(self._domains)):
            found = await conn.execute(select(*have).where(have[0].in_(some)))
            known.update(row.id for row in found if row.keyed == keys.VERSION)
        for home in self._domains.keys() - known:
            self._more.update((key, 0, home) for key in keys.domain_keys(self._domains[home][0]))


async def is_current(conn: AsyncConnection) -> bool:
    """Whether every row stands under today's keys."""
    return await number(conn, KEYED) == keys.VERSION


async def bring_up(database: Database, tell: Callable[[int], None] = lambda _: None) -> int:
    """
    Bring all contacts under today's keys, in batches; several may do so at once. Gives how many.

    Raises:
        StoreError: The database is away; what was done until then is done.
    """
    async with database.read() as conn:
        if await is_current(conn):
            return 0
    async with database.write() as conn:
        await next_generation(conn)
        if await number(conn, KEYED) not in {0, keys.VERSION}:
            await conn.execute(delete(contact_keys))  # nobody will ask for such any more
            await set_number(conn, KEYED, 0)
    done, last = 0, -1
    while True:
        async with database.read() as conn:
            query = select(contacts.c.id).where(contacts.c.id > last).order_by(contacts.c.id)
            stale = query.where(contacts.c.keyed != keys.VERSION).limit(BATCH)
            some = (await conn.scalars(stale)).all()
        async with database.write() as conn:
            if not some:
                await set_number(conn, KEYED, keys.VERSION)
                return done
            done, last = done + await _bring_up(conn, some), some[-1]
        tell(done)


async def _bring_up(conn: AsyncConnection, some: Sequence[int]) -> int:
    """Bring these under today's keys, but for those that somebody did in the meantime."""
    await next_generation(conn)
    rows, updated = KeyRows(), []
    for ids in chunks(some):
        stale = select(contacts).where(contacts.c.id.in_(ids), contacts.c.keyed != keys.VERSION)
        for row in await conn.execute(stale):
            values = {"home": 0, "folded": "", "called": "", "keyed": keys.VERSION}
            # What a newer Guard wrote, and this one cannot read, is found when that one is back.
            if known := contact_of(row):
                values = found_by(known.address, row.name, row.company)
                rows.put(row.id, keys_of(known.address, row.name, row.company), busy(row.received))
                # From now on its mails count for its domain; those of an older key already do.
                rows.weigh(known.address.domain, 0.0 if row.keyed else row.received_weight)
            updated.append({"is": row.id, **{f"new_{each}": v for each, v in values.items()}})
    await rows.write(conn)
    if updated:
        new: dict[str, Any] = {
            each: bindparam(f"new_{each}") for each in ("home", "folded", "called", "keyed")
        }
        await conn.execute(
            update(contacts).where(contacts.c.id == bindparam("is")).values(new), updated
        )
    return len(updated)
