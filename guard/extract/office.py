"""Office Open XML and OpenDocument: the text of every part (ECMA-376, ISO/IEC 26300)."""

import re
import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import Final
from xml.parsers import expat

from guard.extract.budget import Budget
from guard.extract.canvas import Canvas, scanned
from guard.extract.formulas import formulas
from guard.extract.kinds import Kind, kind_of
from guard.extract.notes import comments
from guard.extract.pictured import canvases, slide_size
from guard.extract.pieces import Member, Piece, Source, UnreadError
from guard.extract.pivots import pivot_rows
from guard.extract.relations import owners
from guard.extract.scans import FEW
from guard.extract.slides import slides
from guard.extract.workbook import Sheet, sheets
from guard.extract.xmltext import XmlText
from guard.extract.zipped import DAMAGED, Archive, entry_name
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
    (r"word/document\.xml|content\.xml|ppt/slides/slide\d+\.xml", ""),
    (r"ppt/notesSlides/.*", "notes"),
    (r"word/header\d*\.xml", "header"),
    (r"word/footer\d*\.xml", "footer"),
    (r"word/(footnotes|endnotes)\.xml", "{}"),
    (r".*comment[^/]*\.xml", "comments"),
    (r".*/drawings/.*", "drawing"),
    (r".*/charts/.*", "chart"),
    (r".*/pivot(?:Tables|Cache)/.*", "pivot"),
    (r"xl/externalLinks/.*", "values of another workbook"),
    (r"xl/worksheets/.*", "headers and prompts"),
    (r"(?:word|ppt|xl)/(?:diagrams|slideLayouts|slideMasters)/.*", "drawing"),
    (r"docProps/.*|meta\.xml", "properties"),
)
"""What a part is called, in the order of reading; its sheet or slide is put in front."""

_ORPHAN: Final = re.compile(
    r"(?:(?P<sheet>xl/worksheets/sheet)|ppt/slides/slide|ppt/notesSlides/notesSlide)"
    r"(?P<number>\d+)\.xml"
)
_RECORDS: Final = re.compile(r"(xl/pivotCache/)pivotCacheDefinition(\d*\.xml)")
_COMMENTS: Final = re.compile(r"xl/(?:threadedC|c)omments?/?[^/]*\.xml|xl/comments/.*\.xml")
_SHEET_DATA: Final = re.compile(
    rb"<(?:[\w.-]+:)?sheetData[\s>].*</(?:[\w.-]+:)?sheetData\s*>", re.DOTALL
)
_NUMBERS: Final = re.compile(r"(\d+)")

_ABOUT: Final = re.compile(r"properties|(?:.*, )?attributes")
"""Places of text that is no page's: a scan has names of shapes and settings, too."""


