"""
Letters that pdfium leaves out: each drawn by itself, in a font that neither file nor system has.

It gives no text of what has no width, and a letter without a shape has none. On a system without
Japanese fonts, such letters of a PDF that counts on them would be gone without a word.
"""

import ctypes
import io
from typing import Any, Final

import pypdf
import pypdfium2.raw as pdfium
from pypdf.errors import PyPdfError

from guard.extract.pieces import UnreadError
from guard.extract.scans import letters
from guard.model.extract import Reason

_MOST_OBJECTS: Final = 20_000
_MOST_PAGES: Final = 50
"""Pages of a file that are read once more; pypdf takes 20 ms for one."""

_NARROW: Final = 0.01
"""Points; pdfium's own limit."""


class Letters:
    """What pypdf makes of pages with such letters; a file is parsed when the first one comes."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._reader: pypdf.PdfReader | None = None
        self._left = _MOST_PAGES

    def beside(self, page: Any, index: int, text: str) -> str:
        """
        Give the text of a page, from 0, once more if there is more of it than *text*.

        Raises:
            UnreadError: There may be, but it cannot be read (UNSUPPORTED).
        """
        if not _has_narrow_text(page):
            return ""
        self._left -= 1
        try:
            if self._left < 0:
                raise UnreadError(Reason.UNSUPPORTED)
            if self._reader is None:
                self._reader = pypdf.PdfReader(io.BytesIO(self._octets))
            found = self._reader.pages[index].extract_text()
        except (PyPdfError, RecursionError, ValueError, KeyError, IndexError, TypeError):
            raise UnreadError(Reason.UNSUPPORTED) from None
        return found if letters(found) > letters(text) else ""


def _has_narrow_text(page: Any) -> bool:
    sides = tuple(ctypes.c_float() for _ in range(4))
    for at in range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        found = pdfium.FPDFPage_GetObject(page, at)
        if pdfium.FPDFPageObj_GetType(found) != pdfium.FPDF_PAGEOBJ_TEXT:
            continue
        pdfium.FPDFPageObj_GetBounds(found, *sides)
        if abs(sides[2].value - sides[0].value) < _NARROW:
            return True
    return False
