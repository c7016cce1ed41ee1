"""
Who writes to whom, kept in SQL and asked in memory.

Everything is loaded into a `History` when the store is opened. What is learned is counted in
memory at once and added to the rows a moment later, many messages in one transaction. What another
process wrote is added in memory when somebody is asked about.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

import structlog
from sqlalchemy import delete, or_

from guard.contacts.acquaintance import Acquaintance, Candidate
from guard.contacts.history import History
from guard.contacts.tally import Tally
from guard.contacts.threads import KEEP_DAYS
from guard.model.address import Address
from guard.model.contact import Contact, Exchange
from guard.model.errors import GuardError
from guard.store import contact_rows
from guard.store.contact_rows import Addition, address_id, changed_since, companions, relations
from guard.store.database import Database

log = structlog.get_logger(__name__)

FLUSH_S: Final = 1.0
"""Seconds for which what was learned may wait to be written; a crash forgets that much."""

POLL_S: Final = 2.0
"""Seconds after which the database is asked whether another process changed something."""

BATCH: Final = 2000
"""Messages that are written in one transaction when very many are learned."""

MOST_WAITING: Final = 200_000
"""Messages that wait while the database is away; beyond, the oldest are let go."""


class ContactStore:
    """`ports.Contacts` in SQL."""

    def __init__(self, database: Database) -> None:
        self._database: Final = database
        self._history = History()
        self._numbers: dict[int, int] = {}
        self._waiting: list[Exchange] = []
        self._generation = 0
        self._polled = 0.0
        self._turn: Final = asyncio.Lock()
        self._wake: Final = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, database: Database) -> "ContactStore":
        """
        Load all that is known.

        Raises:
            StoreError: The database is away.
        """
        store = cls(database)
        store._polled = time.monotonic()
        await store._refresh()
        store._writer = asyncio.create_task(store._write_on())
        return store

    def __len__(self) -> int:
        return len(self._history)

    async def acquaintance(self, exchange: Exchange) -> Acquaintance:
        """Say what is known about the people of *exchange*, which is not learned by this."""
        await self._keep_up()
        return self._history.acquaintance(exchange)

    async def near(
        self, address: Address, limit: int = 10, *, sender: Address | None = None
    ) -> tuple[Candidate, ...]:
        """Find contacts that *address* resembles, the closest first."""
        await self._keep_up()
        return self._history.near(address, limit, sender=sender)

    async def search(self, text: str, limit: int = 100) -> tuple[Contact, ...]:
        """Find contacts with *text*, in any spelling, in address, name or company."""
        await self._keep_up()
        return self._history.search(text, limit)

    async def learn(self, exchange: Exchange) -> None:
        """Count one message that was really delivered. Failing is logged, never raised."""
        try:
            self._take(exchange)
        except Exception as error:  # noqa: BLE001 -- the message is delivered: too late to complain
            log.warning("contacts.learn_failed", error=type(error).__name__)
        self._wake.set()

    async def learn_many(self, exchanges: Iterable[Exchange]) -> int:
        """
        Count many messages; all of them are durable when this returns. Gives how many.

        Raises:
            StoreError: The database is away or full; a part may have been counted.
        """
        count = 0
        for exchange in exchanges:
            self._take(exchange)
            count += 1
            if len(self._waiting) >= BATCH:
                await self.flush()
        await self.flush()
        return count

    async def add(self, contacts: Sequence[Contact]) -> None:
        """
        Take in contacts of a directory, all or none; durable when this returns.

        Raises:
            StoreError: The database is away or full; nothing was changed.
        """
        async with self._turn:
            await self._write(Addition.of_contacts(contacts))
            for contact in contacts:
                self._history.add_contact(contact)
                self._number(contact.address, contact.name)

    async def forget(self, address: Address) -> bool:
        """
        Take an address out of everything; gives whether it was known.

        Other processes forget it when they are started again.

        Raises:
            StoreError: The database is away; nothing was changed.
        """
        await self.flush()
        gone, people = address_id(address.key), contact_rows.contacts
        async with self._turn:
            async with self._database.write() as conn:
                found = await conn.execute(delete(people).where(people.c.id == gone))
                for table, one, other in (
                    (relations, relations.c.sender, relations.c.recipient),
                    (companions, companions.c.one, companions.c.other),
                ):
                    await conn.execute(delete(table).where(or_(one == gone, other == gone)))
            self._history, self._numbers, self._generation = History(), {}, 0
            await self._load()
        return bool(found.rowcount)

    async def flush(self) -> None:
        """
        Write what was learned so far.

        Raises:
            StoreError: The database is away or full; it waits for the next time.
        """
        async with self._turn:
            taken = len(self._waiting)
            if taken:
                await self._write(Addition.of_exchanges(self._waiting[:taken]))
                del self._waiting[:taken]

    async def close(self) -> None:
        """Write what is left, and stop. Failing is logged."""
        if self._writer is not None:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
            self._writer = None
        await self._flush_or_log()

    # Writing

    def _take(self, exchange: Exchange) -> None:
        self._history.learn(exchange)
        for mailbox in (exchange.sender, *exchange.recipients):
            self._number(mailbox.address, mailbox.name)
        # The text was for judging; it has no business waiting here.
        self._waiting.append(replace(exchange, text="", subject=""))
        if len(self._waiting) > MOST_WAITING:
            del self._waiting[: MOST_WAITING // 10]

    def _number(self, address: Address, name: str = "") -> int:
        number = self._history.number(address, name)
        self._numbers[address_id(address.key)] = number
        return number

    async def _write_on(self) -> None:
        """Write in the background, for as long as the store is open."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(FLUSH_S)
            self._wake.clear()
            await self._flush_or_log()

    async def _flush_or_log(self) -> None:
        try:
            await self.flush()
        except GuardError as error:
            log.warning("contacts.flush_failed", error=type(error).__name__)
            self._wake.set()

    async def _write(self, addition: Addition) -> None:
        async with self._database.write() as conn:
            generation = await contact_rows.next_generation(conn)
            await addition.write(conn, generation)
        # Where nobody wrote in between, there is nothing to read that is not known here.
        if generation == self._generation + 1:
            self._generation = generation

    # Reading what other processes wrote

    async def _keep_up(self) -> None:
        if time.monotonic() - self._polled < POLL_S:
            return
        self._polled = time.monotonic()  # the others need not wait for the same answer
        try:
            await self._refresh()
        except GuardError as error:
            # What is in memory is good enough until the database is back.
            log.warning("contacts.poll_failed", error=type(error).__name__)

    async def _refresh(self) -> None:
        async with self._turn:
            async with self._database.read() as conn:
                generation = await contact_rows.generation(conn)
            if generation != self._generation:
                await self._load()

    async def _load(self) -> None:
        """Bring memory up to the rows that changed; what waits to be written stays counted."""
        known, history = self._generation, self._history
        async with self._database.read() as conn:
            self._generation = await contact_rows.generation(conn)
            people = await changed_since(conn, contact_rows.contacts, known)
            written = await changed_since(conn, relations, known)
            together = await changed_since(conn, companions, known)
            messages = await changed_since(conn, contact_rows.threads, known)
        waiting = Addition.of_exchanges(self._waiting)
        for row in people:
            contact = contact_rows.contact(row)
            if contact is not None:
                self._numbers[row.id] = history.restore(
                    contact, imported=row.imported, writes=row.writes
                )
        numbers = self._numbers
        for sender_id, recipient_id, count, weight, last, _ in written:
            if sender_id in numbers and recipient_id in numbers:
                sender, recipient = numbers[sender_id], numbers[recipient_id]
                total = Tally(count, weight, last)
                if mine := waiting.relations.get((sender_id, recipient_id)):
                    total.add(mine.last, mine.weight, mine.count)
                have = history.tally(sender, recipient)
                delta = Tally(total.count - have.count, total.weight - have.weight, total.last)
                if delta.count:
                    history.add_relation(sender, recipient, delta)
        for one_id, other_id, weight, _ in together:
            if one_id in numbers and other_id in numbers:
                one, other = numbers[one_id], numbers[other_id]
                total_weight = weight + waiting.companions.get((one_id, other_id), 0.0)
                delta_weight = total_weight - history.company(one, other)
                history.add_company(one, other, delta_weight)
                history.add_company(other, one, delta_weight)
        oldest = max((row.at for row in messages), default=0.0) - KEEP_DAYS * 86400
        for row in messages:
            if row.at >= oldest and row.sender in numbers:
                recipients = [numbers[i] for i in map(int, row.recipients.split()) if i in numbers]
                parents = tuple(map(int, row.parents.split()))
                history.add_thread(row.message, parents, numbers[row.sender], recipients, row.at)
