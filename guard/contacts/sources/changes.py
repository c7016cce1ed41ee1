"""What a source gives, one thing after the other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from guard.model.contact import Contact, Exchange
from guard.model.errors import SourceError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Broken:
    """A part of a source that is neither contact nor mail. What follows it can be read."""

    message: str
    """Names file and line, what is wrong, and how to mend it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a source: what was given before it need not be asked for again."""

    token: str
    """For the source that made it, and for no other."""


Change = Contact | Exchange | Broken | Mark
"""A person who is there, a mail that was sent, and the two above."""


def refused(things: Iterable[T | Broken]) -> Iterator[T]:
    """
    Give *things* while all is well.

    Raises:
        SourceError: One is broken.
    """
    for thing in things:
        if isinstance(thing, Broken):
            raise SourceError(thing.message)
        yield thing
