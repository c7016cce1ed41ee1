"""From a verdict to a hold: its number, its owner, its language."""

import json
import re

import pytest
from factories import SENDER, envelope, hold, submission
from pydantic import TypeAdapter

from guard.holding import _members, _second_persons, first_audit, language, new_number, owner
from guard.model.address import Address
from guard.model.automatic import Automatic
from guard.model.envelope import Submitter
from guard.model.hold import Hold
from guard.parse import parse
from guard.parse.automatic import automatic
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
    ("login", "address", "sender", "asked"),
    [
        pytest.param("ann", "ann@login.example", SENDER, "ann@login.example", id="who logged in"),
        pytest.param("ann@x.example", None, SENDER, "ann@x.example", id="a login with a domain"),
        pytest.param("ann", None, SENDER, SENDER, id="a login without address, sender of ours"),
        pytest.param("ann", None, "ann@b.example", None, id="a login without address, a stranger"),
        pytest.param("a@b@c", None, SENDER, SENDER, id="a login that only looks like an address"),
        pytest.param("ann", "ann@login.example", None, "ann@login.example", id="null sender"),
        pytest.param("app", "noreply@login.example", SENDER, None, id="a machine logged in"),
        pytest.param(
            "ann",
            "ann@login.example",
            "noreply@example.co.jp",
            "ann@login.example",
            id="a person who sends as a machine",
        ),
        pytest.param(None, "ann@login.example", SENDER, SENDER, id="nobody logged in"),
        pytest.param(None, None, SENDER, SENDER, id="sender of ours"),
        pytest.param(None, None, "ann@elsewhere.example", None, id="sender of nobody's"),
        pytest.param(None, None, None, None, id="null sender, nobody logged in"),
    ],
)
def test_owner(
    login: str | None, address: str | None, sender: str | None, asked: str | None
) -> None:
    """Whoever logged in, else the sender; never the From header, which anybody can write."""
    known = None if address is None else Address.parse(address)
    mail = submission(
        b"From: boss@example.co.jp\r\n\r\n",
        envelope=envelope(sender),
        submitter=Submitter(peer="192.0.2.7", login=login, address=known),
    )
    found = owner(mail, None, POLICY)
    assert (None if found is None else found.text) == asked


def test_login_is_kept() -> None:
    """The history of a hold says under which login the mail came; without one, nothing."""
    assert first_audit(hold(login="yamada")).details["login"] == "yamada"
    assert "login" not in first_audit(hold()).details


def test_holds_from_before_logins_load() -> None:
    """What was stored by an older Guard has no login, and is as good as ever."""
    stored = TypeAdapter(Hold).dump_python(hold(), mode="json")
    del stored["login"]

    assert TypeAdapter(Hold).validate_json(json.dumps(stored)) == hold()


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

    sort = automatic(mail.envelope, parse(octets), login=False)

    assert (owner(mail, sort, POLICY) is not None) == asked


@pytest.mark.parametrize(
    ("login", "sender", "asked"),
    [
        pytest.param(None, "erp@example.co.jp", "kimura@example.co.jp", id="envelope sender"),
        pytest.param("erp@example.co.jp", SENDER, "kimura@example.co.jp", id="login"),
        pytest.param(
            "erp@example.co.jp", "noreply@example.co.jp", "kimura@example.co.jp", id="both"
        ),
        pytest.param(None, "noreply@example.co.jp", "boss@example.co.jp", id="a noreply"),
        pytest.param(None, "scanner@example.co.jp", None, id="a machine without an owner"),
    ],
)
def test_a_machine_has_somebody_who_answers_for_it(
    login: str | None, sender: str, asked: str | None
) -> None:
    """``machines: owners`` by login, then by envelope sender, whatever the header says."""
    owners = {
        "erp@example.co.jp": "kimura@example.co.jp",
        "noreply@example.co.jp": "boss@example.co.jp",
    }
    policy = Policy.model_validate(
        {"guard": 1, "us": {"domains": ["example.co.jp"]}, "machines": {"owners": owners}}
    )
    mail = submission(envelope=envelope(sender), submitter=Submitter(peer="192.0.2.7", login=login))

    for sort in (Automatic.GENERATED, Automatic.BULK):
        found = owner(mail, sort, policy)
        assert (found.text if found else None) == asked


def test_who_lets_a_client_send_a_receipt_can_be_asked() -> None:
    """Where a policy asks about receipts and answers to invitations, a person is there to ask."""
    mail = submission(envelope=envelope(SENDER))

    assert owner(mail, Automatic.CALENDAR_REPLY, POLICY) == owner(mail, None, POLICY)
    assert owner(mail, Automatic.AUTO_REPLY, POLICY) is None


@pytest.mark.parametrize(
    "owner_", ["yamada+x@example.co.jp", "yamada@example.co.jp", "info@example.co.jp"]
)
def test_nobody_agrees_to_their_own_mail(owner_: str) -> None:
    """Not by another way to write their address, and not as one of those behind a shared one."""
    policy = Policy.model_validate(
        {
            "guard": 1,
            "us": {
                "domains": "example.co.jp",
                "shared_mailboxes": {"info@example.co.jp": ["yamada@example.co.jp"]},
            },
            "holding": {"second_person": ["boss@example.co.jp", "yamada@example.co.jp"]},
            "rules": [
                {
                    "id": "asks",
                    "message": {"en": "Sure?"},
                    "when": {"recipient": {"outside": True}},
                    "then": "hold",
                    "confirm": "second_person",
                }
            ],
        }
    )

    person = Address.parse(owner_)
    found = _second_persons(policy, person, _members(policy, person))

    assert [person.text for person in found] == ["boss@example.co.jp"]


@pytest.mark.parametrize(
    ("owner_", "members"),
    [
        pytest.param(
            "info@example.co.jp", ["yamada@example.co.jp", "suzuki@example.co.jp"], id="box"
        ),
        pytest.param(
            "Info+x@example.co.jp", ["yamada@example.co.jp", "suzuki@example.co.jp"], id="tag"
        ),
        pytest.param("yamada@example.co.jp", [], id="a member writes as themselves"),
        pytest.param("empty@example.co.jp", [], id="a box without members"),
    ],
)
def test_members_of_a_shared_mailbox(owner_: str, members: list[str]) -> None:
    """Each once; who logged in as a person is asked alone."""
    twice = ["yamada@example.co.jp", "suzuki@example.co.jp", "yamada@example.co.jp"]
    us = {
        "domains": "example.co.jp",
        "shared_mailboxes": {"info@example.co.jp": twice, "empty@example.co.jp": []},
    }
    policy = Policy.model_validate({"guard": 1, "us": us})

    assert [each.text for each in _members(policy, Address.parse(owner_))] == members
