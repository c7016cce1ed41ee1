"""Problems as machines read them."""

import json
from pathlib import Path

import pytest

from guard.cli.problem_formats import github, json_lines, sarif
from guard.problems import Level, Problem

SLIP = Problem(
    file="policies/main.yaml",
    line=16,
    column=7,
    width=5,
    message='mode: "wacth" is not one of watch, hold',
    hint='did you mean "watch"?',
)
WHOLE = Problem(file="policies", line=0, message="no policy here", level=Level.WARNING)


def test_json_lines() -> None:
    """A line for each, with the fields that scripts rely on."""
    first, second = map(json.loads, json_lines([SLIP, WHOLE]))

    assert first == {
        "file": "policies/main.yaml",
        "line": 16,
        "column": 7,
        "level": "error",
        "message": 'mode: "wacth" is not one of watch, hold',
        "hint": 'did you mean "watch"?',
    }
    assert (second["line"], second["level"]) == (0, "warning")


def test_github() -> None:
    """An annotation stands at the word; what belongs to no line has only a file."""
    first = "file=policies/main.yaml,line=16,endLine=16,col=7,endColumn=12"
    assert list(github([SLIP, WHOLE])) == [
        f'::error {first}::mode: "wacth" is not one of watch, hold (did you mean "watch"?)',
        "::warning file=policies::no policy here",
    ]


@pytest.mark.parametrize(
    ("file", "message", "told"),
    [
        pytest.param("a,b:c.yaml", "plain", "file=a%2Cb%3Ac.yaml::plain", id="property"),
        pytest.param("100%.yaml", "100%", "file=100%25.yaml::100%25", id="percent"),
        pytest.param("a", "x: y, z", "file=a::x: y, z", id="a message keeps colon and comma"),
        pytest.param("a\r\nb", "x\r\ny", "file=a%0D%0Ab::x%0D%0Ay", id="line ends"),
        pytest.param("a", "::warning::x", "file=a::::warning::x", id="a command within"),
    ],
)
def test_github_escapes(file: str, message: str, told: str) -> None:
    """Nothing that a policy says can end the command, or begin another."""
    (line,) = github([Problem(file=file, line=0, message=message)])

    assert line == f"::error {told}"


def test_sarif_has_what_2_1_0_requires() -> None:
    """The required fields of SARIF 2.1.0, with the region in code points."""
    log = json.loads("\n".join(sarif([SLIP, WHOLE])))
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    first, second = run["results"]

    assert (log["version"], bool(log["$schema"])) == ("2.1.0", True)
    assert driver["name"]
    assert run["columnKind"] == "unicodeCodePoints"
    for result in run["results"]:
        assert result["message"]["text"]
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning")
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "policies/main.yaml"},
        "region": {"startLine": 16, "startColumn": 7, "endColumn": 12},
    }
    assert "region" not in second["locations"][0]["physicalLocation"]


def test_sarif_of_a_right_policy() -> None:
    """No problems are a log without results, which clears what was told before."""
    assert json.loads("\n".join(sarif([])))["runs"][0]["results"] == []


def test_sarif_names_files_by_uri(tmp_path: Path) -> None:
    """A name becomes a URI reference (RFC 3986): relative stays relative."""
    names = ["ポリシー/a b.yaml", str(tmp_path / "a.yaml")]
    log = json.loads("\n".join(sarif([Problem(file=n, line=0, message="x") for n in names])))
    locations = [one["locations"][0]["physicalLocation"] for one in log["runs"][0]["results"]]

    assert [each["artifactLocation"]["uri"] for each in locations] == [
        "%E3%83%9D%E3%83%AA%E3%82%B7%E3%83%BC/a%20b.yaml",
        (tmp_path / "a.yaml").as_uri(),
    ]
