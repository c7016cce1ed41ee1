"""Model values for tests: `hold()` gives a whole, plausible one; name what your test is about."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from guard.model.address import Address, Mailbox
from guard.model.contact import Contact, Relation
from guard.model.envelope import Envelope, Recipient, Submission, Submitter
from guard.model.finding import (
    CustomerRows,
    Finding,
    ListLike,
    Lookalike,
    Mark,
    ProtectedNumbers,
)
from guard.model.hold import Hold, HoldState
from guard.model.octets import InMemory
from guard.model.verdict import Action, Confirm, Match, Verdict

HELD_AT = datetime(2026, 11, 23, 6, 4, tzinfo=UTC)
"""Monday, 15:04 in Tokyo."""

TYPED = "sato@kita-syoji.example"
MEANT = "sato@kita-shoji.example"
COLLEAGUE = "suzuki@example.co.jp"
SENDER = "yamada@example.co.jp"
SENTENCES = (
    ("ja", (f"{TYPED} は、よくやりとりしている {MEANT} とよく似ています。",)),
    ("en", (f"{TYPED} looks very much like {MEANT}, whom you often write to.",)),
)


def address(text: str | Address) -> Address:
    """An `Address`, from text where it is not one yet."""
    return text if isinstance(text, Address) else Address.parse(text)


def box(text: str) -> Mailbox:
    """A mailbox, from ``Name <address>`` or a bare address."""
    name, _, bare = text.rpartition("<")
    return Mailbox(address=Address.parse(bare.rstrip(">")), name=name.strip())


def lookalike(
    recipient: str | Address = TYPED, intended: str | Address | Contact = MEANT, **more: Any
) -> Lookalike:
    """A recipient never written to, who resembles a contact written to 42 times."""
    values: dict[str, Any] = {
        "score": 0.94,
        "intended": intended
        if isinstance(intended, Contact)
        else Contact(address=address(intended), name="佐藤 一郎", company="北商事"),
        "kind": "typo_domain",
        "closeness": 96,
        "written": Relation(),
        "usual": Relation(by_sender=42, by_organisation=60, last_at=HELD_AT - timedelta(days=3)),
    }
    return Lookalike(recipient=address(recipient), **values | more)


def customer_rows(count: int = 48, file: str = "名簿.xlsx", **more: Any) -> CustomerRows:
    """Rows of the list ``customers`` in one file, with masked samples."""
    values: dict[str, Any] = {
        "list_name": "customers",
        "list_version": "v1",
        "rows": tuple(range(1, count + 1)),
        "places": (f"sheet “顧客”, rows 2–{count + 1}",),
        "samples": (
            "山田○○ ya***@m***.example",
            "鈴木○○ 090-****-**34",
            "高橋○○ ta***@h***.example",
        ),
    }
    return CustomerRows(file=file, **values | more)


def content(file: str = "名簿.xlsx") -> tuple[Finding, ...]:
    """What is found without a list: a list of people, cards, an individual number, a mark."""
    return (
        ListLike(file=file, rows=48, emails=46, places=("sheet “顧客”, rows 1–49",)),
        ProtectedNumbers(file=file, kind="card", count=3, places=("line 7",)),
        ProtectedNumbers(file=file, kind="my_number", count=1, places=("line 9",)),
        Mark(file=file, marks=("社外秘", "CONFIDENTIAL"), places=("file name", "footer")),
    )


def match(*findings: Finding, recipients: Sequence[str | Address] = (TYPED,), **more: Any) -> Match:
    """One rule that holds; *findings* default to a look-alike."""
    values: dict[str, Any] = {
        "rule": "lookalike-of-a-known-contact",
        "action": Action.HOLD,
        "confirm": Confirm.TICK_EACH,
        "sentences": SENTENCES,
    }
    return Match(
        findings=findings or (lookalike(),),
        recipients=tuple(address(each) for each in recipients),
        **values | more,
    )


def verdict(*matches: Match, **more: Any) -> Verdict:
    """A verdict that holds; *matches* default to one look-alike."""
    values: dict[str, Any] = {"action": Action.HOLD, "policy": "7f3a1c0d9e2b"}
    return Verdict(matches=matches or (match(),), **values | more)


def envelope(
    sender: str | Address | None = SENDER, recipients: Sequence[str | Address] = (TYPED, COLLEAGUE)
) -> Envelope:
    """What MAIL and RCPT said."""
    return Envelope(
        sender=None if sender is None else address(sender),
        recipients=tuple(Recipient(address=address(each)) for each in recipients),
    )


def submission(octets: bytes = b"Subject: hello\r\n\r\nhi\r\n", **more: Any) -> Submission:
    """A message from an unauthenticated client of a trusted network."""
    values: dict[str, Any] = {
        "id": "5f1d9c3a7b20",
        "submitter": Submitter(peer="192.0.2.7", helo="client.example"),
        "envelope": envelope(),
        "received_at": HELD_AT,
    }
    return Submission(octets=InMemory(octets), **values | more)


def hold(
    *matches: Match, recipients: Sequence[str | Address] = (TYPED, COLLEAGUE), **more: Any
) -> Hold:
    """
    A held quotation of Yamada's to a look-alike, with a colleague in Cc; any field can be named.

    *recipients* are those of the envelope; name ``envelope`` as well where the two differ.
    """
    addresses = tuple(address(each) for each in recipients)
    values: dict[str, Any] = {
        "id": "6b1f0e9c5d7a4832a1c4e6f80b2d3957",
        "number": "H-7K3Q-M2",
        "state": HoldState.WAITING,
        "submission_id": "5f1d9c3a7b20",
        "owner": address(SENDER),
        "owner_name": "山田 太郎",
        "language": "ja",
        "envelope": envelope(recipients=addresses),
        "subject": "11月分お見積り",
        "message_id": "<20261123060400.1@example.co.jp>",
        "to": (addresses[0].key,),
        "cc": tuple(each.key for each in addresses[1:]),
        "attachments": (("見積_11月.xlsx", 48 * 1024),),
        "verdict": verdict(*matches),
        "held_at": HELD_AT,
        "expires_at": HELD_AT + timedelta(hours=24),
        "undo_s": 10.0,
    }
    return Hold(recipients=addresses, **values | more)
