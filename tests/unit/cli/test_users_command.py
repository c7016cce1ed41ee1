"""``guard users``: logins are made, listed and removed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from guard.cli import guard
from guard.model.errors import SettingsError
from guard.submission.login.users import UserFile, read_users

CANARY = "canary-in-the-coal-mine"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with settings."""
    monkeypatch.chdir(tmp_path)
    Path("guard.toml").write_text("", "utf-8")


def run(*arguments: str, says: str = "") -> Result:
    return CliRunner().invoke(guard, ["users", *arguments], input=says)


async def test_set_asks_twice() -> None:
    """A login is made by a password given twice, which is shown nowhere."""
    result = run("set", "ann", "--address", "ann@example.com", says=f"{CANARY}\n{CANARY}\n")

    assert result.exit_code == 0, result.output
    assert CANARY not in result.output
    assert str(await UserFile(Path("users.toml")).check("ann", CANARY)) == "ann@example.com"


def test_two_that_differ() -> None:
    """Nothing is written."""
    assert run("set", "ann", says="one\ntwo\n").exit_code != 0
    assert not Path("users.toml").exists()


async def test_new_password_keeps_the_address() -> None:
    """From stdin, one line; what is not given anew stays."""
    run("set", "ann", "--address", "ann@example.com", "--password-stdin", says="old\n")
    assert run("set", "ann", "--password-stdin", says=f"{CANARY}\r\n").exit_code == 0

    assert str(await UserFile(Path("users.toml")).check("ann", CANARY)) == "ann@example.com"


def test_list_and_remove() -> None:
    """Names and addresses alone are listed; who is removed is gone."""
    for name in ("bob", "ann"):
        run("set", name, "--address", f"{name}@example.com", "--password-stdin", says=CANARY)
    listed = run("list")

    assert listed.stdout.splitlines() == ["ann  ann@example.com", "bob  bob@example.com"]
    assert run("remove", "ann").exit_code == 0
    assert [json.loads(line) for line in run("list", "--json").stdout.splitlines()] == [
        {"name": "bob", "address": "bob@example.com"}
    ]
    assert run("remove", "ann").exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [["set", ""], ["set", "a\nb"], ["set", "x" * 256], ["set", "ann", "--address", "ann"]],
)
def test_wrong_usage(arguments: list[str]) -> None:
    """A name that cannot be sent is a mistake in the command (2)."""
    assert run(*arguments, "--password-stdin", says="x").exit_code == 2


def test_no_password() -> None:
    """An empty password is none (2)."""
    assert run("set", "ann", "--password-stdin", says="\n").exit_code == 2


def test_a_file_that_others_may_read() -> None:
    """Nothing is done to it before it is closed to them."""
    run("set", "ann", "--password-stdin", says=CANARY)
    Path("users.toml").chmod(0o644)
    result = run("set", "bob", "--password-stdin", says=CANARY)

    assert isinstance(result.exception, SettingsError)
    Path("users.toml").chmod(0o600)
    assert list(read_users(Path("users.toml"))) == ["ann"]
