"""Mails for several, and for others than the sender: bundles, requests, alarms."""

import email
import re
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default

import pytest
from factories import HELD_AT, TYPED, address, customer_rows, hold, match
from hypothesis import given
from hypothesis import strategies as st

from guard.compose.alarm import MOST, alarm
from guard.compose.bundle import bundle
from guard.compose.letterhead import Letterhead
from guard.compose.result import agreed, returned
from guard.compose.second import request
from guard.model.hold import Choice, Hold, HoldState

LETTERHEAD = Letterhead(
    from_="送信確認 <guard@example.co.jp>",
    public_url="https://guard.example.co.jp",
    time_zone="Asia/Tokyo",
)
BOSS = address("boss@example.co.jp")
NOW = HELD_AT + timedelta(seconds=3)


def parsed(octets: bytes) -> EmailMessage:
    message = email.message_from_bytes(octets, policy=default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def links(count: int) -> list[str]:
    return [LETTERHEAD.link(f"{number:043}") for number in range(count)]


def bundled(*holds: Hold) -> EmailMessage:
    pairs = list(zip(holds, links(len(holds)), strict=True))
    return parsed(bundle(pairs, letterhead=LETTERHEAD, now=NOW))


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("ja", "[まだ送信していません] 2通 ご確認ください"),
        ("en", "[Not sent yet] 2 mails - please check"),
    ],
)
def test_each_has_its_subject_its_reason_and_its_link(language: str, subject: str) -> None:
    """R-G1: in order, in the language of the first, and no other link is in it."""
    first = hold(language=language)
    other = hold(match(customer_rows()), language="en", subject="List", number="H-2222-22")
    message = bundled(first, other)

    text = body(message, "plain")
    assert message["Subject"] == subject
    assert re.findall(r"https?://\S+", text) == links(2)
    in_html = re.findall(r'href="([^"]*)"', body(message, "html"))
    assert list(dict.fromkeys(in_html)) == links(2)
    for each in (first, other):
        assert each.number in text
        assert each.subject in text
        assert dict(each.verdict.matches[0].sentences)[language][0].split("@")[0] in text
    assert text.index(first.number) < text.index(links(2)[0]) < text.index(other.number)


def test_nothing_of_a_customer_or_the_body_is_in_a_bundle_or_request() -> None:
    """R-G5: no samples of a list, for whoever is asked."""
    held = hold(match(customer_rows()))
    asked = parsed(request(held, BOSS, link=links(1)[0], letterhead=LETTERHEAD, now=NOW))

    for message in (bundled(held, held), asked):
        for kind in ("plain", "html"):
            assert "○○" not in body(message, kind)
            assert "***" not in body(message, kind)


@given(st.text(max_size=300), st.text(max_size=60), st.text(max_size=60))
def test_nothing_can_be_injected(subject: str, name: str, message_id: str) -> None:
    """Whatever the held mails say, ours has two parts and its own links."""
    held = hold(subject=subject, owner_name=name, message_id=message_id)
    message = bundled(held, held)

    assert set(message.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID"),
        *("Auto-Submitted", "X-Auto-Response-Suppress", "X-Guard-Loop"),
        *("MIME-Version", "Content-Type"),
    }
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert re.findall(r"https?://\S+", body(message, "plain")) == links(2)


def test_another_set_is_another_mail() -> None:
    """Tried again it is the same one; with one mail more it is not a copy."""
    one, two, three = (hold(id=f"{n}" * 32) for n in range(3))

    assert bundled(one, two)["Message-ID"] == bundled(one, two)["Message-ID"]
    assert bundled(one, two)["Message-ID"] != bundled(one, two, three)["Message-ID"]


@pytest.mark.parametrize(("language", "words"), [("ja", "承認"), ("en", "agree")])
def test_results_name_whoever_decided(language: str, words: str) -> None:
    """What somebody else decided is not told as the owner's own choice."""
    by_boss = hold(
        language=language, state=HoldState.RETURNED, choice=Choice.REFUSE, decided_by=BOSS.text
    )
    by_admin = hold(
        language=language, state=HoldState.RETURNED, choice=Choice.CANCEL, decided_by="root"
    )
    own = hold(language=language, state=HoldState.RETURNED, choice=Choice.CANCEL)
    said = [
        body(
            parsed(returned(each, b"x\r\n", expired=False, letterhead=LETTERHEAD, now=NOW)), "plain"
        )
        for each in (by_boss, by_admin, own)
    ]

    assert BOSS.text in said[0]
    assert words in said[0]
    assert {"ja": "管理者", "en": "administrator"}[language] in said[1]
    assert len(set(said)) == 3
    agreed_to = parsed(agreed(by_boss, letterhead=LETTERHEAD, now=NOW))
    assert words in body(agreed_to, "plain")
    assert BOSS.text in body(agreed_to, "plain")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_many_alarms_are_counted(language: str) -> None:
    """A mail of some length, in which every number but those beyond the limit stands once."""
    notes = [("release_failed", f"H-{number:04}-AA") for number in range(MOST + 7)]
    notes += [("job_parked", "0123456789abcdef" * 2), ("something_new", "H-7K3Q-M2")]
    people = (address("root@example.co.jp"), address("it@example.co.jp"))
    head = Letterhead(from_="g@example.co.jp", public_url="https://g.example", language=language)
    message = parsed(alarm(notes, people, letterhead=head, now=NOW))

    text = body(message, "plain")
    assert str(len(notes)) in message["Subject"]
    assert [each.addr_spec for each in message["To"].addresses] == [p.text for p in people]
    assert len(re.findall(r"guard held show H-\d{4}-AA", text)) == MOST
    assert "7" in text.split("H-0049-AA")[-1]
    assert "guard db check" in text  # of a hold that does not open
    assert "something_new" in text
    assert TYPED not in text
