"""A message, or a box of messages, as a file."""

import re
from collections.abc import Iterator
from typing import Final

from guard.extract.budget import Budget
from guard.extract.pieces import Member, Piece, Source
from guard.model.extract import Passage, Reason
from guard.parse import parse

_NEXT: Final = re.compile(rb"(?<=\n)(?=From [^\n]{0,200}\d{4}\r?\n)")


def mail(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give a message's header, its bodies and its attachments."""
    message = parse(source.octets)
    header = "\n".join(f"{field.name}: {field.value}" for field in message.headers)
    budget.say(len(header) + len(message.text))
    yield Passage(place="header", text=header)
    for body in message.bodies:
        yield Passage(place=f"part {body.part}", text=body.text)
    if any(defect.hides_content for defect in message.defects):
        yield Reason.DEFECT
    for attachment in message.attachments:
        budget.enter()
        yield Member(
            name=attachment.name,
            octets=attachment.octets,
            charset=attachment.charset,
            inline=attachment.inline,
        )


def mbox(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give every message of a mailbox file (RFC 4155)."""
    for number, octets in enumerate(_NEXT.split(source.octets), start=1):
        budget.enter()
        yield Member(name=f"message {number}.eml", octets=octets.partition(b"\n")[2])
