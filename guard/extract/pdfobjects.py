"""The objects of a PDF as they lie in the file: damage that a viewer mends, text that it hides."""

import re
from collections.abc import Iterator
from typing import Final

from guard.extract.budget import Budget
from guard.extract.pdfforms import Forms
from guard.extract.pdfstreams import content_of
from guard.extract.pdfstrings import strings
from guard.extract.pdfsyntax import is_content
from guard.extract.pieces import UnreadError
from guard.model.extract import Reason

_STREAM: Final = re.compile(rb"(?<!end)stream(\r\n|\n|\r)")
_BEGIN: Final = re.compile(rb"(?<!\d)(\d{1,7})\s+\d{1,5}\s+obj\b")
_NUMBER: Final = re.compile(rb"(\d{1,7})\s+\d{1,5}\s*$")
_PREDICTED: Final = re.compile(rb"/(?:Type\s*/XRef|Subtype\s*/Image|FontFile|Length[123])\b")
_IMAGE: Final = re.compile(rb"/Subtype\s*/Image\b")
_IDENTITY: Final = re.compile(rb"/ID\s*\[[^\]]*\]")
"""Says which file this is, by octets that were drawn by lot."""

_TABLE: Final = re.compile(rb"/Type\s*/XRef\b")
_OBJECTS: Final = re.compile(rb"/Type\s*/ObjStm\b")
_FIRST: Final = re.compile(rb"/First\s+(\d{1,9})")
_DIGITS: Final = re.compile(rb"(?<!\S)\d{1,10}(?!\S)")
_MARKUP: Final = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?<(?:\?xml|\?xpacket|x:xmpmeta|xdp:|template|config)"
)
_DICTIONARY_BYTES: Final = 16_000
_MOST_STRINGS: Final = 200_000

_PAGE: Final = re.compile(rb"/Type\s*/Page(?![\w])")
_PAGES: Final = re.compile(rb"/Type\s*/Pages\b")
_KIDS: Final = re.compile(rb"/Kids\s*\[([^\]]*)\]")
_REFERENCE: Final = re.compile(rb"(?<![\d.])(\d{1,7})\s+\d{1,5}\s+R\b")
_FILES: Final = re.compile(rb"/EF\s*<<([^<>]*)>>")
_FILE: Final = re.compile(rb"/Type\s*/EmbeddedFile\b")
_SIZE: Final = re.compile(rb"(?:trailer|/Type\s*/XRef)\b.{0,400}?/Size\s+(\d{1,7})\b", re.DOTALL)

_EASTERN: Final = re.compile(
    rb"/Encoding\s*/(?:Uni(?:JIS|GB|CNS|KS)|\d\d(?:ms|pv|msp)?-|Ext-|Add-|EUC-|GB|KSC|ETen|HK|B5|CNS|[HV]\b)"
)
"""Encodings by which a font need not be in the file (ISO 32000-1 §9.7.5.2)."""

_BOX: Final = re.compile(rb"/BBox\b")
_WRITES: Final = re.compile(rb"[)>\]]\s*(?:T[jJ]|['\"])(?![\w])")
"""The operators that show text (ISO 32000-1 §9.4.3)."""

_SHOWS: Final = re.compile(rb"(?<!\S)BT\s.{1,2000}?(?:Tf|Td|Tm|Tj|TJ|ET)(?!\S)", re.DOTALL)
"""A text object, or what is left of one (§9.4.1)."""

_GLYPH: Final = re.compile(rb"\s*(?:[-+.\d]+\s+){2}(?:d0|(?:[-+.\d]+\s+){4}d1)\b")
"""How the procedure of a glyph begins (§9.6.5)."""


