"""The audit chain: every way to tell another story afterwards shows."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from factories import HELD_AT

from guard.model.errors import StoreError
from guard.ports import AuditEntry
from guard.store.append_only import TRIGGERS
from guard.store.audit import AuditLog, append
from guard.store.database import Database

ROWS = 6


@pytest.fixture
async def database(tmp_path: Path):
    """A log with six rows."""
    opened = await Database.open("sqlite:///guard.db", folder=tmp_path)
    for number in range(ROWS):
        async with opened.write() as conn:
            await append(conn, told(number))
    yield opened
    await opened.close()


def told(number: int) -> AuditEntry:
    """An entry with everything in it."""
    return AuditEntry(
        event="hold.decided",
        hold_id=f"{number % 2}" * 32,
        at=HELD_AT + timedelta(seconds=number),
        actor="佐藤@例え.test",
        peer="192.0.2.1",
        details={"rules": ["a", "b\0"], "took_s": 0.1 * number, "choice": "send"},
    )


def edit(folder: Path, script: str) -> None:
    """Change the database behind Guard's back, as one who may drop its triggers."""
    script = "".join(f"DROP TRIGGER IF EXISTS {name};" for name in TRIGGERS["sqlite"]) + script
    with sqlite3.connect(folder / "guard.db") as connection:
        connection.executescript(script)
    connection.close()


async def test_an_untouched_log_is_whole(database: Database, tmp_path: Path) -> None:
    """From the first row to the last, after opening again, and an empty one too."""
    assert await AuditLog(database).first_wrong() is None
    again = await Database.open("sqlite:///guard.db", folder=tmp_path)
    assert await AuditLog(again).first_wrong() is None
    await again.close()

    empty = await Database.open("sqlite:///empty.db", folder=tmp_path)
    assert await AuditLog(empty).first_wrong() is None
    await empty.close()


async def test_entries_come_back_in_order(database: Database) -> None:
    """All of them, or those of one hold."""
    log = AuditLog(database)

    assert [each async for each in log.entries()] == [told(number) for number in range(ROWS)]
    assert [each async for each in log.entries("1" * 32)] == [told(1), told(3), told(5)]


@pytest.mark.parametrize(
    ("script", "row"),
    [
        pytest.param("UPDATE audit SET actor = 'nobody' WHERE seq = 3", 3, id="actor"),
        pytest.param("UPDATE audit SET event = 'hold.viewed' WHERE seq = 1", 1, id="event"),
        pytest.param("UPDATE audit SET hold_id = 'x' WHERE seq = 2", 2, id="hold"),
        pytest.param("UPDATE audit SET peer = '' WHERE seq = 6", 6, id="peer"),
        pytest.param("UPDATE audit SET at = datetime(at, '-1 day') WHERE seq = 4", 4, id="time"),
        pytest.param("UPDATE audit SET details = '{}' WHERE seq = 5", 5, id="details"),
        pytest.param("UPDATE audit SET hash = hash || '0' WHERE seq = 5", 5, id="hash"),
        pytest.param("DELETE FROM audit WHERE seq = 1", 1, id="the first is dropped"),
        pytest.param("DELETE FROM audit WHERE seq = 4", 4, id="one is dropped"),
        pytest.param("DELETE FROM audit WHERE seq = 6", 6, id="the last is dropped"),
        pytest.param("DELETE FROM audit", 1, id="all are dropped"),
        pytest.param("DELETE FROM audit_head", 1, id="the head is dropped"),
        pytest.param(
            "DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = seq - 1 WHERE seq > 3;"
            "UPDATE audit_head SET seq = 5",
            3,
            id="the gap is closed",
        ),
        pytest.param(
            "UPDATE audit SET seq = 100 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3;"
            "UPDATE audit SET seq = 3 WHERE seq = 100",
            2,
            id="two are exchanged",
        ),
        pytest.param(
            "INSERT INTO audit SELECT 7, event, hold_id, at, actor, peer, details, hash"
            " FROM audit WHERE seq = 6; UPDATE audit_head SET seq = 7",
            7,
            id="one is doubled",
        ),
    ],
)
async def test_a_changed_log_shows_where(
    database: Database, tmp_path: Path, script: str, row: int
) -> None:
    """The first row that is not as it was written is named."""
    edit(tmp_path, script)

    assert await AuditLog(database).first_wrong() == row


async def test_a_row_made_anew_breaks_the_next(database: Database, tmp_path: Path) -> None:
    """Who edits a row and gives it the right hash has to make all later ones anew, too."""
    other = await Database.open("sqlite:///other.db", folder=tmp_path)
    for number in (0, 1, 20):
        async with other.write() as conn:
            await append(conn, told(number))
    await other.close()

    edit(
        tmp_path,
        f"ATTACH '{tmp_path / 'other.db'}' AS forged;"  # noqa: S608 -- a path of this test
        "REPLACE INTO audit SELECT * FROM forged.audit WHERE seq = 3",
    )

    assert [each async for each in AuditLog(database).entries()][2] == told(20)
    assert await AuditLog(database).first_wrong() == 4


async def test_without_its_head_the_log_takes_nothing(database: Database, tmp_path: Path) -> None:
    """What cannot be told cannot be done: the transaction fails whole."""
    edit(tmp_path, "DELETE FROM audit_head")

    with pytest.raises(StoreError):
        async with database.write() as conn:
            await append(conn, told(7))


async def test_a_rolled_back_entry_leaves_no_gap(database: Database) -> None:
    """The chain goes on where it really was."""

    async def fail_after_all() -> None:
        async with database.write() as conn:
            await append(conn, told(7))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_after_all()
    async with database.write() as conn:
        await append(conn, told(8))

    log = AuditLog(database)
    assert await log.first_wrong() is None
    assert [each async for each in log.entries()][-1] == told(8)
