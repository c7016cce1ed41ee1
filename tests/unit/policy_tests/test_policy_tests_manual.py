"""The example of the manual is a file of tests that passes."""

import re
from pathlib import Path

from click.testing import CliRunner

from guard.cli.policy import policy
from guard.policy import shipped
from guard.policy_tests.schema import Attached, Expect, Given, GivenHere, Known, Mail

MANUAL = Path(__file__).parents[3] / "docs" / "policy-tests.md"


def test_example(tmp_path: Path) -> None:
    """Whoever copies it has a working one."""
    (example,) = re.findall(r"```yaml\n(.*?)```", MANUAL.read_text("utf-8"), re.DOTALL)
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "main.yaml").write_text(example, "utf-8")
    (tmp_path / "main.yaml").write_text((shipped() / "main.yaml").read_text("utf-8"), "utf-8")

    result = CliRunner().invoke(policy, ["test", str(tmp_path), "--lang", "en"])
    assert "3 passed in" in result.output


def test_every_word_is_told() -> None:
    """No word of the language is missing in the manual."""

    told = MANUAL.read_text("utf-8")
    for part in (Given, GivenHere, Known, Mail, Attached, Expect):
        for name, field in part.model_fields.items():
            assert f"{field.alias or name}" in told, name
