"""
A small `Memory` of rows: all that one question needs, and nobody else.

The numbers of its people are the ids of their rows. What is noted of people who are then not read,
as those who were forgotten, is left out in the end.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from guard.contacts.book import Book
from guard.contacts.memory import Entry, Memory
from guard.contacts.roll import Roll
from guard.contacts.tally import Tally
from guard.model.address import Address, AddressError
from guard.names.fold import Person, untagged
from guard.names.likeness import Face
from guard.store.contact_books import WholeBook
from guard.store.contact_reads import PersonRow
from guard.store.contact_rows import address_of


class WorkingSet:
    """A memory that is being filled, for one sender."""

    def __init__(self, sender: int) -> None:
        self.memory: Final = Memory()
        self.rows: Final[dict[int, PersonRow]] = {}
        """Those who are known by now."""

        self._sender = sender
        self._tagged: dict[str, Sequence[int]] = {}
        self._messages: dict[int, Any] = {}

    def take(self, rows: Iterable[PersonRow]) -> None:
        """Take in people."""
        for row in rows:
            try:
                self._take(row, address_of(row.address))
            except AddressError:
                continue  # a newer Guard wrote what this one cannot read
            self.rows[row.id] = row
        there = self.rows.keys()
        for box, tagged in self._tagged.items():
            self.memory.tagged[box] = [number for number in tagged if number in there]

    def tag(self, box: str, tagged: Sequence[int]) -> None:
        """Note which addresses only a tag tells from a mailbox."""
        self._tagged[box] = tagged

    def note(self, messages: Iterable[Any]) -> None:
        """Note messages of a thread."""
        self._messages |= {row.message: row for row in messages}

    def keep_book(
        self, whole: WholeBook, faces: Collection[tuple[Face, Person]], sent_weight: float
    ) -> list[int]:
        """
        Keep of the sender's book those who are written to most, and who look most alike.

        Gives all of them.
        """
        book = self._book(self._sender)
        book.total.weight = sent_weight
        book.total.count, book.people = whole.mails, len(whole)
        book.weights = whole.most_written_to
        for local in dict.fromkeys(untagged(face.local) for face, _ in faces):
            for number, text in whole.alike_in_address(local):
                book.locals.add(number, text)
        for name in dict.fromkeys(who.folded for _, who in faces if who.words):
            for number, text in whole.alike_in_name(name):
                book.names.add(number, text)
        return [*book.weights, *book.locals.numbers, *book.names.numbers]

    def finished(self, under: Mapping[int, Sequence[int]]) -> Memory:
        """Give the memory, which knows only of those who were taken in; *under* is by key."""
        memory, there = self.memory, self.rows.keys()
        for key, numbers in under.items():
            memory.index.put(key, [number for number in numbers if number in there])
        for row in sorted(self._messages.values(), key=lambda row: float(row.at)):
            people = there & people_of(row)
            sender = row.sender if row.sender in there else None
            answers = row.answers or None
            memory.threads.put(row.message, answers, row.thread, sender, people, row.at)
        memory.companions = {
            one: {other: weight for other, weight in company.items() if other in there}
            for one, company in memory.companions.items()
        }
        if book := memory.books.get(self._sender):
            book.weights = {each: much for each, much in book.weights.items() if each in there}
            book.locals, book.names = _only(book.locals, there), _only(book.names, there)
        return memory

    def _take(self, row: PersonRow, address: Address) -> None:
        memory, number = self.memory, row.id
        memory.numbers[address.key] = number
        memory.entries[number] = Entry(
            address,
            Face(address.local, address.domain, row.name),
            row.company,
            bool(row.imported),
            bool(row.writes),
        )
        if row.home_weight:
            memory.domains[address.domain] = row.home_weight
        if row.received:
            memory.received[number] = Tally(row.received, row.received_weight, row.received_last)
        if row.inbound_count:
            self._book(number).sent[self._sender] = Tally(
                row.inbound_count, row.inbound_weight, row.inbound_last
            )
        if row.own_count:
            own = Tally(row.own_count, row.own_weight, row.own_last)
            self._book(self._sender).sent[number] = own

    def _book(self, number: int) -> Book:
        book = self.memory.books.get(number)
        if book is None:
            book = self.memory.books[number] = Book()
        return book


def people_of(row: Any) -> set[int]:
    """Give sender and recipients of a message."""
    return {row.sender, *map(int, row.recipients.split())}


def _only(roll: Roll, there: Collection[int]) -> Roll:
    few = Roll()
    for number, text in zip(roll.numbers, roll.texts, strict=True):
        if number in there:
            few.add(number, text)
    return few
