"""A text made ready for the search, once for all lists under one key."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final

import numpy as np

from guard.lists.arrays import Ints, Spans
from guard.lists.chunk import Chunk
from guard.lists.codes import Codes, ids, postcodes
from guard.lists.dates import dates
from guard.lists.disguised import disguised_emails, disguised_phones
from guard.lists.emails import emails
from guard.lists.hashing import Hashing
from guard.lists.kinds import Kind
from guard.lists.names import Words
from guard.lists.phones import phones
from guard.lists.places import addresses
from guard.lists.steps import Check, go_on
from guard.model.extract import Passage

PIECE: Final = 131_072
"""Characters that are searched at once: their arrays fit into the caches of a processor."""

OVERLAP: Final = 800
"""Characters of one piece that stand in the next as well: a row may stand across its end."""


class Piece:
    """A part of a text, and all in it that a list may be looked up by."""

    def __init__(self, text: str, start: int, hashing: Hashing) -> None:
        self.text = text
        self.chunk = Chunk(text, hashing)
        self.start = start
        """Place of its first character in the whole text."""

    def places(self, kind: str) -> int:
        """Count the places at which something may be a value of *kind*, however it is read."""
        if kind == Kind.EMAIL:
            return self.text.count("@") + self.text.count("＠")
        if kind == Kind.COMPANY:
            return len(self.words.place)
        found = self.ids if kind == Kind.ID else self.candidates(kind)
        return min(len(found), len(self.chunk.digits[0]))

    def candidates(self, kind: str) -> Spans:
        """Give all that may be a value of *kind*."""
        match kind:
            case Kind.EMAIL:
                return self.emails
            case Kind.PHONE:
                return self.phones
            case Kind.ID:
                return self.ids.hashed(self.chunk)
            case Kind.POSTCODE:
                return self.postcodes
            case Kind.ADDRESS:
                return self.addresses
            case _:
                return self.dates

    @cached_property
    def emails(self) -> Spans:
        """E-mail addresses."""
        return Spans.joined([emails(self.chunk), self.disguised])

    @cached_property
    def disguised(self) -> Spans:
        """E-mail addresses without an @ that can be seen."""
        return disguised_emails(self.chunk, self.text)

    @cached_property
    def phones(self) -> Spans:
        """Telephone numbers."""
        return Spans.joined([phones(self.chunk), disguised_phones(self.chunk, self.text)])

    @cached_property
    def ids(self) -> Codes:
        """Customer numbers of any length."""
        return ids(self.chunk)

    @cached_property
    def postcodes(self) -> Spans:
        """Postal codes."""
        return postcodes(self.chunk)

    @cached_property
    def addresses(self) -> Spans:
        """Towns with blocks, and streets with numbers."""
        return addresses(self.chunk)

    @cached_property
    def words(self) -> Words:
        """Letters that companies and names are made of, for lists that have nothing else."""
        return Words(self.chunk)

    @cached_property
    def dates(self) -> Spans:
        """Dates."""
        return dates(self.chunk)


class Prepared:
    """One passage. Whoever searches it calls *check* now and then; what that raises ends it."""

    def __init__(self, passage: Passage, check: Check = go_on) -> None:
        self.passage = passage
        self.check = check
        self.silent: set[str] = set()
        """Versions of lists that were looked for here, and of no row of which anything stands."""

        self._ready: tuple[Hashing, Piece] | None = None

    def pieces(self, hashing: Hashing) -> Iterator[Piece]:
        """Give the text in pieces. That of a text of one is kept for the next list."""
        text = self.passage.text
        if len(text) <= PIECE:
            if self._ready is None or self._ready[0] is not hashing:
                self._ready = hashing, Piece(text, 0, hashing)
            yield self._ready[1]
            return
        for at in range(0, len(text), PIECE - OVERLAP):
            self.check()
            yield Piece(text[at : at + PIECE], at, hashing)
            if at + PIECE >= len(text):
                break

    def lines(self, at: Ints) -> Ints:
        """Give the 0-based lines of characters."""
        return np.searchsorted(self._feeds, at)

    @cached_property
    def _feeds(self) -> Ints:
        codes = np.frombuffer(
            self.passage.text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4")
        )
        return np.flatnonzero(codes == ord("\n"))
