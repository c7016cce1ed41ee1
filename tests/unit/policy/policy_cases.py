"""A message, and findings about it, with only what a test cares about."""

from datetime import UTC, datetime

from guard.contacts.acquaintance import Acquaintance, Acquainted, Standing
from guard.detect.inspection import Inspection
from guard.model.address import Address, Mailbox
from guard.model.contact import Contact, Exchange, Relation
from guard.model.envelope import Envelope, Recipient
from guard.model.extract import ReadState, Reason
from guard.model.finding import CustomerRows, Lookalike, Unread
from guard.model.message import Attachment, Message

SENDER = "yamada@example.co.jp"


def inspection(
    *to: str, known: tuple[str, ...] = (), typed: tuple[str, ...] = (), files: tuple[str, ...] = ()
) -> Inspection:
    """A mail from yamada to *to*; *known* were written to before, *typed* stand in To."""
    sender = Address.parse(SENDER)
    addresses = tuple(Address.parse(address) for address in to)
    return Inspection(
        envelope=Envelope(
            sender=sender, recipients=tuple(Recipient(address=address) for address in addresses)
        ),
        message=Message(
            to=tuple(Mailbox(address=Address.parse(address)) for address in typed or to),
            attachments=tuple(
                Attachment(part="2", name=name, content_type="text/csv", octets=b"")
                for name in files
            ),
        ),
        exchange=Exchange(
            sender=Mailbox(address=sender),
            recipients=tuple(Mailbox(address=address) for address in addresses),
            at=datetime(2026, 11, 23, tzinfo=UTC),
        ),
        acquaintance=Acquaintance(
            recipients=tuple(
                Acquainted(
                    address=address,
                    name="",
                    relation=Relation(by_sender=7, by_organisation=9)
                    if address.text in known
                    else Relation(),
                    standing=Standing(),
                )
                for address in addresses
            )
        ),
    )


def lookalike(
    recipient: str, *, score: float = 0.999999, closeness: int = 96, intended: str = ""
) -> Lookalike:
    """Suspicion that *recipient* is a slip."""
    meant = Address.parse(intended or "sato@kita-shoji.example")
    return Lookalike(
        score=score,
        recipient=Address.parse(recipient),
        intended=Contact(address=meant, name="佐藤 一郎", company="北商事"),
        kind="typo_domain",
        closeness=closeness,
        written=Relation(),
        usual=Relation(by_sender=42, by_organisation=118),
        parts=(("recipient", 1.5), ("likeness", 2.25)),
    )


def rows(
    count: int = 30,
    *,
    file: str = "list.csv",
    first: int = 1,
    name: str = "customers",
    own: dict[str, int] | None = None,
) -> CustomerRows:
    """Rows *first* and following of a list, found in a file; in the text where *file* is empty."""
    return CustomerRows(
        list_name=name,
        list_version="v1",
        file=file,
        rows=tuple(range(first, first + count)),
        own_rows=tuple((own or {}).items()),
    )


def unread(file: str = "locked.xlsx", *reasons: Reason) -> Unread:
    """A file that could not be read; the structure of the mail where *file* is empty."""
    return Unread(file=file, state=ReadState.UNREADABLE, reasons=reasons or (Reason.ENCRYPTED,))
