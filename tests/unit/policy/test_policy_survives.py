"""Whatever a text is made of, it gives a policy that can be asked, or errors; never a traceback."""

from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import event, given, settings
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
from policy_texts import MANY, RICH, WHOLE, mutants
from pydantic import BaseModel

from guard.cli.problem_formats import FORMATS
from guard.model.finding import DetectorFailed, Finding, Greeting
from guard.model.verdict import Action
from guard.policy import document
from guard.policy.decide import decide
from guard.policy.explain import explain
from guard.policy.load import load, read
from guard.policy.reasons import render as told
from guard.policy.schema import Policy
from guard.policy.when import When
from guard.problems import Level, render

TODAY = date(2026, 11, 23)
STRANGER = "sato@kita-syoji.example"
SAMPLE = inspection(
    STRANGER,
    "suzuki@example.co.jp",
    "a@partner.example",
    typed=tuple(f"a@company{number}.example" for number in range(30)),
    files=("list.csv", "locked.xlsx"),
)
FOUND: list[Finding] = [
    *(lookalike(STRANGER), rows(), rows(file=""), rows(name="patients"), unread(), unread("")),
    *(list_like(), list_like(file=""), numbers(), numbers(kind="card", file=""), marked()),
    *(not_theirs(), not_theirs(None), Greeting(score=0.9, greeting="佐藤様")),
    DetectorFailed(detector="greeting", error="ValueError"),
]


def ask(policy: Policy) -> None:
    """Have the sample mail judged and explained, with all that can be found and with nothing."""
    for findings in (FOUND, []):
        verdict = decide(SAMPLE, findings, policy, today=TODAY)
        assert verdict.action in Action
        told(explain(SAMPLE, findings, verdict, policy, today=TODAY), "ja")


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_right_policies_can_be_asked(name: str, tmp_path: Path) -> None:
    """Every policy of the repository judges a mail in which everything is found."""
    (tmp_path / "main.yaml").write_text(WHOLE[name], "utf-8")
    ask(load(tmp_path))


@settings(MANY)
@given(text=mutants())
def test_mutants(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """A right policy, changed at the level of lines and tokens."""
    folder = tmp_path_factory.mktemp("mutant")
    (folder / "main.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    reading = read(folder, today=TODAY)

    wrong = [problem for problem in reading.problems if problem.level is Level.ERROR]
    assert (reading.policy is None) == bool(wrong)
    render(reading.problems, reading.sources).encode()
    for form in FORMATS.values():
        assert "\n".join(form(reading.problems)).isascii() or reading.problems
    for problem in reading.problems:
        assert problem.line >= 0
        assert problem.column >= 1
        assert problem.width >= 1
        assert problem.message
        assert "\0" not in problem.message + problem.hint
    event("taken" if reading.policy else "refused")
    if reading.policy:
        ask(reading.policy)


def test_the_rich_policy_asks_everything() -> None:
    """The text that mutants are made of has every word of a rule's conditions."""

    def words(model: type[BaseModel], at: Any) -> None:
        for name, field in model.model_fields.items():
            assert name in at, name
            for kind in (field.annotation, *get_args(field.annotation)):
                if isinstance(kind, type) and issubclass(kind, BaseModel):
                    words(kind, at[name])

    tree = document.read(RICH, "rich.yaml")
    assert tree is not None
    asked = tree.at("rules", 0, "when")
    assert asked is not None
    words(When, asked.plain() | {"body": asked.plain()["attachment"] | asked.plain()["body"]})
