"""
The tables of contacts: counters, not a log of events; and how they are added to and read.

Rows are keyed by a hash of the address, so that any process can add to a counter without asking
for a number first. Every row carries the generation of the write that last changed it: another
process reads what is newer than the generation it knows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    case,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.contacts.memory import COMPANY
from guard.contacts.tally import Tally, worth
from guard.contacts.threads import KEEP_DAYS, message_key
from guard.model.address import Address, AddressError, Mailbox
from guard.model.contact import Contact, Exchange
from guard.store.schema import metadata

contacts: Final = Table(
    "contacts",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("company", Text, nullable=False),
    Column("imported", Boolean, nullable=False),
    Column("writes", Boolean, nullable=False),
    Column("changed", Integer, nullable=False, index=True),
)

relations: Final = Table(
    "relations",
    metadata,
    Column("sender", BigInteger, primary_key=True, autoincrement=False),
    Column("recipient", BigInteger, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("weight", Float, nullable=False),
    Column("last", Float, nullable=False),
    Column("changed", Integer, nullable=False, index=True),
)
"""How often and how lately one wrote to another; `weight` as in `guard.contacts.tally`."""

companions: Final = Table(
    "companions",
    metadata,
    Column("one", BigInteger, primary_key=True, autoincrement=False),
    Column("other", BigInteger, primary_key=True, autoincrement=False),
    Column("weight", Float, nullable=False),
    Column("changed", Integer, nullable=False, index=True),
)
"""How often two got the same mail; the smaller id stands first."""

threads: Final = Table(
    "thread_messages",
    metadata,
    Column("message", BigInteger, primary_key=True, autoincrement=False),
    Column("parents", Text, nullable=False),
    Column("sender", BigInteger, nullable=False),
    Column("recipients", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("changed", Integer, nullable=False, index=True),
    Index(None, "at"),
)
"""Who took part in which message, by hash of its Message-ID; the ids in `parents` and
`recipients` are parted by spaces."""

state: Final = Table(
    "contacts_state",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("generation", Integer, nullable=False),
)
"""One row, ``contacts``: its number rises with every write."""

_STATE: Final = "contacts"


def address_id(key: str) -> int:
    """Give the id of an address, by its `Address.key`: 63 bits, the same in every process."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) >> 1


