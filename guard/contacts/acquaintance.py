"""What is known about the people of one message: the answer of history, read by detectors."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from guard.model.address import Address
from guard.model.clue import Clue, Company, Travelled
from guard.model.contact import Contact, Relation
from guard.names.likeness import Likeness

NEVER: Final = 10_000.0
"""Stands for the days since something that never was."""

# Of these two a message makes dozens, and a frozen dataclass takes three times as long to make.


class Standing(NamedTuple):
    """
    How much one address belongs to one message, by history alone.

    Weights are numbers of mails that lose half their worth every `tally.HALF_LIFE_DAYS`.
    """

    own: float = 0.0
    """Mails of this sender to the address."""

    others: float = 0.0
    """Mails of everybody else in the feed to the address."""

    inbound: float = 0.0
    """Mails from the address to this sender."""

    together: float = 0.0
    """Largest share of another recipient's mails that the address got too, 0 to 1."""

    at_domain: float = 0.0
    """Mails of everybody to the address's domain."""

    thread: int = 0
    """3: wrote the message that this one answers; 2: wrote or got it or an answer to it beside;
    1: was in the thread; 0: was not, or there is none."""

    mentioned: bool = False
    """The body quotes the address, or the name in a From, To, Cc or "wrote:" line."""

    greeted: bool = False
    """The greeting carries a word of the name."""

    known: bool = False
    """The address was ever seen, or stands in the imported contacts."""

    imported: bool = False
    """The address stands in the imported contacts."""

    writes: bool = False
    """The address was seen as a sender: somebody lives there."""

    days: float = NEVER
    """Days since this sender last wrote to the address."""

    shared: bool = False
    """A mailing list or a box of several people, by all that its name says."""


class Candidate(NamedTuple):
    """A contact who is not addressed, and whom the sender may have meant."""

    contact: Contact
    relation: Relation
    standing: Standing
    likeness: Likeness

    beside: float = 0.0
    """Mails that the recipient got together with this contact: they may well be told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquainted:
    """One recipient, with all who resemble it."""

    address: Address
    name: str
    """As typed in this message; else the latest name that history has; may be empty."""

    company: str = ""
    """As the imported contacts have it; may be empty."""

    relation: Relation
    standing: Standing
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeted:
    """One greeting in the text, and who could be meant."""

    line: str
    """The line as it stands in the text, cut to 80 characters."""

    addressed: bool
    """Whether a recipient, the sender or an address typed in To or Cc bears the name."""

    bearers: tuple[Contact, ...] = ()
    """Contacts of the sender or members of the thread who bear it, at most three."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquaintance:
    """All that is known about the people of one message. The default knows nobody."""

    recipients: tuple[Acquainted, ...] = ()
    """One for each recipient of the exchange, in its order."""

    thread_known: bool = False
    """Whether the message answers one whose people are known."""

    thread_homes: frozenset[str] = frozenset()
    """Registrable domains of all who took part in it."""

    reply: bool = False
    """Whether the message answers another at all."""

    sender_mails: float = 0.0
    """Weight of all mails of the sender: how far `own` counts can be trusted."""

    novelty: float = 1.0
    """How many of the sender's mails went to somebody for the first time, 0 to 1."""

    missing: int = 0
    """People of `Standing.thread` 2 or 3 who are neither addressed nor the sender."""

    greetings: tuple[Greeted, ...] = ()

    companies: tuple[tuple[Clue, tuple[Company, ...]], ...] = ()
    """Of the exchange's clues those that are known, each with the companies that it may mean."""

    travelled: tuple[Travelled, ...] = ()
    """Where each file of the exchange went before; empty where nobody kept that."""
