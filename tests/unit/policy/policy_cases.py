"""A message, and findings about it, with only what a test cares about."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from guard.contacts.acquaintance import Acquaintance, Acquainted, Standing
from guard.detect.inspection import Inspection
from guard.model.address import Address, Mailbox
from guard.model.contact import Contact, Exchange, Relation
from guard.model.envelope import Envelope, Recipient
from guard.model.extract import ReadState, Reason
from guard.model.finding import (
    CustomerRows,
    ListLike,
    Lookalike,
    Mark,
    ProtectedNumbers,
    SenderNotTheirs,
    Unread,
)
from guard.model.message import Attachment, Message
from guard.policy.load import load
from guard.policy.schema import Policy

SENDER = "yamada@example.co.jp"


def policy_of(folder: Path, *whens: str, **more: Any) -> Policy:
    """Make a policy of rules, each given by the YAML of its ``when:`` and, if wished, more."""
    ours = {"us": "{domains: [example.co.jp]}", "mode": "hold", "holding": "{}"}
    lines = [
        "guard: 1",
        "lists: {customers: , patients: }",
        *(f"{key}: {value}" for key, value in (ours | more).items()),
        "rules:",
    ]
    for number, when in enumerate(whens, 1):
        conditions, _, rest = when.partition("\n")
        lines += [f"  - id: rule-{number}", f"    when: {conditions}"]
        if "message:" not in rest:
            lines.append('    message: {en: "About {recipient}."}')
        if "then:" not in rest:
            lines.append("    then: hold")
        lines += [f"    {line}" for line in rest.splitlines() if line]
    (folder / "policy.yaml").write_text("\n".join(lines), "utf-8")
    return load(folder / "policy.yaml")


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


def not_theirs(address: str | None = "info@brand.example", where: Any = "from") -> SenderNotTheirs:
    """Yamada logged in and sends as somebody else."""
    used = None if address is None else Address.parse(address)
    return SenderNotTheirs(login="yamada", address=used, where=where)


def list_like(count: int = 30, *, file: str = "list.csv") -> ListLike:
    """A file that looks like a list of so many people."""
    return ListLike(file=file, emails=count, lines=count // 2, places=("lines 2–31",))


def numbers(count: int = 3, *, kind: Any = "my_number", file: str = "list.csv") -> ProtectedNumbers:
    """A file with so many numbers of one kind."""
    return ProtectedNumbers(file=file, kind=kind, count=count, places=("line 2",))


def marked(*marks: str, file: str = "list.csv") -> Mark:
    """A file that is marked."""
    return Mark(file=file, marks=marks or ("社外秘",), places=("footer",))
