"""Text in binary records is seen, in every encoding that Office wrote, wherever it begins."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.extract.budget import Budget
from guard.extract.read import read
from guard.extract.scraped import runs
from guard.model.extract import ReadState, Reason

ROW = "山田 太郎 yamada@kita-shoji.example 090-1234-5678"


@pytest.mark.parametrize("encoding", ["utf-16-le", "cp932"])
@pytest.mark.parametrize("shift", [0, 1, 2, 3])
def test_runs(encoding: str, shift: int) -> None:
    """A comment in an old workbook stands between records of numbers."""
    octets = b"\x01" * shift + b"\x00\x02\x1f" + ROW.encode(encoding) + b"\x00\x00\x03\x01"

    assert ROW in runs(octets)


@given(octets=st.binary(max_size=4000))
def test_any_octets(octets: bytes) -> None:
    """Noise gives text or none, and never an error."""
    assert isinstance(runs(octets), str)


def test_a_workbook_that_killed_its_reader_is_partial() -> None:
    """After a crash its text is still searched, and nobody says that all was read."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", b"\x00\x01")
        archive.writestr("xl/comments1.bin", b"\x00\x05\x00" + ROW.encode("utf-16-le"))
    found = read("list.xlsb", file.getvalue(), budget=Budget(), plain=True)

    assert ROW in found.text
    assert (found.state, found.reasons) == (ReadState.PARTIAL, (Reason.CRASH,))
