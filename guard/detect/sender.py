"""Addresses that mail is sent as, and that are not for whoever logged in to use."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from guard.detect.inspection import Inspection
from guard.model.address import Address, Mailbox
from guard.model.finding import SenderNotTheirs
from guard.model.message import Message
from guard.parse.addresses import mailboxes

Where = Literal["envelope", "from", "sender"]

_MOST: Final = 100
"""Findings of one message: more of them say nothing new."""


def sender(inspection: Inspection) -> Iterator[SenderNotTheirs]:
    """
    Report each use of an address that the submitter may not use: MAIL FROM, From and Sender.

    A field that cannot be read as an address may be anybody's, so it is reported too. Without a
    login nothing is: on a trusted network nobody knows who sends. The null sender of a receipt or
    a vacation notice is nobody's address (RFC 5321 §4.5.5).
    """
    submitter = inspection.submitter
    if submitter is None or submitter.login is None:
        return
    used = dict.fromkeys(_used(inspection))
    not_theirs = [each for each in used if each[1] is None or not inspection.may_send_as(each[1])]
    for where, address in not_theirs[:_MOST]:
        yield SenderNotTheirs(login=submitter.login, address=address, where=where)


def _used(inspection: Inspection) -> Iterator[tuple[Where, Address | None]]:
    """Give every address that the message is sent as, and where it stands."""
    message = inspection.message
    if inspection.envelope.sender is not None:
        yield "envelope", inspection.envelope.sender
    written = _written(message, "sender")
    named = [box for value in written for box in mailboxes(value)[0]]
    yield from _field("from", _written(message, "from"), message.from_)
    yield from _field("sender", written, named)


def _field(
    where: Where, written: Sequence[str], people: Sequence[Mailbox]
) -> Iterator[tuple[Where, Address | None]]:
    for box in people:
        yield where, box.address
    if written and not people:
        yield where, None


def _written(message: Message, name: str) -> list[str]:
    """Give what stands in the fields of that name, where anything does."""
    return [h.value for h in message.headers if h.name.lower() == name and h.value.strip()]
