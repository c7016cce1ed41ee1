"""SQLite databases."""

import random
import sqlite3
from collections.abc import Iterable

import pytest
from containers import packed
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.extract.budget import Budget
from guard.extract.read import read
from guard.model.extract import ReadState, Reason

ROWS = [(number, f"山田太郎{number}", f"taro{number}@example.com") for number in range(1, 201)]


def database(*statements: str, rows: Iterable[tuple] = ROWS) -> bytes:
    """A database with a table of customers, and what the statements do to it."""
    with sqlite3.connect(":memory:") as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE customers(id INTEGER PRIMARY KEY, name, mail)")
        connection.executemany("INSERT INTO customers VALUES(?, ?, ?)", rows)
        connection.execute("CREATE INDEX names ON customers(name)")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        octets = bytes(connection.serialize())
    connection.close()
    return octets


def test_tables() -> None:
    """A table is a passage, a row is a line, and the row's number is its own."""
    found = read("a.db", database(), budget=Budget())
    assert found.state is ReadState.READ
    table = next(p for p in found.passages if p.place == "table “customers”")
    lines = table.text.splitlines()
    assert lines[0] == "id\tname\tmail"
    assert lines[7 - table.first_row] == "7\t山田太郎7\ttaro7@example.com"


def test_deleted_rows() -> None:
    """Rows that were deleted, and still stand in the file, are found beside."""
    octets = database("DELETE FROM customers WHERE id > 20", "DROP TABLE customers")
    found = read("a.db", octets, budget=Budget())
    beside = next(p.text for p in found.passages if p.place == "deleted rows")
    assert "taro150@example.com" in beside
    assert "山田太郎150" in beside


def test_values_that_are_files() -> None:
    """A file kept as a value is opened; other octets are searched for text."""
    rows = [(1, packed({"a.txt": "佐藤花子"}), b"\0\1" + b"ichiro@example.com" + b"\xff\0")]
    found = read("a.db", database(rows=rows), budget=Budget())
    assert "佐藤花子" in found.text
    assert "ichiro@example.com" in found.text


def test_journal_in_another_file() -> None:
    """A file that wants its log beside it is read without."""
    octets = bytearray(database())
    octets[18:20] = b"\2\2"
    assert "山田太郎200" in read("a.db", bytes(octets), budget=Budget()).text


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW v AS SELECT load_extension('x')",
        "CREATE TRIGGER t AFTER INSERT ON customers BEGIN DELETE FROM customers; END",
        "CREATE VIEW v AS WITH n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT x FROM n",
        'CREATE TABLE "odd ”, \'name"""(a)',
    ],
)
def test_hostile_definitions(statement: str) -> None:
    """Views and triggers are text, never run."""
    found = read("a.db", database(statement), budget=Budget())
    assert found.state is ReadState.READ
    assert "山田太郎200" in found.text


def test_index_that_disagrees() -> None:
    """A value that was changed behind the back of its index is damage."""
    octets = bytearray(database())
    octets[octets.rindex("太郎100".encode())] ^= 1
    assert Reason.CORRUPT in read("a.db", bytes(octets), budget=Budget()).reasons


def test_mutations() -> None:
    """No row is lost in silence by cuts; by flipped bits, none whose column has an index."""
    octets = database()
    dice = random.Random(3)  # noqa: S311
    for number in range(120):
        broken = bytearray(octets)
        if number % 2:
            del broken[dice.randrange(len(broken)) :]
        else:
            broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
        found = read("a.db", bytes(broken), budget=Budget())
        if found.state is ReadState.READ:
            assert all(name in found.text for _, name, _ in ROWS)


@given(st.binary(max_size=200), st.integers(0, 4_000))
@settings(max_examples=40, deadline=None)
def test_any_octets(middle: bytes, at: int) -> None:
    """Whatever is put into a database, it is read to some end."""
    octets = database(rows=ROWS[:5])
    read("a.db", octets[:at] + middle + octets[at + len(middle) :], budget=Budget())
