"""Bad files of tests, and exactly what ``guard policy test`` says of them."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from guard.cli.policy import policy
from guard.model.errors import SettingsError
from guard.problems import count, render

GOLDEN = Path(__file__).parents[2] / "golden" / "policy_tests"
CASES = sorted(folder.name for folder in GOLDEN.iterdir() if folder.is_dir())


@pytest.mark.parametrize("case", CASES)
def test_bad_tests(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every slip is told at once, with place, caret and suggestion; nothing else is."""
    monkeypatch.chdir(GOLDEN / case)

    error = CliRunner().invoke(policy, ["test"]).exception

    assert isinstance(error, SettingsError)
    told = f"{render(error.problems, error.sources)}\n\n{count(error.problems)}\n"
    assert told == (GOLDEN / case / "expected.txt").read_text("utf-8")
