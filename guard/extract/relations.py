"""Which part of an Office Open XML package belongs to which (ECMA-376 part 2 §9)."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final

from guard.extract.elements import Handler, walk
from guard.extract.pieces import UnreadError
from guard.extract.zipped import Archive

_SHARED: Final = re.compile(
    r".*/(?:slideLayout|slideMaster|notesMaster|handoutMaster|theme|commentAuthors|person)$"
)
"""Types of relations to what all sheets or slides have in common."""


class _Relations(Handler):
    """The relations of one part: id, type and target."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str, str]] = []

    def start(self, local: str, attributes: Mapping[str, str]) -> None:
        if local == "Relationship" and attributes.get("TargetMode") != "External":
            given = (attributes.get(key, "") for key in ("Id", "Type", "Target"))
            identity, kind, target = given
            self.found.append((identity, kind, target))


def relations(opened: Archive, part: str) -> Iterator[tuple[str, str, str]]:
    """
    Give id, type and target of each relation of *part*; targets as names of entries.

    Those of the package itself are of the part without a name.

    Raises:
        BadZipFile, OSError, EOFError: They are damaged.
    """
    folder, _, name = part.rpartition("/")
    file = opened.find(f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels")
    found = _Relations()
    if file:
        with suppress(UnreadError):  # whoever reads the part itself tells of it
            walk(opened.unpack(file), found)
    for identity, kind, target in found.found:
        path = target if target.startswith("/") else posixpath.join("/", folder, target)
        yield identity, kind, posixpath.normpath(path).lstrip("/")


def owners(opened: Archive, places: Mapping[str, str]) -> dict[str, str]:
    """
    Give the place of every part that hangs on one of *places*, at whatever distance.

    A part that hangs on several is given to the first: a pivot cache, to the sheet that shows it.

    Raises:
        BadZipFile, OSError, EOFError: Relations are damaged.
    """
    owned = dict(places)
    waiting = list(places)
    while waiting:
        part = waiting.pop(0)
        for _, kind, target in relations(opened, part):
            if target not in owned and not _SHARED.match(kind):
                owned[target] = owned[part]
                waiting.append(target)
    return owned
