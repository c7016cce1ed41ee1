"""``guard policy check``: what it prints, and how it ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from guard.cli.policy import policy
from guard.policy import shipped

RIGHT = (shipped() / "main.yaml").read_text("utf-8")
WRONG = RIGHT.replace("\nmode: hold", "\nmode: hodl", 1)
SLIP = RIGHT.replace(
    "    # except:", '    except: [{to: "*@a.example", because: 監査}]\n    # except:', 1
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(text: str, name: str = "policies/main.yaml") -> None:
    file = Path(name)
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, "utf-8")


def check(*arguments: str) -> Result:
    return CliRunner().invoke(policy, ["check", *arguments])


def test_right_policy() -> None:
    """A right policy ends with 0 and a line that sums it up; nothing is written."""
    put(RIGHT)
    result = check()

    assert result.output == "policies: 12 rules, mode hold, no problems.\n"
    assert result.exit_code == 0
    assert [path.name for path in Path().iterdir()] == ["policies"]


def test_json_lines() -> None:
    """Each problem is a line of JSON with file, line, level and message."""
    put(WRONG)
    result = check("policies", "--format", "json")
    (record,) = map(json.loads, result.output.splitlines())

    assert result.exit_code == 1
    assert record == {
        "file": "policies/main.yaml",
        "line": WRONG[: WRONG.index("hodl")].count("\n") + 1,
        "column": 7,
        "level": "error",
        "message": 'mode: "hodl" is not one of watch, hold',
        "hint": 'did you mean "hold"?',
    }


def test_json_of_a_right_policy_is_empty() -> None:
    """No problems, no lines."""
    put(RIGHT)

    assert check("policies/main.yaml", "--format", "json").output == ""


@pytest.mark.parametrize(("strict", "code"), [([], 0), (["--strict"], 1)])
def test_strict(strict: list[str], code: int) -> None:
    """Warnings let a policy pass, unless they are asked to be errors."""
    put(SLIP)
    result = check(*strict)

    assert "this exception has no end" in result.output
    assert "last good policy" not in result.output
    assert result.exit_code == code


@pytest.mark.parametrize("settings", ['policies = "rules"', 'policies = "rules"\nlisten = 7'])
def test_settings_are_asked_but_not_needed(settings: str) -> None:
    """The folder is that of guard.toml, if that can be read."""
    put(settings, "guard.toml")
    put(RIGHT, "rules/main.yaml")
    put(WRONG)
    broken = "listen" in settings

    assert check().exit_code == (1 if broken else 0)
    assert check().output.startswith("policies" if broken else "rules: 12 rules")


def test_nothing_there() -> None:
    """A default folder that is missing is a problem, a PATH that is missing is wrong usage."""
    assert check().exit_code == 1
    assert check("elsewhere").exit_code == 2


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_formats_for_machines(form: str) -> None:
    """Every format names the place, and ends with 1 as the text does."""
    put(WRONG)
    result = check("--format", form)

    assert result.exit_code == 1
    assert "policies/main.yaml" in result.output
    assert "hodl" in result.output
    assert "last good policy" not in result.output
