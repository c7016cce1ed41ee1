"""Backup, restore and move: all rows of one moment, and nothing half made."""

import asyncio
import os
import secrets
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import first_release
import pytest
from factories import hold
from sqlalchemy import func, insert, select, text

from guard.holding import first_audit, first_jobs
from guard.model.errors import SchemaError, StoreError
from guard.model.hold import Hold
from guard.model.job import JobKind
from guard.ports import Kept
from guard.store import sqlite as sqlite_store
from guard.store import upkeep
from guard.store.audit import AuditLog
from guard.store.copying import copy
from guard.store.database import Database
from guard.store.holds import SqlHoldStore
from guard.store.keys import KeyRing
from guard.store.occupant import Occupant
from guard.store.opening import only_guard
from guard.store.outbox import SqlOutbox
from guard.store.presence import present
from guard.store.schema import SCHEMA_VERSION
from guard.store.tables import (
    answer_rows,
    audit_table,
    contact_rows,
    imports,
    jobs_table,
    list_rows,
    metadata,
    past_rows,
    policy_rows,
    sent_file_rows,
    source_rows,
    suspicion_rows,
)

OCTETS = b"Subject: hi\r\n\r\n" + b"x" * 100_000
KINDS = ("sqlite", "postgres")


@pytest.fixture
def url_of(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Give the address of an empty database of a kind."""

    def give(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path}/{secrets.token_hex(4)}.db"
        return request.getfixturevalue("postgres_server").database()

    return give


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return KeyRing.open(tmp_path / "guard.key", create=True)


def ignore(_: int) -> None:
    """Nobody wants to know how far it is."""


async def put(database: Database, keys: KeyRing, number: int) -> Hold:
    """Hold one more message."""
    kept = hold(id=secrets.token_hex(16), number=f"H-{number:04}-XX")
    store = SqlHoldStore(database, keys, SqlOutbox(database))
    await store.put(
        Kept(
            hold=kept,
            octets=OCTETS,
            tokens={secrets.token_bytes(32): kept.owner},
            jobs=first_jobs(kept),
            audit=first_audit(kept),
        )
    )
    return kept


async def fill(database: Database, keys: KeyRing, count: int = 3) -> None:
    """Have a row in every table, and of some more than one batch."""
    for number in range(count):
        await put(database, keys, number)
    async with database.write() as conn:
        at = datetime(2026, 11, 1, 2, 3, 4, 567890, tzinfo=UTC)
        await conn.execute(insert(imports).values(name="名簿", version="1", imported_at=at, rows=1))
        chunk = {"name": "名簿", "version": "1", "number": 0, "chunk": b"x"}
        await conn.execute(insert(list_rows.list_octets).values(**chunk))
        said = {"origin": "a.csv", "parts": ["a.csv: 1-1"], "told": {"氏名": "name"}, "token": ""}
        end = {"tried_at": at, "error": "", "forgotten": "", "reader": "", "reads_until": None}
        await conn.execute(insert(list_rows.list_sources).values(name="名簿", **said, **end))
        people = [
            {"id": n, "address": f"{n}@example.com", "name": "", "company": "", "changed": 1}
            | {"imported": True, "writes": False}
            for n in (*range(250), 2**63 - 1)
        ]
        await conn.execute(insert(contact_rows.contacts), people)
        pair = {"weight": 0.1 + 0.2, "changed": 1}
        await conn.execute(
            insert(contact_rows.relations).values(sender=1, recipient=2, count=3, last=1.5, **pair)
        )
        await conn.execute(insert(contact_rows.companions).values(one=1, other=2, **pair))
        await conn.execute(
            insert(contact_rows.threads).values(
                message=1, parents="2 3", sender=1, recipients="2", at=1.5, changed=1
            )
        )
        await conn.execute(insert(contact_rows.state).values(name="contacts", generation=7))
        state = {"kind": "csv", "settings": "a", "token": "b", "contacts": 1, "mails": 2}
        until = {"read_at": at, "tried_at": None, "error": "", "reader": "", "reads_until": at}
        await conn.execute(insert(source_rows.sources).values(name="取引先", **state, **until))
        member = {"source": "取引先", "contact": 2**63 - 1, "digest": 1}
        await conn.execute(insert(source_rows.members).values(**member))
        await conn.execute(insert(source_rows.counted).values(message=2**63 - 1))
        said = {"kind": "typo_local", "said": "sent", "at": 0.1, "never_until": 0.2, "about": "h"}
        counts = {"sent": 1, "replaced": 2, "dropped": 3, "cancelled": 4}
        pair = {"sender": 1, "written": 2, "meant": 2**63 - 1}
        await conn.execute(insert(answer_rows.answers).values(**pair, **said, **counts))
        step = {"weights": "0123456789abcdef", "day": 739_000, "step": -16, "mails": 3, "held": 1}
        await conn.execute(insert(suspicion_rows.suspicions).values(**step))
        went = {"mark": 2**63 - 1, "domain": "kita.example", "count": 2, "last": 0.1}
        await conn.execute(insert(sent_file_rows.sent_files).values(**went))
        excused = {"id": "a1b2c3", "rule": "r", "to": ["*@例え.jp"], "from": [], "because": "監査"}
        excused |= {"until": "2027-03-31", "added_at": at, "added_by": "admin:x", "ended_at": at}
        await conn.execute(insert(policy_rows.exceptions).values(excused))
        await conn.execute(insert(policy_rows.wishes).values(id=1, reload=2, exceptions=3))
        runs = {"id": "p", "node": "n", "pid": 1, "policy": "7f3a1c", "mode": "hold", "reload": 2}
        runs |= {"loaded_at": at, "heard_at": at, "problems": ["main.yaml:1: x"]}
        await conn.execute(insert(policy_rows.processes).values(runs))
        await conn.execute(insert(policy_rows.told).values(about="0" * 64, at=at))
        judged = {"id": "1" * 32, "first_at": at, "last_at": at, "mails": 1, "key_id": "k"}
        await conn.execute(insert(past_rows.features_table).values(**judged, sealed=b"x"))
        await conn.execute(
            insert(contact_rows.contact_keys), [{"key": 1, "busy": n, "contact": 2} for n in (0, 1)]
        )
        await conn.execute(
            insert(contact_rows.contact_domains).values(
                id=2**63 - 1, domain="例え.jp", weight=0.1 + 0.2, keyed=1
            )
        )


async def content(database: Database) -> dict[str, list[Any]]:
    """Every row of every table."""
    async with database.read() as conn:
        return {
            table.name: [
                tuple(row) for row in await conn.execute(select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
        }


@pytest.mark.parametrize("source_kind", KINDS)
@pytest.mark.parametrize("target_kind", KINDS)
async def test_everything_goes_over(
    url_of: Any, keys: KeyRing, source_kind: str, target_kind: str
) -> None:
    """From either database to either, every value of every table is the same afterwards."""
    source = await Database.open(url_of(source_kind))
    await fill(source, keys)
    target = Database.connect(url_of(target_kind))
    heard: list[int] = []

    copied = await copy(source, target, heard.append)

    before = await content(source)
    assert all(before.values()), "a table that the test does not fill"
    # Indexes of lists stand on every node anyway, and belong into no backup.
    assert await content(target) == before | {"list_octets": []}
    assert copied.rows == {name: len(before[name]) for name in copied.rows}
    assert heard == sorted(heard)
    assert heard[-1] == sum(copied.rows.values())
    assert await AuditLog(target).first_wrong() is None
    await source.close()
    await target.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_the_copy_is_used_like_the_original(url_of: Any, keys: KeyRing, kind: str) -> None:
    """Numbers that the database gives go on behind those that came; jobs are taken as before."""
    source = await Database.open(url_of("sqlite"))
    await put(source, keys, 1)
    url = url_of(kind)
    target = Database.connect(url)
    await copy(source, target, ignore)
    await target.close()

    target = await Database.open(url)
    later = await put(target, keys, 2)

    async with target.read() as conn:
        ids = (await conn.scalars(select(jobs_table.c.id).order_by(jobs_table.c.id))).all()
    assert len(ids) == len(set(ids)) == 2 * len(first_jobs(later))
    assert await AuditLog(target).first_wrong() is None
    job = await SqlOutbox(target).claim(lease_s=60, kinds=[JobKind.NOTICE])
    assert job is not None
    await source.close()
    await target.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_what_has_rows_is_not_filled(url_of: Any, keys: KeyRing, kind: str) -> None:
    """Two stores are never mixed."""
    source, target = await Database.open(url_of("sqlite")), await Database.open(url_of(kind))
    await put(source, keys, 1)
    await put(target, keys, 2)
    before = await content(target)

    with pytest.raises(StoreError, match="already"):
        await copy(source, target, ignore)

    assert await content(target) == before
    await source.close()
    await target.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_an_interrupted_copy_leaves_nothing(url_of: Any, keys: KeyRing, kind: str) -> None:
    """Whether it is cancelled after some rows or fails: the target can be filled anew."""
    source, target = await Database.open(url_of("sqlite")), Database.connect(url_of(kind))
    await fill(source, keys)

    def cancel(rows: int) -> None:
        if rows > 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await copy(source, target, cancel)
    assert await upkeep.version(target) is None

    await copy(source, target, ignore)
    assert await content(target) == await content(source) | {"list_octets": []}
    await source.close()
    await target.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_backup_while_mail_is_held_loses_none(
    url_of: Any, keys: KeyRing, tmp_path: Path, kind: str
) -> None:
    """R-J4: what was acknowledged before the backup began is in it, whole, whatever comes in."""
    database = await Database.open(url_of(kind))
    acknowledged: list[str] = []
    enough = asyncio.Event()
    stop = asyncio.Event()

    async def hold_on(first: int) -> None:
        number = first
        while not stop.is_set():
            kept = await put(database, keys, number)
            acknowledged.append(kept.id)
            number += 4
            if len(acknowledged) >= 20:
                enough.set()

    writers = [asyncio.create_task(hold_on(first)) for first in range(4)]
    await enough.wait()
    before = list(acknowledged)
    await upkeep.backup(database, tmp_path / "backup.db", ignore)
    stop.set()
    await asyncio.gather(*writers)
    await database.close()

    restored_url = url_of(kind)
    async with upkeep.alone_on(restored_url) as target:
        await upkeep.restore(tmp_path / "backup.db", target, ignore)
    restored = await Database.open(restored_url)
    store = SqlHoldStore(restored, keys, SqlOutbox(restored))
    for hold_id in before:
        assert await store.octets(hold_id) == OCTETS
    async with restored.read() as conn:
        rows = await conn.scalar(select(func.count()).select_from(audit_table))
        jobs = await conn.scalar(select(func.count()).select_from(jobs_table))
    found = sum((await store.count()).values())
    assert found >= len(before)
    assert rows == found, "a hold without its audit row, or the reverse"
    assert jobs == found * len(first_jobs(hold()))
    assert await AuditLog(restored).first_wrong() is None
    await restored.close()


async def test_a_backup_is_one_private_file(url_of: Any, keys: KeyRing, tmp_path: Path) -> None:
    """R-J2: 0600 under any umask, nothing beside it, and never in the place of another file."""
    database = await Database.open(url_of("sqlite"))
    await fill(database, keys)
    folder = tmp_path / "backups"
    folder.mkdir()
    before = os.umask(0)
    try:
        await upkeep.backup(database, folder / "b%20 ?.db", ignore)
    finally:
        os.umask(before)

    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(StoreError, match="is there already"):
        await upkeep.backup(database, file, ignore)

    octets = file.read_bytes()
    target = Database.connect(url_of("sqlite"))
    await upkeep.restore(file, target, ignore)
    assert await content(target) == await content(database) | {"list_octets": []}
    assert file.read_bytes() == octets, "reading a backup must not change it"
    assert [each.name for each in folder.iterdir()] == [file.name]
    await target.close()
    await database.close()


async def test_an_interrupted_backup_is_not_there(
    url_of: Any, keys: KeyRing, tmp_path: Path
) -> None:
    """Nobody may take half a backup for one."""
    database = await Database.open(url_of("sqlite"))
    await fill(database, keys)
    folder = tmp_path / "backups"

    def interrupt(rows: int) -> None:
        if rows > 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await upkeep.backup(database, folder / "b.db", interrupt)

    assert list(folder.iterdir()) == []
    await database.close()


async def test_an_interrupted_restore_leaves_no_file(tmp_path: Path, keys: KeyRing) -> None:
    """Where there was no database, there is none afterwards, so that a second try begins anew."""
    source = await Database.open(f"sqlite:///{tmp_path}/one.db")
    await fill(source, keys)
    await upkeep.backup(source, tmp_path / "b.db", ignore)
    await source.close()

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    url = f"sqlite:///{tmp_path}/new.db"
    with pytest.raises(KeyboardInterrupt):
        async with upkeep.alone_on(url) as target:
            await upkeep.restore(tmp_path / "b.db", target, interrupt)
    assert sorted(each.name for each in tmp_path.glob("new.db*")) == ["new.db.lock"]

    async with upkeep.alone_on(url) as target:
        await upkeep.restore(tmp_path / "b.db", target, ignore)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_backup_of_the_first_release_is_restored(
    url_of: Any, tmp_path: Path, kind: str
) -> None:
    """It has the tables of its time, and is upgraded when it is restored."""
    first_release.put_in(tmp_path)
    source = Database.connect(f"sqlite:///{tmp_path}/guard.db")
    await upkeep.backup(source, tmp_path / "b.db", ignore)
    await source.close()
    with closing(sqlite3.connect(tmp_path / "b.db")) as backup:
        assert backup.execute("SELECT version FROM schema_version").fetchall() == [(1,)]

    url = url_of(kind)
    async with upkeep.alone_on(url) as target:
        copied = await upkeep.restore(tmp_path / "b.db", target, ignore)
    assert copied.version == 1

    restored = await Database.open(url)
    assert await upkeep.version(restored) == SCHEMA_VERSION
    keys = KeyRing.open(tmp_path / "guard.key", create=False)
    store = SqlHoldStore(restored, keys, SqlOutbox(restored))
    assert await store.octets(first_release.RELEASING) == first_release.OCTETS
    await restored.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_moved_database_is_refused(url_of: Any, keys: KeyRing, kind: str) -> None:
    """Or a guard started on it by mistake would send a second time what the new one sends."""
    old, new = url_of(kind), url_of("sqlite")
    source = await Database.open(old)
    kept = await put(source, keys, 1)
    await source.close()

    async with upkeep.alone_on(old) as source, upkeep.alone_on(new) as target:
        await upkeep.move(source, target, ignore)

    with pytest.raises(SchemaError, match="moved"):
        await Database.open(old)
    async with upkeep.alone_on(old) as source, upkeep.alone_on(url_of("sqlite")) as target:
        with pytest.raises(SchemaError, match="moved"):
            await upkeep.move(source, target, ignore)
    moved = await Database.open(new)
    assert (await SqlHoldStore(moved, keys, SqlOutbox(moved)).get(kept.id)).number == kept.number
    await moved.close()


async def test_a_running_guard_keeps_the_commands_out(url_of: Any) -> None:
    """Moving under a running node would split the mail over two databases; and the reverse."""
    url = url_of("postgres")
    node = await Database.open(url)
    second = await Database.open(url)
    async with present(node), present(second):  # nodes share it
        with pytest.raises(StoreError, match="stop every node"):
            async with upkeep.alone_on(url):
                pytest.fail("moved under a guard")
    async with upkeep.alone_on(url):
        with pytest.raises(StoreError, match="at work"):
            async with present(node):
                pytest.fail("started while it is moved")
    async with present(node):
        pass
    await node.close()
    await second.close()

    url = url_of("sqlite")
    with only_guard(url), pytest.raises(StoreError, match="another guard"):
        async with upkeep.alone_on(url):
            pytest.fail("moved under a guard")


@pytest.mark.parametrize(
    ("at_work", "words"),
    [
        pytest.param(True, "another guard", id="at work"),
        pytest.param(False, "there are rows", id="done"),
    ],
)
async def test_a_refused_command_deletes_nothing_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, at_work: bool, words: str
) -> None:
    """Of two restores at once, each finds no file; the second must not clear away the first's."""
    path = tmp_path / "guard.db"
    others: list[Occupant] = []

    def first_comes(made: Path) -> None:
        monkeypatch.undo()
        sqlite_store.prepare_file(made)
        others.append(Occupant.of(made))
        with closing(sqlite3.connect(made)) as connection:
            connection.execute("CREATE TABLE letters (text TEXT)")
        if not at_work:
            others.pop().leave()

    monkeypatch.setattr(sqlite_store, "prepare_file", first_comes)
    with pytest.raises(StoreError, match=words):
        async with upkeep.alone_on(f"sqlite:///{path}"):
            raise StoreError("there are rows")
    for other in others:
        other.leave()

    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("letters",)]