def document(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the text of a document or presentation, and the files embedded in it."""
    opened = Archive(source.octets, budget)
    refuse_encrypted(opened)
    pictures, chars = yield from _judged(parts(opened, lambda _: False), {}, budget)
    if pictures and chars < FEW:
        yield Reason.IMAGE_ONLY


def parts(
    opened: Archive,
    skip: Callable[[str], bool],
    instead: Mapping[str, bytes] = MappingProxyType({}),
) -> Iterator[Piece | Canvas | None]:
    """
    Give the text of each XML part, other parts as members, and `None` for each picture.

    Where pictures are shown, a canvas says how large they are.

    *skip* names the parts that are read by other means, and *instead* has what is to be read of
    some. Of worksheets only what stands outside of the cells is read, and formulas that have no
    value. What belongs to a sheet or a slide has its name in front.
    """
    yield from opened.beside()
    found = _sheets(opened)
    places = _owners(opened, found)
    # The cells of these are read by others; no workbook shows a sheet that is not among them.
    shown = {sheet.part for sheet in found}
    slide = slide_size(_content(opened, "ppt/presentation.xml"))
    for info in sorted(opened.entries, key=_reading_order):
        name = info.filename
        if _FURNITURE.fullmatch(name):
            continue
        try:
            octets = opened.unpack(info)
        except DAMAGED:
            yield Reason.CORRUPT
            continue
        if skip(name):
            continue  # after its checksum was checked, which not every other reader does
        if name.lower().endswith(_XML):
            owner = places.get(name) or _numbered(name)
            content = instead.get(name, octets)
            for piece in _part(opened, name, content, is_sheet=name in shown):
                yield _owned(piece, owner)
            with suppress(UnreadError):  # who reads its text tells of it
                yield from canvases(name, octets, owner, slide)
        elif name.startswith("ObjectReplacements/") or kind_of(octets) is Kind.IMAGE:
            yield None  # the first is a picture of an embedded object, in formats of its own
        elif octets:
            yield Member(name=entry_name(info), octets=octets)


def beside(
    opened: Archive,
    budget: Budget,
    skip: Callable[[str], bool],
    chars: Mapping[str, int],
    instead: Mapping[str, bytes] = MappingProxyType({}),
) -> Iterator[Piece]:
    """
    Give what `parts` gives, but for pictures: for readers of cells.

    A sheet that is a picture is named; *chars* are those in the cells of each sheet.
    """
    yield from _judged(parts(opened, skip, instead), chars, budget)


def _judged(
    found: Iterable[Piece | Canvas | None], besides: Mapping[str, int], budget: Budget
) -> Generator[Piece, None, tuple[int, int]]:
    """
    Give what `parts` gives but for pictures, and name what is one.

    Then say how many pictures there are, and characters, those of each place *besides* not counted.
    """
    pictures = chars = 0
    pictured: list[Canvas] = []
    for piece in found:
        if piece is None:
            pictures += 1
        elif isinstance(piece, Canvas):
            pictured.append(piece)
        else:
            if isinstance(piece, Passage):
                budget.say(len(piece.text))
                chars += len(piece.text) if not _ABOUT.fullmatch(piece.place) else 0
            yield piece
    if pictures:
        yield from scanned(pictured, besides)
    return pictures, chars


def _content(opened: Archive, name: str) -> bytes:
    """Give a part that may be missing, or damaged, of which its reader tells."""
    info = opened.find(name)
    with suppress(UnreadError, *DAMAGED):
        return opened.unpack(info) if info else b""
    return b""


def _owners(opened: Archive, found: list[Sheet]) -> Mapping[str, str]:
    """Give the sheet or slide of each part that has one; of a package that is torn, none."""
    try:
        shown = {sheet.part: sheet.place for sheet in found} | slides(opened)
        return owners(opened, shown)
    except (UnreadError, *DAMAGED):
        return {}


def _numbered(name: str) -> str:
    """Name a sheet or slide that nothing leads to by the number in its name."""
    found = _ORPHAN.fullmatch(name)
    return f"{'sheet' if found['sheet'] else 'slide'} {found['number']}" if found else ""


def _owned(piece: Piece, owner: str) -> Piece:
    """Name the sheet or slide that a passage belongs to."""
    if isinstance(piece, Passage) and owner:
        return replace(piece, place=", ".join(filter(None, (owner, piece.place))))
    return piece


def refuse_encrypted(opened: Archive) -> None:
    """Raise `UnreadError` if the manifest of an OpenDocument file says so (ENCRYPTED)."""
    manifest = opened.find("META-INF/manifest.xml")
    if manifest and b"encryption-data" in opened.unpack(manifest):
        raise UnreadError(Reason.ENCRYPTED)


def _sheets(opened: Archive) -> list[Sheet]:
    """Give the sheets of a workbook; of a package that is torn, none."""
    try:
        return sheets(opened)
    except (UnreadError, *DAMAGED):
        return []


def _part(opened: Archive, name: str, octets: bytes, *, is_sheet: bool) -> Iterator[Piece]:
    """Give what one part says, in the way of its kind."""
    try:
        if records := _RECORDS.fullmatch(name):
            yield from _pivot(opened, octets, "pivotCacheRecords".join(records.groups()))
        elif _COMMENTS.fullmatch(name):
            for cell, text in comments(octets):
                yield Passage(place=f"comment at {cell}", text=text)
        elif not name.startswith("xl/pivotCache/pivotCacheRecords"):  # read with its definition
            yield from _xml(name, octets, is_sheet=is_sheet)
    except (expat.ExpatError, *DAMAGED):
        yield Reason.CORRUPT


def _pivot(opened: Archive, definition: bytes, records: str) -> Iterator[Passage]:
    found = opened.find(records)
    rows = pivot_rows(definition, opened.unpack(found) if found else b"")
    yield Passage(place="pivot cache", text="\n".join(rows))


def _xml(name: str, octets: bytes, *, is_sheet: bool) -> Iterator[Passage]:
    """Give the strands of a part, and what stands in its attributes."""
    if (is_sheet or "worksheets/" in name) and (text := formulas(octets)):
        yield Passage(place="formulas", text=text)
    if is_sheet:
        octets = _SHEET_DATA.sub(b"", octets, count=1)
    collected = XmlText.of(octets)
    place = _place(name)
    for strand, text in collected.strands:
        yield Passage(place=", ".join(filter(None, (place, strand))), text=text)
    if aside := collected.aside:
        yield Passage(place=", ".join(filter(None, (place, "attributes"))), text=aside)


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
