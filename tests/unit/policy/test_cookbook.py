"""The rules that docs/policy-cookbook.md gives to copy."""

import re
from datetime import date
from pathlib import Path

import pytest

from guard.policy.load import read

PAGE = Path(__file__).parents[3] / "docs" / "policy-cookbook.md"
RECIPES = re.findall(
    r"^## \d+\. (.+?)$.*?^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
)


def test_there_are_twelve() -> None:
    """Each heading has its rule."""
    assert len(RECIPES) == 12


@pytest.mark.parametrize(("title", "text"), RECIPES, ids=[title for title, _ in RECIPES])
def test_recipe(title: str, text: str, tmp_path: Path) -> None:
    """It loads as it stands beside the least of a policy, without a warning but its own mode."""
    whole = "us:" in text
    (tmp_path / "a.yaml").write_text(
        "guard: 1\n" + ("" if whole else "us: {domains: [example.co.jp]}\n"), "utf-8"
    )
    (tmp_path / "b.yaml").write_text(text, "utf-8")

    reading = read(tmp_path, today=date(2026, 11, 27))

    said = [str(p) for p in reading.problems if "this policy holds nothing" not in p.message]
    assert said == []
    assert reading.policy is not None
