"""
Who writes to whom, kept and asked in SQL.

Nothing is loaded: for each question a few dozen rows are gathered (`contact_gathering`), and the
same `Question` is asked about them as about a `History`. So memory does not grow with contacts or
mails, and what one process writes or forgets all others know at once. What is learned is written a
moment later, many messages in one transaction.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

import structlog
from sqlalchemy import select

from guard.contacts.acquaintance import Acquaintance, Candidate
from guard.contacts.mentions import mentions
from guard.contacts.nearest import nearest
from guard.contacts.neighbours import Neighbourhood
from guard.contacts.question import Question
from guard.contacts.travels import clues_of
from guard.model.address import Address, Mailbox
from guard.model.contact import Contact, Exchange
from guard.model.errors import GuardError
from guard.model.pair_answer import PairAnswer
from guard.names.fold import plain
from guard.names.likeness import likeness
from guard.store import contact_answers, contact_forgetting, contact_indexing, contact_rows
from guard.store.asking import Asking
from guard.store.contact_adding import Addition
from guard.store.contact_books import Books
from guard.store.contact_companies import known_companies
from guard.store.contact_gathering import gather
from guard.store.contact_reads import Reads
from guard.store.database import Database
from guard.store.sent_files import SentFiles

log = structlog.get_logger(__name__)

FLUSH_S: Final = 1.0
"""Seconds for which what was learned may wait to be written; a crash forgets that much."""

MOST_COMPARED: Final = 16_384
"""Pairs of people whose likeness is remembered, at up to 500 octets each: with most of a sender's
contacts a recipient was compared before."""

LOOK_S: Final = 600.0
"""Seconds after which it is looked whether somebody has forgotten old contacts today."""

LONGEST_TEXT: Final = 1_000
"""Characters that are searched for at most."""

RETRY_S: Final = 30.0
"""Seconds until what failed in the background is tried again."""

BATCH: Final = 10_000
"""Messages that are written in one transaction when very many are learned."""

PEOPLE: Final = 10_000
"""Contacts of a directory that are worked on at once."""

MOST_WAITING: Final = 20_000
"""Messages that wait while the database is away; beyond, the oldest are let go."""


class _Closing(Exception):  # noqa: N818 -- no error: the store is being closed
    """Ends the work in the background between two batches."""


class ContactStore:
    """
    `ports.Contacts` in SQL.

    What was learned is not known to questions before it is written, `FLUSH_S` later. While the
    database is away nothing is known, and questions fail: a guard that knew nobody would let slips
    pass in silence. SQLite answers them while others write, whoever has its lock.
    """

    def __init__(self, database: Database, *, file_key: Callable[[], bytes] | None = None) -> None:
        self._database: Final = database
        self._sent_files: Final = SentFiles(file_key)
        self._asking: Final = Asking(database)
        self._books: Final = Books()
        self._compare: Final = lru_cache(MOST_COMPARED)(likeness)
        self._waiting: list[Exchange] = []
        self._turn: Final = asyncio.Lock()
        self._wake: Final = asyncio.Event()
        self._background: list[asyncio.Task[None]] = []
        self._bringing_up: asyncio.Task[None] | None = None
        self._closing: Final = asyncio.Event()

    @classmethod
    async def open(
        cls,
        database: Database,
        *,
        forget_after: Callable[[], timedelta] | None = None,
        file_key: Callable[[], bytes] | None = None,
    ) -> "ContactStore":
        """
        Begin; this takes no longer the more are known.

        Where files went is kept under *file_key*; without it nobody knows.

        Contacts whose keys another Guard made are found as these are made anew, in the background.
        Who was not written to for *forget_after* is forgotten there as well, once a day; without it
        nobody is.

        Raises:
            StoreError: The database is away.
        """
        async with database.read() as conn:
            current = await contact_indexing.is_current(conn)
            known = await conn.scalar(select(contact_rows.contacts.c.id).limit(1))
        if not current and known is None:
            await contact_indexing.bring_up(database)  # nothing is to be done, which is noted
            current = True
        store = cls(database, file_key=file_key)
        store._background.append(asyncio.create_task(store._write_on()))
        if not current:
            store._bringing_up = asyncio.create_task(store._bring_up())
        if forget_after is not None:
            store._background.append(asyncio.create_task(store._expire_on(forget_after)))
        return store

    async def acquaintance(self, exchange: Exchange) -> Acquaintance:
        """
        Say what is known about the people of *exchange*, which is not learned by this.

        Raises:
            StoreError: The database is away.
        """
        return await self._asking.ask(lambda conn: self._answer(Reads(conn), exchange))

    async def near(
        self, address: Address, limit: int = 10, *, sender: Address | None = None
    ) -> tuple[Candidate, ...]:
        """
        Find contacts that *address* resembles, the closest first.

        Raises:
            StoreError: The database is away.
        """

        def answer(reads: Reads) -> tuple[Candidate, ...]:
            box = Mailbox(address=address)
            memory = gather(reads, self._books, sender=sender, recipients=[box])
            return nearest(memory, Neighbourhood(memory, self._compare), box, sender=sender)[:limit]

        return await self._asking.ask(lambda conn: answer(Reads(conn)))

    async def search(self, text: str, limit: int = 100) -> tuple[Contact, ...]:
        """
        Find contacts with *text*, in any spelling, in address, name or company.

        Raises:
            StoreError: The database is away.
        """
        table = contact_rows.contacts
        query = select(table.c.address, table.c.name, table.c.company).order_by(table.c.address)
        if len(text) > LONGEST_TEXT or not text.isprintable():
            return ()  # no address, name or company is like that
        wanted = query.where(table.c.folded.contains(plain(text), autoescape=True)).limit(limit)
        async with self._database.read() as conn:
            found = map(contact_rows.contact, await conn.execute(wanted))
            return tuple(contact for contact in found if contact is not None)

    async def learn(self, exchange: Exchange) -> None:
        """Count one message that was really delivered. Failing is logged, never raised."""
        self._take(exchange)
        self._wake.set()

    async def answered(self, answers: Sequence[PairAnswer], *, about: str) -> frozenset[Address]:
        """
        Keep what a sender said about look-alikes; of the hold called *about* each counts once.

        Raises:
            StoreError: The database is away; nothing was kept.
        """
        return await contact_answers.record(self._database, answers, about)

    async def answers_by_kind(self) -> dict[str, dict[str, int]]:
        """
        Say for each kind of likeness how often which answer was given.

        Raises:
            StoreError: The database is away.
        """
        return await contact_answers.by_kind(self._database)

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
        async with self._turn, self._database.write() as conn:
            for at in range(0, len(contacts), PEOPLE):
                await Addition.of_contacts(contacts[at : at + PEOPLE]).write(conn)

    async def forget(self, address: Address) -> bool:
        """
        Take an address out of everything, for all processes; gives whether it was known.

        Raises:
            StoreError: The database is away; nothing was changed.
        """
        await self.flush()
        async with self._turn:
            return await contact_forgetting.forget(self._database, address)

    async def expire(self, before: datetime) -> int:
        """
        Forget who was not written to since *before* and stands in no directory; gives how many.

        Raises:
            StoreError: The database is away; a part may be forgotten.
        """
        return await contact_forgetting.expire(self._database, before)

    async def flush(self) -> None:
        """
        Write what was learned so far.

        Raises:
            StoreError: The database is away or full; it waits for the next time.
        """
        async with self._turn:
            if not self._waiting:
                return
            taken, self._waiting = self._waiting, []
            try:
                addition = Addition.of_exchanges(taken)
                async with self._database.write() as conn:
                    await addition.write(conn)
                    await self._sent_files.learn(conn, taken)
            except BaseException:
                self._waiting = [*taken, *self._waiting][-MOST_WAITING:]
                raise

    async def close(self) -> None:
        """Write what is left, and stop. Failing is logged."""
        self._closing.set()
        if self._bringing_up is not None:
            await self._bringing_up  # to the end of its batch: a connection is not left halfway
        for task in self._background:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._background.clear()
        await self._flush_or_log()
        await self._asking.close()

    # Asking

    def _answer(self, reads: Reads, exchange: Exchange) -> Acquaintance:
        mentioned = mentions(exchange.text)
        memory = gather(
            reads,
            self._books,
            sender=exchange.sender.address,
            recipients=exchange.recipients,
            references=exchange.references,
            quoted=mentioned.addresses,
        )
        answer = Question(
            memory, Neighbourhood(memory, self._compare), exchange, mentioned
        ).answer()
        travelled = self._sent_files.of(reads.conn, exchange)
        clues = tuple(dict.fromkeys((*exchange.clues, *clues_of(travelled))))
        return replace(answer, companies=known_companies(reads, clues), travelled=travelled)

    # Writing

    def _take(self, exchange: Exchange) -> None:
        # The text was for judging; it has no business waiting here.
        self._waiting.append(replace(exchange, text="", subject="", clues=()))
        if len(self._waiting) > MOST_WAITING:
            del self._waiting[: MOST_WAITING // 10]

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

    async def _bring_up(self) -> None:
        """Make keys anew that are of another Guard, however often the database is away."""
        while not self._closing.is_set():
            try:
                count = await contact_indexing.bring_up(self._database, self._go_on)
            except _Closing:
                return
            except GuardError as error:
                log.warning("contacts.bring_up_failed", error=type(error).__name__)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), RETRY_S)
            else:
                if count:
                    log.info("contacts.brought_up", count=count)
                return

    def _go_on(self, _: int) -> None:
        if self._closing.is_set():
            raise _Closing

    async def _expire_on(self, forget_after: Callable[[], timedelta]) -> None:
        """Forget whom nobody writes to any more, once a day, by one of all processes."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                if now := await contact_forgetting.first_of_the_day(self._database):
                    count = await self.expire(now - forget_after())
                    log.info("contacts.expired", count=count)
            except GuardError as error:
                log.warning("contacts.expire_failed", error=type(error).__name__)
