"""The policies that ship carry their tests: these pass, and would notice a rule that went wrong."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from guard.policy import Policy, shipped
from guard.policy import load as load_policy
from guard.policy.about.recipient import AboutRecipient
from guard.policy.decide import decide
from guard.policy.load import read
from guard.policy.schema import Rule
from guard.policy.when import When
from guard.policy_tests.load import chosen, load
from guard.policy_tests.run import Ran, run
from guard.policy_tests.schema import Trial
from guard.policy_tests.unmet import unmet

EXAMPLES = shipped() / "examples"
FOLDERS = [shipped(), *sorted(EXAMPLES.iterdir())]
EVERYBODY = When(recipient=AboutRecipient.model_validate({"address": "*"}))


@dataclass(frozen=True, kw_only=True)
class Run:
    """A policy with all its tests, run."""

    folder: Path
    policy: Policy
    ran: Sequence[tuple[Trial, Ran]]

    def unmet_by(self, rules: Iterator[Rule], trials: Sequence[tuple[Trial, Ran]]) -> bool:
        """Whether some of *trials* fails with other rules."""
        policy = self.policy.model_copy(update={"rules": tuple(rules), "mode": "hold"})
        for trial, one in trials:
            found = one.examination
            assert found is not None
            verdict = decide(found.inspection, found.findings, policy, today=found.today)
            if any(unmet(trial.expect, verdict, found.findings)):
                return True
        return False


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
def tested(request: pytest.FixtureRequest) -> Run:
    """Run the tests of each policy once."""
    folder: Path = request.param
    policy = load_policy(folder)
    loaded = load(chosen(folder).tests, policy)

    async def all_() -> list[Ran]:
        return [one async for one in run([(each, each.trials) for each in loaded], policy)]

    trials = [trial for each in loaded for _, trial in each.trials]
    return Run(
        folder=folder, policy=policy, ran=list(zip(trials, asyncio.run(all_()), strict=True))
    )


def test_pass(tested: Run) -> None:
    """All tests pass, and the policy itself is without problems."""
    assert read(tested.folder, today=date(2026, 11, 23)).problems == ()
    assert [(one.it, one.unmet, one.error) for _, one in tested.ran if not one.passed] == []


def test_a_rule_that_is_lost_is_noticed(tested: Run) -> None:
    """Without any one of the rules some test fails: each has a mail that it must hold."""
    for lost in tested.policy.rules:
        rest = (rule for rule in tested.policy.rules if rule is not lost)

        assert tested.unmet_by(rest, tested.ran), lost.id


def test_a_rule_that_holds_everything_is_noticed(tested: Run) -> None:
    """With any one of the rules for all mail, a test fails that says by name it must not speak."""
    for widened in tested.policy.rules:
        wide = widened.model_copy(update={"when": EVERYBODY, "except_": ()})
        rules = (wide if rule is widened else rule for rule in tested.policy.rules)
        innocent = [pair for pair in tested.ran if _must_not(pair[0], widened)]

        assert tested.unmet_by(rules, innocent), widened.id


def _must_not(trial: Trial, rule: Rule) -> bool:
    expect = trial.expect
    speaks = {*expect.rule, *(expect.rules or ()), *expect.records}
    return rule.id in expect.not_rule or (expect.rules is not None and rule.id not in speaks)
