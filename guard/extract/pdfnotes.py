"""What a PDF has beside its pages' text: fields, notes, titles, properties, attachments."""

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pypdfium2.raw as pdfium

from guard.extract.budget import Budget
from guard.extract.inner_names import inner_name
from guard.extract.pdfdocument import Document
from guard.extract.pdfpage import Page
from guard.extract.pieces import Member, Piece
from guard.model.extract import Reason

_PROPERTIES: Final = ("Title", "Author", "Subject", "Keywords", "Creator", "Producer")
_NOTE_TEXTS: Final = (b"Contents", b"T", b"Subj", b"RC", b"NM")
"""Text, author and subject of a note, rich text, name (ISO 32000-1 §12.5.6.2)."""

_QUIET: Final = (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP)
_MOST_NOTES: Final = 10_000
_MOST_TITLES: Final = 10_000
_MOST_DEPTH: Final = 32


@dataclass(slots=True, kw_only=True)
class Notes:
    """What stands over one page."""

    notes: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    files: list[tuple[str, bytes]] = field(default_factory=list)
    drawn: bool = False
    """Something is drawn over the page, perhaps with text in it."""


def notes(page: Page) -> Notes:
    """Give the notes, fields and attached files of a page; hidden ones too."""
    found = Notes()
    for at in range(min(pdfium.FPDFPage_GetAnnotCount(page.handle), _MOST_NOTES)):
        note = pdfium.FPDFPage_GetAnnot(page.handle, at)
        if not note:
            continue
        try:
            _note(page, note, found)
        finally:
            pdfium.FPDFPage_CloseAnnot(note)
    return found


def _note(page: Page, note: Any, found: Notes) -> None:
    kind = pdfium.FPDFAnnot_GetSubtype(note)
    form = page.document.form if kind == pdfium.FPDF_ANNOT_WIDGET else None
    if form and (line := _field(form, note)):
        found.fields.append(line)
    if kind not in _QUIET:
        found.drawn = True
    for key in _NOTE_TEXTS if kind != pdfium.FPDF_ANNOT_WIDGET else ():
        text = _wide(lambda *to, key=key: pdfium.FPDFAnnot_GetStringValue(note, key, *to))
        if text:
            found.notes.append(text)
    if kind == pdfium.FPDF_ANNOT_LINK and (uri := _uri(page, note)):
        found.notes.append(uri)
    if kind == pdfium.FPDF_ANNOT_FILEATTACHMENT:
        attached = pdfium.FPDFAnnot_GetFileAttachment(note)
        if attached and (octets := _content(attached)) is not None:
            found.files.append((_name(attached), octets))


def _field(form: Any, note: Any) -> str:
    """Give one field as its name, a tab, and what it holds; choices that were not taken too."""
    name = _wide(lambda *to: pdfium.FPDFAnnot_GetFormFieldName(form, note, *to))
    label = _wide(lambda *to: pdfium.FPDFAnnot_GetFormFieldAlternateName(form, note, *to))
    value = _wide(lambda *to: pdfium.FPDFAnnot_GetFormFieldValue(form, note, *to))
    choices = [
        _wide(lambda *to, at=at: pdfium.FPDFAnnot_GetOptionLabel(form, note, at, *to))
        for at in range(min(pdfium.FPDFAnnot_GetOptionCount(form, note), _MOST_TITLES))
    ]
    told = (name, label if label != name else "", value, *choices)
    return "\t".join(filter(None, told)).replace("\r", " ")


def _uri(page: Page, note: Any) -> str:
    link = pdfium.FPDFAnnot_GetLink(note)
    action = pdfium.FPDFLink_GetAction(link) if link else None
    if not action:
        return ""
    handle = page.document.handle
    length = pdfium.FPDFAction_GetURIPath(handle, action, None, 0)
    buffer = ctypes.create_string_buffer(length + 1)
    pdfium.FPDFAction_GetURIPath(handle, action, buffer, length)
    return buffer.value.decode("utf-8", "replace")


def outline(document: Document) -> str:
    """Give the titles of the outline, a line each."""
    titles: list[str] = []
    seen: set[int] = set()
    waiting = [(None, 0)]
    while waiting and len(titles) < _MOST_TITLES:
        parent, depth = waiting.pop()
        mark = pdfium.FPDFBookmark_GetFirstChild(document.handle, parent)
        while mark and len(titles) < _MOST_TITLES:
            address = ctypes.addressof(mark.contents)
            if address in seen:
                break  # an outline that bites its tail
            seen.add(address)
            titles.append(_wide(lambda *to, mark=mark: pdfium.FPDFBookmark_GetTitle(mark, *to)))
            if depth < _MOST_DEPTH:
                waiting.append((mark, depth + 1))
            mark = pdfium.FPDFBookmark_GetNextSibling(document.handle, mark)
    return "\n".join(titles)


def properties(document: Document) -> str:
    """Give title, author and the like, a line each."""
    told = (
        _wide(lambda *to, key=key: pdfium.FPDF_GetMetaText(document.handle, key.encode(), *to))
        for key in _PROPERTIES
    )
    return "\n".join(filter(None, told))


def attachments(document: Document, budget: Budget) -> Iterator[Piece]:
    """Give the embedded files; of one that cannot be decoded, `CORRUPT`."""
    for at in range(pdfium.FPDFDoc_GetAttachmentCount(document.handle)):
        budget.enter()
        attached = pdfium.FPDFDoc_GetAttachment(document.handle, at)
        octets = _content(attached) if attached else None
        if octets is None:
            yield Reason.CORRUPT
            continue
        budget.foresee(len(octets), len(octets))
        budget.expand(len(octets))
        yield Member(name=_name(attached), octets=octets)


def _name(attached: Any) -> str:
    return inner_name(_wide(lambda *to: pdfium.FPDFAttachment_GetName(attached, *to)))


def _content(attached: Any) -> bytes | None:
    length = ctypes.c_ulong()
    if not pdfium.FPDFAttachment_GetFile(attached, None, 0, length):
        return None
    buffer = ctypes.create_string_buffer(max(1, length.value))
    if not pdfium.FPDFAttachment_GetFile(attached, buffer, length.value, length):
        return None
    return buffer.raw[: length.value]


def _wide(ask: Callable[[Any, int], int]) -> str:
    """Ask pdfium for a text in its way: first how long it is, then to write it somewhere."""
    length = ask(None, 0)
    if length <= 2:  # the zero at its end alone
        return ""
    buffer = ctypes.create_string_buffer(length + 2)
    pointer: Any = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
    ask(pointer, length)
    text = buffer.raw[: length - 2].decode("utf-16-le", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")
