"""Tables of older versions become today's, and nothing else is let near them."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import first_release
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, inspect, select, text

from guard.model.errors import SchemaError, StoreError
from guard.model.hold import HoldState
from guard.model.job import JobKind
from guard.ports import AuditEntry
from guard.store import migrations, upkeep
from guard.store.append_only import TRIGGERS
from guard.store.audit import AuditLog, append
from guard.store.database import Database
from guard.store.holds import SqlHoldStore
from guard.store.opening import opened
from guard.store.outbox import SqlOutbox
from guard.store.schema import MOVED, SCHEMA_VERSION, revision_of
from guard.store.sources import Sources
from guard.store.version import make_tables

URL = "sqlite:///guard.db"


def two_empty(kind: str, request: pytest.FixtureRequest, folder: Path) -> tuple[str, str]:
    """Give the addresses of two empty databases of one kind."""
    if kind == "sqlite":
        return f"sqlite:///{folder}/one.db", f"sqlite:///{folder}/two.db"
    server = request.getfixturevalue("postgres_server")
    return server.database(), server.database()


@pytest.fixture(params=["sqlite", "postgres"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Two empty databases."""
    return two_empty(request.param, request, tmp_path)


def described(connection: Connection) -> dict[str, Any]:
    """All that the database says of its tables; the order of columns has no meaning."""
    found = inspect(connection)
    told: dict[str, Any] = {}
    for table in found.get_table_names():
        columns = {each["name"]: str(each) for each in found.get_columns(table)}
        told[table] = {
            "columns": columns,
            "key": found.get_pk_constraint(table),
            "unique": sorted(map(str, found.get_unique_constraints(table))),
            "foreign": sorted(map(str, found.get_foreign_keys(table))),
            "checks": sorted(map(str, found.get_check_constraints(table))),
            "indexes": sorted(map(str, found.get_indexes(table))),
        }
    if connection.dialect.name == "sqlite":
        triggers = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    else:
        triggers = text(
            "SELECT tgname, pg_get_triggerdef(t.oid) || prosrc FROM pg_trigger t"
            " JOIN pg_proc p ON p.oid = tgfoid WHERE NOT tgisinternal"
        )
    told["triggers"] = sorted(
        (name, " ".join(sql.split())) for name, sql in connection.execute(triggers)
    )
    return told


async def test_new_tables_are_those_of_all_revisions(urls: tuple[str, str]) -> None:
    """Made at once or one revision after the other, they are the same to the last constraint."""
    told = []
    for url, make in zip(
        urls, (make_tables, lambda c: migrations.make(c, SCHEMA_VERSION)), strict=True
    ):
        database = Database.connect(url)
        async with database.write() as conn:
            await conn.run_sync(make)
            told.append(await conn.run_sync(described))
        await database.close()

    fresh, migrated = told
    assert fresh == migrated
    assert {name for name, _ in fresh["triggers"]} in [set(each) for each in TRIGGERS.values()]


