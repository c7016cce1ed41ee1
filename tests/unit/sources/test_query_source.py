"""Lists that are rows of a query: streamed, read only, with errors that show no value."""

import sqlite3
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from guard.config.lists import ListQuery
from guard.model.errors import SourceAwayError, SourceError
from guard.sources.query import asked

QUERY = "SELECT id, shimei, email, phone, born FROM customers ORDER BY id"
PEOPLE = [
    (1, "山田 太郎", "taro@kita.example", "090-1234-5678", "1980-01-02"),
    (2, "佐藤 花子", "hana@minami.example", None, None),
]


def fill(url: str, rows: list[tuple[Any, ...]]) -> None:
    engine = create_engine(url)
    with engine.begin() as conn:
        conn.execute(text("CREATE TABLE customers (id INTEGER, shimei TEXT, email TEXT,"
                          " phone TEXT, born DATE)"))  # fmt: skip
        names = ("id", "shimei", "email", "phone", "born")
        insert = text("INSERT INTO customers VALUES (:id, :shimei, :email, :phone, :born)")
        conn.execute(insert, [dict(zip(names, row, strict=True)) for row in rows])
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/crm.db"
    return str(request.getfixturevalue("postgres_server").database())


def query(url: str, **more: Any) -> ListQuery:
    told = {"columns": {"shimei": "name"}, "query": QUERY} | more
    return ListQuery.model_validate({"name": "customers", "kind": "sql", "url": url} | told)


def read(its: ListQuery) -> tuple[dict[str, str], list[tuple[int, list[str]]]]:
    with asked(its, its.columns) as opened:
        columns = {column.header: column.kind.value for column in opened.columns}
        return columns, list(opened.rows)


def test_rows(url: str) -> None:
    """Columns go by their names and the map; empty values are empty, dates as people write them."""
    fill(url, PEOPLE)
    columns, rows = read(query(url))
    assert columns == {
        "id": "id", "shimei": "name", "email": "email", "phone": "phone", "born": "birthday"
    }  # fmt: skip
    assert rows == [
        (1, ["1", "山田 太郎", "taro@kita.example", "090-1234-5678", "1980-01-02"]),
        (2, ["2", "佐藤 花子", "hana@minami.example", "", ""]),
    ]


@pytest.mark.parametrize("form", ["{}", "WITH every AS ({}) SELECT * FROM every", "-- all\n{};"])
def test_it_is_streamed(url: str, form: str) -> None:
    """Rows come before the query is done, as one that never is: memory has a part of them only."""
    fill(url, PEOPLE)
    if url.startswith("sqlite"):
        endless = (
            "SELECT x AS id, 'a@kita.example' AS email FROM"
            " (WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n)"
        )
    else:
        endless = "SELECT generate_series(1, 2000000000) AS id, 'a@kita.example' AS email"
    its = query(url, query=form.format(endless), columns={}, patience_s=5)
    with asked(its, its.columns) as opened:
        rows = list(islice(opened.rows, 10_000))
    assert rows[-1] == (10_000, ["10000", "a@kita.example"])


@pytest.mark.parametrize(
    "statement",
    [
        "WITH x AS (SELECT 1) DELETE FROM customers",
        "SELECT id, shimei, email FROM customers; DELETE FROM customers",
    ],
)
def test_nothing_is_written(url: str, statement: str) -> None:
    """A query that would write is refused by the database itself."""
    fill(url, PEOPLE)
    with pytest.raises(SourceError):
        read(query(url, query=statement))
    assert len(read(query(url))[1]) == 2


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"query": "SELECT nothing FROM customers"}, "refuses the query"),
        ({"query": "SELECT id FRM customers"}, "refuses the query"),
        ({"query": "SELECT id, shimei FROM customers"}, None),
        ({"columns": {"name": "name"}}, "no column is called “name”"),
    ],
)
def test_refused(url: str, more: dict[str, Any], words: str | None) -> None:
    """A query that is wrong is told as such, and no value with it."""
    fill(url, PEOPLE)
    if words is None:
        assert len(read(query(url, **more))[1]) == 2
        return
    with pytest.raises(SourceError, match=words) as refused:
        read(query(url, **more))
    assert not isinstance(refused.value, SourceAwayError)
    assert "kita" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_values_stay_out_of_errors(url: str) -> None:
    """What PostgreSQL repeats of a row is not repeated here."""
    if url.startswith("sqlite"):
        pytest.skip("SQLite casts anything")
    fill(url, PEOPLE)
    with pytest.raises(SourceError) as refused:
        read(query(url, query="SELECT id, email, CAST(email AS int) AS phone FROM customers"))
    assert "taro" not in str(refused.value)


def test_too_slow(url: str) -> None:
    """A step that takes too long is given up, and may go better another day."""
    fill(url, PEOPLE)
    endless = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
        " SELECT count(*) AS id, '' AS email FROM n"
    )
    with pytest.raises(SourceAwayError, match=r"took over 0\.3 s"):
        read(query(url, query=endless, patience_s=0.3))


def test_away(tmp_path: Path) -> None:
    """A server that does not answer is away; a file that is not there is not made."""
    with pytest.raises(SourceAwayError):
        read(query("postgresql://reader@127.0.0.1:1/crm", patience_s=2))
    with pytest.raises(SourceError):
        read(query(f"sqlite:///{tmp_path}/none.db"))
    assert not list(tmp_path.iterdir())


def test_no_driver() -> None:
    """What is lacking is named."""
    with pytest.raises(SourceError, match="no driver for “oracle"):
        read(query("oracle+oracledb://reader@db.example/crm"))


def test_signs_that_mean_something_elsewhere(url: str) -> None:
    """Percent signs and colons in a query are what they are."""
    fill(url, PEOPLE)
    only = "SELECT id, shimei, email, '12:30' AS x FROM customers WHERE email LIKE '%kita%'"
    assert [number for number, _ in read(query(url, query=only))[1]] == [1]


def test_password_from_a_file(tmp_path: Path) -> None:
    """It is read when it is needed, and a missing file is named."""
    with pytest.raises(SourceError, match="password_file"):
        read(query("postgresql://r@127.0.0.1:1/crm", password_file=tmp_path / "none"))


def test_a_locked_database(tmp_path: Path) -> None:
    """A SQLite database that somebody writes to for too long is away."""
    path = tmp_path / "crm.db"
    fill(f"sqlite:///{path}", PEOPLE)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SourceAwayError):
            read(query(f"sqlite:///{path}", patience_s=0.2))
