"""PDF (ISO 32000): text, forms, notes, attachments and what the document says of itself."""

from collections.abc import Iterator
from typing import Final

from guard.extract.budget import Budget
from guard.extract.kinds import has_zip_directory
from guard.extract.ocr import recognised
from guard.extract.pdfaside import Said, aside, earlier
from guard.extract.pdfdocument import Document
from guard.extract.pdfletters import Letters
from guard.extract.pdfnotes import attachments, notes, outline, properties
from guard.extract.pdfobjects import Objects
from guard.extract.pdfpage import Page
from guard.extract.pdfsyntax import is_torn
from guard.extract.pdftables import is_damaged, seals_attachments
from guard.extract.pieces import Member, Piece, Source, UnreadError
from guard.extract.scans import letters
from guard.extract.zipped import archive
from guard.model.extract import Passage, Reason

MOST_PAGES: Final = 5_000


def pdf(source: Source, budget: Budget) -> Iterator[Piece]:
    """
    Give text page by page, text beyond the edge of a page and invisible text too.

    pdfium repairs what it can and says nothing of it, so the octets are looked at beside it:
    `CORRUPT` if a checksum or the table of objects does not fit. A page that shows a picture, or
    letters drawn as outlines, and hardly any text is `IMAGE_ONLY`, even when OCR found something
    on it.
    """
    if has_zip_directory(source.octets):
        yield from archive(source, budget)
    objects = Objects(budget)
    said = Said()
    # pdfium keeps no copy: the octets must live as long as the document.
    with Document.opened(source.octets, source.password) as document:
        if document.pages > MOST_PAGES:
            raise UnreadError(Reason.LIMIT)
        octets = document.decrypted() if document.encrypted else source.octets
        objects.look_at(octets, rewritten=document.encrypted)
        alone = Letters(octets) if objects.counts_on_fonts else None
        for piece in _pieces(document, alone, budget):
            if isinstance(piece, Passage):
                budget.say(len(piece.text))
                said.add(piece.text)
            elif isinstance(piece, Member):
                said.is_new(piece.octets)
            yield piece
        pages, encrypted = document.pages, document.encrypted
    if encrypted and seals_attachments(source.octets):
        yield Reason.ENCRYPTED
    for piece in _beside(source, octets, objects, pages, said, budget):
        if isinstance(piece, Passage):
            budget.say(len(piece.text))
        yield piece
    if objects.exceeds:
        yield Reason.LIMIT
    if objects.damaged or is_damaged(source.octets) or is_torn(source.octets):
        yield Reason.CORRUPT


def _pieces(document: Document, alone: Letters | None, budget: Budget) -> Iterator[Piece]:
    if told := properties(document):
        yield Passage(place="properties", text=told)
    if titles := outline(document):
        yield Passage(place="outline", text=titles)
    form: list[str] = []
    for number in range(1, document.pages + 1):
        page = Page.loaded(document, number - 1)
        if page is None:
            yield Reason.CORRUPT
            continue
        with page:
            text = page.text()
            yield from _page(page, number, text, form, budget)
            try:
                if alone and (more := alone.beside(page.handle, number - 1, text)):
                    yield Passage(place=f"page {number}", text=more)
            except UnreadError as unread:
                yield unread.reason
    if form:
        yield Passage(place="form", text="\n".join(form))
    yield from attachments(document, budget)


def _page(page: Page, number: int, text: str, form: list[str], budget: Budget) -> Iterator[Piece]:
    place = f"page {number}"
    if text:
        yield Passage(place=place, text=text)
    if page.unmapped():
        yield Reason.UNSUPPORTED  # a font that does not say which characters its shapes are
    found = notes(page)
    form.extend(found.fields)
    if found.notes:
        yield Passage(place=f"{place}, note", text="\n".join(found.notes))
    for name, octets in found.files:
        budget.enter()
        budget.expand(len(octets))
        yield Member(name=name, octets=octets)
    scanned = page.is_scan(text)
    if found.drawn and (flattened := page.flattened()):
        with flattened:
            drawn = flattened.text()
            shown = set(text.splitlines())
            if lines := [line for line in drawn.splitlines() if line not in shown]:
                yield Passage(place=f"{place}, drawn over", text="\n".join(lines))
            scanned = scanned or flattened.is_pictured(letters(drawn))
    if scanned:
        seen = ""
        if budget.ocr_pages > 0:
            budget.ocr_pages -= 1
            seen = recognised(page.picture())
        yield Passage(place=f"{place}, picture", text=seen)
        yield Reason.IMAGE_ONLY


def _beside(
    source: Source, octets: bytes, objects: Objects, pages: int, said: Said, budget: Budget
) -> Iterator[Piece]:
    """Give what is in the file, and on no page; *octets* are the file without encryption."""
    yield from earlier(source.octets, source.password, said)
    yield from aside(octets, objects, pages=pages, said=said, budget=budget)
    # Fields of no page, scripts, notes of older revisions.
    if text := "\n".join(string for string in objects.strings if not said.has(string)):
        yield Passage(place="other strings", text=text)
    for number, markup in enumerate(objects.markup, start=1):
        budget.enter()
        yield Member(name=f"markup {number}.xml", octets=markup)
