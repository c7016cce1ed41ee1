"""
Words of the language that had another name once, and how a file of then becomes one of today.

A file is changed at the very places where old words stand; all else of it, comments and layout,
stays as it is, octet for octet.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from guard.policy import document
from guard.policy.document import Node, Place

# As YAML counts lines (1.2, §5.4, and what 1.1 had besides).
_LINE_END: Final = re.compile("\r\n|[\r\n\x85\u2028\u2029]")

ANY: Final = "*"
"""In a path: any name, or any item of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """One word that is another since some version of Guard."""

    since: str
    """Version of Guard, ``0.2.0``."""

    where: tuple[str, ...]
    """
    Names down to it from the top, `ANY` for any.

    ``("rules", "*", "when", "recipient", "new")`` for a setting; with `value`, of the setting
    whose value it is.
    """

    new: str
    value: str = ""
    """The old value where it is one; else the old word is the last of `where`."""


RENAMED: Final[tuple[Renamed, ...]] = ()
"""Every word that was renamed; none has been since the first release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One place of a file where an old word stands."""

    place: Place
    old: str
    new: str
    since: str


def changes(text: str, file: str, *, renamed: Sequence[Renamed] = RENAMED) -> tuple[Change, ...]:
    """
    Give the old words of a file, in order.

    Raises:
        NotPlainError: It cannot be read.
    """
    root = document.read(text, file)
    found = [] if root is None else [c for one in renamed for c in _found(one, one.where, root)]
    return tuple(sorted(found, key=lambda each: (each.place.line, each.place.column)))


def changed(text: str, found: Sequence[Change]) -> str:
    """Give *text* with the new words in the places of the old ones."""
    starts = [0, *(end.end() for end in _LINE_END.finditer(text))]
    for change in reversed(found):
        at = starts[change.place.line - 1] + change.place.column - 1
        written = text[at : at + change.place.width]
        quote = written[:1] if written[:1] in {'"', "'"} else ""
        text = text[:at] + quote + change.new + quote + text[at + len(written) :]
    return text


def _found(one: Renamed, path: Sequence[str], node: Node) -> Iterator[Change]:
    """Give the places that *path* leads to from *node*."""
    step, rest = path[0], path[1:]
    if isinstance(node.value, tuple):
        if step == ANY:
            for item in node.value:
                yield from _found(one, rest, item) if rest else _values(one, item)
        return
    for name, entry in node.entries.items():
        if step not in (name, ANY):
            continue
        if rest:
            yield from _found(one, rest, entry.node)
        elif one.value:
            for item in entry.node.items:
                yield from _values(one, item)
        elif one.new not in node.entries:
            yield Change(place=entry.key, old=name, new=one.new, since=one.since)


def _values(one: Renamed, node: Node) -> Iterator[Change]:
    if one.value and node.text == one.value:
        yield Change(place=node.place, old=one.value, new=one.new, since=one.since)
