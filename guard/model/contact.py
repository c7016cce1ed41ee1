"""People whom somebody here writes to, and what is known of the writing."""

from dataclasses import dataclass
from datetime import datetime

from guard.model.address import Address, Mailbox
from guard.model.clue import CarriedFile, Clue


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person or box outside or inside the organisation, as a directory or traffic shows it."""

    address: Address
    name: str = ""
    company: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How often somebody was written to; what the sender is told, and what detectors weigh."""

    by_sender: int = 0
    """Mails from this sender that were really delivered."""

    by_organisation: int = 0
    """The same from everybody in the organisation, this sender included."""

    last_at: datetime | None = None
    """The latest of the sender's own, else of the organisation's; aware, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One message as history sees it: who wrote to whom, when, in which thread."""

    sender: Mailbox
    recipients: tuple[Mailbox, ...]
    """Of the envelope where there is one; names from To and Cc where they stand there."""

    at: datetime
    """Aware, UTC."""

    message_id: str = ""
    references: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    """Body text, for greeting and quoted headers. Read when judging, never kept."""

    files: tuple[CarriedFile, ...] = ()
    """What was attached."""

    clues: tuple[Clue, ...] = ()
    """Whom the files name. Asked about when judging, never kept."""
