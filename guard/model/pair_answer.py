"""What a sender said about a look-alike: this one was meant after all, or the other."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from guard.model.address import Address


class Said(StrEnum):
    """What came of a question about a recipient who resembles a contact."""

    SENT = "sent"
    """Sent as it was written: no slip."""

    REPLACED = "replaced"
    """Sent to the contact instead: a slip."""

    DROPPED = "dropped"
    """Sent without the recipient."""

    CANCELLED = "cancelled"
    """Not sent at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairAnswer:
    """One sender's word about one pair."""

    sender: Address
    written: Address
    """The recipient who was in doubt."""

    meant: Address
    """The contact who was suggested."""

    kind: str
    """Of the likeness, as in `Lookalike.kind`."""

    said: Said
    at: datetime
    """Aware, UTC."""

    never_again: bool = False
    """Whether the sender does not want to be asked about this pair again."""
