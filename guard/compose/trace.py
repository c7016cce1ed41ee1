"""
The one line that we put on top of a message, and how loops are seen (RFC 5321 §4.4, §6.3).

The id in our line ends in a mark, which only we can make, for the message's id and envelope. A
message that comes back with the same envelope shows it, and goes round no more. One that a list
or an alias sends on to others has another envelope and passes; `hops` ends what is left.
"""

import base64
import hashlib
import hmac
import ipaddress
import re
from email.utils import format_datetime
from typing import Final

from guard.compose.letter import LOOP_HEADER, sealed
from guard.model.envelope import Envelope, Submission, Submitter

_DOMAIN: Final = re.compile(r"(?=.{1,255}$)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*")
_LITERAL: Final = re.compile(r"\[[0-9A-Za-z.:]{2,60}\]")
_NO_ATOM: Final = re.compile(r"[^A-Za-z0-9_-]+")
_HEADER_END: Final = re.compile(rb"(?:^|\r\n)\r\n")
_RECEIVED: Final = re.compile(rb"^received[ \t]*:", re.IGNORECASE | re.MULTILINE)
_LOOP: Final = re.compile(
    rb"^" + LOOP_HEADER.encode() + rb"[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE
)
_MARK_CHARS: Final = 10
_MARKED: Final = re.compile(
    # One field, folded or not: ``… id 5f1d9c3a7b20-mfzwizltoq;``. Ours is far shorter than what is
    # looked at here, and a field of a mebibyte costs no time.
    rb"^received[ \t]*:(?:[^\r\n;]|\r\n(?=[ \t])){0,1000}?[ \t]id(?:[ \t]|\r\n(?=[ \t])){1,80}"
    rb"([A-Za-z0-9_-]{1,64})-([a-z2-7]{10})[ \t\r\n]*;",
    re.IGNORECASE | re.MULTILINE,
)


def received(submission: Submission, *, by: str, key: bytes = b"") -> bytes:
    """
    Write the ``Received`` field for *submission*, folded, ASCII, with its CRLF.

    *by* is our host name; with *key* the id carries our mark. What the client said is put in only
    as far as it is what it claims to be. There is no ``for`` clause, which could give a Bcc away,
    and no login.
    """
    client = submission.submitter
    literal = _literal(client.peer)
    named = _DOMAIN.fullmatch(client.helo) or _LITERAL.fullmatch(client.helo)
    source = client.helo if named else literal or "unknown"
    seen = f" ({literal})" if literal else ""
    host = by if _DOMAIN.fullmatch(by) or _LITERAL.fullmatch(by) else "localhost"
    id_ = _NO_ATOM.sub("", submission.id)[:64] or "0"
    mark = f"-{_mark(id_, _people(submission.envelope), key)}" if key else ""
    utf8 = any(param.upper() == "SMTPUTF8" for param in submission.envelope.params)
    return (
        f"Received: from {source}{seen}\r\n"
        f"\tby {host} with {_protocol(client, utf8=utf8)} id {id_}{mark};\r\n"
        f"\t{format_datetime(submission.received_at)}\r\n"
    ).encode("ascii")


def hops(octets: bytes) -> int:
    """Count the ``Received`` fields of a message, for the loop limit; nothing is parsed."""
    return len(_RECEIVED.findall(_header(octets)))


def returned(head: bytes, envelope: Envelope, key: bytes) -> bool:
    """
    Tell whether a message went through here before, from and to the very same people.

    *head* is its header block, or all of it. Look at `hops` first: each line costs a little.
    """
    if not key:
        return False
    people = _people(envelope)
    return any(
        hmac.compare_digest(mark.decode().lower(), _mark(id_.decode(), people, key))
        for id_, mark in _MARKED.findall(_header(head))
    )


def has_loop_mark(octets: bytes, key: bytes = b"") -> bool:
    """
    Tell whether a message is a notice or a result of ours that came back.

    Another Guard's is mail like any other; without *key* there is no telling them apart.
    """
    found = _LOOP.search(_header(octets))
    if found is None or not key:
        return found is not None
    mark = found[1].partition(b".")[0].decode("ascii", "replace")
    return hmac.compare_digest(found[1].rstrip(), sealed(mark, key).encode("ascii", "replace"))


def _mark(id_: str, people: bytes, key: bytes) -> str:
    """
    Seal an id with its envelope: ten characters of base32, fifty bits.

    The id is in it so that two marks never tell whether two mails had the same hidden recipients.
    """
    seal = hmac.digest(key, b"received\n" + id_.encode("ascii") + b"\n" + people, hashlib.sha256)
    return base64.b32encode(seal)[:_MARK_CHARS].decode("ascii").lower()


def _people(envelope: Envelope) -> bytes:
    """Write an envelope in one way, whatever its order and spelling; no key has a line end."""
    sender = envelope.sender.key if envelope.sender else ""
    recipients = sorted({address.key for address in envelope.addresses})
    return hashlib.sha256("\n".join((sender, *recipients)).encode()).digest()


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
