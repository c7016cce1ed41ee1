"""The promises of `ports.Lists`, over every adapter."""

import asyncio
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from guard.lists.build import build
from guard.lists.columns import assign
from guard.lists.hits import RowHit
from guard.lists.prepared import Prepared
from guard.model.address import Address
from guard.model.errors import SearchLimitError, SourceError
from guard.model.extract import Passage
from guard.ports import Lists
from guard.store.database import Database
from guard.store.imports import Imports, ListImport
from guard.store.lists import BIG_CHARS, ListFolder

KEY = bytes(range(32))
CUSTOMERS = [
    ("山田 太郎", "taro@kita.example", "090-1234-5678"),
    ("佐藤 花子", "hana@minami.example", "03-1111-2222"),
]
STAFF = [("鈴木 一郎", "ichiro@nishi.example", "03-3333-4444")]
NOBODY: list[Address] = []

Import = Callable[[str, list[tuple[str, str, str]]], None]


@pytest.fixture
def import_list(tmp_path: Path) -> Import:
    """Give a function that imports a list under a name."""

    def imported(name: str, rows: list[tuple[str, str, str]]) -> None:
        columns = assign(["氏名", "メール", "電話"], [], {}, "list.csv")
        build(
            enumerate(rows, start=1),
            columns,
            folder=tmp_path,
            name=name,
            key=KEY,
            key_id="k1",
            now=datetime(2026, 11, 23, tzinfo=UTC),
        )

    imported("customers", CUSTOMERS)
    imported("staff", STAFF)
    return imported


@pytest.fixture(params=["folder"])
def lists(request: pytest.FixtureRequest, tmp_path: Path, import_list: Import) -> Lists:
    """Give each adapter in turn, with two lists."""
    adapters: dict[str, Callable[[], Lists]] = {"folder": lambda: ListFolder(tmp_path, KEY, "k1")}
    return adapters[request.param]()


def passage(*people: tuple[str, str, str], place: str = "") -> Passage:
    return Passage(place=place, text="\n".join("\t".join(person) for person in people))


async def test_one_answer_a_passage(lists: Lists) -> None:
    """There is one tuple for each passage, in their order, also where nothing is found."""
    passages = [
        passage(CUSTOMERS[1]),
        Passage(place="", text="何もありません"),
        passage(*CUSTOMERS),
    ]
    found = await lists.search(["customers"], passages, NOBODY)
    assert [[hit.row for hit in hits] for hits in found] == [[2], [], [1, 2]]


async def test_several_lists(lists: Lists) -> None:
    """Each hit says of which list it is; a name given twice counts once."""
    found = await lists.search(
        ["staff", "customers", "staff"], [passage(*CUSTOMERS, *STAFF)], NOBODY
    )
    assert sorted((hit.list_name, hit.row) for hit in found[0]) == [
        ("customers", 1), ("customers", 2), ("staff", 1)
    ]  # fmt: skip


async def test_no_lists_and_no_passages(lists: Lists) -> None:
    """Nothing to look for, or in, is no error."""
    assert await lists.search([], [passage(*CUSTOMERS)], NOBODY) == ((),)
    assert await lists.search(["customers"], [], NOBODY) == ()


async def test_unknown_list(lists: Lists) -> None:
    """A list that was never imported is an error, even if there is nothing to search."""
    for passages in ([], [passage(*CUSTOMERS)]):
        with pytest.raises(SourceError, match="never imported"):
            await lists.search(["prospects"], passages, NOBODY)


async def test_owner(lists: Lists) -> None:
    """A hit names the recipients whose own row it is."""
    recipients = [Address.parse("keiri@kita.example"), Address.parse("x@nishi.example")]
    (hits,) = await lists.search(["customers"], [passage(*CUSTOMERS)], recipients)
    assert [hit.belongs_to for hit in hits] == [{"keiri@kita.example"}, frozenset()]


async def test_a_list_that_is_forgotten(tmp_path: Path, import_list: Import) -> None:
    """A guard that runs asks anew for a list that was there: none is no fault, a lost one is."""
    database = await Database.open(f"sqlite:///{tmp_path}/guard.db")
    imports = Imports(database)
    folder = ListFolder(tmp_path, KEY, "k1", database=database)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    await imports.record(ListImport(name="staff", version="1", imported_at=now, rows=1))
    assert await folder.has("staff")
    (tmp_path / "staff.rows").unlink()
    assert await folder.has("staff"), "it is lost"
    assert await imports.forget("staff", actor="admin:x") == "1"
    assert not await folder.has("staff")
    assert await imports.forget("staff", actor="admin:x") is None
    await database.close()


async def test_import_while_running(lists: Lists, import_list: Import) -> None:
    """A list that is imported anew is searched anew, and has another version."""
    (before,) = await lists.search(["customers"], [passage(*CUSTOMERS)], NOBODY)
    import_list("customers", [*STAFF, CUSTOMERS[0]])
    (after,) = await lists.search(["customers"], [passage(*CUSTOMERS)], NOBODY)
    assert [hit.row for hit in before] == [1, 2]
    assert [hit.row for hit in after] == [2]
    assert before[0].list_version != after[0].list_version


