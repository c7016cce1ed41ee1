"""Why a rule said nothing: the first reason in words, near misses first."""

import typing
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import NoneType
from typing import Any

import pytest
from policy_cases import inspection, lookalike, rows

from guard.detect.inspection import Searched
from guard.model.finding import DetectorFailed, Finding
from guard.policy.decide import decide
from guard.policy.explain import explain
from guard.policy.schema import Policy
from guard.policy.when import When
from guard.policy.why_not_words import facts_with_words

TODAY = date(2026, 11, 23)
STRANGER, PARTNER = "sato@kita-syoji.example", "kimura@audit-partner.example"
COLLEAGUE = "suzuki@example.co.jp"

OUTSIDE_ROWS = "{attachment: {contains: customers, at_least: 5 rows}, recipient: {outside: true}}"
AUDIT = '\nexcept: [{to: "*@audit-partner.example", because: 年次監査, until: 2027-03-31}]'

MakePolicy = Callable[..., Policy]


def missed(policy: Policy, *findings: Finding, to: tuple[str, ...]) -> list[dict[str, Any]]:
    """Say why not, of a mail for which the list of customers was searched."""
    searched = (Searched(list_name="customers", file="", hits=()),)
    mail = replace(inspection(*to, known=(PARTNER,)), searched=searched)
    verdict = decide(mail, findings, policy, today=TODAY)
    return explain(mail, findings, verdict, policy, today=TODAY)["why_not"]


@pytest.mark.parametrize(
    ("when", "findings", "to", "reason"),
    [
        pytest.param(
            OUTSIDE_ROWS,
            [rows(4)],
            STRANGER,
            "4 of 5 rows in a file that are not the recipient's",
            id="too few",
        ),
        pytest.param(OUTSIDE_ROWS, [rows(30)], COLLEAGUE, "it is one of us", id="inside"),
        pytest.param(
            OUTSIDE_ROWS + AUDIT,
            [rows(30)],
            PARTNER,
            "an exception takes it out: 年次監査 (until 2027-03-31)",
            id="excepted",
        ),
        pytest.param(
            "{recipient: {resembles: known_contacts, closeness: 88}}",
            [lookalike(STRANGER, closeness=84)],
            STRANGER,
            "closeness 84 of 88",
            id="not close enough",
        ),
        pytest.param(
            "{recipient: {resembles: known_contacts}}",
            [lookalike(STRANGER, score=0.5)],
            STRANGER,
            "suspicion 0.50 of 0.97",
            id="not suspicious enough",
        ),
        pytest.param(
            "{recipient: {first_time: true}}",
            [],
            PARTNER,
            "the sender has written to it before",
            id="known",
        ),
        pytest.param(
            "{recipient: {first_time: false}}",
            [],
            STRANGER,
            "the sender never wrote to it",
            id="unknown",
        ),
        pytest.param(
            '{attachment: {name: "*.pem"}}', [], STRANGER, "no file is called *.pem", id="name"
        ),
    ],
)
def test_reason(
    policy: MakePolicy, when: str, findings: list[Finding], to: str, reason: str
) -> None:
    """The first condition that does not hold is told in words."""
    (miss,) = missed(policy(when), *findings, to=(to,))

    assert miss["reason"]["en"] == reason
    assert miss["recipient"] == to


def test_a_list_that_holds_nothing(policy: MakePolicy) -> None:
    """A list that was never imported is the reason, unless the search itself failed."""
    patients = policy(OUTSIDE_ROWS.replace("customers", "patients"))
    failed = DetectorFailed(detector="lists", error="SourceError")
    (never,) = missed(policy(OUTSIDE_ROWS), to=(STRANGER,))
    (unimported,) = missed(patients, to=(STRANGER,))
    (broken,) = missed(patients, failed, to=(STRANGER,))

    assert never["reason"]["en"].startswith("0 of 5 rows")
    assert unimported["reason"]["en"] == "the list patients holds nothing: guard lists import"
    assert broken["reason"]["en"].startswith("0 of 5 rows")


def test_near_misses_come_first(policy: MakePolicy) -> None:
    """By how near the rule came, whatever stands first; of each, the recipient that was nearest."""
    rules = policy(
        "{greeting: {names_someone_else: true}}",
        "{visible_outside_domains: {at_least: 8}}",
        OUTSIDE_ROWS,
        OUTSIDE_ROWS.replace("5", "3") + AUDIT,
    )
    found = missed(rules, rows(4, own={STRANGER: 1}), to=(COLLEAGUE, STRANGER, PARTNER))

    # rule-4 matches the stranger, so there is nothing to explain.
    assert [(miss["rule"], miss["recipient"]) for miss in found] == [
        ("rule-3", PARTNER),
        ("rule-2", COLLEAGUE),
        ("rule-1", COLLEAGUE),
    ]
    assert [miss["nearness"] for miss in found] == [0.8, 0.25, 0.0]


def test_a_rule_that_only_records_is_the_nearest(policy: MakePolicy) -> None:
    """Who asks why nothing was held finds the rule that would have, and its ``mode: watch``."""
    rules = policy(
        "{visible_outside_domains: {at_least: 8}}", OUTSIDE_ROWS + "\nmode: watch", OUTSIDE_ROWS
    )
    first, second = missed(rules, rows(30), to=(STRANGER,))

    assert (first["rule"], first["fact"], first["missing"]) == ("rule-2", None, 0)
    assert first["reason"]["en"] == "it matches, and only records (mode: watch)"
    assert second["rule"] == "rule-1"


def test_every_condition_has_words() -> None:
    """Whatever a rule can ask, its no is told as a person would say it."""
    helping = {"at_least", "of_other_companies", "alike_in"}
    facts = set[str]()
    for word, field in When.model_fields.items():
        (part,) = (kind for kind in typing.get_args(field.annotation) if kind is not NoneType)
        names = set(part.model_fields) - helping
        facts |= {f"{word}.{name}" for name in names} or {word}

    known = {*facts_with_words(), "visible_outside_domains", "visible_outside_recipients"}
    assert facts - known == set()
