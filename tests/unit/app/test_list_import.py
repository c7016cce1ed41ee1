"""Lists that have a source: what is taken in, what is kept as it was, and who else may be at it."""

import asyncio
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from guard.app import list_import
from guard.app.list_import import ListImporter
from guard.app.list_report import ListReport
from guard.app.losses import lost
from guard.app.reports import End
from guard.cli.errors import told
from guard.cli.lists import lists
from guard.config import Settings, load
from guard.lists.gathered import gathered
from guard.lists.layout import read_header
from guard.model.errors import StoreError
from guard.store.database import Database
from guard.store.imports import Imports
from guard.store.list_lock import only_writer
from guard.store.rotation import rotate

TOML = """
[[list_source]]
name = "customers"
kind = "file"
path = "crm.csv"

[[list_source]]
name = "prospects"
kind = "sql"
url = "sqlite:///crm.db"
query = "SELECT shimei, email FROM prospects"
columns = { shimei = "name" }
"""


def write(rows: int, *, start: int = 0) -> None:
    people = "".join(f"山田 太郎,a{n}@kita.example\n" for n in range(start, start + rows))
    Path("crm.csv").write_text("氏名,メール\n" + people, "utf-8")


def fill(rows: int) -> None:
    with closing(sqlite3.connect("crm.db")) as file:
        file.execute("CREATE TABLE IF NOT EXISTS prospects (shimei TEXT, email TEXT)")
        file.execute("DELETE FROM prospects")
        values = [("佐藤 花子", f"b{n}@minami.example") for n in range(rows)]
        file.executemany("INSERT INTO prospects VALUES (?, ?)", values)
        file.commit()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Two lists with sources, in a folder."""
    monkeypatch.chdir(tmp_path)
    Path("guard.toml").write_text(TOML, "utf-8")
    write(100)
    fill(50)
    return load(Path("guard.toml"))


@pytest.fixture
def importer(settings: Settings) -> Iterator[ListImporter]:
    with ListImporter(settings) as opened:
        yield opened


def sync(importer: ListImporter, settings: Settings, name: str, **wish: Any) -> ListReport:
    (its,) = (each for each in settings.list_source if each.name == name)
    return importer.sync(its, **wish)


def run(*words: str) -> Result:
    with told():
        return CliRunner().invoke(lists, words)


def version(name: str = "customers") -> str:
    return read_header(Path(f"lists/{name}.rows")).version


def test_files_are_read_when_they_changed(importer: ListImporter, settings: Settings) -> None:
    """What is as it was is not read again, unless that is asked, the index is lost or a key new."""
    first = sync(importer, settings, "customers")
    assert (first.end, first.rows, first.before) == (End.DONE, 100, 0)
    made = version()
    assert sync(importer, settings, "customers").end is End.UNCHANGED
    assert version() == made
    assert sync(importer, settings, "customers", full=True).end is End.DONE
    assert version() != made
    write(101)
    assert sync(importer, settings, "customers").rows == 101
    Path("lists/customers.rows").unlink()
    assert sync(importer, settings, "customers").end is End.DONE
    rotate(settings.store.key_file, "lists")
    assert sync(importer, settings, "customers").end is End.DONE


def test_a_query_is_read_each_time(importer: ListImporter, settings: Settings) -> None:
    """Nobody can say whether its rows changed without reading them."""
    assert sync(importer, settings, "prospects").rows == 50
    fill(60)
    report = sync(importer, settings, "prospects")
    assert (report.end, report.rows, report.before) == (End.DONE, 60, 50)


@pytest.mark.parametrize("left", [0, 79, 80, 81])
def test_a_source_that_lost_a_fifth(importer: ListImporter, settings: Settings, left: int) -> None:
    """The list stays as it was, with the way out; less is daily life."""
    sync(importer, settings, "customers")
    made = version()
    write(left)
    report = sync(importer, settings, "customers")
    if left > 80:
        assert report.end is End.DONE
        return
    assert not report.is_well
    assert version() == made
    assert report.rows == 100
    if left:
        assert report.end is End.KEPT
        assert f"had 100 rows and would have {left}" in report.message
        assert sync(importer, settings, "customers", accept_fewer=True).rows == left


def test_lost() -> None:
    """From a fifth on; nothing of nothing is no loss."""
    assert [lost(*each) for each in ((0, 0), (0, 5), (10, 8), (10, 9), (1, 0))] == [
        False, False, True, False, True
    ]  # fmt: skip


def test_what_fails_keeps_the_list(importer: ListImporter, settings: Settings) -> None:
    """Why stands where `guard lists status` finds it, until a reading goes well."""
    sync(importer, settings, "customers")
    made = version()
    # A line that may be a row is shown at the terminal, and written nowhere.
    Path("crm.csv").write_text("担当,五十嵐小百合\n山田,x\n", "utf-8")
    report = sync(importer, settings, "customers")
    assert report.end is End.FAILED
    assert "--columns" in report.message
    assert "五十嵐小百合" in report.message
    assert version() == made
    status = run("status", "--json")
    assert status.exit_code == 1
    rows = {row["name"]: row for row in map(json.loads, status.stdout.splitlines())}
    assert "--columns" in rows["customers"]["error"]
    assert "五十嵐小百合" not in rows["customers"]["error"]
    assert (rows["customers"]["source"], rows["prospects"]["source"]) == ("file", "sql")
    assert rows["customers"]["problem"] == ""
    assert "never imported" in rows["prospects"]["problem"]
    write(100)
    assert sync(importer, settings, "customers").is_well
    sync(importer, settings, "prospects")
    assert run("status").exit_code == 0
    assert "source read" in run("status").stdout


def test_one_reader(importer: ListImporter, settings: Settings) -> None:
    """Of two processes one reads the source of a list."""

    async def claim(seconds: float) -> object:
        database = await Database.open(settings.store.url)
        try:
            return await other(database).claim("customers", lease_s=seconds)
        finally:
            await database.close()

    known: dict[str, Imports] = {}

    def other(database: Database) -> Imports:
        imports = known.setdefault("other", Imports(database))
        imports._database = database  # type: ignore[misc]
        return imports

    assert asyncio.run(claim(60))
    busy = sync(importer, settings, "customers")
    assert (busy.end, "another process" in busy.message) == (End.BUSY, True)
    assert asyncio.run(claim(-1))
    assert sync(importer, settings, "customers").end is End.DONE


def test_stopped(
    importer: ListImporter, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C leaves the list as it was, and its source free."""
    sync(importer, settings, "customers")
    made = version()
    write(101)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(importer, settings, "customers", tell=stop)
    assert version() == made
    assert sorted(path.name for path in Path("lists").iterdir()) == [".lock", "customers.rows"]
    with ListImporter(settings) as another:
        assert sync(another, settings, "customers").end is End.DONE


