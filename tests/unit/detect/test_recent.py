"""What of the mail that was counted by day says how suspicious mail is of late."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.detect.recent import (
    DAYS,
    ENOUGH,
    HIGHEST,
    LONGEST_DAYS,
    LOWEST,
    STEP,
    Count,
    Counts,
    recent,
    step_of,
)

TODAY = 739_000


@given(st.floats(allow_nan=False))
def test_any_sum_has_a_step(odds: float) -> None:
    """Each sum of weights lies in a step, the outermost ones included."""
    assert LOWEST <= step_of(odds) <= HIGHEST


@pytest.mark.parametrize(("odds", "step"), [(0.0, 0), (0.24, 0), (0.25, 1), (-0.01, -1)])
def test_steps(odds: float, step: int) -> None:
    """A step has all sums from its lower end on, below the next."""
    assert step_of(odds) == step


def test_counts_add_up() -> None:
    """One day and step is counted once, however often it is added to."""
    counts = Counts()
    counts.add([Count(TODAY, 3, 1, 0), Count(TODAY, 3, 2, 1), Count(TODAY - 1, 3, 5, 0)])

    assert list(counts) == [Count(TODAY - 1, 3, 5, 0), Count(TODAY, 3, 3, 1)]


def test_a_month_where_there_is_much_mail() -> None:
    """Of a busy organisation the days before the last thirty do not count."""
    days = [Count(TODAY - ago, 2, ENOUGH, 7) for ago in range(100)]

    assert recent(days, TODAY).mails == DAYS * ENOUGH
    assert recent(days, TODAY).held == DAYS * 7


def test_a_year_where_there_is_little() -> None:
    """Of a quiet one as many days count as it takes, but nothing that is older than a year."""
    days = [Count(TODAY - ago, step, 5, 0) for ago in range(2 * LONGEST_DAYS) for step in (1, 2)]

    assert recent(days, TODAY).mails == 10 * LONGEST_DAYS
    assert recent(days, TODAY).steps == ((1, 5 * LONGEST_DAYS), (2, 5 * LONGEST_DAYS))


def test_whole_days_count() -> None:
    """The day on which there is enough counts to its end."""
    days = [Count(TODAY - DAYS, step, ENOUGH, 0) for step in (1, 2, 3)]

    assert recent(days, TODAY).mails == 3 * ENOUGH


def test_above() -> None:
    """Mails of a step lie evenly in it."""
    found = recent([Count(TODAY, 0, 10, 0), Count(TODAY, 4, 6, 0)], TODAY)

    assert found.above(-1.0) == 16
    assert found.above(STEP / 2) == pytest.approx(11)
    assert found.above(STEP) == 6
    assert found.above(5 * STEP) == 0
