"""The contacts of those who wrote last, remembered from mail to mail: each may have thousands."""

from array import array
from collections import OrderedDict
from collections.abc import Sequence
from heapq import nlargest
from typing import Any, Final

from sqlalchemy import Connection, text

from guard.contacts.book import MOST_WRITTEN_TO
from guard.contacts.roll import most_alike
from guard.model.address import AddressError
from guard.names.fold import untagged
from guard.store.contact_rows import address_of

MOST_REMEMBERED: Final = 50_000
"""Contacts that are remembered, of all senders together, at some 200 octets each."""

LONGEST: Final = 10_000
"""Contacts of one sender that are compared with a recipient by anything alike: those who get most
mail. What is found by keys is found anyway."""

_READ: Final = text(
    "SELECT r.recipient, r.weight, c.address, c.called, r.count FROM relations AS r"
    " JOIN contacts AS c ON c.id = r.recipient WHERE r.sender = :sender AND r.changed > :known"
    " ORDER BY r.weight DESC, r.recipient LIMIT :most"
)


class WholeBook:
    """
    All contacts of one sender, side by side; who was forgotten may still be among them.

    It has what `guard.contacts.book.Book` has, for a tenth of the memory.
    """

    __slots__ = ("_counts", "_locals", "_most", "_names", "_numbers", "_weights", "known", "mails")

    def __init__(self) -> None:
        self.known = -1
        """Generation up to which it was read."""

        self._numbers: Final = array("q")
        self._weights: Final = array("d")
        self._counts: Final = array("q")
        self.mails = 0
        """How many mails there are to all of them, one for each recipient."""

        self._locals: list[str] = []
        self._names: list[str] = []
        self._most: list[int] = []

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def most_written_to(self) -> dict[int, float]:
        """Those of the largest weights, the largest first."""
        return {self._numbers[place]: self._weights[place] for place in self._most}

    def catch_up(self, conn: Connection, sender: int, changed: int) -> None:
        """Read what was written up to the generation *changed*."""
        if changed <= self.known:
            return
        values = {"sender": sender, "known": self.known, "most": LONGEST}
        rows = conn.execute(_READ, values).all()
        if rows:
            self._take(rows)
            places = range(len(self._numbers))
            self._most = nlargest(MOST_WRITTEN_TO, places, key=self._weights.__getitem__)
        self.known = changed

    def alike_in_address(self, text: str) -> list[tuple[int, str]]:
        """Give those whose local parts look most like *text*, with these."""
        return [(self._numbers[at], self._locals[at]) for at in most_alike(text, self._locals)]

    def alike_in_name(self, text: str) -> list[tuple[int, str]]:
        """Give those whose names look most like *text*, with these."""
        return [(self._numbers[at], self._names[at]) for at in most_alike(text, self._names)]

    def _take(self, rows: Sequence[Sequence[Any]]) -> None:
        places = {number: place for place, number in enumerate(self._numbers)}
        for number, weight, _, called, count in rows if places else ():
            if (place := places.get(number)) is not None:
                self._weights[place], self._names[place] = weight, called
                self._counts[place] = count
        new = [row for row in rows if row[0] not in places] if places else rows
        new = new[: LONGEST - len(places)]
        self._numbers.extend([row[0] for row in new])
        self._weights.extend([row[1] for row in new])
        self._counts.extend([row[4] for row in new])
        self.mails = sum(self._counts)
        self._locals += [_local(row[2]) for row in new]
        self._names += [row[3] for row in new]


class Books:
    """The books of those who wrote last."""

    def __init__(self) -> None:
        self._books: OrderedDict[int, WholeBook] = OrderedDict()
        self._entries = 0

    def __len__(self) -> int:
        return self._entries

    def of(self, conn: Connection, sender: int, changed: int) -> WholeBook:
        """Give the book of a sender, whose row was *changed* last in that generation."""
        book = self._books.pop(sender, None) or WholeBook()
        self._entries -= len(book)
        book.catch_up(conn, sender, changed)
        self._books[sender] = book
        self._entries += len(book)
        while self._entries > MOST_REMEMBERED and len(self._books) > 1:
            _, oldest = self._books.popitem(last=False)
            self._entries -= len(oldest)
        return book


def _local(address: str) -> str:
    """Give the local part of an address that was checked before it was kept, without its tag."""
    if address.isascii() and '"' not in address:
        return untagged(address.partition("@")[0].lower())
    try:
        return untagged(address_of(address).local)
    except AddressError:
        return ""  # a newer Guard wrote what this one cannot read