def test_the_store_fails(
    importer: ListImporter, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the store is one, and lets the source go."""

    async def away(*_: object, **__: object) -> None:
        raise StoreError("away")

    with monkeypatch.context() as patched:
        patched.setattr(importer._imports, "record", away)
        with pytest.raises(StoreError):
            sync(importer, settings, "customers")
    with ListImporter(settings) as another:
        assert sync(another, settings, "customers").end is End.DONE


def test_command(settings: Settings) -> None:
    """Each list has a line, for programs an object; a failure ends with 1 and lets others go on."""
    assert run("sync").stdout.splitlines() == [
        "customers: 100 rows, 0 before",
        "prospects: 50 rows, 0 before",
    ]
    assert run("sync", "customers").stdout == "customers: 100 rows · unchanged\n"
    quiet = run("sync", "--quiet")
    assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (0, "", "")
    Path("crm.csv").unlink()
    failed = run("sync", "--json")
    assert failed.exit_code == 1
    rows = [json.loads(line) for line in failed.stdout.splitlines()]
    assert [(row["name"], row["end"]) for row in rows] == [
        ("customers", "failed"), ("prospects", "done")
    ]  # fmt: skip
    assert "guard: " in failed.stderr
    assert run("sync", "nothing").exit_code == 2


def test_no_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any there is nothing to do, and where to write them is said."""
    monkeypatch.chdir(tmp_path)
    Path("guard.toml").write_text("", "utf-8")
    result = run("sync")
    assert result.exit_code == 1
    assert "[[list_source]]" in result.stderr


def test_a_folder_of_files(settings: Settings) -> None:
    """A list may be a folder; a file more is a change."""
    Path("guard.toml").write_text(TOML.replace("crm.csv", "crm"), "utf-8")
    Path("crm").mkdir()
    write(30)
    Path("crm.csv").rename("crm/a.csv")
    assert run("sync", "customers").stdout == "customers: 30 rows, 0 before\n"
    write(30, start=30)
    Path("crm.csv").rename("crm/b.csv")
    assert run("sync", "customers").stdout == "customers: 60 rows, 30 before\n"


def test_an_import_waits_for_another(importer: ListImporter, settings: Settings) -> None:
    """It puts nothing in place before what another puts there is noted, too."""
    sync(importer, settings, "customers")
    made = version()
    write(101)

    def work() -> None:
        with ListImporter(settings) as another:
            assert sync(another, settings, "customers").end is End.DONE

    with only_writer(settings.lists.folder, waits=True):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(1.5)
        assert thread.is_alive()
        assert version() == made
    thread.join(30)
    assert version() != made


def test_a_long_import_keeps_its_source(
    importer: ListImporter, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as rows come, nobody else takes the source."""
    monkeypatch.setattr(list_import, "LEASE_S", 0.9)
    monkeypatch.setattr("guard.lists.build.BATCH", 10)
    taken: list[object] = []

    async def claim() -> object:
        database = await Database.open(settings.store.url)
        try:
            return await Imports(database).claim("customers", lease_s=60)
        finally:
            await database.close()

    def slow(rows: int, share: float | None) -> None:
        time.sleep(0.2)
        if rows == 80:
            thread = threading.Thread(target=lambda: taken.append(asyncio.run(claim())))
            thread.start()
            thread.join()

    assert sync(importer, settings, "customers", tell=slow).end is End.DONE
    assert taken == [None]


def test_an_addition_that_is_not_noted(
    importer: ListImporter, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the store fails, the list is as it was: nothing of what was added stands there."""
    sync(importer, settings, "customers")

    async def away(*_: object, **__: object) -> None:
        raise StoreError("away")

    monkeypatch.setattr(Imports, "record", away)
    more = gathered([Path("crm.csv")])
    with pytest.raises(StoreError):
        importer.add("customers", lambda _: more, told=None, origin="crm.csv")
    assert [path.name for path in Path("lists").glob("customers.rows*")] == ["customers.rows"]
