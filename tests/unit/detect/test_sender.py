"""Addresses that mail is sent as, and that are not for whoever logged in to use."""

from collections.abc import Callable

import pytest
from factories import HELD_AT, SENDER, envelope
from hypothesis import given
from hypothesis import strategies as st

from guard.contacts.acquaintance import Acquaintance
from guard.detect.inspection import Inspection
from guard.detect.sender import sender
from guard.model.address import Address, Mailbox
from guard.model.contact import Exchange
from guard.model.envelope import Submitter
from guard.parse import parse

YAMADA = Address.parse(SENDER)
FOREIGN = "info@brand.example"


def found(
    head: str | bytes,
    *,
    by: str | None = SENDER,
    login: str | None = "yamada",
    may: Callable[[Address], bool] = lambda address: address == YAMADA,
) -> list[tuple[str, str | None]]:
    """Where a mail with this header is sent as somebody else, and as whom."""
    octets = head if isinstance(head, bytes) else head.encode()
    sent = envelope(by)
    inspection = Inspection(
        envelope=sent,
        message=parse(octets + b"\r\n\r\nhi\r\n"),
        exchange=Exchange(sender=Mailbox(address=YAMADA), recipients=(), at=HELD_AT),
        acquaintance=Acquaintance(),
        submitter=Submitter(peer="192.0.2.7", login=login, address=YAMADA),
        may_send_as=may,
    )
    return [(f.where, f.address.text if f.address else None) for f in sender(inspection)]


@pytest.mark.parametrize(
    ("head", "by", "reported"),
    [
        pytest.param(f"From: {SENDER}", SENDER, [], id="own everywhere"),
        pytest.param(f"From: {SENDER}", FOREIGN, [("envelope", FOREIGN)], id="envelope"),
        pytest.param(f"From: {SENDER}", None, [], id="null sender"),
        pytest.param(f"From: {FOREIGN}", SENDER, [("from", FOREIGN)], id="From"),
        pytest.param(
            f"From: {FOREIGN}, A <a@b.example>, {SENDER}, {FOREIGN}",
            SENDER,
            [("from", FOREIGN), ("from", "a@b.example")],
            id="each mailbox of From, once",
        ),
        pytest.param(
            f"From: {SENDER}\r\nFrom: {FOREIGN}", SENDER, [("from", FOREIGN)], id="two From fields"
        ),
        pytest.param(
            f"From: {SENDER}\r\nSender: X <{FOREIGN}>", SENDER, [("sender", FOREIGN)], id="Sender"
        ),
        pytest.param(
            f"From: {FOREIGN}\r\nSENDER: {FOREIGN}",
            FOREIGN,
            [("envelope", FOREIGN), ("from", FOREIGN), ("sender", FOREIGN)],
            id="the same everywhere: each place is told",
        ),
        pytest.param("Subject: x", SENDER, [], id="no From: the real server adds its own"),
        pytest.param("From: \r\nSubject: x", SENDER, [], id="empty From"),
        pytest.param("From: The boss", SENDER, [("from", None)], id="From that is no address"),
        pytest.param(
            f"From: {SENDER}\r\nSender: <a@brand.example.>",
            SENDER,
            [("sender", None)],
            id="Sender that is no address",
        ),
        pytest.param(f"From: ours: {FOREIGN};", SENDER, [("from", FOREIGN)], id="group"),
        pytest.param(
            f"From: {SENDER}\r\nReply-To: {FOREIGN}\r\nResent-From: {FOREIGN}",
            SENDER,
            [],
            id="fields that do not say who sends",
        ),
    ],
)
def test_reported(head: str, by: str | None, reported: list[tuple[str, str | None]]) -> None:
    """MAIL FROM, every mailbox of From, and Sender are looked at; each use is told once."""
    assert found(head, by=by) == reported


def test_without_login_nothing_is_known() -> None:
    """On a trusted network nobody says who sends, so nobody is accused."""
    assert found(f"From: {FOREIGN}", by=FOREIGN, login=None) == []


def test_a_flood_is_cut() -> None:
    """A From of thousands of strangers is told in a hundred findings."""
    head = "From: " + ", ".join(f"a{number}@b.example" for number in range(3000))

    assert len(found(head)) == 100


@given(st.binary(max_size=200), st.sampled_from(["From", "Sender"]))
def test_any_header(value: bytes, name: str) -> None:
    """Whatever stands in the field, the detector answers, and tells nobody who may be used."""
    reported = found(name.encode() + b": " + value)

    assert all(text is None or Address.parse(text) != YAMADA for _, text in reported)
    assert found(name.encode() + b": " + value, may=lambda _: True, by=None) == [
        (where, text) for where, text in reported if text is None
    ]
