"""Mail that waits for its sender's word; `life` says what becomes of it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from guard.model.address import Address
from guard.model.envelope import Envelope
from guard.model.life import HoldState
from guard.model.reply import Reply
from guard.model.verdict import Verdict

__all__ = ["Choice", "End", "Fate", "Hold", "HoldState"]


class Choice(StrEnum):
    """What the sender can say on the page: the values of ``action``."""

    SEND = "send"
    CANCEL = "cancel"
    DROP = "drop"
    """Send without the recipients that are in doubt."""

    REPLACE = "replace"
    """Send to the suggested contact instead of the look-alike."""

    WITHOUT = "without"
    """Send without some of the attachments."""

    OPEN = "open"
    """Look into an encrypted attachment with the password given; nothing is sent by it."""

    UNDO = "undo"
    AGREE = "agree"
    """The second person lets it go; REFUSE: does not."""

    REFUSE = "refuse"


class Fate(StrEnum):
    """What became of one recipient at the upstream."""

    TAKEN = "taken"
    REFUSED = "refused"
    """For good, or for now: the reply says which."""

    UNKNOWN = "unknown"
    """All octets went out and no reply came (RFC 5321 §4.5.3.2.6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a release ended for one recipient."""

    recipient: Address
    fate: Fate
    reply: Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One held message without its octets, which only release and return ask for."""

    id: str
    """128 random bits, hexadecimal; never shown."""

    number: str
    """Short, for telephone and search box (``H-7K3Q-M2``); opens nothing."""

    state: HoldState
    submission_id: str

    owner: Address
    """Who is asked: the authenticated submitter, else the envelope sender of a trusted network."""

    members: tuple[Address, ...] = ()
    """Who answer in its place, each by a link of their own, where `owner` is a shared mailbox."""

    owner_name: str = ""
    language: str
    """``ja`` or ``en``: what notice and page speak first."""

    envelope: Envelope
    """As submitted; a release may go to fewer or other recipients, see `recipients`."""

    recipients: tuple[Address, ...]
    """Who is to get it now: the envelope's, less the dropped, with the replaced exchanged."""

    subject: str
    message_id: str
    to: tuple[str, ...] = ()
    """Keys of the addresses in To, to tell To, Cc and Bcc apart on the page."""

    cc: tuple[str, ...] = ()
    attachments: tuple[tuple[str, int], ...] = ()
    """Name and size in bytes of each."""

    parts: tuple[str, ...] = ()
    """Part number of each of `attachments`; empty for one that cannot be left out."""

    signed: bool = False
    """Whether it has a DKIM signature (RFC 6376), which does not fit a message that was rebuilt."""

    verdict: Verdict
    held_at: datetime
    expires_at: datetime
    undo_s: float
    """Length of the undo window in seconds; 0 releases at once."""

    give_back: bool = True
    """Whether the sender gets the original when nobody answers in time."""

    retention_s: float = 7 * 86_400.0
    """
    How long the octets are kept after the end, in seconds; then they are destroyed.

    A hold of the first release, which kept them for ever, has what policies have by default.
    """

    second_persons: tuple[Address, ...] = ()
    """Who may agree, where a rule wants a second person; the owner never counts."""

    part_of: str = ""
    """Number of the hold that this was split from: the copy for those whom no rule doubted."""

    already: tuple[Address, ...] = ()
    """Where it was split: who gets it at once, for no rule doubted them; not in `envelope`."""

    without: tuple[str, ...] = ()
    """Part numbers (RFC 3501 §6.4.5) of attachments that the sender left out."""

    release_at: datetime | None = None
    """End of the undo window, once the sender said send."""

    decided_at: datetime | None = None
    decided_by: str = ""
    choice: Choice | None = None
    reply: str = ""
    """What the upstream said in the end."""

    ends: tuple[End, ...] = ()
    """How the last release ended for each of `recipients`."""

    peer: str = ""
    """IP address of the client that submitted it, for the trace line of the release."""

    helo: str = ""
    login: str | None = None
    """Authenticated identity of that client (RFC 4954); for the audit log, never shown."""

    login_address: Address | None = None
    """Mail address of that identity, where who checked the login knew it."""

    link_key: str = ""
    """Id of the link key that its token is made with."""

    octets_sha256: str = ""
    """Of the octets at receipt, hexadecimal; release compares."""

    token_serial: int = 0
    """Which link of this hold is the current one; a new link is a new serial."""

    @property
    def question(self) -> str:
        """A mark of the question as it stands, so that an answer to an older one is known."""
        said = "\0".join((*(address.text for address in self.recipients), "", *self.without))
        if self.verdict.opened:  # its findings are others than those that were shown before
            said += f"\0opened {self.verdict.opened}"
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    @property
    def owners(self) -> tuple[Address, ...]:
        """Who may say what becomes of it, the first of them for all: members, else the owner."""
        return self.members or (self.owner,)

    @property
    def seconds(self) -> tuple[Address, ...]:
        """Who may agree: nobody whose own mail it is."""
        return tuple(dict.fromkeys(p for p in self.second_persons if p not in self.owners))

    @property
    def people(self) -> tuple[Address, ...]:
        """Everybody who has a link to it: its owners first, then who may agree."""
        return (*self.owners, *self.seconds)