async def test_damaged_index(lists: Lists, tmp_path: Path) -> None:
    """An index that was tampered with is an error, never a silence."""
    await lists.search(["customers"], [passage(*CUSTOMERS)], NOBODY)
    path = tmp_path / "customers.rows"
    octets = bytearray(path.read_bytes())
    octets[-40] ^= 1
    path.write_bytes(octets)
    with pytest.raises(SourceError, match="damaged"):
        await lists.search(["customers"], [passage(*CUSTOMERS)], NOBODY)


async def test_renamed_index(lists: Lists, tmp_path: Path) -> None:
    """One list's index under another's name is an error."""
    (tmp_path / "staff.rows").rename(tmp_path / "customers.rows")
    with pytest.raises(SourceError, match="another list"):
        await lists.search(["customers"], [passage(*CUSTOMERS)], NOBODY)


async def test_at_the_same_time(lists: Lists) -> None:
    """Searches run beside each other."""
    found = await asyncio.gather(
        *(lists.search(["customers"], [passage(CUSTOMERS[n % 2])], NOBODY) for n in range(20))
    )
    assert [hits[0][0].row for hits in found] == [n % 2 + 1 for n in range(20)]


async def test_another_key(tmp_path: Path, import_list: Import) -> None:
    """With another key no list can be opened."""
    for folder in (ListFolder(tmp_path, bytes(32), "k1"), ListFolder(tmp_path, KEY, "k2")):
        with pytest.raises(SourceError, match="import the list again"):
            await folder.search(["customers"], [passage(*CUSTOMERS)], NOBODY)


async def test_lost_index(tmp_path: Path, import_list: Import) -> None:
    """A list once imported is missed when its whole folder is gone, also after a restart."""
    del import_list
    database = await Database.open("sqlite:///guard.db", folder=tmp_path / "store")
    try:
        now = datetime(2026, 11, 23, tzinfo=UTC)
        done = ListImport(name="customers", version="v", imported_at=now, rows=2)
        await Imports(database).record(done)
        await Imports(database).record(done)
        assert await Imports(database).last("customers") == done
        assert await Imports(database).names() == ("customers",)
        lists_folder = tmp_path / "lists"
        lists_folder.mkdir()
        shutil.copy(tmp_path / "customers.rows", lists_folder)
        shutil.rmtree(lists_folder)
        lists = ListFolder(lists_folder, KEY, "k1", database=database)
        assert await lists.has("customers")
        assert not await lists.has("prospects")
        with pytest.raises(SourceError, match="lost"):
            await lists.search(["customers"], [passage(*CUSTOMERS)], NOBODY)
    finally:
        await database.close()


async def test_lost_while_running(lists: Lists, tmp_path: Path) -> None:
    """An index that was there is missed when it is gone."""
    assert await lists.has("customers")
    (tmp_path / "customers.rows").unlink()
    assert await lists.has("customers")


async def test_never_imported_is_logged_once(lists: Lists) -> None:
    """That a list protects nobody yet is said once, not with each mail."""
    with structlog.testing.capture_logs() as logs:
        assert not await lists.has("prospects")
        assert not await lists.has("prospects")
    assert [(entry["event"], entry["list"]) for entry in logs] == [
        ("list.never_imported", "prospects")
    ]


async def test_too_long(tmp_path: Path, import_list: Import) -> None:
    """A search that takes longer than it may is given up."""
    del import_list
    folder = ListFolder(tmp_path, KEY, "k1", search_s=0)
    text = Passage(place="", text="a@b.example " * 10_000)
    with pytest.raises(SearchLimitError):
        await folder.search(["customers"], [text], NOBODY)


async def test_big_searches_take_turns(
    tmp_path: Path, import_list: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One big text is searched at a time, and one that nobody waits for any more ends."""
    del import_list
    running, most, lock = 0, 0, threading.Lock()
    ended = threading.Event()

    def slow(_: object, text: Prepared) -> tuple[RowHit, ...]:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            for _ in range(20 if "wait" not in text.passage.place else 10**6):
                text.check()
                ended.wait(0.001)
        except SearchLimitError:
            ended.set()
            raise
        finally:
            with lock:
                running -= 1
        return ()

    monkeypatch.setattr("guard.store.lists._in_passage", slow)
    folder = ListFolder(tmp_path, KEY, "k1")
    text = "x" * (BIG_CHARS + 1)
    await asyncio.gather(
        *(folder.search(["customers"], [Passage(place="", text=text)], NOBODY) for _ in range(4))
    )
    assert most == 1
    endless = asyncio.create_task(
        folder.search(["customers"], [Passage(place="wait", text=text)], NOBODY)
    )
    await asyncio.sleep(0.1)
    endless.cancel()
    with pytest.raises(asyncio.CancelledError):
        await endless
    assert await asyncio.to_thread(ended.wait, 5)
