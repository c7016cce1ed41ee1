"""Why a message was judged as it was."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from policy_cases import (
    inspection,
    list_like,
    lookalike,
    marked,
    not_theirs,
    numbers,
    rows,
    unread,
)

from guard.detect.channel import shipped, suspicion
from guard.detect.recent import Recent
from guard.model.automatic import Automatic
from guard.model.envelope import Submitter
from guard.model.finding import DetectorFailed, Finding, Greeting
from guard.policy.decide import decide
from guard.policy.explain import Explanation, explain
from guard.policy.reasons import render
from guard.policy.schema import BUILT_IN, Policy

TODAY = date(2026, 11, 23)
STRANGER, PARTNER = "sato@kita-syoji.example", "kimura@audit-partner.example"
AUDIT = '\nexcept: [{to: "*@audit-partner.example", because: 年次監査, until: 2027-03-31}]'
RULES = (
    "{recipient: {resembles: known_contacts, closeness: 88, first_time: true}}",
    "{attachment: {contains: customers, at_least: 5 rows}, recipient: {outside: true}}" + AUDIT,
    "{visible_outside_domains: {at_least: 5}}\nthen: tell",
    "{greeting: {names_someone_else: true}}\nmode: watch",
)
FINDINGS: tuple[Finding, ...] = (
    lookalike(STRANGER),
    rows(),
    Greeting(score=0.9, greeting="佐藤様"),
)


def explained(policy: Policy, *findings: Finding) -> Explanation:
    mail = inspection(STRANGER, PARTNER, known=(PARTNER,))
    verdict = decide(mail, findings, policy, today=TODAY)
    return explain(mail, findings, verdict, policy, today=TODAY)


def test_decision_and_rules(policy: Callable[..., Policy]) -> None:
    """Each rule says whether it matched, about whom, and whether it only records."""
    answer = explained(policy(*RULES), *FINDINGS)

    assert answer["decision"] == "hold"
    assert [
        (rule["id"], rule["matched"], rule["watched"], rule["recipients"])
        for rule in answer["rules"]
    ] == [
        ("rule-1", True, False, [STRANGER]),
        ("rule-2", True, False, [STRANGER]),
        ("rule-3", False, False, []),
        ("rule-4", True, True, [STRANGER, PARTNER]),
    ]


def test_grounds_are_those_of_the_verdict(policy: Callable[..., Policy]) -> None:
    """A rule matched a recipient if and only if all grounds hold and nothing excepts."""
    answer = explained(policy(*RULES), *FINDINGS)

    for rule in answer["rules"]:
        matched = [asked["recipient"] for asked in rule["asked"] if asked["matched"]]
        assert matched == rule["recipients"]
        for asked in rule["asked"]:
            holds = all(fact["holds"] for fact in asked["facts"])
            assert asked["matched"] == (holds and not asked["excepted"])


def test_facts(policy: Callable[..., Policy]) -> None:
    """Each condition says what was found, what was wanted, and whether that is enough."""
    first, *_ = explained(policy(*RULES), *FINDINGS)["rules"]
    facts = {fact["fact"]: fact for fact in first["asked"][0]["facts"]}

    assert facts["recipient.resembles"]["value"] == "sato@kita-shoji.example"
    assert facts["recipient.closeness"] | {"fact": ""} == {
        "fact": "",
        "value": 96,
        "wanted": 88,
        "holds": True,
    }
    assert facts["recipient.first_time"]["value"] is True


def test_exception_says_why(policy: Callable[..., Policy]) -> None:
    """Who was excepted is told, with the reason and the end."""
    asked = explained(policy(*RULES), *FINDINGS)["rules"][1]["asked"][1]

    assert asked["excepted"] == {"because": "年次監査", "until": "2027-03-31"}


def test_findings(policy: Callable[..., Policy]) -> None:
    """Every finding has code, score, recipient, intended and evidence, ready for JSON."""
    every = (
        *FINDINGS,
        unread(),
        not_theirs(),
        DetectorFailed(detector="greeting", error="KeyError"),
    )
    answer = json.loads(json.dumps(explained(policy(*RULES), *every)))

    assert [
        (finding["code"], finding["recipient"], finding["intended"])
        for finding in answer["findings"]
    ] == [
        ("recipient.lookalike", STRANGER, "sato@kita-shoji.example"),
        ("content.customer_rows", None, None),
        ("body.greeting", None, None),
        ("content.unread", None, None),
        ("sender.not_theirs", None, None),
        ("detector.failed", None, None),
    ]
    assert all(finding["evidence"] for finding in answer["findings"])
    assert answer["findings"][1]["evidence"]["count"] == 30
    assert answer["rules"][-1]["id"] == BUILT_IN


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_text_tells_everything(policy: Callable[..., Policy], lang: str) -> None:
    """The text names the decision, each recipient, each rule, and the intended contact."""
    every = (*FINDINGS, DetectorFailed(detector="greeting", error="KeyError"))
    text = render(explained(policy(*RULES), *every), lang)

    assert text.startswith("HOLD  ")
    for word in (STRANGER, PARTNER, "sato@kita-shoji.example", "年次監査", BUILT_IN):
        assert word in text
    for number in range(1, 5):
        assert f"rule-{number}" in text


def test_text_cannot_steer_a_terminal(policy: Callable[..., Policy]) -> None:
    """Names of files are what strangers want them to be."""
    mail = inspection(STRANGER, files=("\x1b]0;x\x07\u202e.pem",))
    rules = policy('{attachment: {name: "*.pem"}}')
    answer = explain(mail, [], decide(mail, [], rules, today=TODAY), rules, today=TODAY)

    assert "attachment.name:  ]0;x  .pem" in render(answer, "en")


def test_text_of_clean_mail(policy: Callable[..., Policy]) -> None:
    """Clean mail says that it would go out, and what was looked at."""
    text = render(explained(policy(*RULES)), "en")
    from_ = suspicion(shipped().log_odds_of(0.003))

    assert text == (
        f"DELIVER    policy {policy(*RULES).hash} (mode: hold)\n"
        f"look-alikes are held from suspicion {from_:.3f}: "
        "0.3 percent by the table of the weights; no mails were counted yet\n"
        "\n"
        f"to  {STRANGER}    nobody here has written to it\n"
        "    – rule-1:  ✗ recipient.resembles: –   ✓ recipient.first_time: true\n"
        "    – rule-2:  ✓ recipient.outside: true   ✗ attachment.contains 0 < 5\n"
        "    – rule-3:  ✗ visible_outside_domains 2 < 5\n"
        "    – rule-4:  ✗ greeting.names_someone_else: false\n"
        "\n"
        f"to  {PARTNER}    written 7 times by this sender, 9 by all\n"
        "    – rule-1:  ✗ recipient.resembles: –   ✗ recipient.first_time: false\n"
        "    – rule-2:  ✓ recipient.outside: true   ✗ attachment.contains 0 < 5\n"
        "    – rule-3:  ✗ visible_outside_domains 2 < 5\n"
        "    – rule-4:  ✗ greeting.names_someone_else: false\n"
        "\n"
        "Why the other rules did nothing, near misses first:\n"
        "    rule-3  2 of 5 outside domains in To and Cc\n"
        "    rule-1  it resembles nobody whom the sender may have meant instead"
        f" ({STRANGER})\n"
        "    rule-2  the list customers holds nothing: guard lists import\n"
        "    rule-4  the text greets nobody else\n"
        "\n"
        "would go out"
    )


@pytest.mark.parametrize(
    ("mails", "lang", "said"),
    [
        (120, "en", "0.3 percent of the last 120 mails, the table of the weights as 2,000 more"),
        (12_400, "en", "0.3 percent of the last 12,400 mails, and never lower"),
        (12_400, "ja", "最近のメール 12,400 通の 0.3%。これより低くはなりません"),
    ],
)
def test_where_the_threshold_comes_from(
    policy: Callable[..., Policy], mails: int, lang: str, said: str
) -> None:
    """What the budget was counted on is told, for programs and for people."""
    mail = replace(inspection(STRANGER), recent=Recent(mails, 3, ((-4, mails),)))
    verdict = decide(mail, (), policy(*RULES), today=TODAY)
    answer = explain(mail, (), verdict, policy(*RULES), today=TODAY)

    assert said in render(answer, lang)
    assert (answer["holds_from"]["mails"], answer["holds_from"]["held"]) == (mails, 3)
    assert answer["holds_from"]["budget"] == pytest.approx(0.003)
    wanted = {
        g["wanted"]
        for r in explained(policy(*RULES), lookalike(STRANGER))["rules"]
        for h in r["asked"]
        for g in h["facts"]
        if g["fact"] == "recipient.suspicion"
    }
    assert wanted == {explained(policy(*RULES))["holds_from"]["suspicion"]}


def test_nothing_of_likeness_where_no_rule_asks(policy: Callable[..., Policy]) -> None:
    """A policy without a rule about look-alikes has no threshold to tell."""
    assert "suspicion" not in render(explained(policy(*RULES[1:])), "en")


def test_text_of_a_thousand_recipients(policy: Callable[..., Policy]) -> None:
    """A mail to very many is told about the first twenty."""
    mail = inspection(*(f"person{number}@company.example" for number in range(1000)))
    rules = policy(*RULES)
    verdict = decide(mail, (), rules, today=TODAY)
    text = render(explain(mail, (), verdict, rules, today=TODAY), "en")

    assert text.count("\nto  ") == 20
    assert "… and 980 more recipients" in text


@pytest.mark.parametrize("findings", [(), (not_theirs(), not_theirs(None, "sender"))])
def test_login(policy: Callable[..., Policy], findings: tuple[Finding, ...]) -> None:
    """Who logged in is told, and as whom the mail is sent, in JSON and in text."""
    rules = policy("{sender: {not_theirs: true}}\nthen: tell")
    submitter = Submitter(peer="192.0.2.7", login="yamada")
    mail = replace(inspection(STRANGER), submitter=submitter)
    verdict = decide(mail, findings, rules, today=TODAY)
    answer = explain(mail, findings, verdict, rules, today=TODAY)
    ((fact,),) = [asked["facts"] for asked in answer["rules"][0]["asked"]]
    text = render(answer, "en")

    assert answer["login"] == "yamada"
    assert answer["decision"] == ("tell" if findings else "deliver")
    assert fact == {
        "fact": "sender.not_theirs",
        "value": "from: info@brand.example, sender: ?" if findings else None,
        "wanted": True,
        "holds": bool(findings),
    }
    assert "\nlogged in as yamada\n" in text
    assert (
        "✓ sender.not_theirs: from: info@brand.example" in text
        if findings
        else "✗ sender.not_theirs: –" in text
    )


def test_what_needs_no_list_is_explained(policy: Callable[..., Policy]) -> None:
    """Counts, kinds, marks and places stand in the evidence, and what was asked in the rules."""
    whens = (
        "{attachment: {looks_like_list: {at_least: 40 rows}}}",
        "{attachment: {numbers: {}}}",
        "{attachment: {marked: [社外秘]}}",
    )
    answer = explained(policy(*whens), list_like(30), numbers(3), marked())
    facts = [rule["asked"][0]["facts"][0] for rule in answer["rules"]]

    assert [(fact["fact"], fact["value"], fact["wanted"], fact["holds"]) for fact in facts] == [
        ("attachment.looks_like_list", 30, 40, False),
        ("attachment.numbers", 3, 1, True),
        ("attachment.marked", "社外秘", "社外秘", True),
    ]
    evidence = [finding["evidence"] for finding in answer["findings"]]
    assert [one.get("count", one.get("marks")) for one in evidence] == [30, 3, ["社外秘"]]
    assert all(one["file"] == "list.csv" and one["places"] for one in evidence)
    assert "attachment.numbers 3 ≥ 1" in render(answer, "ja")


def test_nobody_is_asked_about_an_answer(policy: Callable[..., Policy]) -> None:
    """It says which sort of automatic mail it is, and what the rule would have done."""
    rules = policy("{recipient: {outside: true}}", "{recipient: {outside: true}}\nthen: tell")
    mail = replace(inspection(STRANGER), automatic=Automatic.AUTO_REPLY)
    verdict = decide(mail, (), rules, today=TODAY)

    answer = explain(mail, (), verdict, rules, today=TODAY)

    assert (answer["decision"], answer["mail"]) == ("deliver", "auto_reply")
    assert [(r["matched"], r["watched"], r["unasked"]) for r in answer["rules"]] == [
        (True, True, "auto_reply"),
        (True, True, "auto_reply"),
    ]
    json.dumps(answer)
    text = render(answer, "en")
    assert "automatic mail: auto_reply" in text
    assert "rule-1 would hold, but nobody is asked about auto_reply" in text
    assert "rule-2 would tell, but nobody is asked about auto_reply" in text
    assert "rule-1 は hold になるところ" in render(answer, "ja")
