"""One page of a PDF, as pdfium gives it."""

import ctypes
import re
from types import TracebackType
from typing import Any, Final

import pypdfium2.raw as pdfium

from guard.extract.pdfdocument import Document
from guard.extract.pdfpictures import share_of_pictures
from guard.extract.scans import FEW, LITTLE, is_scan, letters

_SAMPLE: Final = 200
"""Characters of a page that are asked whether their font says what they are."""

_UNMAPPED_SHARE: Final = 10
"""One in so many of them without an answer: the text is not what the page shows."""

_OUTLINES: Final = 40
"""Shapes that may be letters drawn as outlines, on a page without text."""

_DEPTH: Final = 4
_MOST_OBJECTS: Final = 2_000
_OCR_SCALE: Final = 200 / 72
"""Pixels for a point: 200 dots an inch, which tesseract is trained for."""

_MOST_PIXELS: Final = 25_000_000
_HYPHEN: Final = re.compile("[\ufffe\x02]\r?\n?")
"""What pdfium gives for a hyphen at the end of a line."""

_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f]")


class Page:
    """A page that is open; closing it frees what pdfium holds of it."""

    def __init__(self, document: Document, index: int, handle: Any) -> None:
        self.document: Final = document
        self._index = index
        self.handle: Final = handle

    @classmethod
    def loaded(cls, document: Document, index: int) -> "Page | None":
        """Load the page with this number, from 0; `None` if it is damaged."""
        handle = pdfium.FPDF_LoadPage(document.handle, index)
        if not handle:
            return None
        if document.form:
            pdfium.FORM_OnAfterLoadPage(handle, document.form)
        return cls(document, index, handle)

    def __enter__(self) -> "Page":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.document.form:
            pdfium.FORM_OnBeforeClosePage(self.handle, self.document.form)
        pdfium.FPDF_ClosePage(self.handle)

    def text(self) -> str:
        """
        Give the text in the order of the page.

        `FPDFText_GetBoundedText` would leave out what stands beyond the page's edge.
        """
        content = pdfium.FPDFText_LoadPage(self.handle)
        if not content:
            return ""
        try:
            return _text(content)
        finally:
            pdfium.FPDFText_ClosePage(content)

    def unmapped(self) -> bool:
        """Whether the fonts keep silent about what many of the characters are."""
        content = pdfium.FPDFText_LoadPage(self.handle)
        if not content:
            return False
        try:
            count = pdfium.FPDFText_CountChars(content)
            step = max(1, count // _SAMPLE)
            asked = range(0, count, step)
            silent = sum(pdfium.FPDFText_HasUnicodeMapError(content, at) > 0 for at in asked)
            return bool(silent * _UNMAPPED_SHARE > len(asked))
        finally:
            pdfium.FPDFText_ClosePage(content)

    def flattened(self) -> "Page | None":
        """Open the page with stamps and fields drawn into it, for good; `None` if that fails."""
        if pdfium.FPDFPage_Flatten(self.handle, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_FAIL:
            return None
        return Page.loaded(self.document, self._index)

    def is_scan(self, text: str) -> bool:
        """Whether it is a picture of text, or letters drawn as outlines, beside this *text*."""
        chars = letters(text)
        return self.shows_pictures() if chars < FEW else self.is_pictured(chars)

    def is_pictured(self, chars: int) -> bool:
        """Whether pictures cover so much of it that so many characters are not what it says."""
        return chars < LITTLE and is_scan(chars, share_of_pictures(self.handle))

    def shows_pictures(self) -> bool:
        """Whether there is a picture, or so many shapes that they may be letters."""
        count = pdfium.FPDFPage_CountObjects(self.handle)
        shapes = 0
        for at in range(min(count, _MOST_OBJECTS)):
            found = _pictures(pdfium.FPDFPage_GetObject(self.handle, at), 0)
            if found is None:
                return True
            shapes += found
            if shapes >= _OUTLINES:
                return True
        return False

    def picture(self) -> tuple[int, int, bytes]:
        """Render the page in shades of grey: width, height, and an octet for each pixel."""
        width = pdfium.FPDF_GetPageWidthF(self.handle) * _OCR_SCALE
        height = pdfium.FPDF_GetPageHeightF(self.handle) * _OCR_SCALE
        shrink = min(1.0, (_MOST_PIXELS / max(1.0, width * height)) ** 0.5)
        size = max(1, int(width * shrink)), max(1, int(height * shrink))
        bitmap = pdfium.FPDFBitmap_CreateEx(*size, pdfium.FPDFBitmap_Gray, None, 0)
        if not bitmap:
            raise MemoryError
        try:
            pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, *size, 0xFFFFFFFF)
            pdfium.FPDF_RenderPageBitmap(bitmap, self.handle, 0, 0, *size, 0, pdfium.FPDF_ANNOT)
            stride = pdfium.FPDFBitmap_GetStride(bitmap)
            buffer = pdfium.FPDFBitmap_GetBuffer(bitmap)
            octets = ctypes.string_at(buffer, stride * size[1])
        finally:
            pdfium.FPDFBitmap_Destroy(bitmap)
        rows = (octets[at : at + size[0]] for at in range(0, len(octets), stride))
        return size[0], size[1], b"".join(rows)


def _text(content: Any) -> str:
    count = pdfium.FPDFText_CountChars(content)
    if count <= 0:
        return ""
    buffer = (ctypes.c_ushort * (2 * count + 1))()  # a character may take two units
    units = pdfium.FPDFText_GetText(content, 0, count, buffer)
    text = bytes(buffer)[: 2 * max(0, units - 1)].decode("utf-16-le", "replace")
    text = _HYPHEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("\ufffd", text)


def _pictures(found: Any, depth: int) -> int | None:
    """Count the shapes of an object; `None` for a picture, or one within."""
    match pdfium.FPDFPageObj_GetType(found):
        case pdfium.FPDF_PAGEOBJ_IMAGE:
            return None
        case pdfium.FPDF_PAGEOBJ_PATH | pdfium.FPDF_PAGEOBJ_SHADING:
            return 1
        case pdfium.FPDF_PAGEOBJ_FORM if depth < _DEPTH:
            shapes = 0
            for at in range(min(pdfium.FPDFFormObj_CountObjects(found), _MOST_OBJECTS)):
                inner = _pictures(pdfium.FPDFFormObj_GetObject(found, at), depth + 1)
                if inner is None:
                    return None
                shapes += inner
            return shapes
    return 0
