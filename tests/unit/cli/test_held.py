"""``guard held``: which holds are shown, and what wrong usage is told."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from factories import TYPED, envelope, hold

from guard.cli.held import held
from guard.holding import first_audit, first_jobs
from guard.ports import Kept
from guard.store.holds import SqlHoldStore
from guard.store.opening import opened
from guard.store.outbox import SqlOutbox

NUMBERS = {"yamada@example.co.jp": "H-7K3Q-M2", "suzuki@example.co.jp": "H-9ACD-EF"}


@pytest.fixture(autouse=True)
async def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with settings and a held mail of each of two senders."""
    monkeypatch.chdir(tmp_path)
    Path("guard.toml").write_text("", "utf-8")
    async with opened("sqlite:///guard.db", Path("guard.key"), folder=tmp_path) as ground:
        store = SqlHoldStore(ground.database, ground.keys, SqlOutbox(ground.database))
        for place, (sender, number) in enumerate(NUMBERS.items()):
            kept = hold(id=f"{place}" * 32, number=number, envelope=envelope(sender))
            await store.put(
                Kept(
                    hold=kept,
                    octets=b"x",
                    tokens={bytes([place]) * 32: kept.owner},
                    jobs=first_jobs(kept),
                    audit=first_audit(kept),
                )
            )


def run(*arguments: str) -> Result:
    return CliRunner().invoke(held, list(arguments))


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [
        pytest.param([], [*NUMBERS.values()], id="all"),
        pytest.param(["--state", "waiting"], [*NUMBERS.values()], id="state"),
        pytest.param(["--state", "delivered", "--state", "expired"], [], id="other states"),
        pytest.param(["--sender", "yamada@example.co.jp"], ["H-7K3Q-M2"], id="sender"),
        pytest.param(["--sender", "Suzuki@Example.CO.JP"], ["H-9ACD-EF"], id="sender in any case"),
        pytest.param(["--rule", "no-such-rule"], [], id="rule"),
    ],
)
def test_list(arguments: list[str], numbers: list[str]) -> None:
    """Every condition narrows."""
    result = run("list", "--json", *arguments)

    assert result.exit_code == 0, result.output
    assert [json.loads(line)["number"] for line in result.stdout.splitlines()] == numbers


def test_show() -> None:
    """A number is found in any case; one that there is not ends with 1."""
    shown = json.loads(run("show", "h-7k3q-m2", "--json").stdout)

    assert shown["sender"] == "yamada@example.co.jp"
    assert [finding["recipient"]["text"] for finding in shown["findings"]] == [TYPED]
    assert "subject" not in shown
    assert run("show", "H-0000-00").exit_code == 1


@pytest.mark.parametrize(
    "arguments", [["--state", "gone"], ["--sender", "nobody"]], ids=["state", "sender"]
)
def test_wrong_usage(arguments: list[str]) -> None:
    """A state or an address that there cannot be is a mistake in the command (2)."""
    result = run("list", *arguments)

    assert result.exit_code == 2
    assert arguments[1] in result.stderr


@pytest.mark.parametrize(("lang", "words"), [("ja", "とよく似ています"), ("en", "looks very much")])
def test_show_for_people(lang: str, words: str) -> None:
    """The rule's own sentence, in the reader's language; the number as somebody reads it out."""
    shown = run("show", "7k3qm2", "--lang", lang)

    assert shown.exit_code == 0
    assert words in shown.stdout
    assert f"to        {TYPED}" in shown.stdout
    assert "見積り" not in shown.stdout  # the subject
