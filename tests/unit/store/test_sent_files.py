"""Where files went, on disk: keyed, bounded, and forgotten."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from factories import box
from sqlalchemy import func, select

from guard.contacts.travels import MOST_COMPANIES
from guard.model.clue import CarriedFile, Travelled
from guard.model.contact import Exchange
from guard.store import sent_files as module
from guard.store.contacts import ContactStore
from guard.store.database import Database
from guard.store.sent_file_rows import sent_files

NOW = datetime.now(UTC)
KEY = b"k" * 32
FILE = CarriedFile(
    name="倉庫温度_2026年11月.xlsx", digest=sha256(b"unmistakable").digest(), stem="倉庫温度"
)


def sent(*to: str, days_ago: float = 0, file: CarriedFile = FILE) -> Exchange:
    """Give a mail with a file."""
    return Exchange(
        sender=box("hanako@ours.example"),
        recipients=tuple(map(box, to)),
        at=NOW - timedelta(days=days_ago),
        files=(file,),
    )


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database of its own."""
    opened = await Database.open(f"sqlite:///{tmp_path}/guard.db")
    yield opened
    await opened.close()


async def stored(database: Database) -> list[tuple[str, int]]:
    """Give company and count of all rows."""
    async with database.read() as conn:
        query = select(sent_files.c.domain, sent_files.c.count).order_by(sent_files.c.domain)
        return [tuple(row) for row in await conn.execute(query)]


async def known(database: Database, key: bytes | None) -> tuple[Travelled, ...]:
    """Say where the file went, by who has that key."""
    store = await ContactStore.open(database, file_key=(lambda: key) if key else None)
    travelled = (await store.acquaintance(sent("x@nishi.example"))).travelled
    await store.close()
    return travelled


async def learn(database: Database, *exchanges: Exchange) -> None:
    """Learn these mails, in one transaction."""
    store = await ContactStore.open(database, file_key=lambda: KEY)
    await store.learn_many(exchanges)
    await store.close()


async def test_only_whoever_has_the_key_knows_a_file(database: Database) -> None:
    """Neither name nor digest reaches the disk, and under another key nothing is found."""
    await learn(database, sent("a@kita.example"))

    (went,) = await known(database, KEY)
    assert [one.domain for one in (*went.same, *went.alike)] == ["kita.example"] * 2
    assert await known(database, b"other" * 7) == (Travelled(),)
    assert await known(database, None) == ()
    assert database.path is not None
    for file in database.path.parent.iterdir():
        octets = file.read_bytes()
        assert FILE.digest not in octets
        assert FILE.digest[:8] not in octets
        assert "倉庫温度".encode() not in octets


async def test_without_a_key_nothing_is_kept(database: Database) -> None:
    """Commands that need no key learn nothing of files."""
    store = await ContactStore.open(database)
    await store.learn_many([sent("a@kita.example")])
    await store.close()

    assert await stored(database) == []


async def test_a_mailing_is_bounded(database: Database) -> None:
    """Of a file that goes to everybody some companies are kept, which go on being counted."""
    await learn(database, *(sent(f"a@company{number:02}.example") for number in range(30)))
    await learn(database, sent("a@company00.example"), sent("a@other.example"))

    rows = await stored(database)
    assert len(rows) == 2 * MOST_COMPANIES
    assert rows[0] == ("company00.example", 2)


async def test_forgetting_the_last_of_a_company(database: Database) -> None:
    """A company's files are forgotten with the last of its people, not those of a longer name."""
    people = ("a@kita.example", "b@mail.kita.example", "c@xkita.example")
    await learn(database, sent(*people))
    store = await ContactStore.open(database, file_key=lambda: KEY)

    await store.forget(box(people[0]).address)
    assert len(await stored(database)) == 4
    await store.forget(box(people[1]).address)
    assert await stored(database) == [("xkita.example", 1)] * 2
    await store.close()


async def test_old_rows_go(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a year later they are gone, in batches; sooner where contacts are forgotten sooner."""
    monkeypatch.setattr(module, "_BATCH", 1)
    files = [CarriedFile(name="", digest=sha256(bytes([n])).digest()) for n in range(6)]
    days = (300, 200, 181, 100, 50, 1)
    await learn(
        database,
        *(sent("a@kita.example", days_ago=d, file=f) for d, f in zip(days, files, strict=True)),
    )

    await module.expire(database, NOW - timedelta(days=400), NOW)
    assert len(await stored(database)) == 3
    await module.expire(database, NOW - timedelta(days=60), NOW)
    assert len(await stored(database)) == 2
    monkeypatch.setattr(module, "MOST_ROWS", 1)
    await module.expire(database, NOW - timedelta(days=60), NOW)
    async with database.read() as conn:
        last = await conn.scalar(select(func.max(sent_files.c.last)))
    assert await stored(database) == [("kita.example", 1)]
    assert last == pytest.approx((NOW - timedelta(days=1)).timestamp())
