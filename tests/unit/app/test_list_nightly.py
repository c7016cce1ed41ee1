"""Lists of a running guard: read when they are due, and had from other nodes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from guard.app import list_child, list_nightly
from guard.app.list_child import sync_apart
from guard.app.list_import import ListImporter
from guard.app.list_nightly import fetch_lists, keeping_lists
from guard.app.list_report import ListReport
from guard.app.reports import End
from guard.config import Settings
from guard.config.lists import ListFile
from guard.lists.build import extend
from guard.lists.columns import assign
from guard.lists.layout import read_header
from guard.lists.paths import version_of
from guard.model.errors import SourceError
from guard.model.job import JobKind
from guard.release.means import ADMINISTRATORS
from guard.store.database import Database
from guard.store.imports import Imports
from guard.store.keys import KeyRing
from guard.store.list_lock import only_writer
from guard.store.list_rows import list_octets
from guard.store.lists import ListFolder
from guard.store.outbox import SqlOutbox

CHILD_S = 60


def settings_in(folder: Path, url: str, *, node: str = "lists", rows: int = 20) -> Settings:
    """Give the settings of a node with a source of twenty customers."""
    path = folder / "crm.csv"
    people = "".join(f"山田 太郎,a{n}@kita.example\n" for n in range(rows))
    path.write_text("氏名,メール\n" + people, "utf-8")
    return Settings.model_validate(
        {
            "store": {"url": url, "key_file": folder / "guard.key"},
            "lists": {"folder": folder / node},
            "list_source": [{"name": "customers", "kind": "file", "path": path}],
        }
    )


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(f"sqlite:///{tmp_path}/guard.db")
    yield database
    await database.close()


@pytest.fixture
async def shared(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A database of several nodes."""
    server = await asyncio.to_thread(request.getfixturevalue, "postgres_server")
    database = await Database.open(await asyncio.to_thread(server.database))
    yield database
    await database.close()


def ring(folder: Path) -> KeyRing:
    return KeyRing.open(folder / "guard.key", create=True)


def version(folder: Path, node: str = "lists") -> str:
    return read_header(folder / node / "customers.rows").version


async def imported(settings: Settings) -> None:
    """Import the list on a node, as its administrator would."""

    def work() -> None:
        with ListImporter(settings) as importer:
            assert importer.sync(settings.list_source[0], full=True).is_well

    await asyncio.to_thread(work)


async def test_apart(sqlite: Database, tmp_path: Path) -> None:
    """A process of its own does the same, and says what became of it."""
    settings = settings_in(tmp_path, f"sqlite:///{tmp_path}/guard.db")
    its = settings.list_source[0]
    done = await sync_apart(settings, its)
    assert (done.end, done.rows) == (End.DONE, 20)
    assert (await sync_apart(settings, its)).end is End.UNCHANGED
    (tmp_path / "crm.csv").write_text("x")
    failed = await sync_apart(settings, its)
    assert failed.end is End.FAILED
    assert "crm.csv" in failed.message


