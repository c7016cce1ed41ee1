"""How questions are answered, from the audit log: what was asked, what was said, how fast."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from guard.policy.past.fatigue import ENOUGH, Became, fatigue, questions
from guard.ports import AuditEntry

AT = datetime(2026, 11, 23, 6, 4, tzinfo=UTC)
TO = ["sato@kita.example", "suzuki@example.co.jp"]


def entry(
    event: str, hold: str = "1", actor: str = "yamada@example.co.jp", **details: Any
) -> AuditEntry:
    return AuditEntry(event=f"hold.{event}", hold_id=hold, at=AT, actor=actor, details=details)


def created(hold: str = "1", *rules: str) -> AuditEntry:
    return entry("created", hold, rules=list(rules or ("lookalike",)), recipients=TO)


def sent(hold: str = "1", **more: Any) -> AuditEntry:
    values: dict[str, Any] = {"choice": "send", "recipients": TO, "without": [], "seconds": 42.0}
    return entry("decided", hold, **values | more)


ADMIN = {"actor": "admin:root@mail", "how": "command"}


ENDS = {
    "waits": ([], Became.OPEN, 0.0),
    "as it is": ([sent()], Became.UNCHANGED, 42.0),
    "in another order": ([sent(recipients=TO[::-1])], Became.UNCHANGED, 42.0),
    "one dropped before": ([sent(recipients=TO[1:])], Became.CHANGED, 42.0),
    "replaced": ([sent(choice="replace", recipients=["a@b.example"])], Became.CHANGED, 42.0),
    "without a file": ([sent(without=["2"])], Became.CHANGED, 42.0),
    "cancelled": ([sent(choice="cancel")], Became.STOPPED, 42.0),
    "taken back": ([sent(), entry("undone"), sent(choice="cancel")], Became.STOPPED, 42.0),
    "refused by another": (
        [sent(), entry("refused", actor="boss@example.co.jp", choice="refuse", seconds=900.0)],
        Became.STOPPED,
        42.0,
    ),
    "nobody answered": ([entry("expired")], Became.UNANSWERED, 0.0),
    "second person silent": ([sent(), entry("expired")], Became.UNCHANGED, 42.0),
    "administrator": (
        [entry("decided", choice="send", seconds=9.0, **ADMIN)],
        Became.BY_OTHERS,
        9.0,
    ),
    "other entries": ([entry("viewed"), entry("delivered")], Became.OPEN, 0.0),
}


@pytest.mark.parametrize(("entries", "became", "seconds"), ENDS.values(), ids=ENDS)
def test_what_became_of_a_question(
    entries: list[AuditEntry], became: Became, seconds: float
) -> None:
    """Each end counts once, by what the sender said last."""
    (question,) = questions([created(), *entries])

    assert (question.became, question.seconds) == (became, seconds)


def test_answers_to_older_questions_are_left_out() -> None:
    """What was asked before the time looked at cannot be told by its rule."""
    assert questions([sent("0"), created("1")]) == questions([created("1")])


def test_rules_and_people_are_counted_apart() -> None:
    """A mail that two rules held counts for both, and once for its sender."""
    found = fatigue(
        questions(
            [
                created("1", "lookalike", "rows"),
                sent("1", seconds=4.0),
                created("2", "rows"),
                sent("2", choice="cancel", seconds=60.0),
            ]
        )
    )

    assert {rule: (a.asked, a.unchanged) for rule, a in found.rules.items()} == {
        "lookalike": (1, 1),
        "rows": (2, 1),
    }
    (person,) = found.people.values()
    assert (person.asked, person.median_s, person.quick) == (2, 32.0, 1)


@pytest.mark.parametrize(
    ("clicked", "then", "only", "tires"),
    [
        pytest.param(ENOUGH - 1, [], False, False, id="too few to say"),
        pytest.param(ENOUGH, [], True, True, id="twenty of twenty"),
        pytest.param(ENOUGH, ["cancel"], False, True, id="one caught at last"),
        pytest.param(ENOUGH, ["cancel"] * 2, False, False, id="two caught"),
    ],
)
def test_a_rule_that_is_always_clicked_through(
    clicked: int, then: list[str], only: bool, tires: bool
) -> None:
    """Twenty of twenty propose to only record; one that was stopped lately speaks for the rule."""
    log = []
    for number, choice in enumerate(["send"] * clicked + then):
        log += [created(str(number)), sent(str(number), choice=choice)]

    rule = fatigue(questions(log)).rules["lookalike"]

    assert (rule.only_clicked, rule.tires) == (only, tires)
    assert AT + timedelta(seconds=rule.median_s or 0) > AT
