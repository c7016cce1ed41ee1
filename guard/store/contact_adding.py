"""What one transaction adds to the rows of contacts: a directory, or mail that was sent."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.contacts import keys
from guard.contacts.memory import COMPANY, real_name
from guard.contacts.tally import Tally, worth
from guard.contacts.threads import KEEP_DAYS, message_key
from guard.model.address import Address, Mailbox
from guard.model.contact import Contact, Exchange
from guard.store.contact_indexing import FOUND_BY, KeyRows, busy, found_by, keys_of
from guard.store.contact_rows import (
    address_id,
    companions,
    contacts,
    next_generation,
    relations,
    threads,
)
from guard.store.contact_sql import chunks, put, upsert

MOST_PARENTS: Final = 50
"""Messages that one is taken to answer: the latest of its References."""


@dataclass(slots=True)
class _Person:
    """What is added to one address."""

    address: Address
    name: str = ""
    company: str = ""
    imported: bool = False
    writes: bool = False
    received: Tally = field(default_factory=Tally)
    sent_weight: float = 0.0


@dataclass(slots=True)
class _Message:
    """One message of a thread, by the keys of `message_key`."""

    key: int
    parents: list[int]
    sender: int
    recipients: list[int]
    at: float


@dataclass(slots=True)
class Addition:
    """Counts to be added, keyed as the rows are."""

    people: dict[int, _Person] = field(default_factory=dict)
    relations: dict[tuple[int, int], Tally] = field(default_factory=dict)
    companions: dict[tuple[int, int], float] = field(default_factory=dict)
    messages: list[_Message] = field(default_factory=list)

    @classmethod
    def of_contacts(cls, known: Iterable[Contact]) -> "Addition":
        """Add contacts of a directory."""
        addition = cls()
        for contact in known:
            person = addition._know(Mailbox(address=contact.address, name=contact.name))[1]
            person.imported = True
            person.company = _storable(contact.company) or person.company
        return addition

    @classmethod
    def of_exchanges(cls, exchanges: Iterable[Exchange]) -> "Addition":
        """Count messages, as `History.learn` does."""
        addition = cls()
        for exchange in exchanges:
            addition._count(exchange)
        return addition

    async def write(self, conn: AsyncConnection) -> None:
        """Add all of it, after whoever is writing now; drop threads that have grown old."""
        # Whoever writes waits here for the others: what is read from here on stays true.
        changed = {"changed": await next_generation(conn)}
        await self._write_people(conn, changed)
        rows = [
            {"sender": sender, "recipient": recipient, "last": tally.last}
            | {"count": tally.count, "weight": tally.weight}
            | changed
            for (sender, recipient), tally in sorted(self.relations.items(), key=itemgetter(0))
        ]
        await upsert(conn, relations, rows, sums=("count", "weight"), latest="last")
        pairs = [
            {"one": one, "other": other, "weight": weight} | changed
            for (one, other), weight in sorted(self.companions.items())
        ]
        await upsert(conn, companions, pairs, sums=("weight",))
        if self.messages:
            await self._write_messages(conn, changed)

    # Collecting

    def _know(self, mailbox: Mailbox) -> tuple[int, _Person]:
        number = address_id(mailbox.address.key)
        person = self.people.get(number)
        if person is None:
            person = self.people[number] = _Person(mailbox.address)
        person.name = _storable(real_name(mailbox.name)) or person.name
        return number, person

    def _count(self, exchange: Exchange) -> None:
        at = exchange.at.timestamp()
        weight = worth(at)
        sender, writer = self._know(exchange.sender)
        writer.writes = True
        people = dict(self._know(one) for one in exchange.recipients)
        for number, person in people.items():
            self.relations.setdefault((sender, number), Tally()).add(at, weight)
            person.received.add(at, weight)
            writer.sent_weight += weight
        if len(people) <= COMPANY:
            for one in people:
                for other in people:
                    if one < other:
                        pair = one, other
                        self.companions[pair] = self.companions.get(pair, 0.0) + weight
        if exchange.message_id:
            parents = [message_key(parent) for parent in exchange.references]
            key = message_key(exchange.message_id)
            self.messages.append(_Message(key, parents, sender, list(people), at))

    # Writing

    async def _write_people(self, conn: AsyncConnection, changed: dict[str, int]) -> None:
        known: dict[int, Any] = {}
        for some in chunks(sorted(self.people)):
            query = select(contacts).where(contacts.c.id.in_(some))
            known.update((row.id, row) for row in await conn.execute(query))
        under, rows = KeyRows(), []
        for number, person in sorted(self.people.items()):
            rows.append(_merged(number, person, known.get(number), under) | changed)
        await under.write(conn)
        await upsert(conn, contacts, rows)

    async def _write_messages(self, conn: AsyncConnection, changed: dict[str, int]) -> None:
        oldest = max(message.at for message in self.messages) - KEEP_DAYS * 86400
        recent = [message for message in self.messages if message.at >= oldest]
        asked = {key for one in recent for key in (one.key, *one.parents[-MOST_PARENTS:])}
        seen = await _threads_of(conn, asked)
        rows = []
        for one in recent:
            parents = one.parents[-MOST_PARENTS:]
            nearest = (*reversed(parents), one.key)
            first = parents[0] if parents else one.key
            thread = next((seen[key] for key in nearest if key in seen), first)
            for key in (one.key, *parents[-1:]):
                seen.setdefault(key, thread)
            rows.append(
                {
                    "message": one.key,
                    "parents": " ".join(map(str, parents)),
                    "sender": one.sender,
                    "recipients": " ".join(map(str, one.recipients)),
                    "at": one.at,
                    "thread": thread,
                    "answers": parents[-1] if parents else 0,
                }
                | changed
            )
        await put(conn, threads, rows)
        await conn.execute(delete(threads).where(threads.c.at < oldest))


async def _threads_of(conn: AsyncConnection, messages: Iterable[int]) -> dict[int, int]:
    """Give the threads of those messages that are known, or that one is known to answer."""
    seen: dict[int, int] = {}
    columns = threads.c.message, threads.c.answers, threads.c.thread
    for some in chunks(sorted(messages)):
        query = select(*columns).where(
            or_(threads.c.message.in_(some), threads.c.answers.in_(some))
        )
        for message, answers, thread in await conn.execute(query.order_by(threads.c.at)):
            seen[message] = thread
            if answers:
                seen.setdefault(answers, thread)
    return seen


def _merged(number: int, person: _Person, old: Any, rows: KeyRows) -> dict[str, Any]:
    """Give the row of an address as it is from now on; its changed keys go to *rows*."""
    name = person.name or (old.name if old else "")
    company = person.company or (old.company if old else "")
    row: dict[str, Any] = {
        "id": number,
        "address": old.address if old else person.address.text,
        "name": name,
        "company": company,
        "imported": person.imported or bool(old and old.imported),
        "writes": person.writes or bool(old and old.writes),
        "received": person.received.count + (old.received if old else 0),
        "received_weight": person.received.weight + (old.received_weight if old else 0.0),
        "received_last": max(person.received.last, old.received_last if old else 0.0),
        "sent_weight": person.sent_weight + (old.sent_weight if old else 0.0),
    }
    before, now = busy(old.received if old else 0), busy(row["received"])
    fresh = old is None or not old.keyed
    if old is not None and (old.name, old.company, old.keyed) == (name, company, keys.VERSION):
        new = {column: getattr(old, column) for column in FOUND_BY}
    else:
        new = found_by(person.address, name, company)
    called = (name, company, keys.VERSION)
    if fresh or (old.name, old.company, old.keyed) != called or before != now:
        now_under = keys_of(person.address, name, company)
        if before != now and not fresh:
            older = keys_of(person.address, old.name, old.company)
            rows.take(number, older, before)
            now_under |= older  # a new name or company stands beside the old
        rows.put(number, now_under, now)
    # A domain does not count yet what was sent to an address before that had its keys.
    rows.weigh(person.address.domain, row["received_weight"] if fresh else person.received.weight)
    return row | new


def _storable(text: str) -> str:
    """Give a text as every database takes it."""
    return text.replace("\0", "").encode(errors="replace").decode()
