"""The invented company that the demo plays in: who works there, and whom they write to."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Final

from guard.model.address import Address, Mailbox
from guard.model.contact import Contact, Exchange

DOMAIN: Final = "example.co.jp"
"""The company's own; mail to it is internal."""

SPACING: Final = timedelta(hours=53)
"""Between two mails to the same contact. No whole number of days: people have no fixed hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """One contact, and how often which colleague wrote to it."""

    contact: Contact
    writer: Address
    mails: int


def ties() -> tuple[Tie, ...]:
    """Give the sample contacts with their history: colleagues first, then people outside."""
    table = files("guard.demo").joinpath("data/contacts.csv").read_text("utf-8")
    return tuple(
        Tie(
            contact=Contact(
                address=Address.parse(row["address"]), name=row["name"], company=row["company"]
            ),
            writer=Address.parse(f"{row['writer']}@{DOMAIN}"),
            mails=int(row["mails"]),
        )
        for row in csv.DictReader(table.splitlines())
    )


def colleagues() -> dict[str, Mailbox]:
    """Give the people of the company by the local part of their address."""
    return {
        each.contact.address.local: Mailbox(address=each.contact.address, name=each.contact.name)
        for each in ties()
        if each.contact.address.domain == DOMAIN
    }


def history(known: Sequence[Tie], *, now: datetime) -> Iterator[Exchange]:
    """Give the mails that *known* people got in the year before *now*, oldest first."""
    staff = colleagues()
    exchanges = [
        Exchange(
            sender=staff[each.writer.local],
            recipients=(Mailbox(address=each.contact.address, name=each.contact.name),),
            at=now - SPACING * back - timedelta(minutes=17 * place),
            message_id=f"<past-{place}-{back}@{DOMAIN}>",
        )
        for place, each in enumerate(known)
        for back in range(1, each.mails + 1)
    ]
    yield from sorted(exchanges, key=lambda exchange: exchange.at)
