"""
Mail that waits for its sender's word.

    waiting ──send──▶ undo ──▶ releasing ──▶ delivered | failed | unknown
       │  ▲            │            ▲                                │
       │  └────undo────┘            └──────────once more─────────────┘
       ├──cancel──▶ returned
       └──time ───▶ expired
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from guard.model.address import Address
from guard.model.envelope import Envelope
from guard.model.verdict import Verdict


class HoldState(StrEnum):
    """Where a held message stands."""

    WAITING = "waiting"
    SECOND_PERSON = "second_person"
    UNDO = "undo"
    """The sender said send; until `release_at` it can be taken back."""

    RELEASING = "releasing"
    DELIVERED = "delivered"
    FAILED = "failed"
    """The upstream refused every recipient for good, or tries ran out; the octets are kept."""

    UNKNOWN = "unknown"
    """The octets went out, but the reply was lost (RFC 5321 §4.5.3.2.6); tried once more."""

    RETURNED = "returned"
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        """Whether something can still become of it."""
        return self in {
            HoldState.WAITING,
            HoldState.SECOND_PERSON,
            HoldState.UNDO,
            HoldState.RELEASING,
            HoldState.UNKNOWN,
        }


class Choice(StrEnum):
    """What the sender can say on the page: the values of ``action``."""

    SEND = "send"
    CANCEL = "cancel"
    DROP = "drop"
    """Send without the recipients that are in doubt."""

    REPLACE = "replace"
    """Send to the suggested contact instead of the look-alike."""

    UNDO = "undo"


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

    verdict: Verdict
    held_at: datetime
    expires_at: datetime
    undo_s: float
    """Length of the undo window in seconds; 0 releases at once."""

    give_back: bool = True
    """Whether the sender gets the original when nobody answers in time."""

    release_at: datetime | None = None
    """End of the undo window, once the sender said send."""

    decided_at: datetime | None = None
    decided_by: str = ""
    choice: Choice | None = None
    reply: str = ""
    """What the upstream said in the end."""

    peer: str = ""
    """IP address of the client that submitted it, for the trace line of the release."""

    helo: str = ""
    login: str | None = None
    """Authenticated identity of that client (RFC 4954); for the audit log, never shown."""

    link_key: str = ""
    """Id of the link key that its token is made with."""

    octets_sha256: str = ""
    """Of the octets at receipt, hexadecimal; release compares."""

    token_serial: int = 0
    """Which link of this hold is the current one; a new link is a new serial."""
