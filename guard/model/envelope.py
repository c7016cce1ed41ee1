"""Who hands us a message, and who is to get it (RFC 5321 §3.3, RFC 6409)."""

from dataclasses import dataclass
from datetime import datetime

from guard.model.address import Address
from guard.model.octets import Octets


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One forward-path, with the parameters that its RCPT command carried."""

    address: Address

    params: tuple[str, ...] = ()
    """ESMTP parameters as they stood (``NOTIFY=NEVER``), case kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What MAIL and RCPT said. The header fields To and Cc are only what was typed."""

    sender: Address | None
    """Reverse-path; `None` is the null sender ``<>`` of bounces."""

    recipients: tuple[Recipient, ...]
    """In the order given, each taken by the upstream."""

    params: tuple[str, ...] = ()
    """ESMTP parameters of MAIL as they stood (``BODY=8BITMIME``), case kept."""

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The recipients' addresses alone."""
        return tuple(recipient.address for recipient in self.recipients)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitter:
    """The client at the other end of the connection."""

    peer: str
    """IP address, without port."""

    helo: str = ""
    """The name given in HELO or EHLO, with anything but printable ASCII taken out."""

    login: str | None = None
    """Authenticated identity (RFC 4954); `None` on a connection from a trusted network."""

    address: Address | None = None
    """Mail address of that identity, as who checked the login knows it: whom a question goes to."""

    tls: bool = False
    """Whether the connection is encrypted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One message that a client hands us, with its envelope (RFC 6409)."""

    id: str
    """Random; stands in the trace line and in every log line about this message."""

    submitter: Submitter
    envelope: Envelope

    octets: Octets
    """The message as it stood after DATA: CRLF lines, dot-stuffing undone, nothing added."""

    received_at: datetime
    """When the final dot came; aware, UTC."""

    chunked: bool = False
    """Whether it came by BDAT (RFC 3030), and goes on so where the upstream can."""
