"""The sheets of an xlsx or xlsb: their names, whether people see them, and where they stand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from guard.extract.elements import Handler, attribute, walk
from guard.extract.relations import relations
from guard.extract.zipped import Archive

USUAL: Final = "xl/workbook.xml"
_HOW: Final = {"hidden": "hidden ", "veryHidden": "very hidden "}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook."""

    name: str
    how: str
    """``visible``, ``hidden``, or ``veryHidden``: not even in the list of hidden ones."""

    part: str
    """Name of the entry that it stands in."""

    @property
    def place(self) -> str:
        """Its name for people."""
        return sheet_place(self.name, self.how)


def sheet_place(name: str, how: str = "visible") -> str:
    """Name a sheet for people: ``very hidden sheet “顧客”``."""
    return f"{_HOW.get(how, '')}sheet “{name}”"


def workbook_part(opened: Archive) -> str:
    """
    Give the name of the part that the package begins with; the usual one where it says none.

    Raises:
        BadZipFile, OSError, EOFError: The relations of the package are damaged.
    """
    for _, kind, target in relations(opened, ""):
        if kind.endswith("/officeDocument") and opened.find(target):
            return target
    return USUAL


def related_part(opened: Archive, kind: str) -> str:
    """
    Give the name of the part that the workbook calls its *kind*: ``styles``.

    The usual one where the workbook names none.

    Raises:
        BadZipFile, OSError, EOFError: Its relations are damaged.
    """
    book = workbook_part(opened)
    targets = (target for _, said, target in relations(opened, book) if said.endswith(f"/{kind}"))
    return next(targets, f"xl/{kind}.xml")


def related(opened: Archive, kind: str) -> bytes:
    """
    Give that part; empty where the workbook has none.

    Raises:
        UnreadError: It is too big or encrypted.
        BadZipFile, OSError, EOFError: It is damaged.
    """
    info = opened.find(related_part(opened, kind))
    return opened.unpack(info) if info else b""


def sheets(opened: Archive) -> list[Sheet]:
    """
    Give the sheets in the order of their tabs; none where there is no workbook in XML.

    Raises:
        UnreadError: The workbook part cannot be parsed.
        BadZipFile, OSError, EOFError: It is damaged.
    """
    found = _Sheets()
    workbook = opened.find(workbook_part(opened))
    if workbook is None or workbook.filename.endswith(".bin"):
        return []
    walk(opened.unpack(workbook), found)
    parts = {identity: target for identity, _, target in relations(opened, workbook.filename)}
    return list(found.with_parts(parts))


class _Sheets(Handler):
    """Names of the sheets, the ids of their relations, and how they are shown."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str, str]] = []

    def start(self, local: str, attributes: Mapping[str, str]) -> None:
        if local == "sheet":
            how = attributes.get("state", "visible")
            self._found.append((attributes.get("name", ""), how, attribute(attributes, "id")))

    def with_parts(self, parts: Mapping[str, str]) -> Iterator[Sheet]:
        """Give each with the part that its relation leads to."""
        for name, how, relation in self._found:
            yield Sheet(name, how, parts.get(relation, ""))
