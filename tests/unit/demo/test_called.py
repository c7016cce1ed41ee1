"""Commands that the demo prints can be copied as they stand."""

import os
from pathlib import Path

import pytest

from guard.cli.called import called


@pytest.mark.parametrize(
    ("program", "path", "said"),
    [
        ("venv/bin/guard", "", "venv/bin/guard"),
        ("my venv/bin/guard", "", "'my venv/bin/guard'"),
        ("venv/bin/guard", "venv/bin", "guard"),
        ("guard/__main__.py", "", "python -m guard"),
    ],
    ids=["not on the PATH", "quoted", "on the PATH", "as a module"],
)
def test_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, path: str, said: str
) -> None:
    """The bare name only where a shell finds it; below this folder, a relative path."""
    file = tmp_path / program
    file.parent.mkdir(parents=True)
    file.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / path) if path else os.devnull)

    for given in (program, str(file)):
        monkeypatch.setattr("sys.argv", [given])
        assert called() == said


def test_called_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that lies in no folder below is called by its whole path."""
    program = tmp_path / "guard"
    program.touch(mode=0o755)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.setattr("sys.argv", ["../guard"])
    assert called() == "../guard"

    monkeypatch.setattr("sys.argv", [str(program)])
    assert called() == str(program)


def test_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no program was called, the usual name is given."""
    monkeypatch.setattr("sys.argv", ["-c"])
    assert called() == "guard"
