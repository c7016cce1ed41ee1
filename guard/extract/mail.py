"""A message, or a box of messages, as a file."""

import re
from collections.abc import Iterator
from typing import Final

from guard.extract.budget import Budget
from guard.extract.pieces import Member, Piece, Source
from guard.model.extract import Passage
from guard.parse import parse, reason_of

_NEXT: Final = re.compile(rb"(?<=\n)(?=From [^\n]{0,200}\d{4}\r?\n)")


def mail(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give a message's header, its bodies and its attachments."""
    yield from pieces_of(source.octets, budget)


def pieces_of(octets: bytes, budget: Budget) -> Iterator[Piece]:
    """Give what a message says, and why it may say more."""
    message = parse(octets)
    header = "\n".join(f"{field.name}: {field.value}" for field in message.headers)
    budget.say(len(header) + len(message.text))
    yield Passage(place="header", text=header)
    for body in message.bodies:
        yield Passage(place=_place(body.part), text=body.text)
    yield from dict.fromkeys(
        reason_of(defect) for defect in message.defects if defect.hides_content
    )
    for attachment in message.attachments:
        budget.enter()
        budget.expand(len(attachment.octets))
        yield Member(
            name=attachment.name,
            octets=attachment.octets,
            charset=attachment.charset,
            inline=attachment.inline,
        )


def _place(part: str) -> str:
    """Say where a body stands (`Body.part`)."""
    number, _, special = part.rpartition(".")
    match special or part:
        case "HEADER" | "MIME":
            return f"header of part {number}" if number else "header"
        case "PREAMBLE" | "EPILOGUE":
            return f"beside the parts of part {number}" if number else "beside the parts"
        case "SOURCE":
            return "source"
        case _:
            return f"part {part}"


def mbox(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give every message of a mailbox file (RFC 4155)."""
    for number, octets in enumerate(_NEXT.split(source.octets), start=1):
        budget.enter()
        yield Member(name=f"message {number}.eml", octets=octets.partition(b"\n")[2])