class Objects:
    """What a walk over the streams found."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.damaged = False
        """The checksum of a compressed stream (RFC 1950) does not fit."""
        self.exceeds = False
        """A font, or a table, is packed more tightly than anybody needs."""
        self.strings: dict[str, None] = {}
        """Strings of the document's objects, each once."""
        self.markup: list[bytes] = []
        """Streams of XML: metadata, forms of the XFA kind."""
        self.drawings: dict[int, bytes] = {}
        """Streams that write text and are drawn from elsewhere, with their dictionaries."""
        self.has_writing_glyphs = False
        """A glyph of a font is drawn by writing text."""
        self.pages: dict[int, None] = {}
        """Objects that are pages, whether the tree of pages leads to them or not."""
        self.files: dict[int, None] = {}
        """Streams that are attached files."""
        self.counts_on_fonts = False
        """Text in a font for Chinese, Japanese or Korean, which the system may have to know."""
        self.last = 0
        """No object has a higher number."""
        self._forms = Forms()
        self._nodes: set[int] = set()
        self._rewritten = False

    def look_at(self, octets: bytes, *, rewritten: bool = False) -> None:
        """
        Walk over all streams; they must be decrypted, and *rewritten* says that pdfium did that.

        Raises:
            UnreadError: One of them is a bomb, which pdfium would unpack, or forms draw forms too
                often for it (LIMIT).
        """
        self._rewritten = rewritten
        at = 0
        for found in _STREAM.finditer(octets):
            if found.start() < at:
                continue
            head = octets[max(at, found.start() - _DICTIONARY_BYTES) : found.start()]
            begins = head.rfind(b" obj") + 1
            number = _NUMBER.search(head, 0, begins)
            self._between(octets[at : found.start()])
            at = self._stream(octets, found.end(), head[begins:], int(number[1]) if number else 0)
        self._between(octets[at:])
        for node in self._nodes:
            self.pages.pop(node, None)
        if self._forms.exceed():
            raise UnreadError(Reason.LIMIT)

    def _stream(self, octets: bytes, start: int, dictionary: bytes, number: int) -> int:
        """Look at one stream, and say where it ends."""
        try:
            content, end, damaged = content_of(octets, start, dictionary, self._budget)
        except UnreadError:
            if not _PREDICTED.search(dictionary):
                raise
            # A picture of nothing packs well, and nobody unpacks it for its text.
            self.exceeds |= _IMAGE.search(dictionary) is None
            return max(start, octets.find(b"endstream", start))
        # pdfium decrypts the table of objects, too, which was not encrypted.
        self.damaged |= damaged and not (self._rewritten and _TABLE.search(dictionary))
        self.last = max(self.last, number)
        self._sized(dictionary)
        if _FILE.search(dictionary):
            self.files[number] = None
        elif not _PREDICTED.search(dictionary):
            self._content(content, dictionary, number)
        return end

    def _content(self, content: bytes | None, dictionary: bytes, number: int) -> None:
        if content and b"/Filter" not in dictionary and _SHOWS.search(content):
            self.damaged |= not is_content(content)  # there is no checksum on it
        if _BOX.search(dictionary):
            self.drawings.pop(number, None)
            self._forms.add(number, dictionary, content or b"")
            if content is None or _WRITES.search(content):
                self.drawings[number] = dictionary
        elif content is None:
            return
        elif _MARKUP.match(content):
            self.markup.append(content)
        elif _OBJECTS.search(dictionary):
            self._collect(content)
            for inner, text in _packed(content, dictionary):
                self._object(inner, text)
        elif _GLYPH.match(content) and _WRITES.search(content):
            self.has_writing_glyphs = True
        else:
            self._forms.add_page(content)

    def _between(self, octets: bytes) -> None:
        """Look at the objects between two streams."""
        self._collect(octets)
        for piece in octets.split(b"endobj"):
            if found := _BEGIN.search(piece):
                self._object(int(found[1]), piece[found.end() :])
        self._sized(octets)

    def _sized(self, octets: bytes) -> None:
        for size in _SIZE.findall(octets):
            self.last = max(self.last, int(size))

    def _object(self, number: int, text: bytes) -> None:
        self.last = max(self.last, number)
        self._forms.note(number, text)
        self.counts_on_fonts |= _EASTERN.search(text) is not None
        if _PAGE.search(text):
            self.pages[number] = None
        elif _PAGES.search(text):
            self._nodes.add(number)
            for kids in _KIDS.findall(text):
                self.pages.update(dict.fromkeys(map(int, _REFERENCE.findall(kids))))
        for files in _FILES.findall(text):
            self.files.update(dict.fromkeys(map(int, _REFERENCE.findall(files))))

    def _collect(self, octets: bytes) -> None:
        for string in strings(_IDENTITY.sub(b"", octets)):
            if len(self.strings) >= _MOST_STRINGS:
                return
            self.strings[string] = None


def _packed(content: bytes, dictionary: bytes) -> Iterator[tuple[int, bytes]]:
    """Give number and text of the objects in a stream of objects (§7.5.7)."""
    first = _FIRST.search(dictionary)
    if first is None:
        return
    start = int(first[1])
    head = [int(digits) for digits in _DIGITS.findall(content, 0, start)]
    places = [*head[1::2], len(content) - start]
    for at, number in enumerate(head[::2]):
        if at + 1 < len(places):
            yield number, content[start + places[at] : start + places[at + 1]]
