"""What sort of mail a message is, where no person sent it just now (RFC 3834)."""

from enum import StrEnum
from typing import Final


class Automatic(StrEnum):
    """A sort of automatic mail, by the word that policies and ``--json`` use."""

    BOUNCE = "bounce"
    """From the null sender, or a delivery status notification from it (RFC 5321 §4.5.5)."""

    RECEIPT = "receipt"
    """A message disposition notification: “was read” (RFC 8098)."""

    CALENDAR_REPLY = "calendar_reply"
    """“Accepted”, “declined” (iTIP ``METHOD:REPLY``, RFC 5546); never an invitation."""

    AUTO_REPLY = "auto_reply"
    """Out of office, “we have your message” (RFC 3834)."""

    BULK = "bulk"
    """Of a mailing list or a bulk mailing, by its own word (RFC 2919, ``Precedence``)."""

    GENERATED = "generated"
    """Other mail that says that a machine made it."""


ANSWERS: Final = frozenset(
    {Automatic.BOUNCE, Automatic.RECEIPT, Automatic.CALENDAR_REPLY, Automatic.AUTO_REPLY}
)
"""
What answers one message, to whoever sent that: nobody chose its recipient.

Of these alone a policy may say that nobody is asked. `Automatic.BULK` and `Automatic.GENERATED`
are what a header says, which anybody can write, over any content to any number of people.
"""
