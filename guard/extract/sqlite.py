"""SQLite databases: each table, and rows that were deleted and still stand in the file."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Final

from guard.extract.budget import Budget
from guard.extract.inner_names import inner_name
from guard.extract.kinds import Kind, kind_of
from guard.extract.pieces import Member, Piece, Source
from guard.extract.scraped import runs
from guard.extract.sqlitepages import free_stretches, pages_missing
from guard.model.extract import Passage, Reason
from guard.parse.charset import guess

_LEGACY_JOURNAL: Final = b"\1\1"
_VERSIONS: Final = slice(18, 20)
"""File format versions (sqlite.org/fileformat2.html §1.3.3); 2 wants a log that is not here."""

_STEPS: Final = 10_000
"""Instructions of SQLite's machine between two looks at how many there were."""

_MOST_STEPS: Final = 2_000_000_000
_ROWS: Final = 1_000
_BLOB: Final = 64
"""Octets from which a value may be a file."""

_READING: Final = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}
_PRAGMAS: Final = {"integrity_check"}
_BREAKS: Final = re.compile("[\t\n\r\x0b\x0c]+")
_UTF8_RUN: Final = re.compile(
    rb"(?:[\t\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}){4,}"
)


def database(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give each table with its rows as lines; `CORRUPT` where SQLite itself finds damage."""
    octets = bytearray(source.octets)
    if pages_missing(source.octets):
        yield Reason.CORRUPT
    octets[_VERSIONS] = _LEGACY_JOURNAL
    try:
        with closing(_opened(octets)) as connection:
            yield from _tables(connection, budget)
            if connection.execute("PRAGMA integrity_check(1)").fetchall() != [(b"ok",)]:
                yield Reason.CORRUPT
    except sqlite3.OperationalError as error:
        yield Reason.LIMIT if "interrupted" in str(error) else Reason.CORRUPT
    except sqlite3.Error:
        yield Reason.CORRUPT
    yield from _beside(source.octets, budget)


def _opened(octets: bytearray) -> sqlite3.Connection:
    """Open a copy in memory that can only be read, for a number of steps."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA cell_size_check=ON")
    connection.deserialize(bytes(octets))
    connection.text_factory = bytes
    steps = 0

    def too_many() -> bool:
        nonlocal steps
        steps += _STEPS
        return steps > _MOST_STEPS

    connection.set_progress_handler(too_many, _STEPS)
    connection.set_authorizer(_allowed)
    return connection


def _allowed(action: int, name: str | None, *_: str | None) -> int:
    """Allow to read tables and to check the file; nothing that writes, attaches or loads."""
    if action in _READING or (action == sqlite3.SQLITE_PRAGMA and name in _PRAGMAS):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _tables(connection: sqlite3.Connection, budget: Budget) -> Iterator[Piece]:
    schema = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    definitions = "\n".join(guess(sql) for _, _, sql in schema if sql)
    if definitions:
        budget.say(len(definitions))
        yield Passage(place="definitions", text=definitions)
    for kind, raw_name, sql in schema:
        if kind != b"table":
            continue  # views and indexes say nothing that no table does
        name = guess(raw_name)
        try:
            yield from _table(connection, name, budget)
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                raise
            # What a module keeps that is not there stands in its shadow tables, read as tables.
            if not re.match(rb"\s*CREATE\s+VIRTUAL", sql or b"", re.IGNORECASE):
                yield Reason.CORRUPT
        except sqlite3.DatabaseError:
            yield Reason.CORRUPT


def _table(connection: sqlite3.Connection, name: str, budget: Budget) -> Iterator[Piece]:
    quoted = name.replace('"', '""')
    # No expression and no value: the name is quoted as an identifier.
    cursor = connection.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608
    place = f"table “{inner_name(name)}”"
    lines = ["\t".join(column[0] for column in cursor.description)]
    first_row = 0  # the names of the columns; the first row is 1
    members: list[Member] = []
    try:
        while rows := cursor.fetchmany(_ROWS):
            for row in rows:
                line = "\t".join([_cell(value, members) for value in row])
                budget.say(len(line))
                lines.append(line)
    finally:
        # A table that breaks off in the middle still gives what stands before.
        yield Passage(place=place, text="\n".join(lines), first_row=first_row)
    for member in members:
        budget.enter()
        yield member


def _cell(value: bytes | float | str | None, members: list[Member]) -> str:
    if value is None:
        return ""
    if not isinstance(value, bytes):
        return str(value)
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if "\0" in text or (value and not text):
        if len(value) >= _BLOB and kind_of(value) is not Kind.UNKNOWN:
            members.append(Member(name=f"value {len(members) + 1}", octets=value))
            return ""
        text = f"{guess(value)} {runs(value)}"
    return _BREAKS.sub(" ", text)


def _beside(octets: bytes, budget: Budget) -> Iterator[Piece]:
    """Give text on free pages and between cells: rows that were deleted, and not overwritten."""
    lines = [
        found.group().decode("utf-8", "replace")
        for stretch in free_stretches(octets)
        for found in _UTF8_RUN.finditer(stretch)
    ]
    if lines:
        text = "\n".join(lines)
        budget.say(len(text))
        yield Passage(place="deleted rows", text=text)
