"""Conditions that need no finding: what the mail, its people and the clock say by themselves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from policy_cases import inspection

from guard.contacts.acquaintance import Acquainted
from guard.detect.inspection import Inspection
from guard.model.address import Address, Mailbox
from guard.model.extract import Extract, Family, ReadState
from guard.model.message import Body, Message
from guard.model.verdict import Action
from guard.policy.decide import decide
from guard.policy.schema import Policy

TODAY = date(2026, 11, 23)
MakePolicy = Callable[..., Policy]

PARTNER = "kimura@partner.example"
RIVAL = "ito@rival.example"
GROUPS = (
    '{domains: [example.co.jp], time_zone: Asia/Tokyo, groups: {press: ["*@press.example"], '
    "sales: [yamada@example.co.jp]}}"
)


def asked(policy: MakePolicy, when: str, mail: Inspection, **more: Any) -> bool:
    """Whether a rule of *when* holds the mail."""
    verdict = decide(mail, (), policy(when, us=GROUPS, **more), today=TODAY)
    return verdict.action is Action.HOLD


def spoken(policy: MakePolicy, when: str, mail: Inspection) -> list[str]:
    """Give the sentences of a rule in English."""
    (match,) = decide(mail, (), policy(when, us=GROUPS), today=TODAY).matches
    return list(dict(match.sentences)["en"])


def with_message(mail: Inspection, **fields: Any) -> Inspection:
    return replace(mail, message=replace(mail.message, **fields))


def known_as(mail: Inspection, address: str, **standing: Any) -> Inspection:
    """The same, with *standing* known of one recipient."""

    def one(known: Acquainted) -> Acquainted:
        if known.address.text != address:
            return known
        return replace(known, standing=known.standing._replace(**standing))

    acquaintance = mail.acquaintance
    people = tuple(one(known) for known in acquaintance.recipients)
    return replace(mail, acquaintance=replace(acquaintance, recipients=people))


@pytest.mark.parametrize(
    ("when", "to", "holds"),
    [
        ("{recipient: {group: press}}", "ito@press.example", True),
        ("{recipient: {group: [press, sales]}}", "ito@news.example", False),
        ("{recipient: {free_mail: true}}", "ito@gmail.com", True),
        ("{recipient: {free_mail: true}}", "ito@yahoo.co.jp", True),
        ("{recipient: {free_mail: true}}", PARTNER, False),
        ("{recipient: {free_mail: false}}", PARTNER, True),
        ("{recipient: {role: true}}", "info@partner.example", True),
        ("{recipient: {role: true}}", "eigyo@partner.example", True),
        ("{recipient: {role: true}}", PARTNER, False),
        ("{recipient: {mistyped_provider: true}}", "ito@gmial.com", True),
        ("{recipient: {mistyped_provider: true}}", "ito@gmail.com", False),
        ("{recipient: {new_domain: true}}", PARTNER, True),
    ],
)
def test_what_an_address_says(policy: MakePolicy, when: str, to: str, holds: bool) -> None:
    """Groups, providers and boxes are told by the address alone."""
    assert asked(policy, when, inspection(to)) is holds


def test_domains_that_somebody_wrote_to_are_not_new(policy: MakePolicy) -> None:
    """One mail of anybody here to anybody there is enough."""
    mail = known_as(inspection(PARTNER), PARTNER, at_domain=0.2)

    assert not asked(policy, "{recipient: {new_domain: true}}", mail)


def test_the_slip_in_a_provider_is_told(policy: MakePolicy) -> None:
    """The sender reads which provider was meant."""
    when = '{recipient: {mistyped_provider: true}}\nmessage: {en: "{recipient}: {provider}?"}'

    assert spoken(policy, when, inspection("ito@gmial.com")) == ["ito@gmial.com: gmail.com?"]


@pytest.mark.parametrize(
    ("standing", "homes", "reply", "holds"),
    [
        (0, {"partner.example"}, True, True),
        (0, {"partner.example", "rival.example"}, True, False),
        (2, {"partner.example"}, True, False),
        (0, {"partner.example"}, False, False),
    ],
    ids=["a stranger's", "a colleague of theirs is in it", "is in it", "no answer"],
)
def test_new_companies_in_a_thread(
    policy: MakePolicy, standing: int, homes: set[str], reply: bool, holds: bool
) -> None:
    """Whose company wrote or read nothing of a thread joins it; our own people never do."""
    mail = known_as(inspection(RIVAL, PARTNER), RIVAL, thread=standing)
    mail = known_as(mail, PARTNER, thread=3)
    people = replace(mail.acquaintance, thread_known=reply, thread_homes=frozenset(homes))

    joined = asked(policy, "{recipient: {joins_thread: true}}", replace(mail, acquaintance=people))

    assert joined is holds


@pytest.mark.parametrize(
    ("phrase", "text", "holds"),
    [
        ("合併", "先日の合併の件ですが", True),
        ("合併", "この件ですが", False),
        ("offer", "Our Offer is ready.", True),
        ("offer", "Two coffers of gold.", False),
        ("letter of intent", "the letter\n of   intent, signed", True),
        ("confidential*", "Highly CONFIDENTIALLY said", True),
        ("Ｍ＆Ａ", "about m&a and more", True),
        ("r?sume", "my resume", True),
        ("offer", "> Our offer\n\nThanks!", False),
    ],
)
def test_words_of_a_text(policy: MakePolicy, phrase: str, text: str, holds: bool) -> None:
    """Phrases are found as a reader would find them, and not in what is quoted."""
    mail = with_message(inspection(PARTNER), bodies=(Body(part="1", text=text),))

    assert asked(policy, f'{{body: {{words: ["{phrase}"]}}}}', mail) is holds


@pytest.mark.parametrize(
    ("head", "to", "holds"),
    [
        ("From: mori@rival.example\nTo: yamada@example.co.jp", PARTNER, True),
        ("From: mori@partner.example\nTo: yamada@example.co.jp", PARTNER, False),
        ("From: yamada@example.co.jp\nTo: mori@mail.partner.example", PARTNER, False),
        ("From: yamada@example.co.jp\nTo: suzuki@example.co.jp", PARTNER, False),
        ("From: mori@rival.example\nTo: yamada@example.co.jp", "suzuki@example.co.jp", False),
    ],
    ids=["another's", "theirs", "to them", "our own", "stays inside"],
)
def test_quoted_mail_of_others(policy: MakePolicy, head: str, to: str, holds: bool) -> None:
    """What is quoted is between us and a company that gets none of this."""
    text = f"Please see below.\n\n-----Original Message-----\n{head}\nSubject: Plans\n\nSecret."
    mail = with_message(inspection(to), bodies=(Body(part="1", text=text),))

    assert asked(policy, "{body: {quotes_others: true}}", mail) is holds


def test_words_of_a_subject(policy: MakePolicy) -> None:
    """Which of several stood there can be told."""
    mail = with_message(inspection(PARTNER), subject="【社内】合併について")
    when = '{subject: {words: [極秘, 合併, 社内]}}\nmessage: {en: "says {words}"}'

    assert spoken(policy, when, mail) == ["says 合併, 社内"]


@pytest.mark.parametrize(
    ("when", "at", "holds"),
    [
        ('{time: {between: "18:00-08:00"}}', datetime(2026, 11, 23, 10, 0, tzinfo=UTC), True),
        ('{time: {between: "18:00-08:00"}}', datetime(2026, 11, 22, 22, 59, tzinfo=UTC), True),
        ('{time: {between: "18:00-08:00"}}', datetime(2026, 11, 22, 23, 0, tzinfo=UTC), False),
        (
            '{time: {between: ["09:00-12:00", "13:00-24:00"]}}',
            datetime(2026, 11, 23, 3, 30, tzinfo=UTC),
            False,
        ),
        ("{time: {days: [sat, sun]}}", datetime(2026, 11, 20, 15, 0, tzinfo=UTC), True),
        ("{time: {days: [sat, sun]}}", datetime(2026, 11, 20, 14, 59, tzinfo=UTC), False),
    ],
)
def test_time(policy: MakePolicy, when: str, at: datetime, holds: bool) -> None:
    """Hours and days are those of our time zone, and hours may go past midnight."""
    mail = inspection(PARTNER)
    mail = replace(mail, exchange=replace(mail.exchange, at=at))

    assert asked(policy, when, mail) is holds


@pytest.mark.parametrize(
    ("when", "from_", "holds"),
    [
        ("{sender: {address: yamada@example.co.jp}}", "yamada@example.co.jp", True),
        ("{sender: {group: sales}}", "yamada@example.co.jp", True),
        ("{sender: {group: press}}", "yamada@example.co.jp", False),
        ("{sender: {from_outside: true}}", "yamada@gmail.com", True),
        ("{sender: {from_outside: true}}", "yamada@mail.example.co.jp", False),
    ],
)
def test_sender(policy: MakePolicy, when: str, from_: str, holds: bool) -> None:
    """Groups are of the envelope; From is whatever the reader will see."""
    mail = with_message(inspection(PARTNER), from_=(Mailbox(address=Address.parse(from_)),))

    assert asked(policy, when, mail) is holds


@pytest.mark.parametrize(
    ("to", "holds"),
    [
        ((PARTNER, RIVAL), True),
        ((PARTNER, "ito@press.example"), True),
        ((PARTNER, "mori@partner.example"), False),
        ((PARTNER, "suzuki@example.co.jp"), False),
        ((PARTNER,), False),
    ],
)
def test_companies_that_must_not_meet(policy: MakePolicy, to: tuple[str, ...], holds: bool) -> None:
    """Two of different parties; who is of none may be there."""
    when = '{recipients: {never_together: ["*@partner.example", "*@rival.example", press]}}'

    assert asked(policy, when, inspection(*to)) is holds


def test_who_must_not_meet_is_told(policy: MakePolicy) -> None:
    """Each of the two gets the box to tick, and the sentence names the other side."""
    when = (
        '{recipients: {never_together: ["*@partner.example", "*@rival.example"]}}\n'
        'message: {en: "{recipient} beside {others}"}'
    )

    assert spoken(policy, when, inspection(PARTNER, RIVAL)) == [
        f"{PARTNER}, {RIVAL} beside {RIVAL}"
    ]


@pytest.mark.parametrize(
    ("kind", "holds"),
    [("spreadsheet", True), ("archive", True), ("[pdf, image]", False)],
)
def test_kinds_of_files(policy: MakePolicy, kind: str, holds: bool) -> None:
    """By content, also of what is in it; the name says nothing."""
    extract = Extract(
        file="a.dat",
        state=ReadState.READ,
        families=frozenset({Family.ARCHIVE, Family.SPREADSHEET}),
    )
    mail = replace(inspection(PARTNER, files=("a.dat",)), extracts=(extract,))

    assert asked(policy, f"{{attachment: {{kind: {kind}}}}}", mail) is holds


def test_a_message_without_people(policy: MakePolicy) -> None:
    """Where nothing is known nothing is guessed: contacts could not be asked."""
    mail = inspection(PARTNER)
    mail = replace(mail, message=Message(), acquaintance=type(mail.acquaintance)())

    assert not asked(policy, "{recipient: {new_domain: true}}", mail)
    assert not asked(policy, "{recipient: {joins_thread: true}}", mail)
