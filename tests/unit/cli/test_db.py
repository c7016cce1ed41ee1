"""``guard db``: what it does, what it says, and how it ends."""

import asyncio
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import first_release
import pytest
from factories import hold
from sqlalchemy import text

from guard.cli.db import db
from guard.cli.errors import told
from guard.holding import first_audit, first_jobs
from guard.ports import Kept
from guard.store.append_only import TRIGGERS
from guard.store.database import Database
from guard.store.holds import SqlHoldStore
from guard.store.opening import only_guard, opened
from guard.store.outbox import SqlOutbox
from guard.store.schema import SCHEMA_VERSION, revision_of

URL = "sqlite:///guard.db"
CHECKS = [
    "schema",
    "file",
    "append-only",
    "audit",
    "holds",
    "orphans",
    "unattended",
    "parked",
]


UNGUARD = "".join(f"DROP TRIGGER {name};" for name in TRIGGERS["sqlite"])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with settings and nothing else."""
    monkeypatch.chdir(tmp_path)
    Path("guard.toml").write_text("", "utf-8")
    return tmp_path


def held_mail() -> None:
    """Have a store with one held mail."""
    asyncio.run(put())


async def put() -> None:
    async with opened(URL, Path("guard.key")) as ground:
        kept = hold()
        await SqlHoldStore(ground.database, ground.keys, SqlOutbox(ground.database)).put(
            Kept(
                hold=kept,
                octets=b"x",
                tokens={bytes(32): kept.owner},
                jobs=first_jobs(kept),
                audit=first_audit(kept),
            )
        )


def run(*arguments: str) -> int:
    """Run a command as the command line does, and give its exit code."""
    before = os.umask(0o022)
    try:
        with told():
            db.main(list(arguments), standalone_mode=False)
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        os.umask(before)
    return 0


def edit(script: str) -> None:
    """Change the database behind Guard's back."""
    with closing(sqlite3.connect("guard.db")) as connection:
        connection.executescript(script)


