"""What is kept of a judged mail: enough for a policy to judge it again, and no text."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, get_args

import pytest
from policy_cases import (
    SENDER,
    inspection,
    list_like,
    lookalike,
    marked,
    not_theirs,
    numbers,
    rows,
    unread,
)

from guard.contacts.acquaintance import Standing
from guard.detect.budget import threshold
from guard.detect.channel import shipped, suspicion
from guard.detect.inspection import Inspection
from guard.detect.recent import LOWEST, Recent, step_of
from guard.model.address import Address, Mailbox
from guard.model.automatic import Automatic
from guard.model.contact import Contact
from guard.model.extract import Extract, Family, ReadState, Reason
from guard.model.finding import Finding, Greeting, OtherCompany, Sign, WrongFile
from guard.model.verdict import Action
from guard.policy import Policy
from guard.policy.decide import decide
from guard.policy.past.asked import ANSWERED, Asked, dictionary, replayable
from guard.policy.past.features import MOST, Features, Judged, Recorder
from guard.policy.past.pseudonyms import Pseudonyms
from guard.policy.past.replay import Rebuilder, Retrial, read
from guard.policy.when import When

TODAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 6, 4, tzinfo=UTC)
KEY = Pseudonyms(b"k" * 32, "k1")

STRANGER = "sato@kita-syoji.example"
REGULAR = "sato@kita-shoji.example"
WRONG_FILE = WrongFile(
    score=0.9,
    file="見積/北商事.xlsx",
    company="北商事",
    domain="kita-shoji.example",
    signs=(Sign(whose="addressee", weight=0.9, place="sheet “見積”"),),
    against=("mail_names_it",),
)
GREETING = Greeting(
    score=0.8,
    greeting="北商事 佐藤様",
    intended=Contact(address=Address.parse(REGULAR), name="佐藤 一郎"),
)
OTHER = OtherCompany(
    score=0.5, line="南工業株式会社 御中", company="南工業", domain="minami.example"
)
FOUND: tuple[Finding, ...] = (
    lookalike(STRANGER, score=0.99, closeness=91),
    rows(30, own={STRANGER: 28}),
    rows(30, first=11, file="b.csv"),
    rows(4, file=""),
    WRONG_FILE,
    unread("locked.xlsx", Reason.ENCRYPTED, Reason.LIMIT),
    GREETING,
    OTHER,
    not_theirs(),
    list_like(30),
    numbers(3, kind="card"),
    marked("社外秘", "CONFIDENTIAL"),
)


def kept(mail: Inspection, findings: Sequence[Finding], policy: Policy) -> Features:
    """What is kept of *mail*, judged by *policy*."""
    judged = Judged(
        id="5f1d9c3a7b20",
        at=AT,
        inspection=mail,
        findings=findings,
        verdict=decide(mail, findings, policy, today=TODAY),
        hold_budget=policy.holding.hold_budget,
        person=mail.envelope.sender,
    )
    return Recorder(KEY).take(judged, policy)


def again(features: Features, policy: Policy) -> Any:
    """What *policy* says of it later."""
    rebuilder = Rebuilder(dictionary(KEY, Asked.by(policy)))
    return Retrial(replayable(policy)).answer(rebuilder.rebuilt(read(features.record)))


WHENS = [
    "{recipient: {resembles: known_contacts}}",
    "{recipient: {resembles: known_contacts, closeness: 92}}",
    "{recipient: {first_time: true, outside: true}}",
    "{recipient: {first_time: false}}",
    "{recipient: {address: sato@kita-syoji.example}}",
    '{recipient: {address: "*@kita-syoji.example"}}',
    '{recipient: {address: "*@*.example"}}',
    '{recipient: {address: "*@*.syoji.example"}}',
    '{recipient: {address: "sato@*"}}',
    '{recipient: {address: "*"}}',
    '{recipient: {address: "*@kita-s?oji.example"}}',
    '{recipient: {address: "?ato@*"}}',
    "{attachment: {contains: customers, at_least: 30 rows}}",
    "{attachment: {contains: customers, at_least: 31 rows}}",
    "{attachment: {contains: customers, at_least: 13 rows}, recipient: {first_time: true}}",
    "{attachment: {contains: customers, of_other_companies: false, at_least: 40 rows}}",
    "{attachment: {contains: customers, of_other_companies: false, at_least: 41 rows}}",
    "{body: {contains: customers, at_least: 4 rows}}",
    "{body: {contains: customers, at_least: 5 rows}}",
    "{attachment: {of_another_company: likely}}",
    "{attachment: {of_another_company: likely, unreadable: true}}",
    "{attachment: {unreadable: true}}",
    "{attachment: {unreadable: [corrupt]}}",
    '{attachment: {name: "*.xlsx", unreadable: [limit]}}',
    '{attachment: {name: "locked.xlsx"}}',
    '{attachment: {name: "北商事.xlsx"}}',
    '{attachment: {name: "*商事*", of_another_company: possible}}',
    '{attachment: {name: "*.docx"}}',
    "{attachment: {looks_like_list: {at_least: 30 rows}, marked: [社外秘]}}",
    "{attachment: {looks_like_list: {at_least: 31 rows}}}",
    "{attachment: {numbers: {kinds: [card], at_least: 3 numbers}}}",
    "{attachment: {numbers: {kinds: [my_number]}}}",
    "{visible_outside_domains: {at_least: 2}}",
    "{visible_outside_domains: {at_least: 3}}",
    "{visible_outside_recipients: {at_least: 3}}",
    "{greeting: {names_someone_else: true}}",
    "{sender: {not_theirs: true}}",
    '{recipient: {outside: true}}\nexcept: [{to: "*@kita-syoji.example", because: x}]',
    "{recipient: {outside: true}}\nexcept: [{from: yamada@example.co.jp, because: x}]",
    '{recipient: {outside: true}}\nexcept: [{from: "*-team@*", because: x}]',
    "{recipient: {resembles: known_contacts, alike_in: address}}",
    "{recipient: {resembles: known_contacts, alike_in: letters}}",
    "{recipient: {group: partners}}",
    "{recipient: {group: [teams, nobody]}}",
    "{recipient: {free_mail: true}}",
    "{recipient: {free_mail: false, outside: true, address: sato@kita-syoji.example}}",
    "{recipient: {role: true}}",
    "{recipient: {role: false, new_domain: true}}",
    "{recipient: {new_domain: false, outside: true}}",
    "{recipient: {mistyped_provider: true}}",
    "{recipient: {joins_thread: true}}",
    "{recipient: {joins_thread: false, outside: true, first_time: true}}",
    '{recipients: {never_together: [partners, "*@gmail.com"]}}',
    '{recipients: {never_together: [nobody, "*@gmail.com"]}}',
    "{attachment: {kind: spreadsheet}}",
    '{attachment: {kind: pdf, name: "*.xlsx"}}',
    "{attachment: {kind: [pdf, archive], of_another_company: possible}}",
    "{greeting: {names_other_company: likely}}",
    "{greeting: {names_other_company: possible}}",
    "{sender: {from_outside: true}}",
    "{sender: {from_outside: false}}",
    '{sender: {address: "*@example.co.jp"}}',
    "{sender: {group: [partners]}}",
    "{sender: {group: [ours]}}",
    "{time: {between: '15:00-16:00'}}",
    "{time: {between: '05:00-07:00', days: mon}}",
    "{time: {days: [sat, sun]}}",
    "{recipient: {outside: true}}\nexcept: [{to: '*', because: x, until: 2026-11-22}]",
    "{recipient: {outside: true}}\nexcept: [{to: '*', because: x, until: 2026-11-23}]",
]
"""Together they ask for all that features answer; each pair of neighbours is a yes and a no."""


FILES = {
    "list.csv": {Family.TEXT},
    "b.csv": {Family.TEXT},
    "見積/北商事.xlsx": {Family.ARCHIVE, Family.SPREADSHEET},
    "locked.xlsx": {Family.SEALED},
}


def mail() -> Inspection:
    """A mail to some, of whom one is known, with files, in a thread, From somebody else."""
    plain = inspection(
        STRANGER,
        "ann@north.example",
        "suzuki@example.co.jp",
        "sales-list@gmial.com",
        "hanako@gmail.com",
        known=("ann@north.example",),
        typed=(STRANGER, "ann@north.example", "bob@north.example", "suzuki@example.co.jp"),
        files=tuple(FILES),
    )
    people = plain.acquaintance.recipients
    known = Standing(own=2.0, at_domain=3.0, known=True, thread=2)
    return replace(
        plain,
        message=replace(plain.message, from_=(box(SENDER), box("press@brand.example"))),
        extracts=tuple(
            Extract(file=file, state=ReadState.READ, families=frozenset(families))
            for file, families in FILES.items()
        ),
        exchange=replace(plain.exchange, at=AT),
        acquaintance=replace(
            plain.acquaintance,
            thread_known=True,
            thread_homes=frozenset({"gmail.com"}),
            recipients=tuple(
                replace(one, standing=known) if one.address.local == "ann" else one
                for one in people
            ),
        ),
    )


US = """{domains: [example.co.jp], groups: {partners: ["*@kita-syoji.example", ann@north.example],
  ours: ["*@example.co.jp"], teams: ["*-list@*"], nobody: [nobody@nowhere.example]}}"""


@pytest.fixture
def policy(policy: Callable[..., Policy]) -> Callable[..., Policy]:
    """Make a policy of an organisation with groups."""
    return partial(policy, us=US)


def box(text: str) -> Mailbox:
    return Mailbox(address=Address.parse(text))


@pytest.mark.parametrize("findings", [FOUND, ()], ids=["found", "clean"])
@pytest.mark.parametrize("when", WHENS)
def test_what_was_judged_is_judged_alike(
    policy: Callable[..., Policy], when: str, findings: tuple[Finding, ...]
) -> None:
    """The same policy, asked about features, says what it said about the mail."""
    rules = policy(when)
    features = kept(mail(), findings, rules)
    verdict = decide(mail(), findings, rules, today=TODAY)

    answer = again(features, rules)

    assert answer.action is verdict.action
    assert [m.rule for m in answer.verdict.matches] == [m.rule for m in verdict.matches]
    assert [len(m.recipients) for m in answer.verdict.matches] == [
        len(m.recipients) for m in verdict.matches
    ]


def test_the_list_of_conditions_has_yes_and_no(policy: Callable[..., Policy]) -> None:
    """A replay that always said no, or yes, would not pass for right."""
    said = [decide(mail(), FOUND, policy(when), today=TODAY).action for when in WHENS]

    assert said.count(Action.HOLD) > 15
    assert said.count(Action.DELIVER) > 10


@pytest.mark.parametrize(
    "when",
    [
        when
        for when in WHENS
        if "?" not in when and "-team" not in when and "*商事*" not in when and "teams" not in when
    ],
)
def test_another_policy_can_ask_what_the_first_did_not(
    policy: Callable[..., Policy], when: str
) -> None:
    """What hashes answer needs no rule that asked for it in time."""
    features = kept(mail(), FOUND, policy('{recipient: {address: "nobody@nowhere.example"}}'))
    rules = policy(when)
    verdict = decide(mail(), FOUND, rules, today=TODAY)

    answer = again(features, rules)

    assert [m.rule for m in answer.verdict.matches] == [m.rule for m in verdict.matches]


def test_no_text_is_kept(policy: Callable[..., Policy]) -> None:
    """No address, no name, no file name, no place, no sample: hashes, numbers and our words."""
    samples = replace(rows(30), samples=("山田○○ ya***@m***.example",), places=("sheet “顧客”",))
    record = kept(mail(), (*FOUND, samples), policy(*WHENS[:6])).record.decode()

    secrets = ["sato", "kita", "shoji", "syoji", "example", "ann", "bob", "yamada", "suzuki"]
    secrets += [
        *("南工業", "minami", "御中", "press", "hanako", "gmial"),
        "佐藤",
        "北商事",
        "見積",
        "locked",
        "list.csv",
        "brand",
        "山田",
        "顧客",
        "lines 2",
        "footer",
    ]
    assert [text for text in secrets if text in record] == []
    assert "社外秘" in record  # a word of our table
    assert "\\" not in record  # nor hidden by escapes


def test_a_new_kind_of_finding_brings_no_text_along() -> None:
    """Of each kind there is, no field of free text is kept but those that are named as ours."""
    texts = {
        (kind.__name__, name)
        for kind in get_args(Finding)
        for name, hint in kind.__annotations__.items()
        if hint in {"str", str}
    }
    ours = {
        (kind, name) for kind, name in texts if name in {"kind", "list_name", "detector", "error"}
    }

    assert ours == {
        ("Lookalike", "kind"),
        ("CustomerRows", "list_name"),
        ("DetectorFailed", "detector"),
        ("DetectorFailed", "error"),
    }, "is this a word of ours? then add it here; else rename it"


def test_a_typical_mail_takes_less_than_a_kilobyte(policy: Callable[..., Policy]) -> None:
    """Also one with something found in it."""
    some = (lookalike(STRANGER), rows(30, own={STRANGER: 28}))
    plain = inspection(STRANGER, "ann@north.example", files=("list.csv",))

    assert len(kept(plain, (), policy(*WHENS[:3])).record) < 512
    assert len(kept(plain, some, policy(*WHENS[:3])).record) < 1024
    assert len(kept(mail(), (), policy(*WHENS[:3])).record) < 1024


def test_a_huge_mail_is_cut_and_says_so(policy: Callable[..., Policy]) -> None:
    """A mail to thousands takes no more room than one to a hundred."""
    big = inspection(*(f"p{number}@firm{number}.example" for number in range(3 * MOST)))

    record = read(kept(big, FOUND * MOST, policy(WHENS[0])).record)

    assert len(record["to"]) == len(record["found"]) == MOST
    assert record["more"] == 4 * MOST  # recipients, and the same as they were typed


def test_a_bounce_is_never_held(policy: Callable[..., Policy]) -> None:
    """As when it came."""
    rules = policy("{recipient: {outside: true}}")

    bounce = replace(mail(), automatic=Automatic.BOUNCE)
    assert again(kept(bounce, (), rules), rules).action is Action.DELIVER


def test_another_budget_counts_anew(policy: Callable[..., Policy]) -> None:
    """By the budget in force the threshold of that day counts, by another the one it leads to."""
    rules = policy(WHENS[0])
    suspicious = (lookalike(STRANGER, score=0.985),)
    features = kept(mail(), suspicious, rules)
    strict = policy(WHENS[0], holding="{hold_budget: 0.01 percent}")
    loose = policy(WHENS[0], holding="{hold_budget: 5 percent}")

    said = [again(features, each).action for each in (rules, strict, loose)]

    direct = [
        decide(mail(), suspicious, each, today=TODAY).action for each in (rules, strict, loose)
    ]
    assert said == direct
    assert said[1:] == [Action.DELIVER, Action.HOLD]


def test_what_was_told_of_to_keep_to_the_budget_is_again(policy: Callable[..., Policy]) -> None:
    """From when mail is told of, and not held, is kept as it was in that month."""
    steps = ((LOWEST, 19_910), (step_of(shipped().log_odds_of(0.003)) + 2, 90))
    late = replace(mail(), recent=Recent(20_000, 60, steps))
    from_ = threshold(late.channel, late.recent, 0.003)
    found = (lookalike(STRANGER, score=suspicion((from_.tells_from + from_.log_odds) / 2)),)
    rules = policy(WHENS[0])

    assert decide(late, found, rules, today=TODAY).action is Action.TELL
    assert again(kept(late, found, rules), rules).action is Action.TELL


def test_what_cannot_be_answered_is_named(policy: Callable[..., Policy]) -> None:
    """Patterns that hashes do not know are told by the rule's own words."""
    asked = Asked.by(
        policy(
            '{recipient: {address: ["*-team@*", "*@north.example"]}}',
            '{attachment: {name: ["*北*", "*.xlsx"]}}',
        )
    )

    assert [str(glob) for glob in asked.addresses] == ["*-list@*", "*-team@*"]
    assert [str(glob) for glob in asked.files] == ["*北*"]
    assert len(asked.tags) == 3
    assert asked.unanswered == ()


