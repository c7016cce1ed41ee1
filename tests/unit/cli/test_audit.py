"""``guard audit``: which rows are given, in which form, and what shows that the log was touched."""

import csv
import io
import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from factories import HELD_AT, hold

from guard.cli.audit import FIELDS, audit
from guard.holding import first_audit
from guard.ports import AuditEntry, Kept
from guard.store.holds import SqlHoldStore
from guard.store.opening import opened
from guard.store.outbox import SqlOutbox

ACTOR = "=cmd|' /C calc'!A0"


@pytest.fixture(autouse=True)
async def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with settings, and a log of four rows about one held mail."""
    monkeypatch.chdir(tmp_path)
    Path("guard.toml").write_text("", "utf-8")
    async with opened("sqlite:///guard.db", Path("guard.key"), folder=tmp_path) as ground:
        store = SqlHoldStore(ground.database, ground.keys, SqlOutbox(ground.database))
        kept = hold(number="H-7K3Q-M2")
        await store.put(Kept(hold=kept, octets=b"x", tokens={}, jobs=(), audit=first_audit(kept)))
        for minutes, actor in enumerate(["link", ACTOR, "guard"], start=1):
            await store.record(
                AuditEntry(
                    event="hold.viewed",
                    hold_id=kept.id,
                    at=HELD_AT + timedelta(minutes=minutes),
                    actor=actor,
                    peer="192.0.2.1",
                    details={"browser": "山"},
                )
            )


FORGED = (
    "INSERT INTO audit SELECT {seq}, event, hold_id, at, 'admin:ceo', peer, details, hash"
    " FROM audit WHERE seq = 1"
)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(audit, list(arguments))


def tampered(statement: str) -> None:
    """Do to the file what somebody with the file can do: the triggers go first."""
    with sqlite3.connect("guard.db") as file:
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            file.execute(f"DROP TRIGGER {name}")
        file.execute(statement)


@pytest.mark.parametrize(
    ("arguments", "seqs"),
    [
        pytest.param([], [1, 2, 3, 4], id="all"),
        pytest.param(["--hold", "7k3qm2"], [1, 2, 3, 4], id="hold"),
        pytest.param(["--actor", "guard"], [4], id="actor"),
        pytest.param(["--event", "hold.viewed"], [2, 3, 4], id="event"),
        pytest.param(["--event", "hold."], [1, 2, 3, 4], id="events"),
        pytest.param(["--since", "2026-11-23T06:06:00+00:00"], [3, 4], id="since"),
        pytest.param(["--until", "2026-11-23T06:05:00+00:00"], [1], id="until"),
    ],
)
def test_search(arguments: list[str], seqs: list[int]) -> None:
    """Every condition narrows; rows come oldest first."""
    result = run("search", "--json", *arguments)

    assert result.exit_code == 0, result.output
    assert [json.loads(line)["seq"] for line in result.stdout.splitlines()] == seqs


def test_search_for_people() -> None:
    """One line a row, with who did it from where."""
    line = run("search", "--actor", "link").stdout

    assert "hold.viewed" in line
    assert "link (192.0.2.1)" in line


def test_export_json_lines(tmp_path: Path) -> None:
    """All fields, as text that other programs read; a file is for its owner alone."""
    run("export", "--out", "log.jsonl")

    rows = [json.loads(line) for line in Path("log.jsonl").read_text("utf-8").splitlines()]
    assert [tuple(row) for row in rows] == [FIELDS] * 4
    assert rows[1]["details"] == {"browser": "山"}
    assert Path("log.jsonl").stat().st_mode & 0o777 == 0o600


def test_export_csv() -> None:
    """A table; no cell of it is a formula."""
    table = list(csv.reader(io.StringIO(run("export", "--format", "csv").stdout)))

    assert tuple(table[0]) == FIELDS
    assert table[3][4] == f"'{ACTOR}"
    assert json.loads(table[2][6]) == {"browser": "山"}


def test_verify_prints_a_head_to_note() -> None:
    """R-J5: an untouched log is called so, also against the head that was noted before."""
    first = run("verify")
    head = first.stdout.splitlines()[-1].removeprefix("head ")

    assert first.exit_code == 0
    assert head.startswith("4:")
    assert run("verify", "--head", head).exit_code == 0
    assert json.loads(run("verify", "--json").stdout) == {"rows": 4, "head": head, "wrong": None}
    assert run("verify", "--head", "4").exit_code == 2


@pytest.mark.parametrize(
    ("statements", "wrong"),
    [
        pytest.param(["UPDATE audit SET actor = 'me' WHERE seq = 2"], 2, id="edited"),
        pytest.param(["DELETE FROM audit WHERE seq = 3"], 3, id="dropped"),
        pytest.param(["DELETE FROM audit WHERE seq = 4"], 4, id="cut"),
        pytest.param(
            [
                "UPDATE audit SET seq = 14 - seq WHERE seq IN (3, 4)",
                "UPDATE audit SET seq = seq - 7 WHERE seq > 4",
            ],
            3,
            id="reordered",
        ),
        pytest.param(["UPDATE audit_head SET seq = 3"], 4, id="a shorter head"),
        pytest.param([FORGED.format(seq=900)], 5, id="added behind"),
        pytest.param([FORGED.format(seq=0)], 0, id="added before"),
        pytest.param(["UPDATE audit SET at = 'rubbish' WHERE seq = 3"], 3, id="no time"),
        pytest.param(["UPDATE audit SET details = x'00ff' WHERE seq = 2"], 2, id="no text"),
    ],
)
def test_verify_finds(statements: list[str], wrong: int) -> None:
    """R-J5: an edited, dropped or reordered row, or a cut end, is named; exit 1."""
    for statement in statements:
        tampered(statement)

    result = run("verify")

    assert result.exit_code == 1
    assert f"row {wrong} is not as it was written" in result.stderr


def test_a_chain_that_was_made_anew_is_found_by_a_noted_head() -> None:
    """R-J5: who cuts the log and mends its head, too, is found by what was noted elsewhere."""
    head = run("verify").stdout.splitlines()[-1].removeprefix("head ")
    with sqlite3.connect("guard.db") as file:
        third = file.execute("SELECT hash FROM audit WHERE seq = 3").fetchone()[0]
    tampered("DELETE FROM audit WHERE seq = 4")
    tampered(f"UPDATE audit_head SET seq = 3, hash = '{third}'")  # noqa: S608

    assert run("verify").exit_code == 0
    assert run("verify", "--head", head).exit_code == 1
