"""A mail of a test as its sender's program would hand it in: octets, envelope, login."""

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Final

from guard.model.address import Address, AddressError, Mailbox
from guard.model.envelope import Envelope, Recipient, Submitter
from guard.parse import parse
from guard.policy_tests.rows import Table, as_file
from guard.policy_tests.schema import Attached, Mail

THREAD: Final = "<thread@policy.test>"
"""Message-ID of the mail that another answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What the guard is handed."""

    octets: bytes
    envelope: Envelope
    sender: Mailbox
    """Who writes: of the history that a test gives, too."""

    submitter: Submitter | None


def letter(mail: Mail, *, folder: Path, tables: Mapping[str, Table], at: datetime) -> Letter:
    """
    Write *mail*; its files stand below *folder*, its rows in *tables*.

    Raises:
        OSError: A file cannot be read.
        ValueError: The .eml names no sender, or nobody whom it goes to.
    """
    if mail.eml is None:
        from_, recipients = mail.from_, (*mail.to, *mail.cc, *mail.bcc)
        octets = _octets(mail, folder, tables, at)
    else:
        octets = (folder / mail.eml).read_bytes()
        octets = octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        message = parse(octets)
        from_ = mail.from_ or next(iter(message.from_), None)
        recipients = (*mail.to, *mail.cc, *mail.bcc) or (*message.to, *message.cc, *message.bcc)
    if from_ is None or not recipients:
        raise ValueError("the .eml names no sender or no recipient; write from: and to:")
    return_path = mail.mail_from if "mail_from" in mail.model_fields_set else from_.address
    addresses = dict.fromkeys(box.address for box in recipients)
    return Letter(
        octets=octets,
        sender=from_,
        envelope=Envelope(
            sender=return_path, recipients=tuple(Recipient(address=each) for each in addresses)
        ),
        submitter=None if mail.login is None else _submitter(mail.login),
    )


def _submitter(login: str) -> Submitter:
    try:
        address = Address.parse(login)
    except AddressError:
        address = None
    return Submitter(peer="", login=login, address=address)


def _octets(mail: Mail, folder: Path, tables: Mapping[str, Table], at: datetime) -> bytes:
    # Fields of addresses are written by hand: a library would put right what a slip is made of.
    fields = [("From", _boxes([mail.from_] if mail.from_ else []))]
    fields += [(name, _boxes(list(some))) for name, some in (("To", mail.to), ("Cc", mail.cc))]
    fields += [("Subject", _words(mail.subject))]
    fields += [("Date", format_datetime(at)), ("Message-ID", "<test@policy.test>")]
    if mail.thread_with:
        fields += [("In-Reply-To", THREAD), ("References", THREAD)]
    fields += [(name, _words(value)) for name, value in mail.headers.items()]
    head = "".join(f"{name}: {value}\r\n" for name, value in fields if value)
    return head.encode() + _body(mail, folder, tables).as_bytes()


def _body(mail: Mail, folder: Path, tables: Mapping[str, Table]) -> EmailMessage:
    # Seven bits pass every server, whatever it offers (RFC 6152).
    body = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    if mail.text is not None or mail.html is None:
        body.set_content(mail.text or "")
        if mail.html is not None:
            body.add_alternative(mail.html, subtype="html")
    else:
        body.set_content(mail.html, subtype="html")
    for each in mail.attach:
        name, octets = _attached(each, folder, tables)
        kind, encoding = mimetypes.guess_type(name)
        kind = "application/octet-stream" if kind is None or encoding else kind
        maintype, _, subtype = kind.partition("/")
        if maintype in ("message", "multipart"):
            maintype, subtype = "application", "octet-stream"
        body.add_attachment(octets, maintype=maintype, subtype=subtype, filename=name)
    return body


def _attached(each: Attached, folder: Path, tables: Mapping[str, Table]) -> tuple[str, bytes]:
    if each.file is not None:
        return each.name or Path(each.file).name, (folder / each.file).read_bytes()
    if each.rows_of is not None:
        name = each.name or f"{each.rows_of.list_}.csv"
        return name, as_file(name, each.rows_of, tables[each.rows_of.list_])
    return each.name or "", (each.text or "").encode()


def _boxes(people: list[Mailbox]) -> str:
    return ", ".join(_box(box) for box in people)


def _box(box: Mailbox) -> str:
    if not box.name:
        return box.address.text
    if box.name.isascii():
        escaped = box.name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" <{box.address.text}>'
    return f"{_words(box.name)} <{box.address.text}>"


def _words(text: str) -> str:
    """Encode text for a header field where it is not plain (RFC 2047)."""
    return text if text.isascii() else Header(text, "utf-8").encode(linesep="\r\n")
