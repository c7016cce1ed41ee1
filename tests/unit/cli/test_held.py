"""``guard held``: which holds are shown, and what wrong usage is told."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from factories import TYPED, envelope, hold

from guard.cli.audit import audit
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


def states() -> dict[str, str]:
    """State of each held mail by its number."""
    told = map(json.loads, run("list", "--json").stdout.splitlines())
    return {facts["number"]: facts["state"] for facts in told}


def audit_log(*arguments: str) -> list[dict]:
    """What ``guard audit search`` tells."""
    result = CliRunner().invoke(audit, ["search", "--json", *arguments])
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_send_in_the_senders_place() -> None:
    """It is on its way, and the log has who did it and why; a second time there is a no."""
    sent = run("send", "7k3qm2", "--because", "she rang up")
    again = run("return", "H-7K3Q-M2", "--because", "too late")

    assert sent.exit_code == 0, sent.output
    assert states() == {"H-7K3Q-M2": "releasing", "H-9ACD-EF": "waiting"}
    assert again.exit_code == 1
    assert "H-7K3Q-M2 is releasing; nothing was changed" in again.stderr
    entry = audit_log("--hold", "h-7k3q-m2", "--event", "hold.decided")[-1]
    assert entry["actor"].startswith("admin:")
    assert entry["details"]["because"] == "she rang up"


def test_give_back_and_ask_again() -> None:
    """The other two decisions; nobody is asked about what went back."""
    asked = run("notify", "H-9ACD-EF")
    returned = run("return", "H-9ACD-EF", "--because", "on holiday")
    again = run("notify", "H-9ACD-EF")

    assert (asked.exit_code, returned.exit_code, again.exit_code) == (0, 0, 1)
    assert states()["H-9ACD-EF"] == "returned"


def test_export(tmp_path: Path) -> None:
    """The octets as they came in, for their owner alone, and a line in the log."""
    result = run("export", "H-7K3Q-M2", "--out", "mail.eml", "--because", "an audit")

    assert result.exit_code == 0, result.output
    assert (tmp_path / "mail.eml").read_bytes() == b"x"
    assert (tmp_path / "mail.eml").stat().st_mode & 0o777 == 0o600
    assert audit_log()[-1]["event"] == "hold.exported"


@pytest.mark.parametrize("command", ["send", "return", "export"])
def test_a_reason_is_needed(command: str) -> None:
    """Nobody acts in a sender's place without saying why (2)."""
    assert run(command, "H-7K3Q-M2").exit_code == 2
    assert states()["H-7K3Q-M2"] == "waiting"


@pytest.mark.parametrize("command", ["show", "send", "notify"])
def test_no_such_number(command: str) -> None:
    """A number that there is not ends with 1 and in words."""
    because = ["--because", "x"] if command == "send" else []
    result = run(command, "H-0000-00", *because)

    assert result.exit_code == 1
    assert "no held mail has the number H-0000-00" in result.stderr


def test_older_than() -> None:
    """An age narrows; what is none is wrong usage."""
    assert len(run("list", "--json", "--older-than", "1d").stdout.splitlines()) == 2
    assert run("list", "--json", "--older-than", "99999d").stdout == ""
    assert run("list", "--older-than", "soon").exit_code == 2
