"""One mail of ours, as octets: headers from checked values, plain text first, HTML second."""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import parseaddr
from typing import Any, Final, Self

import idna

from guard.compose.document import Block, as_html, as_text
from guard.compose.letterhead import Letterhead
from guard.compose.report import Report
from guard.compose.shown import shown
from guard.model.address import Address
from guard.model.hold import Hold

LOOP_HEADER: Final = "X-Guard-Loop"
"""Marks our own mail: it is refused when it comes back to us."""

PLAIN_SUBJECT: Final = 69
"""Letters that fit a line of 78 (RFC 5322 §2.1.1) behind ``Subject: ``."""

WORD_BYTES: Final = 39
"""Octets of one encoded word: as base64, and behind ``Subject: ``, within 76 (RFC 2047 §2)."""

_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{1,240}@[!-;=?-~]{1,240}>")
_UNFOLDED: Final = frozenset({"in-reply-to", "references", "message-id"})


class _Policy(EmailPolicy):
    """
    Message ids stay whole; the library would make encoded words of long ones.

    The subject is encoded by us; the library loses blanks where it folds beside encoded words.
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        if name.lower() == "subject":
            return name, value  # as it is: what looks like an encoded word was meant literally
        return super().header_store_parse(name, value)

    def fold(self, name: str, value: str) -> str:
        if name.lower() == "subject":
            return f"{name}: {_worded(value)}\r\n"
        if name.lower() in _UNFOLDED:
            return f"{name}: {value}\r\n"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in {"subject", *_UNFOLDED}:
            return self.fold(name, value).encode("ascii")
        return super().fold_binary(name, value)


_POLICY: Final = _Policy(linesep="\r\n", cte_type="7bit", raise_on_defect=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that goes with a mail, as octets that nothing may change."""

    name: str
    octets: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Who gets a mail of ours, and what it is about."""

    people: tuple[Address, ...]
    name: str = ""
    """Of the one person, where it is known."""

    language: str
    about: str
    """From which the Message-ID is made: the same text, the same mail."""

    message_id: str = ""
    """Of the mail in whose thread it belongs; empty for none."""

    @classmethod
    def owner(cls, hold: Hold, person: Address | None = None) -> Self:
        """Give *person*, one of the owners of *hold*, about it; its first, if nobody is named."""
        return cls(
            people=(person or hold.owners[0],),
            name=hold.owner_name,
            language=hold.language,
            about=about(hold, person),
            message_id=hold.message_id,
        )


def about(hold: Hold, person: Address | None) -> str:
    """Name what one of the owners of *hold* is told of: each member gets a mail of their own."""
    return f"{hold.id}:{hold.token_serial}" + (f":{person.key}" if person and hold.members else "")


def letter(
    kind: str,
    to: Addressee,
    *,
    subject: str,
    blocks: Sequence[Block],
    letterhead: Letterhead,
    now: datetime,
    enclosure: Enclosure | None = None,
    report: Report | None = None,
) -> bytes:
    """
    Write a mail of the given *kind*.

    The same values give the same octets: a job that crashed can make its mail again, and the
    Message-ID shows that it is the same one. Only ASCII, but for a person whose own address is
    not (RFC 6531). With a *report* it is a delivery status notification (RFC 3464).
    """
    mark = hashlib.sha256(f"{kind}:{to.about}".encode()).hexdigest()[:32]
    name, sender = parseaddr(letterhead.from_)
    utf8 = not all(person.text.rpartition("@")[0].isascii() for person in to.people)
    mail = EmailMessage(policy=_POLICY.clone(utf8=utf8))
    mail["From"] = _mailbox(Address.parse(sender), name)
    mail["To"] = [_mailbox(person, to.name) for person in to.people]
    mail["Subject"] = shown(subject, 250)
    mail["Date"] = now.astimezone(letterhead.zone)
    mail["Message-ID"] = f"<{mark}@{_ascii_domain(Address.parse(sender))}>"
    if _MESSAGE_ID.fullmatch(to.message_id):
        mail["In-Reply-To"] = to.message_id
        mail["References"] = to.message_id
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5
    mail["X-Auto-Response-Suppress"] = "All"
    mail[LOOP_HEADER] = sealed(mark, letterhead.mark_key)
    mail.set_content(as_text(blocks, to.language))
    mail.add_alternative(as_html(blocks, to.language), subtype="html")
    if report:
        report.attach_to(mail)
    if enclosure:
        # RFC 2046 §5.2.1 forbids base64 for message/rfc822, and lines may be of any length.
        mail.add_attachment(
            b"", maintype="application", subtype="octet-stream", filename=enclosure.name
        )
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{mark}_{number}")  # "=_" stands in no base64 or quoted-printable
    octets = mail.as_bytes()
    return _filled(octets, enclosure.octets, f"=_{mark}_0") if enclosure else octets


def sealed(mark: str, key: bytes) -> str:
    """Give *mark* with a seal that only we can make; as it is where there is no *key*."""
    seal = hmac.digest(key, b"letter\n" + mark.encode(), hashlib.sha256).hex()[:16]
    return f"{mark}.{seal}" if key else mark


def _filled(mail: bytes, file: bytes, boundary: str) -> bytes:
    """Put *file* in the last, empty part: the library takes seconds where this takes none."""
    end = f"\r\n--{boundary}--\r\n".encode("ascii")
    lines = base64.encodebytes(file).replace(b"\n", b"\r\n").removesuffix(b"\r\n")
    return mail.removesuffix(end) + lines + end


def _worded(subject: str) -> str:
    """
    Write a subject on one short line of ASCII, or all of it in encoded words (RFC 2047 §2).

    Blanks stand inside the words, where no reader drops them; no character is cut in two (§5).
    """
    if subject.isascii() and len(subject) <= PLAIN_SUBJECT and "=?" not in subject:
        return subject
    words = [b""]
    for octets in (char.encode() for char in subject):
        if len(words[-1]) + len(octets) > WORD_BYTES:
            words.append(b"")
        words[-1] += octets
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word).decode('ascii')}?=" for word in words)


def _mailbox(address: Address, name: str) -> HeaderAddress:
    """Make a header's mailbox; the name is shown, the address is the one that was checked."""
    local = address.text.rpartition("@")[0]
    if local.startswith('"'):
        local = re.sub(r"\\(.)", r"\1", local[1:-1])
    return HeaderAddress(
        display_name=shown(name, 80), username=local, domain=_ascii_domain(address)
    )


def _ascii_domain(address: Address) -> str:
    """Give the domain in A-labels, which every server takes."""
    domain = address.domain
    return domain if domain.isascii() else idna.encode(domain).decode("ascii")
