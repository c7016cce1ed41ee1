"""Everything that a detector may look at; `examine` fills it, detectors read no store or clock."""

from dataclasses import dataclass

from guard.contacts.acquaintance import Acquaintance
from guard.lists.hits import RowHit
from guard.model.contact import Exchange
from guard.model.envelope import Envelope
from guard.model.extract import Extract
from guard.model.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What the search of one customer list found in one file, or in the bodies."""

    list_name: str
    file: str
    """Attachment name as in its `Extract`; empty for the bodies."""

    hits: tuple[RowHit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One submission, and all that is known about its people and its content."""

    envelope: Envelope
    message: Message

    exchange: Exchange
    """The same message as history would see it."""

    acquaintance: Acquaintance
    """What is known about the people of `exchange`."""

    extracts: tuple[Extract, ...] = ()
    """One for each attachment, in order."""

    searched: tuple[Searched, ...] = ()
    """One for each list and each file in which the list was looked for."""

    our_domains: frozenset[str] = frozenset()
    """Domains of the organisation, folded as `Address.domain`."""
