"""``guard init``: what it writes works, and what cannot work is not written."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from guard.cli import guard
from guard.config import load
from guard.policy import load as load_policy


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_options_and_defaults(folder: Path) -> None:
    """Without a terminal nothing is asked."""
    words = ["init", "--domain", "kaede.example", "--upstream", "mail.kaede.example:587"]
    told = CliRunner().invoke(guard, [*words, "--sender", "楓商事 <guard@kaede.example>"])

    assert told.exit_code == 0, told.output
    settings, policy = load(folder / "guard.toml"), load_policy(folder / "policies")
    assert policy.us.domains == ("kaede.example",)
    assert settings.notices.from_ == "楓商事 <guard@kaede.example>"
    assert settings.upstream.tls == "required"
    assert sorted(path.name for path in folder.iterdir()) == ["guard.toml", "policies"]
    first, _, _ = (folder / "policies" / "main.yaml").read_text("utf-8").partition("\n")
    assert first == "# yaml-language-server: $schema=policy.schema.json"
    assert (folder / "policies" / "policy.schema.json").is_file()


@pytest.mark.parametrize(
    "wrong",
    [
        ["--domain", "http://foo"],
        ["--upstream", "mail"],
        ["--public-url", "guard.example"],
        ["--sender", "nobody"],
        ["--listen", "127.0.0.1:99999"],
    ],
)
def test_a_wrong_answer_writes_nothing(folder: Path, wrong: list[str]) -> None:
    """So that it can be run again."""
    told = CliRunner().invoke(guard, ["init", *wrong])

    assert told.exit_code == 2
    assert list(folder.iterdir()) == []


def test_nothing_is_overwritten(folder: Path) -> None:
    """Somebody's settings stand here."""
    (folder / "guard.toml").write_text("mine")

    assert CliRunner().invoke(guard, ["init"]).exit_code == 1
    assert (folder / "guard.toml").read_text() == "mine"


def test_the_policy_brings_its_tests(folder: Path) -> None:
    """They speak of the organisation's own people, so that they pass as they stand."""
    CliRunner().invoke(guard, ["init", "--domain", "kaede.example", "--mode", "watch"])
    told = CliRunner().invoke(guard, ["policy", "test"])

    assert told.exit_code == 0, told.output
    assert "yamada@kaede.example" in (folder / "policies/tests/main.yaml").read_text("utf-8")
    assert not (folder / "policies/examples").exists()
