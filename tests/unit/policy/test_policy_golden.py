"""Bad policies, and exactly what ``guard policy check`` says of them."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from guard.cli import policy_check

GOLDEN = Path(__file__).parents[2] / "golden" / "policies"
CASES = sorted(folder.name for folder in GOLDEN.iterdir() if folder.is_dir())


@pytest.mark.parametrize("case", CASES)
def test_bad_policy(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-I2: every slip is told at once, with place, caret and suggestion; nothing else is."""
    monkeypatch.chdir(GOLDEN / case)
    monkeypatch.setattr(policy_check, "today", lambda: date(2026, 11, 23))

    result = CliRunner().invoke(policy_check.check)

    assert result.output == (GOLDEN / case / "expected.txt").read_text("utf-8")
    assert result.exit_code == (0 if case == "likely-slips" else 1)
