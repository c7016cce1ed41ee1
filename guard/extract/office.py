"""Office Open XML and OpenDocument: the text of every part (ECMA-376, ISO/IEC 26300)."""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Final

from guard.extract.budget import Budget
from guard.extract.formulas import formulas
from guard.extract.kinds import Kind, kind_of
from guard.extract.pieces import Member, Piece, Source, UnreadError
from guard.extract.xmltext import XmlText
from guard.extract.zipped import Archive, entry_name
from guard.model.extract import Passage, Reason

_XML: Final = (".xml", ".rels", ".vml")
_FURNITURE: Final = re.compile(
    r"(?:.*/)?(?:printerSettings|vbaProject|vbaProjectSignature)[^/]*\.bin"
    r"|.*\.(?:odttf|fntdata|ttf|otf|sigs|psmdcp)|mimetype|Thumbnails/.*|Configurations2/.*"
    r"|layout-cache|docProps/thumbnail\..*",
    re.IGNORECASE,
)
"""Parts with no text of the document: printer settings, macros, fonts, previews."""

_PLACES: Final[tuple[tuple[str, str], ...]] = (
    (r"word/document\.xml|content\.xml", ""),
    (r"ppt/slides/slide(\d+)\.xml", "slide {}"),
    (r"ppt/notesSlides/notesSlide(\d+)\.xml", "notes {}"),
    (r"word/header\d*\.xml", "header"),
    (r"word/footer\d*\.xml", "footer"),
    (r"word/(footnotes|endnotes)\.xml", "{}"),
    (r".*comment[^/]*\.xml", "comments"),
    (r".*/drawings/.*", "drawing"),
    (r".*/charts/.*", "chart"),
    (r"xl/worksheets/sheet(\d+)\.xml", "headers and prompts of sheet {}"),
    (r"docProps/.*|meta\.xml", "properties"),
)
_SHEET_DATA: Final = re.compile(
    rb"<(?:[\w.-]+:)?sheetData[\s>].*</(?:[\w.-]+:)?sheetData\s*>", re.DOTALL
)
_SHEET: Final = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
_NUMBERS: Final = re.compile(r"(\d+)")

_PICTURE_DOCUMENT_CHARS: Final = 20
"""A document with pictures and less text than this is a scan."""


def document(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the text of a document or presentation, and the files embedded in it."""
    opened = Archive(source.octets, budget)
    refuse_encrypted(opened)
    pictures = chars = 0
    for piece in parts(opened, lambda _: False):
        if piece is None:
            pictures += 1
            continue
        if isinstance(piece, Passage):
            budget.say(len(piece.text))
            chars += len(piece.text) if piece.place != "properties" else 0
        yield piece
    if pictures and chars < _PICTURE_DOCUMENT_CHARS:
        yield Reason.IMAGE_ONLY


def parts(opened: Archive, skip: Callable[[str], bool]) -> Iterator[Piece | None]:
    """
    Give the text of each XML part, other parts as members, and `None` for each picture.

    *skip* names the parts that are read by other means. Of worksheets only what stands outside of
    the cells is read, and formulas that have no value.
    """
    yield from opened.beside()
    for info in sorted(opened.entries, key=_reading_order):
        name = info.filename
        if _FURNITURE.fullmatch(name):
            continue
        try:
            octets = opened.unpack(info)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError):
            yield Reason.CORRUPT
            continue
        if skip(name):
            continue  # after its checksum was checked, which not every other reader does
        if name.lower().endswith(_XML):
            yield from _part(name, octets)
        elif kind_of(octets) is Kind.IMAGE:
            yield None
        elif octets:
            yield Member(name=entry_name(info), octets=octets)


def refuse_encrypted(opened: Archive) -> None:
    """Raise `UnreadError` if the manifest of an OpenDocument file says so (ENCRYPTED)."""
    manifest = opened.find("META-INF/manifest.xml")
    if manifest and b"encryption-data" in opened.unpack(manifest):
        raise UnreadError(Reason.ENCRYPTED)


def _part(name: str, octets: bytes) -> Iterator[Piece]:
    if "worksheets/" in name:
        if text := formulas(octets):
            yield Passage(place=_SHEET.sub(r"sheet \1, formulas", name), text=text)
        octets = _SHEET_DATA.sub(b"", octets, count=1)
    try:
        collected = XmlText.of(octets)
    except UnreadError:
        raise
    except Exception:  # noqa: BLE001 -- expat's errors, and what its callbacks meet
        yield Reason.CORRUPT
        return
    place = _place(name)
    if text := collected.text:
        yield Passage(place=place, text=text)
    if aside := collected.aside:
        yield Passage(place=f"{place}, attributes" if place else "attributes", text=aside)


def _place(name: str) -> str:
    for pattern, place in _PLACES:
        if found := re.fullmatch(pattern, name):
            return place.format(*found.groups())
    return name.rpartition("/")[2]


def _reading_order(info: zipfile.ZipInfo) -> tuple[int, list[tuple[int, str]]]:
    """Sort the document itself first, and slide 10 behind slide 9."""
    rank = next(
        (at for at, (pattern, _) in enumerate(_PLACES) if re.fullmatch(pattern, info.filename)),
        len(_PLACES),
    )
    return rank, [
        (int(piece), "") if piece.isdecimal() and piece.isascii() else (-1, piece)
        for piece in _NUMBERS.split(info.filename)
    ]
