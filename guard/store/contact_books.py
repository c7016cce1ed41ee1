"""The contacts of those who wrote last, remembered from mail to mail: each may have thousands."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, text

from guard.contacts.book import Book
from guard.model.address import AddressError
from guard.names.fold import untagged
from guard.store.contact_rows import address_of

MOST_REMEMBERED: Final = 20_000
"""Contacts that are remembered, of all senders together, at some 400 octets each."""

LONGEST: Final = 10_000
"""Contacts of one sender that are compared with a recipient by anything alike: those who get most
mail. What is found by keys is found anyway."""

_READ: Final = text(
    "SELECT r.recipient, r.weight, c.address, c.called FROM relations AS r"
    " JOIN contacts AS c ON c.id = r.recipient WHERE r.sender = :sender AND r.changed > :known"
    " ORDER BY r.weight DESC, r.recipient LIMIT :most"
)


@dataclass(slots=True)
class _Remembered:
    book: Book = field(default_factory=Book)
    known: int = -1
    """Generation up to which it was read."""


class Books:
    """
    Books without counts: `weights`, `locals` and `names` are there, `sent` and `total` are empty.

    Who was forgotten may still stand in them.
    """

    def __init__(self) -> None:
        self._books: OrderedDict[int, _Remembered] = OrderedDict()
        self._entries = 0

    def of(self, conn: Connection, sender: int, changed: int) -> Book:
        """Give the book of a sender, whose row was *changed* last in that generation."""
        remembered = self._books.pop(sender, None) or _Remembered()
        book = remembered.book
        self._entries -= len(book.weights)
        if changed > remembered.known:
            values = {"sender": sender, "known": remembered.known, "most": LONGEST}
            for recipient, weight, address, called in conn.execute(_READ, values):
                if recipient not in book.weights and len(book.weights) >= LONGEST:
                    continue
                try:
                    local = address_of(address).local
                except AddressError:
                    continue  # a newer Guard wrote what this one cannot read
                book.weigh(recipient, weight)
                book.locals.add(recipient, untagged(local))
                if called:
                    book.names.add(recipient, called)
            remembered.known = changed
        self._books[sender] = remembered
        self._entries += len(book.weights)
        while self._entries > MOST_REMEMBERED and len(self._books) > 1:
            _, oldest = self._books.popitem(last=False)
            self._entries -= len(oldest.book.weights)
        return book
