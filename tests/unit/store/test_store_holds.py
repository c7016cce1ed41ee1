"""Held mail at rest: what is readable on disk, what is noticed when changed, what is destroyed."""

import logging
import secrets
import sqlite3
import traceback
from dataclasses import replace
from pathlib import Path

import pytest
from factories import HELD_AT, customer_rows, hold, lookalike, match
from pydantic import TypeAdapter
from sqlalchemy import event
from sqlalchemy.engine import Engine

from guard.holding import new_number
from guard.model.errors import (
    DamagedError,
    KeyFileError,
    NoSuchHoldError,
    StaleHoldError,
    StoreError,
    StoreFullError,
)
from guard.model.hold import Hold, HoldState
from guard.model.job import Job, JobKind
from guard.ports import AuditEntry, Kept
from guard.store.audit import AuditLog
from guard.store.crypto import Seal
from guard.store.database import Database
from guard.store.holds import SqlHoldStore
from guard.store.keys import KeyRing
from guard.store.outbox import SqlOutbox

SECRET = "紅葉カナリア canary"
RAW = f"Subject: {SECRET}\r\n\r\n{SECRET} in the body\r\n".encode() * 5000


@pytest.fixture
async def database(tmp_path: Path):
    """A database in files of its own."""
    opened = await Database.open("sqlite:///guard.db", folder=tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
def outbox(database: Database) -> SqlOutbox:
    """The jobs in it."""
    return SqlOutbox(database)


@pytest.fixture
def store(database: Database, outbox: SqlOutbox, tmp_path: Path) -> SqlHoldStore:
    """The holds in it, with a key ring of their own."""
    return SqlHoldStore(database, KeyRing.open(tmp_path / "guard.key", create=True), outbox)


async def put(store: SqlHoldStore, octets: bytes = RAW, **fields) -> Hold:
    """Hold one message."""
    held = hold(**{"id": secrets.token_hex(16), "number": new_number()} | fields)
    await store.put(
        Kept(
            hold=held,
            octets=octets,
            tokens={secrets.token_bytes(32): held.owner},
            jobs=(Job(kind=JobKind.NOTICE, hold_id=held.id, due_at=HELD_AT),),
            audit=entry(held, "hold.created"),
        )
    )
    return held


def entry(held: Hold, told: str) -> AuditEntry:
    """An audit entry about a hold."""
    return AuditEntry(event=told, hold_id=held.id, at=HELD_AT, actor="guard")


async def end(store: SqlHoldStore, held: Hold) -> None:
    """Let a hold come to its end."""
    await store.advance(
        held.id,
        old=HoldState.WAITING,
        new=HoldState.RETURNED,
        audit=entry(held, "hold.returned"),
    )


def on_disk(folder: Path) -> bytes:
    """Everything in the files of the database, its log and shared memory."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("guard.db*")))


def edit(folder: Path, statement: str, *values: object) -> int:
    """Change the database behind Guard's back; give the number of changed rows."""
    with sqlite3.connect(folder / "guard.db") as connection:
        changed = connection.execute(statement, values).rowcount
    connection.close()
    return changed


async def test_no_content_is_readable_on_disk(
    store: SqlHoldStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Subject, names, files, findings, sentences and octets are in no file and no log."""
    caplog.set_level(logging.DEBUG)
    held = await put(
        store,
        subject=f"subject {SECRET}",
        owner_name=f"name {SECRET}",
        attachments=((f"{SECRET}.xlsx", 1),),
    )
    found = match(
        lookalike(parts=((SECRET, 1.0),)),
        customer_rows(file=f"{SECRET}.csv", samples=(f"{SECRET}○○",)),
        sentences=(("ja", (SECRET,)),),
    )
    other = hold(found, id=secrets.token_hex(16), number=new_number(), subject=SECRET)
    await store.put(
        Kept(
            hold=other,
            octets=RAW,
            tokens={secrets.token_bytes(32): other.owner},
            jobs=(),
            audit=entry(other, "hold.created"),
        )
    )
    await end(store, held)

    written = on_disk(tmp_path)
    spellings = [
        *(part.encode(code) for part in SECRET.split() for code in ("utf-8", "utf-16-le", "cp932")),
        "紅葉".encode("unicode_escape"),
    ]
    # The search is right: what may be read is found by it.
    assert b"yamada@example.co.jp" not in written
    assert b"sato@kita-syoji.example" in written
    assert held.number.encode() in written
    assert [each for each in spellings if each in written] == []
    assert "canary" not in caplog.text
    assert "sato@" not in caplog.text


async def test_a_changed_chunk_is_noticed(store: SqlHoldStore, tmp_path: Path) -> None:
    """One bit is enough: the octets are not given out."""
    held = await put(store)
    with sqlite3.connect(tmp_path / "guard.db") as connection:
        (chunk,) = connection.execute("SELECT chunk FROM octets WHERE number = 1").fetchone()
    connection.close()
    changed = chunk[:100] + bytes([chunk[100] ^ 1]) + chunk[101:]
    assert edit(tmp_path, "UPDATE octets SET chunk = ? WHERE number = 1", changed) == 1

    with pytest.raises(DamagedError, match="changed on disk"):
        await store.octets(held.id)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("DELETE FROM octets WHERE number = 3", id="the last chunk is gone"),
        pytest.param("DELETE FROM octets WHERE number = 0", id="the first chunk is gone"),
        pytest.param("UPDATE octets SET number = 9 WHERE number = 1", id="chunks in another order"),
        pytest.param("UPDATE octets SET chunk = x'' WHERE number = 2", id="a chunk is empty"),
    ],
)
async def test_missing_and_moved_chunks_are_noticed(
    store: SqlHoldStore, tmp_path: Path, statement: str
) -> None:
    """A shorter mail than the one received is never sent."""
    held = await put(store)
    assert edit(tmp_path, statement) == 1

    with pytest.raises(DamagedError, match="changed on disk"):
        await store.octets(held.id)


async def test_two_holds_cannot_be_exchanged(store: SqlHoldStore, tmp_path: Path) -> None:
    """Neither octets nor details of one hold open as another's."""
    first, second = await put(store), await put(store)
    edit(tmp_path, "DELETE FROM octets WHERE hold_id = ?", first.id)
    edit(tmp_path, "UPDATE octets SET hold_id = ? WHERE hold_id = ?", first.id, second.id)
    edit(
        tmp_path,
        "UPDATE holds SET details = (SELECT details FROM holds WHERE id = ?) WHERE id = ?",
        second.id,
        first.id,
    )

    with pytest.raises(DamagedError, match=r"octets of hold .*: changed on disk"):
        await store.octets(first.id)
    with pytest.raises(DamagedError, match=r"details of hold .*: changed on disk"):
        await store.get(first.id)


async def test_another_ring_opens_nothing(store: SqlHoldStore, tmp_path: Path) -> None:
    """With the wrong key file it is said which key is missing; the right one still opens all."""
    held = await put(store)
    database = await Database.open("sqlite:///guard.db", folder=tmp_path)
    foreign = KeyRing.open(tmp_path / "other.key", create=True)
    blind = SqlHoldStore(database, foreign, SqlOutbox(database))

    with pytest.raises(KeyFileError, match="lacks the key"):
        await blind.get(held.id)
    with pytest.raises(KeyFileError, match="lacks the key"):
        await blind.octets(held.id)
    await database.close()

    assert await store.get(held.id) == held


async def test_octets_are_destroyed_for_good(
    store: SqlHoldStore, database: Database, tmp_path: Path
) -> None:
    """R-J3: after retention not even the sealed octets are in a file; hold and log stay."""
    held, kept = await put(store), await put(store)
    with sqlite3.connect(tmp_path / "guard.db") as connection:
        chunks = connection.execute("SELECT hold_id, chunk FROM octets").fetchall()
    connection.close()
    assert {hold_id for hold_id, _ in chunks} == {held.id, kept.id}
    assert all(chunk[64:96] in on_disk(tmp_path) for _, chunk in chunks)
    await end(store, held)

    for _ in range(2):
        await store.destroy(held.id, audit=entry(held, "hold.destroyed"))

    left = {hold_id for hold_id, chunk in chunks if chunk[64:96] in on_disk(tmp_path)}
    assert left == {kept.id}
    with pytest.raises(NoSuchHoldError):
        await store.octets(held.id)
    assert (await store.get(held.id)).subject == held.subject
    assert await store.octets(kept.id) == RAW
    log = AuditLog(database)
    assert [each.event async for each in log.entries(held.id)] == [
        "hold.created",
        "hold.returned",
        "hold.destroyed",
    ]


async def test_open_mail_is_not_destroyed(store: SqlHoldStore) -> None:
    """What we said 250 for is kept until it is over."""
    held = await put(store)

    with pytest.raises(StaleHoldError):
        await store.destroy(held.id, audit=entry(held, "hold.destroyed"))

    assert await store.octets(held.id) == RAW


async def test_a_taken_number_is_refused_whole(store: SqlHoldStore) -> None:
    """Two holds with one number are an error that shows nothing, and keeps nothing."""
    first = await put(store)

    with pytest.raises(StoreError) as refused:
        await put(store, number=first.number, subject=SECRET)

    assert "canary" not in "".join(traceback.format_exception(refused.value))
    assert [held.id async for held in store.find()] == [first.id]
    assert (await store.count())[HoldState.WAITING] == 1


async def test_a_full_disk_keeps_nothing_half(tmp_path: Path) -> None:
    """`StoreFullError` (452), no part of the hold is there, and smaller mail still fits."""

    def limit(connection, _record) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA max_page_count = 120")
        cursor.close()

    event.listen(Engine, "connect", limit)
    try:
        database = await Database.open("sqlite:///guard.db", folder=tmp_path)
        keys = KeyRing.open(tmp_path / "guard.key", create=True)
        store = SqlHoldStore(database, keys, SqlOutbox(database))

        with pytest.raises(StoreFullError) as refused:
            await put(store, octets=bytes(2_000_000))

        assert refused.value.reply.code == 452
        assert [held async for held in store.find()] == []
        assert [each async for each in AuditLog(database).entries()] == []
        assert await SqlOutbox(database).next_due() is None
        held = await put(store, octets=b"small")
        assert await store.octets(held.id) == b"small"
        await database.close()
    finally:
        event.remove(Engine, "connect", limit)


async def test_count_names_every_state(store: SqlHoldStore) -> None:
    """A gauge must show 0, not vanish."""
    held = [await put(store) for _ in range(3)]
    await end(store, held[0])

    counted = await store.count()

    assert set(counted) == set(HoldState)
    assert {state: number for state, number in counted.items() if number} == {
        HoldState.WAITING: 2,
        HoldState.RETURNED: 1,
    }


async def test_details_of_an_older_guard_open(store: SqlHoldStore, tmp_path: Path) -> None:
    """A field that this version does not know is passed over, one with a default may lack."""
    held = await put(store, cc=())
    _, key = KeyRing.open(tmp_path / "guard.key", create=False).current("holds")
    told = TypeAdapter(Hold).dump_json(held).decode()
    older = told.replace('"cc":[],', '"was_known_then":1,')
    assert older != told
    sealed = Seal.of(key, held.id).close("details", older.encode())
    edit(tmp_path, "UPDATE holds SET details = ? WHERE id = ?", sealed, held.id)

    assert await store.get(held.id) == replace(held, cc=())


async def test_text_that_is_none_can_be_held(store: SqlHoldStore) -> None:
    """Half surrogates and controls in a subject or file name never keep a mail from being held."""
    odd = "a\ud800\udcff\x00\u202e\ufffe鬱"

    held = await put(store, subject=odd, attachments=((odd, 1),))

    back = await store.get(held.id)
    assert back.subject == "a??\x00\u202e\ufffe鬱"
    assert back.attachments == ((back.subject, 1),)
