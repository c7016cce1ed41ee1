"""Records of binary workbooks: short ones, which have no column, and whatever octets come."""

import struct
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from guard.extract import biff12
from guard.extract.budget import Budget
from guard.extract.read import read
from guard.model.extract import ReadState

SHORT = Path(__file__).parents[2] / "corpus/files/sheetjs/book.xlsb"


def record(kind: int, payload: bytes) -> bytes:
    return bytes([kind, len(payload)]) + payload


def text(characters: str) -> bytes:
    return struct.pack("<I", len(characters)) + characters.encode("utf-16-le")


def test_rows_of_short_and_long_cells() -> None:
    """A short cell stands right of the one before it."""
    style = bytes(4)
    sheet = (
        record(0, struct.pack("<I", 4) + bytes(9))
        + record(6, struct.pack("<I", 1) + style + text("山田"))
        + record(17, style + text("太郎"))
        + record(18, style + struct.pack("<I", 1))
        + record(2, struct.pack("<I", 6) + style + struct.pack("<I", 9012 << 2 | 2))
        + record(16, style + struct.pack("<d", 1.5))
        + record(15, style + b"\1")
    )
    assert list(biff12.rows(sheet, ["a", "b"])) == [(5, "\t山田\t太郎\tb\t\t\t9012\t1.5\tTRUE")]
    assert biff12.has_short_cells(sheet)


@given(st.binary(max_size=400), st.lists(st.text(max_size=5), max_size=3))
def test_any_octets(octets: bytes, shared: list[str]) -> None:
    list(biff12.rows(octets, shared))
    list(biff12.sheets(octets))
    biff12.shared_strings(octets)


def test_what_sheetjs_writes() -> None:
    """Calamine gives the first column of it, and no error."""
    for plain in (False, True):
        found = read("book.xlsb", SHORT.read_bytes(), budget=Budget(), plain=plain)
        rows = [p.text for p in found.passages if p.place == "very hidden sheet “Very”"]
        assert any(row.count("\t") >= 3 and "@" in row for row in rows)
        assert (found.state is ReadState.READ) is not plain
