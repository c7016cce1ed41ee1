"""How much of a page of a PDF is covered by pictures."""

import ctypes
from collections.abc import Iterator
from typing import Any, Final

import pypdfium2.raw as pdfium

_SIDE: Final = 32
"""Fields of a grid over the page in each direction; overlapping pictures count once."""

_LEAST_PIXELS: Final = 10_000
"""Pixels of all pictures on a page: of fewer, a gradient or a colour, no text can be read."""

_MOST_OBJECTS: Final = 20_000
_DEPTH: Final = 4


def share_of_pictures(page: Any) -> float:
    """
    Give the share of the page, 0 to 1, that pictures cover; forms within forms are looked into.

    Pictures of a few pixels count as none, and a picture that is turned counts with its corners.
    """
    box = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, box):
        return 0.0
    width, height = box.right - box.left, box.top - box.bottom
    if width <= 0 or height <= 0:
        return 0.0
    covered = [0] * _SIDE
    pixels = 0
    for number, (left, bottom, right, top, points) in enumerate(_on(page)):
        if number >= _MOST_OBJECTS:
            break
        pixels += points
        first, last = _fields(left - box.left, right - box.left, width)
        columns = ((1 << max(0, last - first)) - 1) << first
        for row in range(*_fields(bottom - box.bottom, top - box.bottom, height)):
            covered[row] |= columns
    if pixels < _LEAST_PIXELS:
        return 0.0
    return sum(row.bit_count() for row in covered) / (_SIDE * _SIDE)


def _fields(start: float, end: float, whole: float) -> tuple[int, int]:
    """Give the first field whose middle is covered, and the one after the last."""
    return tuple(  # type: ignore[return-value]
        min(_SIDE, max(0, round(_SIDE * at / whole))) for at in (start, end)
    )


_Box = tuple[float, float, float, float, int]
"""Left, bottom, right, top in points of the page; pixels."""


def _on(page: Any) -> Iterator[_Box]:
    for at in range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        yield from _boxes(pdfium.FPDFPage_GetObject(page, at), (), 0)


def _boxes(found: Any, outer: tuple[pdfium.FS_MATRIX, ...], depth: int) -> Iterator[_Box]:
    match pdfium.FPDFPageObj_GetType(found):
        case pdfium.FPDF_PAGEOBJ_IMAGE:
            yield _box(found, outer)
        case pdfium.FPDF_PAGEOBJ_FORM if depth < _DEPTH:
            matrix = pdfium.FS_MATRIX()
            pdfium.FPDFPageObj_GetMatrix(found, matrix)
            for at in range(min(pdfium.FPDFFormObj_CountObjects(found), _MOST_OBJECTS)):
                inner = pdfium.FPDFFormObj_GetObject(found, at)
                yield from _boxes(inner, (matrix, *outer), depth + 1)


def _box(image: Any, outer: tuple[pdfium.FS_MATRIX, ...]) -> _Box:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium.FPDFPageObj_GetBounds(image, left, bottom, right, top)
    wide, high = ctypes.c_uint(), ctypes.c_uint()
    pdfium.FPDFImageObj_GetImagePixelSize(image, wide, high)
    corners = [(x.value, y.value) for x in (left, right) for y in (bottom, top)]
    for matrix in outer:
        corners = [
            (matrix.a * x + matrix.c * y + matrix.e, matrix.b * x + matrix.d * y + matrix.f)
            for x, y in corners
        ]
    across, up = zip(*corners, strict=True)
    return min(across), min(up), max(across), max(up), wide.value * high.value
