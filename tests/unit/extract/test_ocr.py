"""Text in pictures: read where the engine is there, and never a proof."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.extract import ocr
from guard.extract.budget import Budget
from guard.extract.read import read
from guard.model.extract import Reason

PRINTED = Path(__file__).parents[2] / "samples" / "pdf" / "printed.pdf"


def scan(format_: str) -> bytes:
    """The upper part of a printed page as a picture, or a file that shows it."""
    pytest.importorskip("PIL")
    if not ocr.available():
        pytest.skip("no tesserocr, or none of its languages")
    import pypdfium2

    document = pypdfium2.PdfDocument(PRINTED)
    picture = document[0].render(scale=2.5).to_pil().convert("L")
    target = io.BytesIO()
    picture.crop((0, 0, picture.width, 400)).save(target, format_)
    document.close()
    return target.getvalue()


@pytest.mark.parametrize("format_", ["PNG", "PDF"])
def test_text_in_a_scan(format_: str) -> None:
    """What was recognised is given, and the picture stays one that nobody has read."""
    found = read("scan", scan(format_), budget=Budget(ocr_pages=1))
    assert "example.com" in found.text
    assert found.reasons == (Reason.IMAGE_ONLY,)


def test_off_unless_asked_for() -> None:
    """No setting, no engine; and pages beyond the number are not looked at."""
    found = read("scan", scan("PNG"), budget=Budget())
    assert not found.text


@given(st.binary(max_size=100))
def test_no_picture(octets: bytes) -> None:
    """What cannot be opened as a picture has no text."""
    assert not ocr.recognised_file(b"\x89PNG\r\n\x1a\n" + octets)
