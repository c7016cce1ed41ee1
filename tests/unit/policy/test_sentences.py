"""What the sender is told."""

from collections.abc import Callable
from datetime import date

import pytest
from policy_cases import inspection, list_like, lookalike, marked, not_theirs, numbers, rows, unread

from guard.model.extract import Reason
from guard.model.finding import Finding, Greeting
from guard.policy.decide import decide
from guard.policy.schema import Policy
from guard.policy.sentences import REASONS, fill

A, B = "sato@kita-syoji.example", "kimura@audit-partner.example"


def told(policy: Policy, *findings: Finding, to: tuple[str, ...] = (A, B)) -> dict[str, list[str]]:
    """Sentences of the first rule, by language."""
    verdict = decide(inspection(*to), findings, policy, today=date(2026, 11, 23))
    return {language: list(said) for language, said in verdict.matches[0].sentences}


@pytest.mark.parametrize(
    ("when", "sentence", "findings", "said"),
    [
        pytest.param(
            "{recipient: {resembles: known_contacts}}",
            "{recipient} / {lookalike}",
            [lookalike(A), lookalike(B, intended="kimura@audit-partners.example")],
            [f"{A} / sato@kita-shoji.example", f"{B} / kimura@audit-partners.example"],
            id="one for each look-alike",
        ),
        pytest.param(
            "{attachment: {contains: customers}}",
            "{file}: {count} of {list} to {recipient}",
            [rows(30, own={A: 10}), rows(4, file="b.csv", own={A: 4})],
            [f"list.csv: 30 of customers to {A}, {B}", f"b.csv: 4 of customers to {B}"],
            id="one for each file, with the most that anyone would get",
        ),
        pytest.param(
            "{body: {contains: customers}}",
            "{count} in {file}",
            [rows(3, file="")],
            ["3 in the text of this mail"],
            id="the text has a name too",
        ),
        pytest.param(
            "{attachment: {unreadable: true}}",
            "{file}: {reason}",
            [unread("a.zip", Reason.ENCRYPTED, Reason.LIMIT), unread("", Reason.DEFECT)],
            [
                "a.zip: it is encrypted, it is too large",
                "part of this mail's structure: it is not well-formed",
            ],
            id="reasons in words",
        ),
        pytest.param(
            "{attachment: {looks_like_list: {at_least: 5 rows}}}",
            "{file}: {count}",
            [list_like(7), list_like(4, file="b.csv")],
            ["list.csv: 7"],
            id="what looks like a list",
        ),
        pytest.param(
            "{body: {numbers: {}}}",
            "{file}: {count} {numbers}",
            [numbers(2, file=""), numbers(1, kind="card", file="")],
            [
                "the text of this mail: 2 individual numbers (My Number)",
                "the text of this mail: 1 payment card numbers",
            ],
            id="each kind of number",
        ),
        pytest.param(
            "{attachment: {marked: true}}",
            "{file}: {mark}",
            [marked("社外秘", "CONFIDENTIAL")],
            ["list.csv: 社外秘, CONFIDENTIAL"],
            id="marks",
        ),
        pytest.param(
            "{visible_outside_domains: {at_least: 2}}",
            "{count} companies, {recipient}",
            [],
            [f"2 companies, {A}, {B}"],
            id="without a finding",
        ),
        pytest.param(
            "{greeting: {names_someone_else: true}, attachment: {contains: customers}}",
            "“{greeting}” gets {file}",
            [rows(3), Greeting(score=0.9, greeting="佐藤様")],
            ["“佐藤様” gets list.csv"],
            id="of two kinds",
        ),
        pytest.param(
            "{sender: {not_theirs: true}}",
            "Sent as {sender}",
            [not_theirs(), not_theirs(where="sender"), not_theirs(None)],
            ["Sent as info@brand.example", "Sent as an address that cannot be read"],
            id="each address once, wherever it stands",
        ),
    ],
)
def test_one_for_each_finding(
    policy: Callable[..., Policy],
    when: str,
    sentence: str,
    findings: list[Finding],
    said: list[str],
) -> None:
    """A rule speaks once for each finding, about those whom it concerns."""
    rule = f"{when}\nmessage: {{en: '{sentence}'}}"

    assert told(policy(rule), *findings) == {"en": said}


def test_a_file_that_is_only_named(policy: Callable[..., Policy]) -> None:
    """Where the name is all that a rule asks for, the sentence still says which file it is."""
    rules = policy("{attachment: {name: '*.pem'}}\nmessage: {en: '{file} is a key.'}")
    mail = inspection("sato@kita.example", files=("notes.txt", "server.pem"))

    (match,) = decide(mail, [], rules, today=date(2026, 11, 23)).matches
    assert dict(match.sentences) == {"en": ("server.pem is a key.",)}


def test_each_language(policy: Callable[..., Policy]) -> None:
    """Every language of the rule is filled in its own words."""
    sentence = '"{file}: {reason}"'
    rule = f"{{attachment: {{unreadable: true}}}}\nmessage: {{ja: {sentence}, en: {sentence}}}"

    assert told(policy(rule), unread("", Reason.DEFECT)) == {
        "ja": ["このメールの構造の一部: 形式に誤りがあります"],
        "en": ["part of this mail's structure: it is not well-formed"],
    }


def test_every_reason_has_words() -> None:
    """No reason is ever shown by its code."""
    assert all(REASONS[language].keys() == set(Reason) for language in ("ja", "en"))


def test_values_are_only_values(policy: Callable[..., Policy]) -> None:
    """Braces in a file name are not filled, controls and marks are taken out, length is bounded."""
    rule = "{attachment: {contains: customers}}\nmessage: {en: '{file}: {count}'}"
    name = "{count}\r\nBcc: x\u202exslx." + "a" * 500

    ((sentence,),) = told(policy(rule), rows(file=name)).values()
    assert sentence.startswith("{count} Bcc: xxslx.aaa")
    assert sentence.endswith("…: 30")
    assert len(sentence) < 130


def test_fill() -> None:
    """A brace without its fellow is itself; a value that nobody has is an ellipsis."""
    assert fill("{a} { } }{ {b", {"a": "{b}"}) == "{b} … }{ {b"