def test_revisions_are_one_line_that_ends_today() -> None:
    """The number that every start looks at names the last of Alembic's revisions."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    script = ScriptDirectory.from_config(config)

    assert script.get_heads() == [revision_of(SCHEMA_VERSION)]
    names = [each.revision for each in script.walk_revisions()]
    assert names == [revision_of(n) for n in range(SCHEMA_VERSION, 0, -1)]


async def test_mail_held_by_the_first_release_is_released_by_this(tmp_path: Path) -> None:
    """After the upgrade each octet, link and job is there, and the release goes to its end."""
    first_release.put_in(tmp_path)
    url = f"sqlite:///{tmp_path}/guard.db"
    with pytest.raises(SchemaError, match="guard db upgrade"):
        await Database.open(url)

    async with upkeep.alone_on(url) as database:
        await upkeep.upgrade(database)

    async with opened(url, tmp_path / "guard.key") as ground:
        outbox = SqlOutbox(ground.database)
        store = SqlHoldStore(ground.database, ground.keys, outbox)
        for hold_id in (first_release.WAITING, first_release.RELEASING):
            assert await store.octets(hold_id) == first_release.OCTETS
        linked = await store.by_token(bytes(32))
        assert (linked.hold.id, linked.person) == (first_release.WAITING, linked.hold.owner)
        job = await outbox.claim(lease_s=60, kinds=[JobKind.RELEASE])
        assert job is not None
        assert job.hold_id == first_release.RELEASING
        entry = AuditEntry(event="hold.delivered", hold_id=job.hold_id, at=job.due_at)
        done = await store.advance(
            job.hold_id,
            old=HoldState.RELEASING,
            new=HoldState.DELIVERED,
            audit=entry,
            done=job,
        )
        assert done.state is HoldState.DELIVERED
        assert await AuditLog(ground.database).first_wrong() is None


@pytest.mark.parametrize("state", ["returned", "unknown"])
async def test_what_was_over_is_destroyed_in_a_week(tmp_path: Path, state: str) -> None:
    """The first release kept octets for ever; from the upgrade on they have a week."""
    first_release.put_in(tmp_path)
    with closing(sqlite3.connect(tmp_path / "guard.db")) as file:
        file.execute("UPDATE holds SET state = ? WHERE id = ?", [state, first_release.WAITING])
        file.commit()
    url = f"sqlite:///{tmp_path}/guard.db"
    async with upkeep.alone_on(url) as database:
        await upkeep.upgrade(database)

    async with opened(url, tmp_path / "guard.key") as ground:
        soon, later = (
            SqlOutbox(ground.database, clock=partial(_after, days)) for days in (6.9, 7.1)
        )
        assert await soon.claim(lease_s=60, kinds=[JobKind.DESTROY]) is None
        job = await later.claim(lease_s=60, kinds=[JobKind.DESTROY])
        assert job is not None
        assert job.hold_id == first_release.WAITING
        store = SqlHoldStore(ground.database, ground.keys, SqlOutbox(ground.database))
        for hold_id in (first_release.WAITING, first_release.RELEASING):  # what ends later, too
            assert (await store.get(hold_id)).retention_s == timedelta(days=7).total_seconds()


async def test_whom_somebody_imported_no_source_takes_out(tmp_path: Path) -> None:
    """What was imported before there were sources counts as imported by hand."""
    first_release.put_in(tmp_path)
    with closing(sqlite3.connect(tmp_path / "guard.db")) as file:
        row = "INSERT INTO contacts VALUES (?, ?, '', '', ?, 0, 1)"
        file.executemany(row, [(101, "a@north.example", True), (102, "b@north.example", False)])
        file.commit()
    async with upkeep.alone_on(f"sqlite:///{tmp_path}/guard.db") as database:
        await upkeep.upgrade(database)
        digests = await Sources(database).digests("import")

    assert 101 in digests
    assert 102 not in digests


def _after(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


async def test_an_upgrade_that_fails_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All or nothing: an error at the very end leaves the old tables and their number."""
    first_release.put_in(tmp_path)
    url = f"sqlite:///{tmp_path}/guard.db"
    database = Database.connect(url)
    async with database.read() as conn:
        before = await conn.run_sync(described)
    real = migrations.upgrade

    def failing(connection: Connection, *, found: int) -> None:
        real(connection, found=found)
        raise ZeroDivisionError

    monkeypatch.setattr(migrations, "upgrade", failing)
    with pytest.raises(ZeroDivisionError):
        await upkeep.upgrade(database)
    async with database.read() as conn:
        assert await conn.run_sync(described) == before
    assert await upkeep.version(database) == 1

    monkeypatch.setattr(migrations, "upgrade", real)
    await upkeep.upgrade(database)
    await upkeep.upgrade(database)  # nothing to do
    assert await upkeep.version(database) == SCHEMA_VERSION
    await database.close()


@pytest.mark.parametrize(
    ("version", "words"),
    [
        (SCHEMA_VERSION - 1, "run: guard db upgrade"),
        (SCHEMA_VERSION + 1, f"schema {SCHEMA_VERSION + 1}.* up to {SCHEMA_VERSION}"),
        (MOVED, "moved to another"),
    ],
    ids=["older", "newer", "moved"],
)
async def test_other_versions_are_refused(urls: tuple[str, str], version: int, words: str) -> None:
    """An old Guard must not write what a new one has arranged differently, nor the reverse."""
    database = await Database.open(urls[0])
    async with database.write() as conn:
        await conn.execute(text("UPDATE schema_version SET version = :v"), {"v": version})
    await database.close()

    with pytest.raises(SchemaError, match=words):
        await Database.open(urls[0])


@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        ("sqlite", "UPDATE audit SET actor = 'somebody else'"),
        ("sqlite", "DELETE FROM audit"),
        ("sqlite", "INSERT OR REPLACE INTO audit SELECT * FROM audit"),
        ("postgres", "UPDATE audit SET actor = 'somebody else'"),
        ("postgres", "DELETE FROM audit"),
        ("postgres", "TRUNCATE audit"),
    ],
)
async def test_the_database_keeps_its_audit_log(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, statement: str
) -> None:
    """R-J5: whoever may not define tables can only add rows."""
    database = await Database.open(two_empty(kind, request, tmp_path)[0])
    entry = AuditEntry(
        event="hold.created", hold_id="1" * 32, at=await _now(database), actor="a@example.com"
    )
    async with database.write() as conn:
        await append(conn, entry)

    async def tamper() -> None:
        async with database.write() as conn:
            await conn.execute(text(statement))

    with pytest.raises(StoreError):
        await tamper()

    async with database.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(text("audit"))) == 1
    assert await AuditLog(database).first_wrong() is None
    await database.close()


async def _now(database: Database) -> Any:
    async with database.read() as conn:
        return await database.now_on(conn)


def test_a_start_does_without_alembic(tmp_path: Path) -> None:
    """It would take a quarter of a second, which only an upgrade is worth."""
    script = (
        "import asyncio, sys; from pathlib import Path; import guard.app.running;"
        " from guard.store.opening import opened\n"
        "async def main():\n"
        "    async with opened('sqlite:///guard.db', Path('k'), alone=True, running=True):\n"
        "        assert not [name for name in sys.modules if name.startswith('alembic')]\n"
        "asyncio.run(main())"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)
