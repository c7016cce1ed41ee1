"""Event lines: JSON that stands for a directory, mail that was sent, or mail to be judged."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from guard.contacts import jsonl
from guard.model.address import (
    DOMAIN_BYTES,
    LOCAL_PART_BYTES,
    Address,
    AddressError,
    Mailbox,
)
from guard.model.contact import Contact, Exchange
from guard.model.errors import SourceError

# A value may be read and still be too deep to be written out, as an address or a case.
_NO_EVENT: Final = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    OSError,  # a time beyond what the machine's calendar has
    RecursionError,
)


@dataclass(frozen=True, slots=True)
class Judge:
    """A message to be judged, and not learned."""

    case: str
    exchange: Exchange


Event = Contact | Exchange | Judge
"""A contact of the directory, a message that was sent, or one to judge."""


def read_events(lines: Iterable[str | bytes], file: str, *, first: int = 1) -> Iterator[Event]:
    """
    Read events, one JSON object a line, lazily; *first* is the number of the first line.

    Mailboxes that are no addresses are left out, as is a message whose sender is none; but one to
    judge is always given, with every recipient as it was typed: a dot too many is a slip as well.

    Raises:
        SourceError: A line is no event; names *file* and the line.
    """
    for number, line in jsonl.numbered(lines, first):
        try:
            yield from read_event(jsonl.value(line))
        except _NO_EVENT as error:
            raise SourceError(
                f"{file}:{number}: not an event ({type(error).__name__}); each line is a JSON "
                'object with "op": "directory", "learn" or "judge"'
            ) from error


def read_event(event: dict[str, Any]) -> Iterator[Event]:
    """
    Read the events that stand in one line, already parsed.

    Raises:
        ValueError, KeyError, TypeError, AttributeError, OverflowError: It is none.
    """
    match event["op"]:
        case "directory":
            for entry in event["contacts"]:
                if (mailbox := _mailbox(entry)) is not None:
                    company = str(entry.get("company") or "")
                    yield Contact(address=mailbox.address, name=mailbox.name, company=company)
        case "learn":
            exchange = _exchange(event["message"])
            if exchange is not None:
                yield exchange
        case "judge":
            case = str(event["case"])
            yield Judge(case, _said(event["message"], _sender(event["message"]), _as_typed))
        case _:
            raise ValueError


def _exchange(message: dict[str, Any]) -> Exchange | None:
    sender = _mailbox(message["sender"])
    return None if sender is None else _said(message, sender, _address)


def _sender(message: dict[str, Any]) -> Mailbox:
    return _mailbox(message["sender"]) or Mailbox(address=Address.parse("nobody@invalid"))


_Reader = Callable[[str], Address | None]


def _said(message: dict[str, Any], sender: Mailbox, read: _Reader) -> Exchange:
    people = (*(message.get("to") or ()), *(message.get("cc") or ()))
    found = (_mailbox(entry, read) for entry in people)
    boxes = {box.address: box for box in found if box is not None}
    parent = message.get("parent")
    return Exchange(
        sender=sender,
        recipients=tuple(boxes.values()),
        at=datetime.fromtimestamp(float(message["ts"]), UTC),
        message_id=str(message.get("id") or ""),
        references=(str(parent),) if parent else (),
        subject=str(message.get("subject") or ""),
        text=str(message.get("body") or ""),
    )


def _mailbox(entry: dict[str, Any], read: _Reader | None = None) -> Mailbox | None:
    address = (read or _address)(str(entry["address"]).strip())
    return None if address is None else Mailbox(address=address, name=str(entry.get("name") or ""))


_LONGEST: Final = LOCAL_PART_BYTES + 1 + DOMAIN_BYTES


@lru_cache(maxsize=8192)
def _address(text: str) -> Address | None:
    try:
        return Address.parse(text)
    except AddressError:
        return None


def _as_typed(text: str) -> Address | None:
    """Give what stands for an address, even if no server would take it; `None` without an @."""
    address = _address(text)
    if address is not None:
        return address
    local, at, domain = text.rpartition("@")
    if not (at and local and domain) or len(text) > _LONGEST:
        return None
    return Address(text=text, local=local.casefold(), domain=domain.lower())