def versions(path: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT version FROM schema_version").fetchone()[0])


def test_backup_and_restore(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There and back, a guard running on the first; the key file is named as what is missing."""
    held_mail()
    with only_guard(URL):
        assert run("backup", "b.db") == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "1 of them held mails" in said.err
    assert "guard.key is not in it" in said.err
    assert (folder / "b.db").stat().st_mode & 0o777 == 0o600

    assert run("restore", "b.db") == 69  # there are rows
    for file in folder.glob("guard.db*"):
        file.unlink()
    assert run("restore", "b.db") == 0
    assert run("check") == 0
    assert (folder / "guard.db").stat().st_mode & 0o777 == 0o600


def test_move(capsys: pytest.CaptureFixture[str]) -> None:
    """Not under a running guard; afterwards the old one is refused as wrong settings are (78)."""
    held_mail()
    with only_guard(URL):
        assert run("move", "--to", "sqlite:///new.db") == 69
    assert not Path("new.db").exists()
    assert run("move", "--to", URL) == 69  # to itself

    assert run("move", "--to", "sqlite:///new.db") == 0

    assert run("check") == 78
    assert "set [store] url" in capsys.readouterr().err
    Path("guard.toml").write_text('[store]\nurl = "sqlite:///new.db"\n', "utf-8")
    assert run("check") == 0


def test_upgrade(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """First a backup beside it, then the tables; a second time there is nothing to do."""
    first_release.put_in(folder)
    assert run("check") == 78
    assert "run: guard db upgrade" in capsys.readouterr().err
    with only_guard(URL):
        assert run("upgrade") == 69

    assert run("upgrade") == 0

    (backup,) = folder.glob(f"guard.db.before-{revision_of(SCHEMA_VERSION)}-*")
    assert versions(str(backup)) == 1
    assert backup.stat().st_mode & 0o777 == 0o600
    assert versions("guard.db") == SCHEMA_VERSION
    assert run("upgrade") == 0
    assert "nothing to do" in capsys.readouterr().err
    assert run("check") == 0
    assert len([*folder.glob("*before*")]) == 1


def test_an_upgrade_without_its_backup_is_none(folder: Path) -> None:
    """Where the backup cannot be written, the tables stay; without one only if that is said."""
    first_release.put_in(folder)
    Path("taken.db").touch()
    assert run("upgrade", "--backup", "taken.db") == 69
    assert versions("guard.db") == 1
    assert run("upgrade", "--backup", "other.db", "--no-backup") == 2

    assert run("upgrade", "--no-backup") == 0
    assert versions("guard.db") == SCHEMA_VERSION
    assert not [*folder.glob("*before*")]


def test_an_upgrade_of_postgres_wants_to_know_where(request: pytest.FixtureRequest) -> None:
    """There is no place beside a server's files."""
    url = request.getfixturevalue("postgres_server").database()

    async def make_old() -> None:
        database = await Database.open(url)
        async with database.write() as conn:
            await conn.execute(text("UPDATE schema_version SET version = 1"))
        await database.close()

    asyncio.run(make_old())
    Path("guard.toml").write_text(f'[store]\nurl = "{url}"\n', "utf-8")

    assert run("upgrade") == 2


def test_check_of_a_sound_store(capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each thing that was looked at."""
    held_mail()
    capsys.readouterr()

    assert run("check", "--json") == 0

    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["name"], each["sound"]) for each in found] == [(name, True) for name in CHECKS]


@pytest.mark.parametrize(
    ("script", "wrong", "words"),
    [
        pytest.param(
            "UPDATE alembic_version SET version_num = '0001'", ["schema"], "0001", id="two versions"
        ),
        pytest.param(
            "PRAGMA foreign_keys = OFF; DELETE FROM holds",
            ["file", "orphans"],
            "1 of octets, 1 of links, 2 of outbox",
            id="orphans",
        ),
        pytest.param(
            "DROP TRIGGER audit_no_delete", ["append-only"], "audit_no_delete", id="trigger"
        ),
        pytest.param(
            f"{UNGUARD} UPDATE audit SET actor = ''",  # noqa: S608 -- names of our own
            ["append-only", "audit"],
            "row 1 is not as it was written",
            id="audit",
        ),
        pytest.param(
            "UPDATE holds SET details = zeroblob(60)", ["holds"], "changed on disk", id="details"
        ),
        pytest.param(
            "UPDATE octets SET chunk = zeroblob(60)", ["holds"], "changed on disk", id="octets"
        ),
        pytest.param("DELETE FROM octets", ["holds"], "its octets are gone", id="no octets"),
        pytest.param(
            "UPDATE holds SET key_id = 'other'", ["holds"], "not in the key file", id="other key"
        ),
        pytest.param("DELETE FROM outbox", ["unattended"], "H-7K3Q-M2", id="no job"),
        pytest.param(
            "UPDATE outbox SET hold_id = NULL, kind = 'alarm'",
            ["unattended"],
            "H-7K3Q-M2",
            id="no job but of no hold",
        ),
        pytest.param(
            "UPDATE outbox SET parked_at = '2026-11-23 00:00:00.000000'",
            ["parked"],
            "H-7K3Q-M2",
            id="parked",
        ),
    ],
)
def test_check_finds(
    capsys: pytest.CaptureFixture[str], script: str, wrong: list[str], words: str
) -> None:
    """Each kind of damage by its name, with the rest still looked at; it ends with 1."""
    held_mail()
    edit(script)
    capsys.readouterr()

    assert run("check", "--json") == 1

    said = capsys.readouterr().out
    found = [json.loads(line) for line in said.splitlines()]
    assert [each["name"] for each in found] == CHECKS
    assert [each["name"] for each in found if not each["sound"]] == wrong
    assert words in said


def test_a_damaged_file_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """What SQLite itself cannot read does not end the look at the rest."""
    held_mail()
    with closing(sqlite3.connect("guard.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'octets'"
        page = connection.execute(query).fetchone()[0]
    with Path("guard.db").open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    capsys.readouterr()

    assert run("check", "--json") == 1

    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["name"] for each in found] == CHECKS
    assert {"file", "holds"} <= {each["name"] for each in found if not each["sound"]}


def test_check_needs_the_key_file() -> None:
    """Without it nothing could be said; it is never made here."""
    assert run("check") == 78
    assert not Path("guard.key").exists()
