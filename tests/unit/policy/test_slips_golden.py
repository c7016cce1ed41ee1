"""Single slips, each in a policy that is right but for it, and exactly what is said of it."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from guard.cli import policy_check

SLIPS = Path(__file__).parents[2] / "golden" / "slips"
CASES = sorted(path.stem for path in SLIPS.glob("*.yaml"))
TWO = {"yaml-anchors"}
"""Files that have two slips: neither can stand without the other."""


@pytest.mark.parametrize("case", CASES)
def test_slip(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One slip is one problem, at its line and column, in words that say what to write."""
    monkeypatch.chdir(SLIPS)
    monkeypatch.setattr(policy_check, "today", lambda: date(2026, 11, 23))

    result = CliRunner().invoke(policy_check.check, [f"{case}.yaml"])

    assert result.output == (SLIPS / f"{case}.txt").read_text("utf-8")
    assert result.exit_code == (0 if case.startswith("warning-") else 1)
    told = [line for line in result.output.splitlines() if line.startswith(f"{case}.yaml")]
    assert len(told) == (2 if case in TWO else 1)


def test_there_are_enough() -> None:
    """R-I2: more than sixty slips, and no expectation without its policy."""
    assert len(CASES) > 60
    assert sorted(path.stem for path in SLIPS.glob("*.txt")) == CASES
