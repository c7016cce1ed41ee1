"""Everything that a detector may look at; `examine` fills it, detectors read no store or clock."""

from collections.abc import Callable
from dataclasses import dataclass, field

from guard.contacts.acquaintance import Acquaintance
from guard.detect.budget import Threshold
from guard.detect.channel import Channel, shipped
from guard.detect.clues import FileClues
from guard.detect.recent import Recent
from guard.lists.hits import RowHit
from guard.model.address import Address
from guard.model.automatic import Automatic
from guard.model.contact import Exchange
from guard.model.envelope import Envelope, Submitter
from guard.model.extract import Extract
from guard.model.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What the search of one customer list found in one file, or in the bodies."""

    list_name: str
    file: str
    """Attachment name as in its `Extract`; empty for the bodies."""

    hits: tuple[RowHit, ...]


def nobody(_: Address) -> bool:
    """Say of each address that it may not be used."""
    return False


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

    clues: tuple[FileClues, ...] = ()
    """What each file that can be judged says of whose it is."""

    greeted: FileClues = field(default_factory=lambda: FileClues(file="", namings=()))
    """To which companies the first lines of the text are addressed."""

    channel: Channel = field(default_factory=shipped)
    """What facts about look-alikes weigh."""

    recent: Recent = field(default_factory=Recent)
    """How suspicious the organisation's mail was of late."""

    threshold: Threshold | None = None
    """From when a look-alike is held, where that is known already; else worked out of `recent`."""

    our_domains: frozenset[str] = frozenset()
    """Domains of the organisation, folded as `Address.domain`."""

    submitter: Submitter | None = None
    """Who handed it to us; `None` where nobody did."""

    automatic: Automatic | None = None
    """What sort of automatic mail it is; `None` where a person may have sent it."""

    may_send_as: Callable[[Address], bool] = nobody
    """Whether an address is the submitter's to use; asked only where somebody logged in."""
