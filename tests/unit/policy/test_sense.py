"""Rules that never match or never decide are told; rules that do are not."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_cases import inspection, list_like, lookalike, numbers, rows, unread
from policy_cases import marked as mark

from guard.detect.inspection import Inspection
from guard.model.extract import Reason
from guard.model.finding import Finding
from guard.policy.case import Case
from guard.policy.hearing import holding
from guard.policy.load import read
from guard.policy.schema import Policy, Rule
from guard.policy.wider import is_wider

TODAY = date(2026, 11, 23)
ROWS = "{body: {contains: customers, at_least: 5 rows}}"


def told(folder: Path) -> list[str]:
    """What is likely not meant in the policy that `policy` wrote."""
    return [problem.message for problem in read(folder, today=TODAY).problems]


@pytest.mark.parametrize(
    ("wide", "narrow", "never"),
    [
        pytest.param(ROWS, "{body: {contains: customers, at_least: 9 rows}}", True, id="fewer"),
        pytest.param(ROWS, "{body: {contains: customers, at_least: 3 rows}}", False, id="more"),
        pytest.param(ROWS, "{body: {contains: patients, at_least: 9}}", False, id="another list"),
        pytest.param(
            "{body: {contains: [customers, patients]}}", ROWS, True, id="one of several lists"
        ),
        pytest.param(ROWS, "{attachment: {contains: customers, at_least: 9}}", False, id="a file"),
        pytest.param(
            "{recipient: {outside: true}, greeting: {names_someone_else: true}}",
            "{greeting: {names_someone_else: true}}",
            False,
            id="asks for one thing more",
        ),
        pytest.param(
            "{recipient: {resembles: known_contacts}}",
            "{recipient: {resembles: known_contacts, closeness: 90}}",
            True,
            id="any likeness",
        ),
        pytest.param(
            "{attachment: {unreadable: true}}",
            "{attachment: {unreadable: encrypted}}",
            True,
            id="any reason",
        ),
        pytest.param(
            "{attachment: {of_another_company: possible}}",
            "{attachment: {of_another_company: likely}}",
            True,
            id="possible",
        ),
        pytest.param(
            "{body: {contains: customers}}",
            "{body: {contains: customers, of_other_companies: false}}",
            False,
            id="rows of the recipient's own",
        ),
    ],
)
def test_never_decides(
    policy: Callable[..., Policy], tmp_path: Path, wide: str, narrow: str, never: bool
) -> None:
    """A rule is told of that tells where another already holds, wherever it matches."""
    policy(wide, f"{narrow}\nthen: tell")

    assert any("never decides" in message for message in told(tmp_path)) is never


@pytest.mark.parametrize(
    "more",
    [
        pytest.param("mode: watch", id="only records"),
        pytest.param("then: tell", id="does no more"),
        pytest.param("hold_only: doubtful_recipients", id="holds only some"),
        pytest.param(
            'except: [{to: "*@a.example", because: b, until: 2027-03-31}]', id="has an exception"
        ),
    ],
)
def test_a_weaker_rule_hides_nothing(
    policy: Callable[..., Policy], tmp_path: Path, more: str
) -> None:
    """A rule that asks for less, but does not always act, leaves the other its say."""
    policy(f"{ROWS}\n{more}", "{body: {contains: customers, at_least: 9}}\nthen: tell")

    assert not any("never decides" in message for message in told(tmp_path))


@pytest.mark.parametrize(
    ("address", "outside", "never"),
    [
        ("*@example.co.jp", "true", True),
        ("*@*.example.co.jp", "true", True),
        ("[boss@mail.example.co.jp, '*@EXAMPLE.co.jp']", "true", True),
        ("['*@example.co.jp', '*@partner.example']", "true", False),
        ("*@notexample.co.jp", "true", False),
        ("boss@*", "true", False),
        ("*@ex*.co.jp", "true", False),
        ("*@partner.example", "false", True),
        ("*@*.example", "false", False),
        ("*@example.co.jp", "false", False),
    ],
)
def test_can_never_match(
    policy: Callable[..., Policy], tmp_path: Path, address: str, outside: str, never: bool
) -> None:
    """Addresses of ours are not outside, and others are not inside."""
    quoted = address if address.startswith("[") else f'"{address}"'
    policy(f"{{recipient: {{address: {quoted}, outside: {outside}}}}}")

    assert any("never match" in message for message in told(tmp_path)) is never


CONDITIONS = st.sampled_from(
    [
        *("contains: customers", "contains: [customers, patients]", "marked: true"),
        *("contains: customers, at_least: 9", "contains: customers, of_other_companies: false"),
        *("looks_like_list: {}", "looks_like_list: {at_least: 40}", "marked: [社外秘]"),
        *("numbers: {}", "numbers: {kinds: card}", "numbers: {at_least: 3}", 'name: "*.csv"'),
        *("unreadable: true", "unreadable: [encrypted, corrupt]", "unreadable: corrupt"),
    ]
)
FINDINGS: list[Finding] = [
    *(rows(3), rows(20), rows(3, name="patients"), rows(20, own={"sato@kita-syoji.example": 18})),
    *(list_like(15), list_like(50), numbers(1), numbers(4), numbers(2, kind="card")),
    *(mark(), mark("CONFIDENTIAL"), unread("list.csv"), unread("list.csv", Reason.CORRUPT)),
    lookalike("sato@kita-syoji.example"),
]


def mail() -> Inspection:
    return inspection("sato@kita-syoji.example", files=("list.csv",))


@settings(max_examples=150, deadline=None)
@given(one=CONDITIONS, other=CONDITIONS, findings=st.sets(st.integers(0, len(FINDINGS) - 1)))
def test_the_wider_rule_matches_too(
    tmp_path_factory: pytest.TempPathFactory, one: str, other: str, findings: set[int]
) -> None:
    """Where a rule matches, a wider one matches: whatever was found."""
    from policy_cases import policy_of

    policy = policy_of(
        tmp_path_factory.mktemp("p"), f"{{attachment: {{{one}}}}}", f"{{attachment: {{{other}}}}}"
    )
    wide, narrow = policy.rules
    case = Case(mail(), [FINDINGS[number] for number in findings], policy.us, hold_budget=0.003)
    if is_wider(wide.when, narrow.when) and _matches(narrow, case):
        assert _matches(wide, case)


def _matches(rule: Rule, case: Case) -> bool:
    return any(hearing.matches for hearing in holding(rule, case, TODAY))
