"""What programs read in a delivery status notification (RFC 3464, RFC 6522)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage, Message
from email.utils import format_datetime
from typing import Final

from guard.model.address import Address
from guard.model.hold import End, Fate, Hold

HEADER_BYTES: Final = 64 * 1024
"""Of the original's header section, what goes back at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a program can read of how a release ended."""

    reporter: str
    """Our own host name."""

    remote: str = ""
    """Host name of the upstream that refused; empty where it is not known."""

    hold: Hold
    at: datetime
    """When it ended."""

    header: bytes
    """Header section of the original; empty where it is gone."""

    def attach_to(self, mail: EmailMessage) -> None:
        """Make *mail*, text and HTML, the human part of the report."""
        mail.make_mixed()
        mail.set_type("multipart/report")
        mail.set_param("report-type", "delivery-status")
        mail.attach(self._status())
        if self.header:
            mail.attach(self._returned())

    def _status(self) -> EmailMessage:
        """Give the blocks of fields: first about the message, then one a recipient (§2.1)."""
        part = EmailMessage()
        part["Content-Type"] = "message/delivery-status"
        part.set_payload([_fields(self._about()), *map(_fields, map(self._end, self._ends()))])
        return part

    def _about(self) -> Iterator[tuple[str, str]]:
        for param in self.hold.envelope.params:
            name, _, value = param.partition("=")
            if name.upper() == "ENVID":
                yield "Original-Envelope-Id", _unescaped(value)
        yield "Reporting-MTA", f"dns; {self.reporter}"
        yield "Arrival-Date", format_datetime(self.hold.held_at)

    def _ends(self) -> tuple[End, ...]:
        return tuple(end for end in self.hold.ends if end.fate is Fate.REFUSED)

    def _end(self, end: End) -> Iterator[tuple[str, str]]:
        original = self._original(end.recipient)
        if original:
            yield "Original-Recipient", original
        yield "Final-Recipient", _typed(end.recipient)
        yield "Action", "failed"
        # Tried no more, so it failed for good, whatever class the last reply was of (RFC 3463 §2).
        yield "Status", end.reply.enhanced or f"{min(5, end.reply.code // 100)}.0.0"
        if self.remote:
            yield "Remote-MTA", f"dns; {_host(self.remote)}"
        yield "Diagnostic-Code", f"smtp; {_printable(' '.join(end.reply.lines()))}"
        yield "Last-Attempt-Date", format_datetime(self.at)

    def _original(self, recipient: Address) -> str:
        """Give what the client said of whom it first meant (ORCPT, RFC 3461 §4.2)."""
        for each in self.hold.envelope.recipients:
            if each.address == recipient:
                for param in each.params:
                    name, _, value = param.partition("=")
                    if name.upper() == "ORCPT":
                        kind, _, address = value.partition(";")
                        return f"{_printable(kind)}; {_unescaped(address)}"
        return ""

    def _returned(self) -> EmailMessage:
        """Give the header section of the original, as it is (RFC 6522 §4)."""
        part = EmailMessage()
        text = self.header[:HEADER_BYTES].decode("utf-8", "replace").replace("\r\n", "\n")
        part.set_content(text, subtype="rfc822-headers", cte="quoted-printable")
        return part


def header_of(octets: bytes) -> bytes:
    """Give the header section of a message."""
    return octets.partition(b"\r\n\r\n")[0]


def _fields(pairs: Iterator[tuple[str, str]]) -> Message:
    block = Message()
    for name, value in pairs:
        block[name] = value
    return block


def _host(name: str) -> str:
    """Write a host as in mail: an IP address in brackets (RFC 5321 §4.1.3)."""
    if ":" in name:
        return f"[IPv6:{name}]"
    return f"[{name}]" if name.replace(".", "").isdigit() else name


def _typed(address: Address) -> str:
    """Write an address with its type; what is not ASCII as RFC 6533 §3 has it."""
    if address.text.isascii():
        return f"rfc822; {address.text}"
    return "utf-8; " + "".join(
        char if char.isascii() else f"\\x{{{ord(char):X}}}" for char in address.text
    )


def _unescaped(text: str) -> str:
    """Undo xtext (RFC 3461 §4), as far as the result can be printed."""
    parts = text.split("+")
    plain = parts[0]
    for part in parts[1:]:
        try:
            plain += chr(int(part[:2], 16)) + part[2:]
        except ValueError:
            plain += f"+{part}"
    return _printable(plain)


def _printable(text: str) -> str:
    """Give text that can stand in a field: ASCII, on one line."""
    return "".join(char if " " <= char <= "~" else "?" for char in text)[:900]
