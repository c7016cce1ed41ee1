"""The command line as a whole: every command answers, and asking for help costs little."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from guard.cli import COMMANDS, guard


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_teaches(name: str) -> None:
    """Each word of the table is a command with help of its own."""
    told = CliRunner().invoke(guard, [name, "--help"])

    assert told.exit_code == 0
    assert f"guard {name}" in told.output
    assert "Options:" in told.output


def test_help_imports_no_command() -> None:
    """Whoever asks for help should not wait for a database driver."""
    script = (
        "import sys; from guard.cli import guard; guard(['--help'], standalone_mode=False);"
        "assert not {'sqlalchemy', 'pydantic', 'starlette', 'rapidfuzz'} & set(sys.modules),"
        " sorted(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 0, done.stderr[-400:]
    for name in COMMANDS:
        assert name in done.stdout


def test_an_unknown_command_is_wrong_usage() -> None:
    """Exit code 2, and the word is named."""
    told = CliRunner().invoke(guard, ["hold"])

    assert told.exit_code == 2
    assert "hold" in told.output
