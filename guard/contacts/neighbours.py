"""
Whom a face resembles, remembered from mail to mail.

Who resembles whom depends on the people that are known, and not on how often or when somebody was
written to. So two people are compared once, until one of them changes; and when somebody new is
known, only the new one is compared.
"""

from collections import OrderedDict
from collections.abc import Callable
from heapq import nlargest
from typing import Final

from guard.contacts.book import Book
from guard.contacts.memory import Memory
from guard.contacts.roll import MostAlike
from guard.names.fold import person, untagged
from guard.names.likeness import Face, Likeness, likeness

SOME: Final = 40
"""Most namesakes that are looked at: those who get most mail."""

MOST_FACES: Final = 2048
"""Faces that are remembered, each for one sender, with some 5 KB of what was compared."""

MOST_COMPARED: Final = 256
"""People whose likeness to one face is remembered."""


Compare = Callable[[Face, Face], Likeness | None]


class Neighbours:
    """Those who resemble one face: of the organisation by keys, of one sender's contacts by any."""

    __slots__ = (
        "_asked_at",
        "_compare",
        "_compared",
        "_crowded",
        "_face",
        "_in_organisation",
        "_locals",
        "_names",
        "_who",
        "found",
    )

    def __init__(self, face: Face, compare: Compare = likeness) -> None:
        self._face = face
        self._compare = compare
        self._who = person(face.name)
        self._locals = MostAlike(untagged(face.local))
        self._names = MostAlike(self._who.folded)
        self._in_organisation: set[int] = set()
        self._asked_at = -1
        self._crowded = False
        self._compared: dict[int, tuple[Face, Likeness | None]] = {}
        self.found: dict[int, None] = {}
        """Their numbers, rising, as of the last `catch_up`."""

    def catch_up(self, memory: Memory, book: Book | None) -> None:
        """Bring `found` up to what *memory* and *book*, the sender's, have by now."""
        changed = False
        # Of very many namesakes the most used are taken, and any mail may change who that is.
        if self._asked_at != memory.index.changes or self._crowded:
            self._in_organisation = self._search(memory)
            self._asked_at = memory.index.changes
            changed = True
        if book is not None:
            changed |= self._locals.catch_up(book.locals)
            if self._who.words:
                changed |= self._names.catch_up(book.names)
        if changed:
            own = [] if book is None else self._locals.numbers(book.locals)
            own += [] if book is None else self._names.numbers(book.names)
            self.found = dict.fromkeys(sorted(self._in_organisation.union(own)))

    def likeness(self, number: int, face: Face) -> Likeness | None:
        """Say how the face is like *face*, which is what *number* has by now."""
        known = self._compared.get(number)
        if known is None or known[0] is not face:
            if len(self._compared) >= MOST_COMPARED:
                self._compared.clear()
            known = self._compared[number] = face, self._compare(self._face, face)
        return known[1]

    def _search(self, memory: Memory) -> set[int]:
        """Ask the index of the whole organisation."""

        def used(number: int) -> tuple[float, int]:
            received = memory.received.get(number)
            return (received.weight if received else 0.0, number)

        face, index = self._face, memory.index
        found = index.namesakes(face.local, self._who)
        self._crowded = len(found) > SOME
        if self._crowded:
            found = set(nlargest(SOME, found, key=used))
        found |= index.slips(face.local, face.domain)
        for home in index.near_domains(face.domain):
            found.update(memory.mailbox(face.local, home))
        return found


class Neighbourhood:
    """The neighbours of the faces that were asked about last; *compare* may remember, too."""

    def __init__(self, memory: Memory, compare: Compare = likeness) -> None:
        self._memory = memory
        self._compare = compare
        self._known: OrderedDict[tuple[int | None, Face], Neighbours] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def of(self, face: Face, sender: int | None) -> Neighbours:
        """Give those of *face* for the *sender* of that number, as they are by now."""
        neighbours = self._known.get((sender, face))
        if neighbours is None:
            neighbours = self._known[sender, face] = Neighbours(face, self._compare)
            if len(self._known) > MOST_FACES:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end((sender, face))
        book = None if sender is None else self._memory.books.get(sender)
        neighbours.catch_up(self._memory, book)
        return neighbours