def test_what_is_in_the_text_is_not_kept_and_that_is_said(policy: Callable[..., Policy]) -> None:
    """A rule about words is named, so that nobody takes its silence for an answer."""
    asked = Asked.by(
        policy("{subject: {words: 見積}}", "{body: {words: x}, recipient: {outside: true}}")
    )

    assert asked.unanswered == ("rule-1: subject", "rule-2: body.words")


def test_every_condition_is_answered_or_known_not_to_be() -> None:
    """A new one is tried above, and put into `ANSWERED`; or it is named here."""
    unanswered = {"subject.words", "body.words", "body.quotes_others"}

    asked = {
        f"{word}.{name}"
        for word, field in When.model_fields.items()
        for part in get_args(field.annotation)
        for name in getattr(part, "model_fields", ())
    }

    assert asked - {f"{w}.{name}" for w, names in ANSWERED.items() for name in names} == unanswered


def test_the_record_is_what_it_is_said_to_be(policy: Callable[..., Policy]) -> None:
    """Rules that spoke, who would be asked, and by which policy."""
    rules = policy("{recipient: {outside: true}}", "{recipient: {outside: true}}\nmode: watch")
    record = json.loads(kept(mail(), (), rules).record)

    assert (record["did"], record["rules"], record["watched"]) == ("hold", ["rule-1"], ["rule-2"])
    assert (record["policy"], record["person"]) == (rules.hash, "=")
    assert record["from"] == KEY.address(Address.parse(SENDER))
