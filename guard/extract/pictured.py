"""
How much of a document, slide or sheet of an Office file its pictures take.

Sizes are those of ECMA-376 part 1 (§20.1.7.3 on drawings, §20.4.2.7 in a document, §17.6.13 of its
page) and OpenDocument 1.3 part 3 (§19.575), all made points.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from guard.extract.canvas import Canvas
from guard.extract.elements import Handler, attribute, root_of, walk, whole
from guard.extract.scans import letters

_EMU: Final = 12_700
"""English metric units to a point."""

_TWIPS: Final = 20
_A4: Final = (595.0, 842.0)
_SCREEN: Final = (794.0, 447.0)
"""A slide of OpenDocument, 28 by 15.75 cm: its size stands in another part."""

_LENGTH: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(pt|in|cm|mm|px|pc|)\s*")
_POINTS: Final = {
    "pt": 1.0, "in": 72.0, "cm": 72 / 2.54, "mm": 7.2 / 2.54, "px": 0.75, "pc": 12.0, "": 0.75,
}  # fmt: skip
_STYLED: Final = re.compile(r"(?:^|;)\s*(width|height)\s*:([^;]*)")
_PICTURED: Final = re.compile(rb"[<:](?:blip|imagedata|image)[\s/>]")


def canvases(
    name: str, octets: bytes, place: str, slide: tuple[float, float] = _SCREEN
) -> Iterator[Canvas]:
    """
    Give what the part called *name* shows, if it has pictures; *slide* is the size of slides.

    Of a sheet of a workbook the text stands elsewhere, and is not counted.

    Raises:
        UnreadError: It cannot be parsed.
    """
    in_wide_letters = b"\0" in octets[:4]  # UTF-16, in which no octets are looked for
    if not (in_wide_letters or _PICTURED.search(octets)):
        return
    # By what it is: packages say where their parts stand, and need not put them where Office does.
    match root_of(octets):
        case "document":
            handler: _Pictures = _Words(place)
        case "sld":
            handler = _Drawing(place, slide)
        case "wsDr":
            handler = _Drawing(place, _A4)
        case "document-content" if name == "content.xml":  # not that of an object within
            handler = _OpenDocument(place)
        case _:
            return
    walk(octets, handler)
    yield from (canvas for canvas in handler.found if canvas.pages)


def slide_size(presentation: bytes) -> tuple[float, float]:
    """Give the size of slides in points by the main part of a presentation (§19.2.1.39)."""
    size = re.search(rb"<(?:\w+:)?sldSz\s([^>]*)>", presentation)
    given = dict(re.findall(rb'\b(cx|cy)="(\d{1,12})"', size[1])) if size else {}
    width, height = int(given.get(b"cx", 0)) / _EMU, int(given.get(b"cy", 0)) / _EMU
    return (width, height) if width and height else _SCREEN


class _Pictures(Handler):
    """What the walks have in common: text is counted while an element for it is open."""

    _texts: frozenset[str] = frozenset({"t"})
    _aside: frozenset[str] = frozenset()
    """Elements in which pictures stand for something else that is read, or are ornaments."""

    def __init__(self, place: str) -> None:
        self.found = [Canvas(place)]
        self._in_text = 0
        self._in_aside = 0

    def start(self, local: str, attributes: Mapping[str, str]) -> None:
        self._in_text += local in self._texts
        if local in self._aside:
            self._in_aside += 1
        elif not self._in_aside:
            self.begin(local, attributes)

    def end(self, local: str) -> None:
        self._in_text -= local in self._texts
        if local in self._aside:
            self._in_aside -= 1
        elif not self._in_aside:
            self.finish(local)

    def text(self, text: str) -> None:
        if self._in_text and not self._in_aside:
            self.found[-1].chars += letters(text)

    def begin(self, local: str, attributes: Mapping[str, str]) -> None:
        """Begin an element that counts."""

    def finish(self, local: str) -> None:
        """End an element that counts."""


class _Words(_Pictures):
    """The body of a document: drawings, and the shapes that older programs write."""

    _aside = frozenset({"Fallback", "object", "numPicBullet"})

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self._sizes: list[tuple[float, float]] = []
        self._page = _A4
        self._size = (0.0, 0.0)
        self._behind = self._has_picture = False

    def begin(self, local: str, attributes: Mapping[str, str]) -> None:
        match local:
            case "inline" | "anchor":
                self._size, self._has_picture = (0.0, 0.0), False
                self._behind = attributes.get("behindDoc") in {"1", "true"}
            case "extent":
                self._size = _emu(attributes)
            case "blip":
                self._has_picture |= bool(attribute(attributes, "embed"))
            case "shape" | "rect":
                self._size = _styled(attributes.get("style", ""))
            case "imagedata":
                self._sizes.append(self._size)
                self._behind = False
            case "pgSz":
                found = (whole(attribute(attributes, name)) / _TWIPS for name in ("w", "h"))
                width, height = found
                if width and height:
                    self._page = (width, height)

    def finish(self, local: str) -> None:
        canvas = self.found[0]
        if local in {"inline", "anchor"} and self._has_picture:
            self._has_picture = False
            if self._behind:
                canvas.show(*self._size, self._page, flat=False)
            else:
                self._sizes.append(self._size)
        elif local == "body":
            canvas.flows = True
            # The size of the page stands behind what is on it.
            for size in self._sizes:
                canvas.show(*size, self._page, flat=True)


class _Drawing(_Pictures):
    """A slide, or the pictures over a sheet."""

    _aside = frozenset({"Fallback", "graphicFrame", "oleObj", "buBlip"})

    def __init__(self, place: str, page: tuple[float, float]) -> None:
        super().__init__(place)
        self._page = page
        self._anchor = (0.0, 0.0)
        self._size: tuple[float, float] | None = None
        self._in_shape = False
        self._has_picture = False
        self._groups = [((1.0, 1.0), (1.0, 1.0))]
        """Outer and inner sizes of the groups around."""

    def begin(self, local: str, attributes: Mapping[str, str]) -> None:
        match local:
            case "pic" | "sp" | "bg":
                self._in_shape, self._has_picture = True, False
                self._size = self._page if local == "bg" else None
            case "grpSp":
                self._groups.append(((1.0, 1.0), (1.0, 1.0)))
            case "oneCellAnchor" | "twoCellAnchor" | "absoluteAnchor":
                self._anchor = (0.0, 0.0)
            case "blip":
                self._has_picture |= self._in_shape and bool(attribute(attributes, "embed"))
            case "ext" if "cx" in attributes:
                if self._in_shape:
                    self._size = self._size or _emu(attributes)
                elif len(self._groups) > 1:
                    self._groups[-1] = (_emu(attributes), self._groups[-1][1])
                else:
                    self._anchor = _emu(attributes)
            case "chExt":
                self._groups[-1] = (self._groups[-1][0], _emu(attributes))

    def finish(self, local: str) -> None:
        if local == "grpSp" and len(self._groups) > 1:
            self._groups.pop()
        if local not in {"pic", "sp", "bg"}:
            return
        self._in_shape = False
        if not self._has_picture:
            return
        width, height = self._size or self._anchor
        for outer, inner in self._groups:
            width *= outer[0] / inner[0] if outer[0] and inner[0] else 1.0
            height *= outer[1] / inner[1] if outer[1] and inner[1] else 1.0
        self.found[0].show(width, height, self._page, flat=False)


class _OpenDocument(_Pictures):
    """A text, or the slides of a presentation, or the tables of a spreadsheet."""

    _texts = frozenset({"p", "h"})
    _aside = frozenset({"tracked-changes", "annotation", "notes"})

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self._frames: list[tuple[float, float]] = []
        self._whats: list[set[str]] = []
        self._page = _A4
        self._slides = False
        self._outermost = False
        """The next element says what the document is."""

    def begin(self, local: str, attributes: Mapping[str, str]) -> None:
        if self._outermost:
            self.found[0].flows = local == "text"
            if local in {"presentation", "drawing"}:
                self._slides, self._page = True, _SCREEN
        self._outermost = local == "body"
        match local:
            case "page" if self._slides:
                self.found.append(Canvas(f"slide {len(self.found)}"))
            case "table" if not self._slides and not self.found[0].flows:
                self.found.append(Canvas(f"sheet “{attribute(attributes, 'name')}”"))
            case "frame":
                width, height = (_length(attribute(attributes, key)) for key in ("width", "height"))
                self._frames.append((width, height))
                self._whats.append(set())
            case "image" | "object" | "object-ole" | "plugin" if self._whats:
                self._whats[-1].add(local)

    def finish(self, local: str) -> None:
        if local != "frame" or not self._frames:
            return
        size = self._frames.pop()
        if self._whats.pop() == {"image"}:  # of an object it is a picture of what is read
            canvas = self.found[-1]
            canvas.show(*size, self._page, flat=canvas.flows)


def _emu(attributes: Mapping[str, str]) -> tuple[float, float]:
    width, height = (whole(attributes.get(name, "")) / _EMU for name in ("cx", "cy"))
    return width, height


def _length(said: str) -> float:
    found = _LENGTH.fullmatch(said)
    return float(found[1]) * _POINTS[found[2]] if found else 0.0


def _styled(style: str) -> tuple[float, float]:
    said = {name: _length(value) for name, value in _STYLED.findall(style)}
    return said.get("width", 0.0), said.get("height", 0.0)
