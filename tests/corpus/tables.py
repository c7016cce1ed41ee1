"""Databases and sheets of columns."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from tests.corpus.planted import Case, Plant


def _connection(path: Path | str, plant: Plant, *, encoding: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA encoding = '{encoding}'")
    connection.execute("CREATE TABLE 顧客 (name TEXT, kana TEXT, mail TEXT, tel TEXT)")
    connection.executemany(
        "INSERT INTO 顧客 VALUES (?, ?, ?, ?)",
        [
            each.cells
            for each in plant.rows("table", 12, place="顧客" if path != ":memory:" else "")
        ],
    )
    connection.execute("CREATE TABLE old (note BLOB, long TEXT)")
    blob, long = plant.line("blob"), plant.line("long field")
    connection.execute("INSERT INTO old VALUES (?, ?)", (blob.encode(), "頁" * 6000 + long))
    connection.commit()
    return connection


def database(path: Path, plant: Plant, *, encoding: str) -> None:
    """Two tables; a text in octets, and one that overflows its page."""
    path.unlink(missing_ok=True)
    _connection(path, plant, encoding=encoding).close()


def dump(path: Path, plant: Plant) -> None:
    """What SQLite writes as SQL."""
    connection = _connection(":memory:", plant, encoding="UTF-8")
    # A dump has octets as hexadecimal digits, which no reader need take for text.
    plant.planted[:] = [each for each in plant.planted if each.kind != "blob"]
    path.write_text("\n".join(connection.iterdump()), "utf-8")


def parquet(path: Path, plant: Plant, *, compression: str) -> None:
    """Columns, packed."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    people = plant.rows("columns", 20)
    columns = zip(*(each.cells for each in people), strict=True)
    table = pa.table(dict(zip(("name", "kana", "mail", "tel"), map(list, columns), strict=True)))
    table = table.replace_schema_metadata({"note": plant.line("metadata")})
    pq.write_table(table, path, compression=compression)


def feather(path: Path, plant: Plant) -> None:
    """An Arrow file."""
    import pyarrow as pa
    from pyarrow import feather as arrow

    people = plant.rows("columns", 12)
    arrow.write_feather(
        pa.table({"name": [each.name for each in people], "line": [each.line for each in people]}),
        str(path), compression="zstd",
    )  # fmt: skip


def cases() -> Iterator[Case]:
    """What this module makes."""
    for name, encoding in (("utf8", "UTF-8"), ("utf16", "UTF-16le")):
        yield Case(
            file=f"sqlite/customers-{name}.sqlite", format="sqlite", producer="SQLite",
            build=lambda path, plant, encoding=encoding: database(path, plant, encoding=encoding),
        )  # fmt: skip
    yield Case(file="sqlite/customers.sql", format="sql", producer="SQLite", build=dump)
    for compression in ("snappy", "zstd"):
        yield Case(
            file=f"pyarrow/customers-{compression}.parquet", format="parquet", producer="PyArrow", proof=False,
            build=lambda path, plant, compression=compression: parquet(path, plant, compression=compression),
        )  # fmt: skip
    yield Case(
        file="pyarrow/customers.feather",
        format="feather",
        producer="PyArrow",
        build=feather,
        proof=False,
    )
