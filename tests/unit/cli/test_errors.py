"""How commands end when something is wrong: words for people, and the promised exit code."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from guard.cli.errors import told
from guard.model.errors import (
    GuardError,
    KeyFileError,
    SettingsError,
    SourceError,
    StoreError,
    UpstreamError,
)
from guard.problems import Problem

WRONG = SettingsError(
    [Problem(file="guard.toml", line=2, message='"adress" is not a setting here')],
    {"guard.toml": "[upstream]\nadress = 1\n"},
)


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        pytest.param(WRONG, 78, "guard.toml:2:1", id="settings"),
        pytest.param(KeyFileError("guard.key: damaged"), 78, "guard: guard.key: damaged", id="key"),
        pytest.param(
            SourceError("crm.csv:3: no"), 1, "guard: crm.csv:3: no", id="list or contacts"
        ),
        pytest.param(StoreError("locked"), 69, "guard: locked", id="store"),
        pytest.param(UpstreamError(), 69, "does not answer", id="error without words"),
    ],
)
def test_told(capsys: pytest.CaptureFixture[str], error: GuardError, code: int, words: str) -> None:
    """Data goes to stdout, so nothing does."""
    with pytest.raises(SystemExit) as ended, told():
        raise error

    said = capsys.readouterr()
    assert ended.value.code == code
    assert said.out == ""
    assert words in said.err


def test_problems_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """The last line says how many, and where."""
    with pytest.raises(SystemExit), told():
        raise WRONG

    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "1 problem in guard.toml."


def test_what_guard_does_not_know_is_no_words_of_ours() -> None:
    """A bug keeps its traceback."""
    with pytest.raises(ZeroDivisionError), told():
        raise ZeroDivisionError


@pytest.mark.parametrize("words", [["version"], ["version", "--json"], ["--help"]])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_full_output(words: list[str]) -> None:
    """Output that cannot be written ends in one line and an exit code, not in a traceback."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "guard", *words],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60,
        )  # fmt: skip

    assert done.returncode == 69
    assert done.stderr.startswith("guard: the output cannot be written")
    assert done.stderr.count("\n") == 1


def test_closed_pipe() -> None:
    """A reader who went away is told nothing."""
    with subprocess.Popen(
        [sys.executable, "-m", "guard", "version"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""

    assert running.returncode == 1


def test_ctrl_c() -> None:
    """Ctrl-C ends with the shell's code, within a command and outside."""

    @click.command()
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as outside, told():
        raise KeyboardInterrupt
    with pytest.raises(SystemExit) as within, told():
        interrupted([], standalone_mode=False)

    assert (outside.value.code, within.value.code) == (130, 130)
