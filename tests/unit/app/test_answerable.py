"""What the store says of lists and sources."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from guard.app.answerable import known_to
from guard.cli.policy import policy
from guard.config import load
from guard.policy import shipped

SETTINGS = """\
policies = "policies"
[upstream]
address = "127.0.0.1:2526"
[store]
url = "sqlite:///guard.db"
key_file = "guard.key"
[[source]]
name = "office"
kind = "csv"
path = "contacts.csv"
"""


def put(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write settings and the shipped policy, and work there."""
    monkeypatch.chdir(folder)
    (folder / "guard.toml").write_text(SETTINGS, "utf-8")
    (folder / "policies").mkdir()
    (folder / "policies" / "main.yaml").write_bytes((shipped() / "main.yaml").read_bytes())


async def test_a_new_store_knows_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No list was imported, and no source was read."""
    put(tmp_path, monkeypatch)
    known = await known_to(load(tmp_path / "guard.toml"))

    assert known.lists == frozenset()
    assert known.sources["office"].read_at is None


def test_check_asks_only_when_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the option nothing is opened or made; with it, what is missing is a warning."""
    put(tmp_path, monkeypatch)
    plain = CliRunner().invoke(policy, ["check"])

    assert "no problems" in plain.output
    assert not (tmp_path / "guard.db").exists()
    asked = CliRunner().invoke(policy, ["check", "--with-store"])
    assert 'warning: list "customers" was never imported' in asked.output
    assert 'warning: source "office" was never read' in asked.output
    assert asked.exit_code == 0
    assert CliRunner().invoke(policy, ["check", "--with-store", "--strict"]).exit_code == 1
