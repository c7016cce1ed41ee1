"""An index of a generated list, and texts searched for its rows."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from guard.lists.build import Imported, build
from guard.lists.columns import assign
from guard.lists.hits import RowHit
from guard.lists.index import ListIndex
from guard.lists.paths import index_path
from guard.lists.prepared import Prepared
from guard.lists.scan import Search
from guard.model.extract import Passage
from tests.bench.rows.people import HEADERS, cells, people

KEY: Final = bytes(range(32))
KEY_ID: Final = "bench"
ALL: Final = 10**9
"""Rows at which no search ends."""


def rows(language: str, seed: int, count: int) -> Iterator[tuple[int, list[str]]]:
    """Give the rows of a list with their numbers, one after the other."""
    for person in people(language, seed, count):
        yield person.number, cells(person)


def build_index(folder: Path, language: str, seed: int, count: int) -> tuple[Path, Imported]:
    """Make the index of a generated list."""
    name = f"{language}{count}"
    columns = assign(HEADERS[language], [], {}, "bench.csv")
    result = build(
        rows(language, seed, count),
        columns,
        folder=folder,
        name=name,
        key=KEY,
        key_id=KEY_ID,
        now=datetime.now(UTC),
    )
    return index_path(folder, name), result


def open_index(path: Path) -> ListIndex:
    """Open an index that `build_index` made."""
    return ListIndex.open(path, KEY, KEY_ID)


def found(index: ListIndex, text: str, max_rows: int = ALL) -> tuple[RowHit, ...]:
    """Search one text as if nobody had prepared it, and give the rows that are certain."""
    hits = Search(index, max_rows=max_rows).hits(Prepared(Passage(place="", text=text)))
    return tuple(hit for hit in hits if hit.certain)
