"""What lies in an Office 97 file besides its main stream: objects, macros, properties."""

from collections.abc import Iterator
from typing import Final

from guard.extract.budget import Budget
from guard.extract.compound import Compound, Entry
from guard.extract.kinds import Kind, kind_of
from guard.extract.ole1 import embedded, native
from guard.extract.pieces import Member, Piece, Source
from guard.extract.propertysets import properties
from guard.extract.scraped import runs
from guard.model.extract import Passage, Reason

_MAIN: Final = (
    ("WordDocument",),
    ("Workbook", "Book"),
    ("PowerPoint Document",),
    ("EncryptedPackage",),
    ("__properties_version1.0",),
)
"""Streams by which programs know their files; one file is of one family."""

_FILES: Final = {"package", "contents", "embeddedodf", "package_stream"}
"""Streams that are a whole file: of Office 2007, of Acrobat and others, of LibreOffice."""

_NATIVE: Final = "\x01Ole10Native"
_MACROS: Final = {"vba", "macros", "_vba_project_cur"}
_FURNITURE: Final = {
    "\x01ole", "\x01compobj", "\x03objinfo", "\x03linkinfo", "\x03eprint", "\x03meta", "\x03pic",
    "\x03print", "\x03ocxname", "equation native", "project", "projectwm", "projectlk",
    "current user", "\x05summaryinformation", "\x05documentsummaryinformation",
}  # fmt: skip
"""Streams of an object that say how to draw and to bind it."""

_PREVIEW: Final = "\x02olepres"


def beside(compound: Compound, budget: Budget) -> Iterator[Piece]:
    """
    Give properties, objects and macros, and whether all of the file fitted together.

    A file with the main streams of two programs shows each of them something else: `DEFECT`.
    """
    yield from properties(compound, budget)
    if sum(compound.root.has(*names) for names in _MAIN) > 1:
        yield Reason.DEFECT
    for storage in compound.root.storages:
        yield from _storage(compound, storage, budget)
    if compound.damaged:
        yield Reason.CORRUPT


def compound(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the files in a compound file of no program in particular: what an object is kept in."""
    opened = Compound(source.octets)
    for piece in contents(opened, opened.root, budget):
        yield piece
        if isinstance(piece, Passage) and piece.place == "object":
            yield Reason.UNSUPPORTED
    yield from properties(opened, budget)
    if opened.damaged:
        yield Reason.CORRUPT


def contents(compound: Compound, storage: Entry, budget: Budget) -> Iterator[Piece]:
    """Give the files in a storage, and what text stands in streams that nobody knows."""
    for entry in storage.children:
        if not entry.is_stream:
            yield from _storage(compound, entry, budget)
            continue
        name = entry.name.lower()
        if name in _FURNITURE or name.startswith(_PREVIEW) or not entry.size:
            continue
        octets = compound.read(entry, budget)
        if entry.name == _NATIVE:
            yield from embedded(native(octets), budget)
        elif name in _FILES and kind_of(octets) is not Kind.TEXT:  # a control has contents, too
            yield from embedded(Member(name="object", octets=octets), budget)
        elif text := runs(octets):
            budget.say(len(text))
            yield Passage(place="object", text=text)


def _storage(compound: Compound, storage: Entry, budget: Budget) -> Iterator[Piece]:
    if storage.name.lower() in _MACROS:
        yield from _macros(compound, storage, budget)
    elif any(storage.has(*names) for names in _MAIN):
        budget.enter()
        yield Member(name="object", octets=compound.rerooted(storage))
    else:
        yield from contents(compound, storage, budget)


def _macros(compound: Compound, storage: Entry, budget: Budget) -> Iterator[Piece]:
    """Give what text can be seen of macros; their source is packed, and mostly comes out torn."""
    todo = [storage]
    seen: list[str] = []
    while todo:
        for entry in todo.pop().children:
            if entry.is_stream:
                seen.append(runs(compound.read(entry, budget)))
            else:
                todo.append(entry)
    if text := "\n".join(filter(None, seen)):
        budget.say(len(text))
        yield Passage(place="macros", text=text)
