"""A mail that somebody in the demo sends: written as a mail program would, handed in by SMTP."""

import mimetypes
import smtplib
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Final

from guard.demo.people import DOMAIN, colleagues
from guard.model.reply import Reply

ANSWER_S: Final = 60.0
"""Longest wait for one answer of the guard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One attachment."""

    name: str
    content_type: str
    octets: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail to be sent."""

    id: str
    """Left part of its Message-ID."""

    sender: str
    """Address of its writer; the name is known for colleagues."""

    to: tuple[tuple[str, str], ...]
    """Display name (may be empty) and address of each recipient."""

    subject: str
    text: str
    files: tuple[File, ...] = ()

    @property
    def message_id(self) -> str:
        """The Message-ID, with its angle brackets."""
        return f"<{self.id}@{DOMAIN}>"

    @property
    def recipients(self) -> tuple[str, ...]:
        """The envelope recipients."""
        return tuple(address for _, address in self.to)

    def octets(self, *, at: datetime) -> bytes:
        """
        Give the message as a mail program would hand it in at the time *at*, in seven bits.

        Raises:
            ValueError: An address or the subject cannot stand in a header.
        """
        # Seven bits pass every server, whatever it offers (RFC 6152).
        mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
        names = {str(each.address): each.name for each in colleagues().values()}
        mail["From"] = HeaderAddress(names.get(self.sender, ""), addr_spec=self.sender)
        mail["To"] = [HeaderAddress(name, addr_spec=address) for name, address in self.to]
        mail["Subject"] = self.subject
        mail["Date"] = at
        mail["Message-ID"] = self.message_id
        mail.set_content(self.text)
        for file in self.files:
            maintype, _, subtype = file.content_type.partition("/")
            mail.add_attachment(file.octets, maintype=maintype, subtype=subtype, filename=file.name)
        return mail.as_bytes()


def of_path(path: Path) -> File:
    """Read a file from disk as an attachment; its type is guessed by its name."""
    content_type, encoding = mimetypes.guess_type(path.name)
    if content_type is None or encoding is not None:
        content_type = "application/octet-stream"
    return File(name=path.name, content_type=content_type, octets=path.read_bytes())


def hand_in(letter: Letter, octets: bytes, address: tuple[str, int]) -> Reply:
    """
    Submit *letter* to the server at *address* and give the reply that decided: blocks until then.

    Raises:
        OSError: Nobody answers there, or what answers speaks no SMTP (`smtplib.SMTPException`).
    """
    # A name of our own is given, for the library would ask the network for one.
    with smtplib.SMTP(*address, local_hostname="client.example", timeout=ANSWER_S) as client:
        client.ehlo()
        answer: tuple[int, bytes | str] = client.mail(letter.sender)
        for recipient in letter.recipients:
            if answer[0] < 400:
                answer = client.rcpt(recipient)
        if answer[0] < 400:
            try:
                answer = client.data(octets)
            except smtplib.SMTPDataError as refusal:  # at the command, before any octet
                answer = refusal.smtp_code, refusal.smtp_error
    code, text = answer
    words = text if isinstance(text, str) else text.decode("utf-8", "replace")
    return Reply.read(code, words)
