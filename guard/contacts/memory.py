"""What history is made of: people by number, counts, companions, threads, and the index of all."""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nlargest
from typing import Final

from guard.contacts.answers import Answered
from guard.contacts.book import Book
from guard.contacts.companies import company_keys
from guard.contacts.keys import KeyIndex
from guard.contacts.tally import Tally, worth
from guard.contacts.threads import KEEP_DAYS, Threads, message_key
from guard.contacts.travels import Travels
from guard.model.address import Address
from guard.model.contact import Contact, Exchange, Relation
from guard.names.fold import person, untagged
from guard.names.likeness import Face

COMPANY: Final = 20
"""Recipients up to which a message says who belongs together; an announcement says nothing."""

CLOSEST: Final = 8
"""Companions of an address who may be meant when it is written to."""

MOST_TAGS: Final = 8
"""Tagged addresses kept for one mailbox: some senders make a new one for every message."""

FADED: Final = 0.25
"""Weight of its only mail below which an address does not count as known: after two half-lives."""

NO_RELATION: Final = Relation()


@dataclass(slots=True)
class Entry:
    """One address, with all that is known of it by itself."""

    address: Address
    face: Face
    company: str = ""
    imported: bool = False
    writes: bool = False
    contact: Contact | None = None
    """The same as a contact, once somebody asked; see `Memory.contact`."""