async def test_a_log_that_was_changed_is_copied_as_it_is(
    url_of: Any, keys: KeyRing, tmp_path: Path
) -> None:
    """A backup is also evidence: it says so, and neither refuses nor mends."""
    path = tmp_path / "guard.db"
    database = await Database.open(f"sqlite:///{path}")
    await fill(database, keys)
    async with database.write() as conn:
        await conn.execute(text("DROP TRIGGER audit_no_update"))
        await conn.execute(text("UPDATE audit SET actor = 'nobody' WHERE seq = 2"))

    copied = await upkeep.backup(database, tmp_path / "b.db", ignore)

    assert copied.first_wrong == 2
    await database.close()


async def test_a_foreign_file_is_no_backup(url_of: Any, tmp_path: Path) -> None:
    """What is no database, or none of ours, ends in words."""
    foreign = tmp_path / "foreign.db"
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE letters (text TEXT)")
    noise = tmp_path / "noise.db"
    noise.write_bytes(b"not a database, but a letter to somebody\n" * 100)
    for file, words in ((foreign, "no tables of Guard"), (noise, "SQLITE_NOTADB")):
        async with upkeep.alone_on(url_of("sqlite")) as target:
            with pytest.raises(StoreError, match=words):
                await upkeep.restore(file, target, ignore)