@dataclass(slots=True)
class Addition:
    """What one transaction adds, keyed as the rows are."""

    contacts: dict[int, dict[str, Any]] = field(default_factory=dict)
    relations: dict[tuple[int, int], Tally] = field(default_factory=dict)
    companions: dict[tuple[int, int], float] = field(default_factory=dict)
    threads: dict[int, dict[str, Any]] = field(default_factory=dict)
    latest: float = 0.0

    @classmethod
    def of_contacts(cls, known: Iterable[Contact]) -> "Addition":
        """Add contacts of a directory."""
        addition = cls()
        for contact in known:
            box = Mailbox(address=contact.address, name=contact.name)
            addition._know(box, imported=True, company=contact.company)
        return addition

    @classmethod
    def of_exchanges(cls, exchanges: Iterable[Exchange]) -> "Addition":
        """Count messages, as `History.learn` does."""
        addition = cls()
        for exchange in exchanges:
            addition._count(exchange)
        return addition

    async def write(self, conn: AsyncConnection, generation: int) -> None:
        """Add all to the rows, and drop threads that have grown old."""
        changed = {"changed": generation}
        await _add(conn, contacts, [row | changed for row in self.contacts.values()])
        await _add(
            conn,
            relations,
            [
                {"sender": sender, "recipient": recipient, "last": tally.last}
                | {"count": tally.count, "weight": tally.weight}
                | changed
                for (sender, recipient), tally in self.relations.items()
            ],
        )
        pairs = [
            {"one": one, "other": other, "weight": weight} | changed
            for (one, other), weight in self.companions.items()
        ]
        await _add(conn, companions, pairs)
        await _add(conn, threads, [row | changed for row in self.threads.values()])
        if self.threads:
            await conn.execute(
                delete(threads).where(threads.c.at < self.latest - KEEP_DAYS * 86400)
            )

    def _know(self, mailbox: Mailbox, *, company: str = "", **flags: bool) -> int:
        number = address_id(mailbox.address.key)
        row = self.contacts.get(number)
        if row is None:
            row = self.contacts[number] = {
                "id": number,
                "address": mailbox.address.text,
                "name": "",
                "company": "",
                "imported": False,
                "writes": False,
            }
        if mailbox.name and "@" not in mailbox.name:
            row["name"] = mailbox.name.strip()
        row["company"] = company or row["company"]
        row.update(flags)
        return number

    def _count(self, exchange: Exchange) -> None:
        at = exchange.at.timestamp()
        weight = worth(at)
        self.latest = max(self.latest, at)
        sender = self._know(exchange.sender, writes=True)
        people = list(dict.fromkeys(self._know(one) for one in exchange.recipients))
        for recipient in people:
            self.relations.setdefault((sender, recipient), Tally()).add(at, weight)
        if len(people) <= COMPANY:
            for one in people:
                for other in people:
                    if one < other:
                        pair = one, other
                        self.companions[pair] = self.companions.get(pair, 0.0) + weight
        if exchange.message_id:
            message = message_key(exchange.message_id)
            parents = (message_key(parent) for parent in exchange.references)
            self.threads[message] = {
                "message": message,
                "parents": " ".join(map(str, parents)),
                "sender": sender,
                "recipients": " ".join(map(str, people)),
                "at": at,
            }


def contact(row: Any) -> Contact | None:
    """Read a row of `contacts`; `None` where a newer Guard wrote what this one cannot read."""
    try:
        return Contact(address=Address.parse(row.address), name=row.name, company=row.company)
    except AddressError:
        return None


async def generation(conn: AsyncConnection) -> int:
    """Give the generation of the latest write; 0 before the first."""
    return await conn.scalar(select(state.c.generation).where(state.c.name == _STATE)) or 0


async def next_generation(conn: AsyncConnection) -> int:
    """Begin a write: raise the generation, which also makes other writers wait for this one."""
    raised = await conn.execute(
        update(state).where(state.c.name == _STATE).values(generation=state.c.generation + 1)
    )
    if not raised.rowcount:
        await conn.execute(insert(state).values(name=_STATE, generation=1))
    return await generation(conn)


async def changed_since(conn: AsyncConnection, table: Table, known: int) -> Sequence[Any]:
    """Give the rows that were written after the generation *known*, messages in order of time."""
    query = select(table)
    if known:
        query = query.where(table.c.changed > known)
    if table is threads:
        query = query.order_by(table.c.at)
    return (await conn.execute(query)).all()


async def _add(conn: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Add *rows* to their counters; what is no counter takes the later, fuller value."""
    if not rows:
        return
    postgres = conn.dialect.name == "postgresql"
    statement = postgresql.insert(table) if postgres else sqlite.insert(table)
    old, new = table.c, statement.excluded
    changes: dict[str, Any] = {"changed": new.changed}
    if table is contacts:
        changes["name"] = case((new.name != "", new.name), else_=old.name)
        changes["company"] = case((new.company != "", new.company), else_=old.company)
        changes["imported"] = or_(old.imported, new.imported)
        changes["writes"] = or_(old.writes, new.writes)
    elif table is relations:
        changes["count"] = old["count"] + new["count"]
        changes["last"] = case((new.last > old.last, new.last), else_=old.last)
    if table in (relations, companions):
        changes["weight"] = old.weight + new.weight
    if table is threads:
        await conn.execute(statement.on_conflict_do_nothing(), rows)
    else:
        keys = list(table.primary_key)
        await conn.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes), rows)