class Memory:
    """All that was learned: sums and sets, so that the order of learning hardly matters."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        """By `Address.key`."""

        self.tagged: dict[str, list[int]] = {}
        """Numbers of addresses with a tag, by the key that their mailbox has without one."""

        self.entries: dict[int, Entry] = {}
        """By number: rising here; as the database has it in what was gathered for one question."""

        self.index = KeyIndex()
        self.books: dict[int, Book] = {}
        """By the sender's number."""

        self.received: dict[int, Tally] = {}
        """Mails of everybody, by the recipient's number."""

        self.domains: dict[str, float] = {}
        """Weight of mails of everybody, by domain."""

        self.companions: dict[int, dict[int, float]] = {}
        """Weight of mails that one number got together with another."""

        self._closest: dict[int, list[int]] = {}
        """`closest`, for as long as it holds."""

        self.threads = Threads()
        self.travels = Travels()

        self.answers: dict[tuple[str, str], dict[str, Answered]] = {}
        """What a sender said last of a recipient and of whom was suggested, by `Address.key`."""

    def __len__(self) -> int:
        return len(self.entries)

    def add_contact(self, contact: Contact) -> None:
        """Take in a contact from a directory; a second time its name and company are updated."""
        number = self.number(contact.address, contact.name)
        entry = self.entries[number]
        entry.imported = True
        entry.company = contact.company or entry.company
        self.index.add_company(number, company_keys(contact.address.domain, entry.company))

    def learn(self, exchange: Exchange) -> None:
        """Count one message that was really delivered."""
        at = exchange.at.timestamp()
        weight = worth(at)
        sender = self.number(exchange.sender.address, exchange.sender.name)
        self.entries[sender].writes = True
        recipients = list(
            dict.fromkeys(self.number(one.address, one.name) for one in exchange.recipients)
        )
        for recipient in recipients:
            self.add_relation(sender, recipient, Tally(1, weight, at))
        if len(recipients) <= COMPANY:
            for one in recipients:
                for other in recipients:
                    if one != other:
                        self.add_company(one, other, weight)
        self.travels.learn(exchange)
        if exchange.message_id:
            self.threads.add(
                message_key(exchange.message_id),
                [message_key(parent) for parent in exchange.references],
                sender,
                recipients,
                at,
            )
            self.threads.forget_before(at - KEEP_DAYS * 86400)

    def add_relation(self, sender: int, recipient: int, tally: Tally) -> None:
        """Add to how often *sender* wrote to *recipient*; both by number."""
        book = self.books.get(sender)
        if book is None:
            book = self.books[sender] = Book()
        own = book.sent.get(recipient)
        if own is None:
            own = book.sent[recipient] = Tally()
            book.people += 1
            book.locals.add(recipient, untagged(self.entries[recipient].face.local))
        received = self.received.get(recipient)
        if received is None:
            received = self.received[recipient] = Tally()
        for sum_ in (own, book.total, received):
            sum_.add(tally.last, tally.weight, tally.count)
        book.weigh(recipient, own.weight)
        face = self.entries[recipient].face
        if face.name:
            book.names.add(recipient, person(face.name).folded)
        home = face.domain
        self.domains[home] = self.domains.get(home, 0.0) + tally.weight

    def add_company(self, one: int, other: int, weight: float) -> None:
        """Add to how often *other* got the mail that *one* got; both by number."""
        company = self.companions.setdefault(one, {})
        company[other] = company.get(other, 0.0) + weight
        self._closest.pop(one, None)

    def closest(self, one: int) -> list[int]:
        """Give those who oftenest got the mail that *one* got, the oftenest first."""
        closest = self._closest.get(one)
        if closest is None:
            company = self.companions.get(one, {})
            closest = self._closest[one] = nlargest(CLOSEST, company, key=company.__getitem__)
        return closest

    def number(self, address: Address, name: str = "") -> int:
        """Give the number of an address, which is made known by this with its latest name."""
        number = self.numbers.get(address.key)
        if number is None:
            number = self.numbers[address.key] = len(self.entries)
            name = real_name(name)
            self.entries[number] = Entry(address, Face(address.local, address.domain, name))
            self.index.add(number, address.local, address.domain)
            if (box := untagged(address.local)) != address.local:
                tagged = self.tagged.setdefault(f"{box}@{address.domain}", [])
                if len(tagged) < MOST_TAGS:
                    tagged.append(number)
            if name:
                self.index.add_name(number, person(name))
            return number
        entry = self.entries[number]
        if name and name != entry.face.name and (name := real_name(name)):
            entry.face = Face(address.local, address.domain, name)
            self.index.add_name(number, person(name))
        return number

    def mailbox(self, local: str, domain: str) -> list[int]:
        """Give the numbers of an address and of others that only their tag tells from it."""
        box = f"{untagged(local)}@{domain}"
        keys = dict.fromkeys((f"{local}@{domain}", box))
        known = [self.numbers[key] for key in keys if key in self.numbers]
        # In an order that does not depend on who was known first: one of them speaks for all.
        tagged = sorted(self.tagged.get(box, ()), key=lambda one: self.entries[one].address.key)
        return list(dict.fromkeys((*known, *tagged)))

    def book(self, sender: Address | None) -> Book | None:
        """Give the contacts of a sender, `None` of one who never wrote."""
        number = None if sender is None else self.numbers.get(sender.key)
        return None if number is None else self.books.get(number)

    def name(self, box: Iterable[int]) -> str:
        """Give the first display name among the addresses of a mailbox, or nothing."""
        return next(filter(None, (self.entries[number].face.name for number in box)), "")

    def contact(self, number: int) -> Contact:
        """Give one address as a contact."""
        entry = self.entries[number]
        known = entry.contact
        if known is None or known.name != entry.face.name or known.company != entry.company:
            known = entry.contact = Contact(
                address=entry.address, name=entry.face.name, company=entry.company
            )
        return known

    def lasts(self, number: int, now: float) -> bool:
        """
        Whether an address counts as known; *now* is the worth of a mail of today, inverted.

        One that got a single mail, half a year ago, and nothing since, may have been a slip itself.
        """
        entry, received = self.entries[number], self.received.get(number)
        if entry.imported or entry.writes or received is None or received.count > 1:
            return True
        return received.weight * now >= FADED

    def relation_in(self, book: Book | None, number: int) -> Relation:
        """Say how often an address was written to, by the owner of *book* and by all."""
        own = book.sent.get(number) if book is not None else None
        return relation(own, self.received.get(number))


def relation(own: Tally | None, everybody: Tally | None) -> Relation:
    """Say how often somebody was written to, by one sender and by all."""
    if everybody is None:
        return NO_RELATION
    return Relation(
        by_sender=own.count if own else 0,
        by_organisation=everybody.count,
        last_at=own.last_at if own else everybody.last_at,
    )


def real_name(name: str) -> str:
    """Give a display name, or nothing where it is only the address again."""
    return "" if "@" in name else name.strip()
