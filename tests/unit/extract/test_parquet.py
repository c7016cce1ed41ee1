"""Parquet, with pyarrow and without."""

import io
import sys

import pytest

from guard.extract.budget import Budget
from guard.extract.read import read
from guard.model.extract import ReadState, Reason


def parquet() -> bytes:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet as format_

    target = io.BytesIO()
    rows = arrow.table({"name": [f"山田太郎{n}" for n in range(50)], "n": list(range(50))})
    format_.write_table(rows, target, write_page_checksum=True)
    return target.getvalue()


def test_rows() -> None:
    """A row is a line, columns are parted by tabs."""
    found = read("a.parquet", parquet(), budget=Budget())
    assert found.state is ReadState.READ
    assert "山田太郎49\t49" in found.text.splitlines()
    assert "name\tn" in found.text.splitlines()


def test_without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is missing, that is told."""
    octets = parquet()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert read("a.parquet", octets, budget=Budget()).reasons == (Reason.UNSUPPORTED,)


def test_damage_and_encryption() -> None:
    """Neither is silence."""
    octets = parquet()
    assert read("a.parquet", octets[:-20], budget=Budget()).reasons == (Reason.CORRUPT,)
    assert read("a.parquet", b"PARE" + bytes(90) + b"PARE", budget=Budget()).reasons == (
        Reason.ENCRYPTED,
    )
