"""From which suspicion mail is held, by the budget and by the mail of late."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.detect.budget import LOOSEST, PRIOR, STRICTEST, TELLING, threshold
from guard.detect.channel import shipped
from guard.detect.recent import HIGHEST, LOWEST, STEP, Recent, step_of

BUDGET = 0.003
TABLE = shipped().log_odds_of(BUDGET)
STEPS = st.dictionaries(st.integers(LOWEST, HIGHEST), st.integers(1, 50_000), min_size=1)


def mails(steps: dict[int, int]) -> Recent:
    """Mail of late, so many a step."""
    return Recent(sum(steps.values()), 0, tuple(sorted(steps.items())))


@pytest.mark.parametrize("budget", [0.0001, 0.0005, 0.003, 0.01, 0.05])
def test_a_cold_start_goes_by_the_table(budget: float) -> None:
    """Before any mail was counted, the table of the weights says from where to hold."""
    assert threshold(shipped(), Recent(), budget).log_odds == shipped().log_odds_of(budget)


def test_a_few_mails_change_little() -> None:
    """The first mail of all does not move the threshold by more than it weighs."""
    for step in (LOWEST, HIGHEST):
        found = threshold(shipped(), mails({step: 1}), BUDGET).log_odds
        assert found == pytest.approx(TABLE, abs=0.2)


def test_much_mail_speaks_for_itself() -> None:
    """With very much mail its own distribution decides, inside the bounds."""
    many = {LOWEST: 10_000_000 - 30_000, step_of(2.5): 30_000}
    found = threshold(shipped(), mails(many), BUDGET)

    assert found.log_odds == pytest.approx(2.5, abs=STEP)
    assert found.bound == ""


def test_a_quiet_organisation_holds_no_nonsense() -> None:
    """Where nothing is suspicious, the budget is not spent on what is hardly suspicious."""
    found = threshold(shipped(), mails({LOWEST: 1_000_000}), BUDGET)

    assert found.log_odds == shipped().log_odds_of(LOOSEST * BUDGET)
    assert found.bound == "lowest"


def test_a_noisy_organisation_is_not_blinded() -> None:
    """Where much is suspicious, plain slips are held beyond the budget."""
    found = threshold(shipped(), mails({HIGHEST: 1_000, LOWEST: 9_000}), BUDGET)

    assert found.log_odds == shipped().log_odds_of(BUDGET / STRICTEST)
    assert found.bound == "highest"


@given(STEPS, st.floats(0.0001, 0.05))
def test_the_budget_is_kept(steps: dict[int, int], budget: float) -> None:
    """Of late mail and the table together no more is held than the budget, but at the bound."""
    late = mails(steps)
    found = threshold(shipped(), late, budget)
    held = PRIOR * shipped().share_above(found.log_odds) + late.above(found.log_odds)

    assert found.bound == "highest" or held <= budget * (PRIOR + late.mails) * 1.001
    low, high = (shipped().log_odds_of(share) for share in (LOOSEST * budget, budget / STRICTEST))
    assert low <= found.log_odds <= high


@given(STEPS, st.integers(LOWEST, HIGHEST), st.integers(1, 1_000))
def test_more_suspicious_mail_never_lowers_it(steps: dict[int, int], step: int, more: int) -> None:
    """If some mail had been more suspicious, the threshold would be no lower."""
    calm = {**steps, LOWEST: steps.get(LOWEST, 0) + more}
    wild = dict(steps)
    wild[step] = wild.get(step, 0) + more

    lower, higher = (threshold(shipped(), mails(one), BUDGET).log_odds for one in (calm, wild))
    assert higher >= lower - 1e-6


@given(STEPS, st.floats(0.0001, 0.02))
def test_telling_has_its_budget_too(steps: dict[int, int], budget: float) -> None:
    """What is told of instead is never more than held and told may be, and none the table knows."""
    late = mails(steps)
    found = threshold(shipped(), late, budget)
    reached = PRIOR * shipped().share_above(found.tells_from) + late.above(found.tells_from)

    assert found.tells_from <= found.log_odds
    if found.tells_from < found.log_odds:
        assert found.tells_from >= shipped().log_odds_of(budget)
        assert reached <= TELLING * budget * (PRIOR + late.mails) * 1.001


def test_the_least_certain_are_told_of() -> None:
    """In a month in which twice as much was suspicious as usual, half is told of."""
    late = mails({step_of(TABLE) + 2: 90, LOWEST: 19_910})

    found = threshold(shipped(), late, BUDGET)

    assert TABLE <= found.tells_from < found.log_odds


@pytest.mark.parametrize(
    "late",
    [
        pytest.param(Recent(), id="nothing counted"),
        pytest.param(mails({LOWEST: 1_000_000}), id="a quiet month"),
        pytest.param(mails({HIGHEST: 5_000, LOWEST: 5_000}), id="half of it is suspicious"),
    ],
)
def test_nothing_is_told_of_otherwise(late: Recent) -> None:
    """Where the budget cuts nothing off, or telling would be a flood."""
    found = threshold(shipped(), late, BUDGET)

    assert found.tells_from == found.log_odds
