"""What a PDF holds beside the pages that its tree leads to."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Final

from guard.extract.budget import Budget
from guard.extract.pdfdocument import Document
from guard.extract.pdfnotes import attachments
from guard.extract.pdfobjects import Objects
from guard.extract.pdfoverlay import HIGHEST, overlaid
from guard.extract.pdfpage import Page
from guard.extract.pdfstrings import says_something
from guard.extract.pieces import Member, Piece, UnreadError
from guard.model.extract import Passage, Reason

_END: Final = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF[ \r\n]*")
_SPACES: Final = re.compile(r"\s+")
MOST_REVISIONS: Final = 32
"""Earlier revisions that are read; who signs or comments adds one at each saving."""

_MOST_LOOKED_FOR: Final = 5_000
"""Lines that are looked for within the others; of more, each is given that is no line of them."""


class Said:
    """Text that was given, to leave out what would only say it again."""

    def __init__(self) -> None:
        self._lines: set[str] = set()
        self._texts: list[str] = []
        self._whole: str | None = None
        self._looked = 0
        self.files: set[bytes] = set()
        """Checksums of attachments."""

    def add(self, text: str) -> None:
        """Note a passage."""
        bare = [_SPACES.sub("", line) for line in text.splitlines()]
        self._lines.update(bare)
        self._texts.extend(bare)
        self._whole = None

    def unsaid(self, text: str) -> str:
        """Give the lines of *text* that say something and stand nowhere else."""
        return "\n".join(
            line for line in text.splitlines() if says_something(line) and not self.has(line)
        )

    def has(self, line: str) -> bool:
        """Whether it was given, as a line or, spaces apart, within others."""
        bare = _SPACES.sub("", line)
        if bare in self._lines:
            return True
        self._looked += 1
        if self._looked > _MOST_LOOKED_FOR:
            return False
        if self._whole is None:
            self._whole = "".join(self._texts)
        return bare in self._whole

    def is_new(self, octets: bytes) -> bool:
        """Note an attachment, and whether it is the first like it."""
        checksum = hashlib.sha256(octets).digest()
        new = checksum not in self.files
        self.files.add(checksum)
        return new


def earlier(octets: bytes, password: str, said: Said) -> Iterator[Piece]:
    """
    Give text of pages as they were before an incremental update (ISO 32000-2 §7.5.6).

    Nobody sees it, but it is in the file, and any program that cuts its end off shows it.
    """
    # A file that is made for the web begins with an end that is none: its table is at 0.
    ends = [found.end() for found in _END.finditer(octets) if int(found[1])][:-1]
    for end in ends[:MOST_REVISIONS]:
        try:
            with Document.opened(octets[:end], password) as document:
                yield from _earlier(document, said)
        except UnreadError:
            continue  # no revision, but octets that look like the end of one
    if len(ends) > MOST_REVISIONS:
        yield Reason.LIMIT


def _earlier(document: Document, said: Said) -> Iterator[Passage]:
    for number in range(1, document.pages + 1):
        if page := Page.loaded(document, number - 1):
            with page:
                if text := said.unsaid(page.text()):
                    said.add(text)
                    yield Passage(place=f"page {number}, earlier revision", text=text)


def aside(
    octets: bytes, objects: Objects, *, pages: int, said: Said, budget: Budget
) -> Iterator[Piece]:
    """
    Give what is drawn by patterns, masks and hidden notes, pages and files that nothing leads to.

    *pages* are as many as the document says it has. What cannot be opened is `UNSUPPORTED`.
    """
    if objects.has_writing_glyphs:
        yield Reason.UNSUPPORTED
    outside = list(objects.pages) if len(objects.pages) > pages else []
    if not (objects.drawings or outside or objects.files):
        return
    try:
        if objects.last >= HIGHEST:
            raise UnreadError(Reason.UNSUPPORTED)
        overlay = overlaid(
            octets,
            last=objects.last,
            drawings=objects.drawings,
            pages=outside,
            files=list(objects.files),
        )
        with Document.opened(overlay, "") as document:
            yield from _drawn(document, len(objects.drawings), said)
            yield from _outside(document, len(objects.drawings), outside, said)
            for piece in attachments(document, budget):
                # What cannot be opened was given up, or its checksum told of it.
                if isinstance(piece, Member) and said.is_new(piece.octets):
                    yield piece
    except UnreadError:
        yield Reason.UNSUPPORTED


def _drawn(document: Document, count: int, said: Said) -> Iterator[Piece]:
    for at in range(count):
        page = Page.loaded(document, at)
        if page is None:
            continue  # the number was given up: an earlier revision had it
        with page:
            if text := said.unsaid(page.text()):
                said.add(text)
                yield Passage(place="drawing", text=text)
                if page.unmapped():
                    yield Reason.UNSUPPORTED


def _outside(document: Document, start: int, pages: Sequence[int], said: Said) -> Iterator[Piece]:
    for at in range(start, start + len(pages)):
        page = Page.loaded(document, at)
        if page is None:
            continue
        with page:
            text = page.text()
            if new := said.unsaid(text):
                said.add(new)
                yield Passage(place="page outside of the document", text=new)
                if page.unmapped():
                    yield Reason.UNSUPPORTED
            if page.is_scan(text):
                yield Reason.IMAGE_ONLY
