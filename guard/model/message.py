"""A view of a message's octets (RFC 5322, MIME). The octets travel on; the view never does."""

from dataclasses import dataclass
from datetime import datetime

from guard.model.address import Mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """One header field, unfolded and decoded (RFC 2047, RFC 6532)."""

    name: str
    """As it stood; compare in lower case."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Text that the recipient reads in the message itself."""

    part: str
    """Part number as in IMAP (RFC 3501 §6.4.5): ``1``, ``1.2``."""

    text: str
    """Decoded; HTML is given as the text that a reader sees, one block a line."""

    html: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A leaf part that is not a body, with its transfer encoding undone."""

    part: str
    """Part number as in IMAP: ``2``."""

    name: str
    """File name for people, decoded (RFC 2047, RFC 2231); ``part-2.pdf`` where none is given."""

    content_type: str
    """As declared, lower case, without parameters. Never trusted for choosing a reader."""

    octets: bytes

    charset: str | None = None
    """As declared, for text parts."""

    inline: bool = False
    """Shown within an HTML body by its Content-ID: a logo, not a file that somebody attached."""

    removable: bool = False
    """Whether the message can be sent without it, all other octets as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """Something in the structure that different programs read in different ways."""

    code: str
    """Stable name: ``duplicate-header``, ``no-closing-boundary``, ``unknown-charset``, …"""

    part: str = ""
    """Part number; empty for the message as a whole."""

    hides_content: bool = False
    """Whether content may stand here that `bodies` and `attachments` do not show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a message says, for those who judge it. Any octets have one."""

    headers: tuple[Header, ...] = ()
    subject: str = ""
    from_: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    bcc: tuple[Mailbox, ...] = ()

    message_id: str = ""
    """With its angle brackets, as in the header; empty where there is none."""

    references: tuple[str, ...] = ()
    """Message ids of In-Reply-To and References, oldest first, without repeats."""

    date: datetime | None = None
    """Aware; `None` where missing or unreadable."""

    bodies: tuple[Body, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    defects: tuple[Defect, ...] = ()

    def header(self, name: str) -> str | None:
        """Give the first header field called *name* in any case, or `None`."""
        wanted = name.lower()
        return next((h.value for h in self.headers if h.name.lower() == wanted), None)

    @property
    def text(self) -> str:
        """All bodies, joined: what there is to read without opening a file."""
        return "\n".join(body.text for body in self.bodies)
