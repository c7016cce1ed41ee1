"""Every rule is asked about each recipient; over all that match, the strictest counts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_cases import (
    inspection,
    list_like,
    lookalike,
    marked,
    not_theirs,
    numbers,
    policy_of,
    rows,
    unread,
)

from guard.detect.budget import threshold
from guard.detect.channel import shipped, suspicion
from guard.detect.recent import LOWEST, Recent, step_of
from guard.model.automatic import ANSWERS, Automatic
from guard.model.extract import Reason
from guard.model.finding import DetectorFailed, Finding, Greeting
from guard.model.verdict import Action, Confirm, Verdict
from guard.policy.case import Case
from guard.policy.decide import SOURCES, decide
from guard.policy.hearing import hear, holding
from guard.policy.schema import BUILT_IN, Policy

TODAY = date(2026, 11, 23)
MakePolicy = Callable[..., Policy]

STRANGER = "sato@kita-syoji.example"
PARTNER = "kimura@audit-partner.example"
COLLEAGUE = "suzuki@example.co.jp"

RESEMBLES = "{recipient: {resembles: known_contacts}}"
CLOSE = "{recipient: {resembles: known_contacts, closeness: 88}}"
NEW = "{recipient: {first_time: true}}"
OUTSIDE = "{recipient: {outside: true}}"
ROWS = "{attachment: {contains: customers, at_least: 5 rows}}"
OTHERS = "{attachment: {contains: customers, at_least: 5 rows, of_other_companies: false}}"
EITHER = "{attachment: {contains: [customers, patients], at_least: 5 rows}}"
BODY = "{body: {contains: customers, at_least: 3 rows}}"
UNREADABLE = "{attachment: {unreadable: true}}"
ENCRYPTED = "{attachment: {unreadable: encrypted}}"
CSV = '{attachment: {contains: customers, name: "*.csv"}}'
NAMED = '{attachment: {name: ["*.csv", "名簿*"]}}'
ROWS_UNREAD = "{attachment: {contains: customers, unreadable: true}}"
DOMAINS = "{visible_outside_domains: {at_least: 2}}"
PEOPLE = "{visible_outside_recipients: {at_least: 3}}"
GREETS = "{greeting: {names_someone_else: true}, recipient: {outside: true}}"
SENDER = "{sender: {not_theirs: true}, recipient: {outside: true}}"
LIST_LIKE = "{attachment: {looks_like_list: {at_least: 20 rows}}}"
LIST_IN_TEXT = "{body: {looks_like_list: {}}}"
NUMBERS = "{attachment: {numbers: {at_least: 3 numbers}}}"
CARDS = "{body: {numbers: {kinds: card}}}"
MARKED = "{attachment: {marked: true}}"
SECRET = "{body: {marked: [極秘, 社外秘]}}"
MARKED_LIST = '{attachment: {marked: true, looks_like_list: {at_least: 5 rows}, name: "*.csv"}}'
PARTNERS = '{recipient: {address: "*@audit-partner.example"}}'

GREETING = Greeting(score=0.9, greeting="佐藤様")
UNASKED = DetectorFailed(detector=SOURCES, error="SourceError")
FAILED = DetectorFailed(detector="lookalike", error="ValueError")


def verdict(policy: Policy, *findings: Finding, to: tuple[str, ...] = (STRANGER,)) -> Verdict:
    return decide(inspection(*to), findings, policy, today=TODAY)


def about(policy: Policy, *findings: Finding, to: tuple[str, ...]) -> list[str]:
    """Recipients about whom the first rule spoke."""
    matches = verdict(policy, *findings, to=to).matches
    return [address.text for address in matches[0].recipients] if matches else []


@pytest.mark.parametrize(
    ("when", "findings", "holds"),
    [
        (RESEMBLES, [lookalike(STRANGER)], True),
        (RESEMBLES, [lookalike(PARTNER)], False),
        (RESEMBLES, [lookalike(STRANGER, score=0.03)], False),
        (CLOSE, [lookalike(STRANGER, closeness=88)], True),
        (CLOSE, [lookalike(STRANGER, closeness=87)], False),
        (CLOSE, [lookalike(STRANGER, closeness=99, score=0.03)], False),
        (OUTSIDE, [], True),
        (NEW, [], True),
        (ROWS, [rows(5)], True),
        (ROWS, [rows(4)], False),
        (ROWS, [rows(30, file="")], False),
        (ROWS, [rows(30, name="patients")], False),
        (ROWS, [rows(3, file="a.csv"), rows(3, file="b.csv", first=4)], True),
        (ROWS, [rows(3, file="a.csv"), rows(3, file="b.csv")], False),
        (ROWS, [rows(20, own={STRANGER: 20})], False),
        (ROWS, [rows(20, own={STRANGER: 16})], False),
        (ROWS, [rows(20, own={STRANGER: 15})], True),
        (ROWS, [rows(20, own={PARTNER: 20})], True),
        (OTHERS, [rows(20, own={STRANGER: 20})], True),
        (EITHER, [rows(3), rows(3, name="patients", file="b.csv")], False),
        (EITHER, [rows(5, name="patients")], True),
        (BODY, [rows(3, file="")], True),
        (BODY, [rows(30)], False),
        (UNREADABLE, [unread()], True),
        (UNREADABLE, [unread("", Reason.DEFECT)], True),
        (UNREADABLE, [], False),
        (ENCRYPTED, [unread("a.zip", Reason.LIMIT, Reason.ENCRYPTED)], True),
        (ENCRYPTED, [unread("a.jpg", Reason.IMAGE_ONLY)], False),
        (CSV, [rows(file="LIST.CSV")], True),
        (CSV, [rows(file="list.xlsx")], False),
        (CSV, [rows(file="all.zip/list.csv")], True),
        (ROWS_UNREAD, [rows(file="a.zip"), unread("a.zip")], True),
        (ROWS_UNREAD, [rows(file="a.csv"), unread("b.zip")], False),
        (GREETS, [GREETING], True),
        (GREETS, [], False),
        (SENDER, [not_theirs()], True),
        (SENDER, [not_theirs(None, "sender")], True),
        (SENDER, [], False),
        (LIST_LIKE, [list_like(20)], True),
        (LIST_LIKE, [list_like(19)], False),
        (LIST_LIKE, [list_like(19), list_like(19, file="b.csv")], False),
        (LIST_LIKE, [list_like(30, file="")], False),
        (LIST_IN_TEXT, [list_like(10, file="")], True),
        (LIST_IN_TEXT, [list_like(9, file=""), list_like(30)], False),
        (NUMBERS, [numbers(3)], True),
        (NUMBERS, [numbers(2), numbers(1, kind="card")], True),
        (NUMBERS, [numbers(2), numbers(2, file="b.csv")], False),
        (CARDS, [numbers(1, kind="card", file="")], True),
        (CARDS, [numbers(9, file=""), numbers(9, kind="card")], False),
        (MARKED, [marked()], True),
        (MARKED, [marked(file="")], False),
        (SECRET, [marked("社外秘", "㊙", file="")], True),
        (SECRET, [marked("㊙", file="")], False),
        (MARKED_LIST, [marked(), list_like(5)], True),
        (MARKED_LIST, [marked(file="a.csv"), list_like(5)], False),
        (MARKED_LIST, [marked(file="a.pdf"), list_like(5, file="a.pdf")], False),
        (MARKED_LIST, [list_like(5)], False),
    ],
)
def test_condition(policy: MakePolicy, when: str, findings: list[Finding], holds: bool) -> None:
    """Each condition holds for just what it says."""
    read = list(dict.fromkeys(getattr(finding, "file", "") for finding in findings))
    judged = decide(
        inspection(STRANGER, files=tuple(filter(None, read))), findings, policy(when), today=TODAY
    )

    assert judged.action is (Action.HOLD if holds else Action.DELIVER)


@given(st.data())
def test_asked_in_short_or_in_full(every_rule: Policy, data: st.DataObject) -> None:
    """Those who match are the same, whether or not the others are asked to the last condition."""
    some = [
        *(lookalike(STRANGER), lookalike(PARTNER, score=0.03), GREETING, not_theirs()),
        *(rows(5), rows(30, file=""), rows(20, own={STRANGER: 20}), rows(9, name="patients")),
        *(unread(), unread("list.csv"), unread("", Reason.DEFECT)),
        *(list_like(), list_like(file=""), numbers(), numbers(kind="card", file="")),
        *(marked(), marked("極秘", file="")),
    ]
    found = data.draw(st.lists(st.sampled_from(some), unique_by=id, max_size=4))
    to = data.draw(st.lists(st.sampled_from((STRANGER, PARTNER, COLLEAGUE)), min_size=1))
    files = data.draw(st.sampled_from(((), ("list.csv",), ("a.pdf", "名簿.xlsx"))))
    mail = inspection(*to, known=(PARTNER,), files=files)
    case = Case(mail, found, every_rule.us, hold_budget=every_rule.holding.hold_budget)

    for rule in every_rule.rules:
        in_full = [hearing for hearing in hear(rule, case, TODAY) if hearing.matches]
        held = [one for one in holding(rule, case, TODAY) if one.matches]
        assert held == in_full


@pytest.fixture(scope="module")
def every_rule(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """A policy with a rule for each condition, and the same again with an exception."""
    whens = (
        *(RESEMBLES, CLOSE, NEW, OUTSIDE, ROWS, OTHERS, EITHER, BODY, UNREADABLE, ENCRYPTED, CSV),
        *(NAMED, ROWS_UNREAD, DOMAINS, PEOPLE, GREETS, SENDER, PARTNERS),
        *(LIST_LIKE, LIST_IN_TEXT, NUMBERS, CARDS, MARKED, SECRET, MARKED_LIST),
    )
    exception = '\nexcept: [{to: "*@audit-partner.example", because: x}]'
    excepted = (when + exception for when in whens)
    return policy_of(tmp_path_factory.mktemp("policy"), *whens, *excepted)


def test_file_names_need_no_finding(policy: MakePolicy) -> None:
    """A rule about names alone looks at every attachment."""
    for file, action in (
        ("顧客.csv", Action.HOLD),
        ("名簿.pdf", Action.HOLD),
        ("a.pdf", Action.DELIVER),
    ):
        judged = decide(inspection(STRANGER, files=(file,)), (), policy(NAMED), today=TODAY)
        assert judged.action is action


def test_suspicion_is_weighed_by_the_budget(policy: MakePolicy) -> None:
    """What may be held decides how much suspicion is enough; just enough is enough."""
    little, much = "{hold_budget: 0.1 percent}", "{hold_budget: 1 percent}"
    suspected = lookalike(STRANGER, score=suspicion(shipped().log_odds_of(0.01)))

    assert verdict(policy(RESEMBLES, holding=much), suspected).action is Action.HOLD
    assert verdict(policy(RESEMBLES, holding=little), suspected).action is Action.DELIVER


def test_what_is_held_for_a_lookalike(policy: MakePolicy) -> None:
    """A hold counts for the budget where a look-alike is what it is for, watched or not."""
    found = lookalike(STRANGER)
    held = verdict(policy(RESEMBLES), found)
    watched = verdict(policy(RESEMBLES + "\nmode: watch"), found)
    told = verdict(policy(RESEMBLES + "\nthen: tell"), found)
    other = verdict(policy(NEW), found)

    assert [one.holds_for_lookalike for one in (held, watched, told, other)] == [
        True,
        True,
        False,
        False,
    ]


def test_one_lookalike_must_satisfy_all(policy: MakePolicy) -> None:
    """Closeness of one look-alike and suspicion of another make no match."""
    close, suspected = (
        lookalike(STRANGER, score=0.03, closeness=99),
        lookalike(STRANGER, closeness=60, intended="saito@kita-shoji.example"),
    )

    assert verdict(policy(CLOSE), close, suspected).action is Action.DELIVER
    assert verdict(policy(RESEMBLES), close, suspected).findings == (suspected,)


@pytest.mark.parametrize(
    ("when", "recipients"),
    [
        (OUTSIDE, [STRANGER, PARTNER]),
        ("{recipient: {outside: false}}", [COLLEAGUE]),
        (NEW, [STRANGER, COLLEAGUE]),
        ("{recipient: {first_time: false}}", [PARTNER]),
        (PARTNERS, [PARTNER]),
        ('{recipient: {address: ["suzuki@*", "*@kita-?yoji.example"]}}', [STRANGER, COLLEAGUE]),
        ('{recipient: {address: "*", outside: true, first_time: true}}', [STRANGER]),
    ],
)
def test_asked_per_recipient(policy: MakePolicy, when: str, recipients: list[str]) -> None:
    """A rule speaks about just those recipients for whom all of it holds."""
    mail = inspection(STRANGER, PARTNER, COLLEAGUE, known=(PARTNER,))
    (match,) = decide(mail, (), policy(when), today=TODAY).matches

    assert [address.text for address in match.recipients] == recipients


@pytest.mark.parametrize(
    ("when", "typed", "action"),
    [
        (DOMAINS, ["a@x.example", "b@y.example"], Action.HOLD),
        (DOMAINS, ["a@x.example", "b@x.example"], Action.DELIVER),
        (DOMAINS, ["a@x.example", COLLEAGUE], Action.DELIVER),
        (PEOPLE, ["a@x.example", "b@x.example", "c@x.example"], Action.HOLD),
        (PEOPLE, ["a@x.example", "b@x.example", "A@x.example"], Action.DELIVER),
    ],
)
def test_visible(policy: MakePolicy, when: str, typed: list[str], action: Action) -> None:
    """What stands in To and Cc counts, not who gets the mail; our own people do not."""
    mail = inspection(STRANGER, typed=tuple(typed))

    assert decide(mail, (), policy(when), today=TODAY).action is action


def test_strictest_counts(policy: MakePolicy) -> None:
    """Order decides nothing but the order of the matches."""
    rules = policy(f"{OUTSIDE}\nthen: refuse", f"{OUTSIDE}\nthen: tell", f"{NEW}\nthen: deliver")
    judged = verdict(rules)

    assert judged.action is Action.REFUSE
    assert [match.rule for match in judged.matches] == ["rule-1", "rule-2", "rule-3"]


def test_highest_rung_counts(policy: MakePolicy) -> None:
    """Of several holding rules the one that asks most decides what is asked."""
    rules = policy(f"{OUTSIDE}\nconfirm: one_click", f"{NEW}\nconfirm: type_domain")

    assert verdict(rules).confirm is Confirm.TYPE_DOMAIN


AUDIT = '\nexcept:\n  - {to: "*@audit-partner.example", because: 年次監査, until: 2026-11-23}'


def test_exception_excuses_only_its_recipient(policy: MakePolicy) -> None:
    """An exception takes its recipient out; the mail is held for the other."""
    rules, found = policy(ROWS + AUDIT), rows()

    assert about(rules, found, to=(PARTNER, STRANGER)) == [STRANGER]
    assert about(rules, found, to=(PARTNER,)) == []


@pytest.mark.parametrize(("today", "held"), [(TODAY, False), (date(2026, 11, 24), True)])
def test_exception_ends(policy: MakePolicy, today: date, held: bool) -> None:
    """The last day still counts."""
    judged = decide(inspection(PARTNER), [rows()], policy(ROWS + AUDIT), today=today)

    assert (judged.action is Action.HOLD) is held


@pytest.mark.parametrize(
    ("exception", "held"),
    [
        ("{from: yamada@*, because: x}", False),
        ("{from: suzuki@*, because: x}", True),
        ('{from: yamada@*, to: "*@other.example", because: x}', True),
        (f"{{from: yamada@*, to: [{PARTNER}, {STRANGER}], because: x}}", False),
    ],
)
def test_exception_for_a_sender(policy: MakePolicy, exception: str, held: bool) -> None:
    """Where both ``from:`` and ``to:`` stand, both must fit."""
    judged = verdict(policy(f"{ROWS}\nexcept: [{exception}]"), rows())

    assert (judged.action is Action.HOLD) is held


def test_watch_only_records(policy: MakePolicy) -> None:
    """A policy in watch mode delivers, and says what it would have done."""
    judged = verdict(policy(OUTSIDE, mode="watch"))

    assert judged.action is Action.DELIVER
    assert [(match.action, match.watched) for match in judged.matches] == [(Action.HOLD, True)]


def test_one_rule_watches(policy: MakePolicy) -> None:
    """A rule in watch mode leaves the others as they are."""
    judged = verdict(policy(f"{OUTSIDE}\nmode: watch\nthen: refuse", NEW))

    assert judged.action is Action.HOLD
    assert [match.watched for match in judged.matches] == [True, False]
    assert [match.rule for match in judged.acting] == ["rule-2"]


@pytest.mark.parametrize(("mode", "action"), [("hold", Action.HOLD), ("watch", Action.DELIVER)])
def test_failed_detector_holds(policy: MakePolicy, mode: str, action: Action) -> None:
    """A detector that failed holds without any rule; in watch mode it is recorded."""
    judged = verdict(policy(PARTNERS, mode=mode), FAILED)

    assert judged.action is action
    (match,) = judged.matches
    assert (match.rule, match.findings) == (BUILT_IN, (FAILED,))
    assert [address.text for address in match.recipients] == [STRANGER]
    assert [language for language, _ in match.sentences] == ["ja", "en"]


@pytest.mark.parametrize(
    ("wish", "failures", "action"),
    [
        ("deliver", [UNASKED], Action.DELIVER),
        ("hold", [UNASKED], Action.HOLD),
        ("deliver", [UNASKED, FAILED], Action.HOLD),
        ("deliver", [FAILED], Action.HOLD),
    ],
)
def test_lists_that_cannot_be_asked(
    policy: MakePolicy, wish: str, failures: list[Finding], action: Action
) -> None:
    """A policy may deliver when its lists are away, but never when a detector failed."""
    judged = verdict(policy(PARTNERS, if_guard_cannot_check=wish), *failures)

    assert judged.action is action
    assert judged.matches[0].findings == tuple(failures)


def test_nothing_found(policy: MakePolicy) -> None:
    """Clean mail is delivered, and the verdict names the policy."""
    rules = policy(RESEMBLES, ROWS, BODY, UNREADABLE, PARTNERS)
    judged = verdict(rules)

    assert (judged.action, judged.matches, judged.policy) == (Action.DELIVER, (), rules.hash)


def test_recipient_twice_is_asked_once(policy: MakePolicy) -> None:
    """The same person given twice gets one box to tick."""
    assert about(policy(OUTSIDE), to=(STRANGER, STRANGER.upper())) == [STRANGER]


def test_null_sender(policy: MakePolicy) -> None:
    """Bounces have no sender; an exception for senders does not excuse them."""
    mail = inspection(STRANGER)
    bounce = type(mail)(
        envelope=type(mail.envelope)(sender=None, recipients=mail.envelope.recipients),
        message=mail.message,
        exchange=mail.exchange,
        acquaintance=mail.acquaintance,
    )
    rules = policy(OUTSIDE + '\nexcept: [{from: "*", because: x}]')

    assert decide(bounce, (), rules, today=TODAY).action is Action.HOLD


def test_thousand_recipients(policy: MakePolicy) -> None:
    """A mail to a thousand people is asked about in one pass over each."""
    to = tuple(f"person{number}@company{number}.example" for number in range(1000))
    judged = verdict(policy(ROWS, DOMAINS, NEW), rows(5000), to=to)

    assert [len(match.recipients) for match in judged.matches] == [1000, 1000, 1000]
    assert judged.matches[0].sentences[0][1][0].endswith(" and 997 more.")


LATELY = Recent(20_000, 60, ((LOWEST, 19_910), (step_of(shipped().log_odds_of(0.003)) + 2, 90)))
"""A month in which more was suspicious than the budget lets be held."""


def over_budget() -> tuple[float, float]:
    """A suspicion that is told of in such a month, and one that is held."""
    found = threshold(shipped(), LATELY, 0.003)
    return suspicion((found.tells_from + found.log_odds) / 2), suspicion(found.log_odds + 0.1)


@pytest.mark.parametrize(
    ("scores", "action", "recipients"),
    [
        pytest.param((0,), Action.TELL, [STRANGER], id="the least certain is told of"),
        pytest.param((1,), Action.HOLD, [STRANGER], id="the certain is held"),
        pytest.param((0, 1), Action.HOLD, [PARTNER], id="only about the certain is asked"),
    ],
)
def test_over_the_budget(
    policy: MakePolicy, scores: tuple[int, ...], action: Action, recipients: list[str]
) -> None:
    """Of more than may be held the least certain goes out, and its sender is told."""
    people = (STRANGER, PARTNER)
    findings = [
        lookalike(to, score=over_budget()[at]) for to, at in zip(people, scores, strict=False)
    ]
    late = replace(inspection(*people), recent=LATELY)

    verdict = decide(late, findings, policy(RESEMBLES), today=TODAY)

    assert verdict.action is action
    (match,) = verdict.matches
    assert [address.text for address in match.recipients] == recipients
    assert match.over_budget is (action is Action.TELL)
    usual = decide(inspection(*people), findings, policy(RESEMBLES), today=TODAY)
    assert usual.action is Action.HOLD


def test_other_rules_have_no_budget(policy: MakePolicy) -> None:
    """What an administrator says for certain is held, whatever the month was like."""
    late = replace(inspection(STRANGER), recent=LATELY)
    findings = [lookalike(STRANGER, score=over_budget()[0]), rows(30)]

    verdict = decide(late, findings, policy(RESEMBLES, ROWS), today=TODAY)

    assert [match.action for match in verdict.matches] == [Action.TELL, Action.HOLD]
    assert verdict.action is Action.HOLD


@pytest.mark.parametrize("then", ["tell", "hold"])
@pytest.mark.parametrize("kind", sorted(ANSWERS))
def test_about_automatic_answers_rules_only_record(
    policy: MakePolicy, kind: Automatic, then: str
) -> None:
    """And the verdict says for which sort."""
    rules = policy(f"{OUTSIDE}\nthen: {then}")
    mail = replace(inspection(STRANGER), automatic=kind)

    found = decide(mail, (FAILED,), rules, today=TODAY)

    assert found.action is Action.DELIVER
    assert [(m.rule, m.watched, m.unasked) for m in found.matches] == [
        ("rule-1", True, kind),
        (BUILT_IN, True, kind),
    ]
    assert found.unasked == found.matches


@pytest.mark.parametrize(
    ("kind", "machines", "then", "action"),
    [
        (Automatic.BOUNCE, "{}", "refuse", Action.REFUSE),
        (Automatic.BULK, "{}", "hold", Action.HOLD),
        (Automatic.GENERATED, "{}", "hold", Action.HOLD),
        (None, "{}", "hold", Action.HOLD),
        (Automatic.RECEIPT, "{never_asked: bounce}", "hold", Action.HOLD),
        (Automatic.BOUNCE, "{never_asked: bounce}", "hold", Action.DELIVER),
        (Automatic.BOUNCE, "{never_asked: []}", "hold", Action.HOLD),
    ],
)
def test_which_machines_are_never_asked(
    policy: MakePolicy, kind: Automatic | None, machines: str, then: str, action: Action
) -> None:
    """The sorts that the policy names; refusing asks nobody, so it stands."""
    rules = policy(f"{OUTSIDE}\nthen: {then}", machines=machines)

    assert (
        decide(replace(inspection(STRANGER), automatic=kind), (), rules, today=TODAY).action
        is action
    )


def test_what_only_records_is_not_passed_for_the_machine(policy: MakePolicy) -> None:
    """A rule in ``mode: watch`` would have recorded anyway."""
    rules = policy(f"{OUTSIDE}\nmode: watch")
    mail = replace(inspection(STRANGER), automatic=Automatic.BOUNCE)

    assert decide(mail, (), rules, today=TODAY).unasked == ()


@pytest.mark.parametrize(
    ("exempt", "kind", "holds"),
    [
        ("mail: bulk", Automatic.BULK, False),
        ("mail: bulk", Automatic.GENERATED, True),
        ("mail: bulk", None, True),
        ("mail: [bulk, generated]", Automatic.GENERATED, False),
        ('mail: bulk, from: "yamada@*"', Automatic.BULK, False),
        ('mail: bulk, from: "news@*"', Automatic.BULK, True),
        ('mail: bulk, to: "*@kita-syoji.example"', Automatic.BULK, False),
        ('mail: bulk, to: "*@kita-syoji.example"', None, True),
    ],
)
def test_an_exception_for_a_sort_of_mail(
    policy: MakePolicy, exempt: str, kind: Automatic | None, holds: bool
) -> None:
    """Lists and bulk mailings go by rule; all that the exception says must be so."""
    rules = policy(f"{OUTSIDE}\nexcept: [{{{exempt}, because: newsletter (Kimura)}}]")

    found = decide(replace(inspection(STRANGER), automatic=kind), (), rules, today=TODAY)

    assert (found.action is Action.HOLD) == holds