async def test_a_process_that_breaks_down(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it dies of is an error, and the list is as it was."""
    settings = settings_in(tmp_path, f"sqlite:///{tmp_path}/guard.db")
    monkeypatch.setattr(list_child.sys, "executable", "/bin/false")
    with pytest.raises(SourceError, match="broke down"):
        await sync_apart(settings, settings.list_source[0])


async def told(database: Database) -> list[tuple[str, str]]:
    """Give the alarms that wait, as note and list, and strike them off."""
    outbox, found = SqlOutbox(database), []
    while job := await outbox.claim(lease_s=60, kinds=[JobKind.ALARM]):
        assert (job.hold_id, job.person) == ("", ADMINISTRATORS)
        found.append((job.note, job.list_name))
        await outbox.finish(job)
    return found


async def test_administrators_are_told_once(sqlite: Database, tmp_path: Path) -> None:
    """That a source is broken, that it lost rows: each once, and anew after it was well."""
    settings = settings_in(tmp_path, f"sqlite:///{tmp_path}/guard.db")
    its, path = settings.list_source[0], tmp_path / "crm.csv"
    whole = path.read_text("utf-8")
    await sync_apart(settings, its)
    assert await told(sqlite) == []
    path.write_text("x")
    await sync_apart(settings, its)
    assert await told(sqlite) == [("list_failed", "customers")]
    await sync_apart(settings, its)
    assert await told(sqlite) == []
    path.write_text("".join(whole.splitlines(keepends=True)[:11]), "utf-8")
    assert (await sync_apart(settings, its)).end is End.KEPT
    assert await told(sqlite) == [("list_kept", "customers")]
    path.write_text("x")
    await sync_apart(settings, its)
    assert await told(sqlite) == [], "of what is wrong with it, somebody knows"
    path.write_text(whole, "utf-8")
    await sync_apart(settings, its)
    path.write_text("x")
    await sync_apart(settings, its)
    assert await told(sqlite) == [("list_failed", "customers")]


async def test_a_process_that_broke_down_is_told(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it could not note itself is noted for it; then it is tried again in an hour."""
    monkeypatch.setattr(list_nightly, "LOOK_S", 0.01)
    monkeypatch.setattr(list_child.sys, "executable", "/bin/false")
    settings = settings_in(tmp_path, f"sqlite:///{tmp_path}/guard.db")
    async with keeping_lists(settings, ring(tmp_path), sqlite), asyncio.timeout(CHILD_S):
        while not (known := await Imports(sqlite).sources()) or not known["customers"].error:
            await asyncio.sleep(0.01)
    assert "broke down" in known["customers"].error
    assert await told(sqlite) == [("list_failed", "customers")]


async def test_by_hand_nobody_is_told(sqlite: Database, tmp_path: Path) -> None:
    """Whoever runs the command sees it."""
    settings = settings_in(tmp_path, f"sqlite:///{tmp_path}/guard.db")
    (tmp_path / "crm.csv").write_text("x")

    def work() -> None:
        with ListImporter(settings) as importer:
            assert importer.sync(settings.list_source[0]).end is End.FAILED

    await asyncio.to_thread(work)
    assert await told(sqlite) == []


async def test_a_guard_that_ends(sqlite: Database, tmp_path: Path) -> None:
    """Its import ends with it, and nothing half made is left."""
    settings = settings_in(tmp_path, f"sqlite:///{tmp_path}/guard.db", rows=400_000)
    importing = asyncio.create_task(sync_apart(settings, settings.list_source[0]))
    async with asyncio.timeout(CHILD_S):
        while not any(state.busy_until for state in (await Imports(sqlite).sources()).values()):
            await asyncio.sleep(0.05)
    importing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await importing
    left = list((tmp_path / "lists").iterdir()) if (tmp_path / "lists").exists() else []
    assert left == []
    known = await Imports(sqlite).sources()
    assert known["customers"].busy_until is None
    assert await Imports(sqlite).last("customers") is None


async def test_due(sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A guard reads what was never read, and not again before the next night."""
    monkeypatch.setattr(list_nightly, "LOOK_S", 0.05)
    settings = settings_in(tmp_path, f"sqlite:///{tmp_path}/guard.db")
    calls: list[str] = []
    real = sync_apart

    async def counted(settings: Settings, its: ListFile) -> ListReport:
        calls.append(its.name)
        return await real(settings, its)

    monkeypatch.setattr(list_nightly, "sync_apart", counted)
    async with keeping_lists(settings, ring(tmp_path), sqlite):
        async with asyncio.timeout(CHILD_S):
            while await Imports(sqlite).last("customers") is None:
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
    assert calls == ["customers"]


async def test_while_another_is_at_it(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No process is started for a list that somebody reads already."""
    monkeypatch.setattr(list_nightly, "LOOK_S", 0.01)
    settings = settings_in(tmp_path, f"sqlite:///{tmp_path}/guard.db")
    assert await Imports(sqlite).claim("customers", lease_s=60)

    async def never(*_: object) -> ListReport:
        pytest.fail("it was started")

    monkeypatch.setattr(list_nightly, "sync_apart", never)
    async with keeping_lists(settings, ring(tmp_path), sqlite):
        await asyncio.sleep(0.2)


async def test_switched_off(sqlite: Database, tmp_path: Path) -> None:
    """Without sources, or where it is switched off, nothing runs."""
    settings = settings_in(tmp_path, f"sqlite:///{tmp_path}/guard.db")
    off = settings.model_copy(update={"lists": settings.lists.model_copy(update={"sync": False})})
    before = asyncio.all_tasks()
    async with keeping_lists(off, ring(tmp_path), sqlite):
        assert asyncio.all_tasks() == before


async def test_other_nodes_get_the_index(shared: Database, tmp_path: Path) -> None:
    """What one node imported stands on the other, octet for octet; so does what replaces it."""
    url = shared.url.render_as_string(hide_password=False)
    one = settings_in(tmp_path, url)
    await imported(one)
    other = tmp_path / "other"
    await fetch_lists(other, ring(tmp_path), shared)
    index = other / "customers.rows"
    assert index.read_bytes() == (tmp_path / "lists" / "customers.rows").read_bytes()
    assert index.stat().st_mode & 0o777 == 0o600
    seen = index.stat().st_ino
    await fetch_lists(other, ring(tmp_path), shared)
    assert index.stat().st_ino == seen, "what is there is not fetched again"
    await imported(one)
    await fetch_lists(other, ring(tmp_path), shared)
    assert version(tmp_path, "other") == version(tmp_path)
    async with shared.read() as conn:
        rows = (await conn.execute(list_octets.select())).all()
    assert {row.version for row in rows} == {version(tmp_path)}


async def test_an_update_that_was_not_finished(shared: Database, tmp_path: Path) -> None:
    """What a node that died had added for itself alone goes, and the list is that of all again."""
    settings = settings_in(tmp_path, shared.url.render_as_string(hide_password=False))
    await imported(settings)
    folder, noted = settings.lists.folder, version(tmp_path)
    key_id, key = ring(tmp_path).current("lists")
    columns = assign(["氏名", "メール"], [], {}, "x.csv")
    extend(
        [(1, ["山田 花子", "hana@kita.example"])],
        columns,
        onto=ListFolder(folder, key, key_id).segments("customers"),
        folder=folder,
        name="customers",
        key=key,
        key_id=key_id,
        now=datetime.now(UTC),
    )
    assert version_of(folder, "customers") != noted
    await fetch_lists(folder, ring(tmp_path), shared)
    assert version_of(folder, "customers") == noted
    assert [path.name for path in folder.glob("customers.rows*")] == ["customers.rows"]


async def test_an_index_that_was_changed(shared: Database, tmp_path: Path) -> None:
    """Who can write to the database cannot put another index on a node."""
    one = settings_in(tmp_path, shared.url.render_as_string(hide_password=False))
    await imported(one)
    other = tmp_path / "other"
    await fetch_lists(other, ring(tmp_path), shared)
    good = (other / "customers.rows").read_bytes()
    await imported(one)
    async with shared.read() as conn:
        chunk = (await conn.execute(list_octets.select())).one().chunk
    for at in (100, len(chunk) // 2, len(chunk) - 1):
        spoilt = bytearray(chunk)
        spoilt[at] ^= 1
        async with shared.write() as conn:
            await conn.execute(list_octets.update().values(chunk=bytes(spoilt)))
        await fetch_lists(other, ring(tmp_path), shared)
        assert (other / "customers.rows").read_bytes() == good
    assert sorted(path.name for path in other.iterdir()) == [".lock", "customers.rows"]


async def test_another_key(shared: Database, tmp_path: Path) -> None:
    """A node with another key ring takes nothing, and says so."""
    await imported(settings_in(tmp_path, shared.url.render_as_string(hide_password=False)))
    (tmp_path / "elsewhere").mkdir()
    before = list_nightly.FETCH_FAILED.labels("customers")._value.get()
    await fetch_lists(tmp_path / "other", ring(tmp_path / "elsewhere"), shared)
    assert [path.name for path in (tmp_path / "other").iterdir()] == [".lock"]
    assert list_nightly.FETCH_FAILED.labels("customers")._value.get() == before + 1


async def test_forgotten_everywhere(shared: Database, tmp_path: Path) -> None:
    """A list that is forgotten on one node goes from the others; one of another version stays."""
    one = settings_in(tmp_path, shared.url.render_as_string(hide_password=False))
    await imported(one)
    other = tmp_path / "other"
    await fetch_lists(other, ring(tmp_path), shared)

    def forget() -> None:
        with ListImporter(one) as importer:
            assert importer.forget("customers")

    await asyncio.to_thread(forget)
    await fetch_lists(other, ring(tmp_path), shared)
    assert not (other / "customers.rows").exists()
    async with shared.read() as conn:
        assert not (await conn.execute(list_octets.select())).all()
    await imported(one)
    await fetch_lists(other, ring(tmp_path), shared)
    assert version(tmp_path, "other") == version(tmp_path)


async def test_what_the_database_lost(shared: Database, tmp_path: Path) -> None:
    """After a move the node that has the index gives it to the others again."""
    await imported(settings_in(tmp_path, shared.url.render_as_string(hide_password=False)))
    async with shared.write() as conn:
        await conn.execute(list_octets.delete())
    await fetch_lists(tmp_path / "other", ring(tmp_path), shared)
    assert not (tmp_path / "other" / "customers.rows").exists()
    await fetch_lists(tmp_path / "lists", ring(tmp_path), shared)
    await fetch_lists(tmp_path / "other", ring(tmp_path), shared)
    assert version(tmp_path, "other") == version(tmp_path)


async def test_large_indexes_go_in_parts(
    shared: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many parts arrive in order."""
    monkeypatch.setattr("guard.store.published.CHUNK_BYTES", 97)
    await imported(settings_in(tmp_path, shared.url.render_as_string(hide_password=False)))
    await fetch_lists(tmp_path / "other", ring(tmp_path), shared)
    assert version(tmp_path, "other") == version(tmp_path)


async def test_a_running_guard_fetches(
    shared: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node that comes up gets what the others have."""
    monkeypatch.setattr(list_nightly, "LOOK_S", 0.05)
    url = shared.url.render_as_string(hide_password=False)
    await imported(settings_in(tmp_path, url))
    node = settings_in(tmp_path, url, node="other")
    off = node.model_copy(update={"list_source": ()})
    async with keeping_lists(off, ring(tmp_path), shared), asyncio.timeout(20):
        while not (tmp_path / "other" / "customers.rows").exists():
            await asyncio.sleep(0.05)


async def test_one_writer(shared: Database, tmp_path: Path) -> None:
    """While an index is put in place and noted, nobody fetches the one before over it."""
    await imported(settings_in(tmp_path, shared.url.render_as_string(hide_password=False)))
    other = tmp_path / "other"
    with only_writer(other, waits=True):
        await fetch_lists(other, ring(tmp_path), shared)
        assert not (other / "customers.rows").exists()
    await fetch_lists(other, ring(tmp_path), shared)
    assert (other / "customers.rows").exists()
