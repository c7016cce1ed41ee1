"""The one line that we put on top of a message, and how often others did (RFC 5321 §4.4, §6.3)."""

import ipaddress
import re
from email.utils import format_datetime
from typing import Final

from guard.compose.letter import LOOP_HEADER
from guard.model.envelope import Submission, Submitter

_DOMAIN: Final = re.compile(r"(?=.{1,255}$)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*")
_LITERAL: Final = re.compile(r"\[[0-9A-Za-z.:]{2,60}\]")
_NO_ATOM: Final = re.compile(r"[^A-Za-z0-9_-]+")
_HEADER_END: Final = re.compile(rb"(?:^|\r\n)\r\n")
_RECEIVED: Final = re.compile(rb"^received[ \t]*:", re.IGNORECASE | re.MULTILINE)
_LOOP: Final = re.compile(rb"^" + LOOP_HEADER.encode() + rb"[ \t]*:", re.IGNORECASE | re.MULTILINE)


def received(submission: Submission, *, by: str) -> bytes:
    """
    Write the ``Received`` field for *submission*, folded, ASCII, with its CRLF.

    *by* is our host name. What the client said is put in only as far as it is what it claims to
    be. There is no ``for`` clause, which could give a Bcc away, and no login.
    """
    client = submission.submitter
    literal = _literal(client.peer)
    named = _DOMAIN.fullmatch(client.helo) or _LITERAL.fullmatch(client.helo)
    source = client.helo if named else literal or "unknown"
    seen = f" ({literal})" if literal else ""
    host = by if _DOMAIN.fullmatch(by) or _LITERAL.fullmatch(by) else "localhost"
    mark = _NO_ATOM.sub("", submission.id)[:64] or "0"
    utf8 = any(param.upper() == "SMTPUTF8" for param in submission.envelope.params)
    return (
        f"Received: from {source}{seen}\r\n"
        f"\tby {host} with {_protocol(client, utf8=utf8)} id {mark};\r\n"
        f"\t{format_datetime(submission.received_at)}\r\n"
    ).encode("ascii")


def hops(octets: bytes) -> int:
    """Count the ``Received`` fields of a message, for the loop limit; nothing is parsed."""
    return len(_RECEIVED.findall(_header(octets)))


def has_loop_mark(octets: bytes) -> bool:
    """Tell whether a message is one of our own that came back."""
    return _LOOP.search(_header(octets)) is not None


def _header(octets: bytes) -> bytes:
    """Give the header block: all before the first empty line, or everything where there is none."""
    end = _HEADER_END.search(octets)
    return octets[: end.start()] if end else octets


def _literal(peer: str) -> str:
    """Write an IP address as RFC 5321 §4.1.3 wants it; an empty string for anything else."""
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return ""
    return f"[{address}]" if address.version == 4 else f"[IPv6:{address}]"


def _protocol(client: Submitter, *, utf8: bool) -> str:
    """Name the protocol as registered (RFC 3848, RFC 6531 §4.3)."""
    base = "UTF8SMTP" if utf8 else "ESMTP"
    return base + ("S" if client.tls else "") + ("A" if client.login is not None else "")
