"""From a verdict to a hold: its number, its owner, its language."""

import re

import pytest
from factories import SENDER, envelope, submission

from guard.holding import language, new_number, owner
from guard.model.envelope import Submitter
from guard.parse import parse
from guard.policy import Policy

POLICY = Policy.model_validate({"guard": 1, "us": {"domains": ["example.co.jp"]}})


def test_numbers_can_be_told_by_telephone() -> None:
    """Short, of one form, without signs that look alike, and not in order."""
    numbers = [new_number() for _ in range(500)]

    assert all(
        re.fullmatch(r"H-[2-9AC-HJKMNPQRTV-Y]{4}-[2-9AC-HJKMNPQRTV-Y]{2}", n) for n in numbers
    )
    assert len(set(numbers)) > 495
    assert numbers != sorted(numbers)


@pytest.mark.parametrize(
    ("text", "default", "spoken"),
    [
        pytest.param("お見積り", "en", "ja", id="kana"),
        pytest.param("ﾐﾂﾓﾘ", "en", "ja", id="half-width kana"),
        pytest.param("御見積書 Q3", "ja", "ja", id="kanji where Japanese is spoken"),
        pytest.param("報價單 Q3 offer", "en", "en", id="kanji elsewhere: Chinese perhaps"),
        pytest.param("Quotation", "ja", "en", id="Latin letters"),
        pytest.param("2026-11-23", "ja", "ja", id="nothing to go by"),
        pytest.param("", "en", "en", id="empty"),
    ],
)
def test_language(text: str, default: str, spoken: str) -> None:
    """The sender is asked in the language of the mail, else in the policy's."""
    assert language(text, default) == spoken


@pytest.mark.parametrize(
    ("login", "sender", "asked"),
    [
        pytest.param("ann@login.example", SENDER, "ann@login.example", id="who logged in"),
        pytest.param("ann", SENDER, SENDER, id="a login that is no address"),
        pytest.param(None, SENDER, SENDER, id="sender of ours"),
        pytest.param(None, "ann@elsewhere.example", None, id="sender of nobody's"),
        pytest.param(None, None, None, id="null sender"),
    ],
)
def test_owner(login: str | None, sender: str | None, asked: str | None) -> None:
    """Never the From header, which anybody can write."""
    mail = submission(
        b"From: boss@example.co.jp\r\n\r\n",
        envelope=envelope(sender),
        submitter=Submitter(peer="192.0.2.7", login=login),
    )
    found = owner(mail, parse(mail.octets), POLICY)
    assert (None if found is None else found.text) == asked


@pytest.mark.parametrize(
    ("header", "sender", "asked"),
    [
        pytest.param("Auto-Submitted: auto-replied", SENDER, False, id="vacation notice"),
        pytest.param("Auto-Submitted: no", SENDER, True, id="says that a person sent it"),
        pytest.param("Precedence: bulk", SENDER, False, id="bulk"),
        pytest.param("List-Id: <a.example.co.jp>", SENDER, False, id="mailing list"),
        pytest.param("X-A: b", "noreply@example.co.jp", False, id="noreply"),
        pytest.param("X-A: b", "owner-all@example.co.jp", False, id="owner of a list"),
        pytest.param("X-A: b", "MAILER-DAEMON@example.co.jp", False, id="mail system"),
        pytest.param("X-A: b", "reply@example.co.jp", True, id="a person with an odd address"),
    ],
)
def test_machines_are_not_asked(header: str, sender: str, asked: bool) -> None:
    """R-G4: a notice to a machine is read by nobody, or answered for ever."""
    octets = f"From: {sender}\r\n{header}\r\n\r\nhi\r\n".encode()
    mail = submission(octets, envelope=envelope(sender))

    assert (owner(mail, parse(octets), POLICY) is not None) == asked
