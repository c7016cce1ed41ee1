"""
A YAML file as a tree whose every value and key knows its place.

Only plain data is taken: YAML 1.2 (``yes`` is a word, ``010`` is ten), one document a file, and
none of what lets a file say one thing and mean another: repeated keys, anchors, aliases, tags.
Recognises no words of the policy language; that is `schema`'s business.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.reader import ReaderError

from guard.policy.syntax import explained
from guard.problems import Problem, lines_of, short

DEPTH: Final = 24
"""Levels of nesting that are read; the language needs eight."""

Scalar = str | int | float | bool | None

# YAML 1.2 core schema (§10.3.2), less the forms of `.inf` and `.nan`, which no policy needs.
_WORDS: Final[dict[str, Scalar]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_LINE_ENDS = re.compile("[\x85\u2028\u2029]")
"""Line ends to the parser, in comments too, and to nobody else (YAML 1.2 §5.4)."""

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands, for `Problem`."""

    file: str
    line: int
    column: int
    width: int

    def part(self, text: str, start: int, end: int) -> "Place":
        """Give the place of ``text[start:end]``, where this is the place of all of *text*."""
        quotes = self.width - len(text)
        if quotes not in (0, 2):  # escapes or several lines: no way to tell
            return self
        return Place(self.file, self.line, self.column + quotes // 2 + start, end - start)

    def problem(self, message: str, hint: str = "") -> Problem:
        """Give an error that points here."""
        return Problem(
            file=self.file,
            line=self.line,
            column=self.column,
            width=self.width,
            message=message,
            hint=hint,
        )


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place: a scalar, a list of nodes, or named nodes."""

    place: Place
    value: "Scalar | tuple[Node, ...] | dict[str, Entry]"

    def at(self, *path: str | int) -> "Node | None":
        """Give the node that *path* leads to, or `None` where there is none."""
        node: Node | None = self
        for step in path:
            if node is None:
                return None
            node = node._step(step)
        return node

    def _step(self, step: str | int) -> "Node | None":
        match self.value, step:
            case dict() as entries, str():
                entry = entries.get(step)
                return entry.node if entry else None
            case tuple() as items, int():
                return items[step] if step < len(items) else None
            case _:
                return None

    @property
    def entries(self) -> "dict[str, Entry]":
        """The named nodes; none where this is something else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> "tuple[Node, ...]":
        """The nodes of a list; a value that is no list counts as a list of itself."""
        return self.value if isinstance(self.value, tuple) else (self,)

    @property
    def text(self) -> str:
        """The value if it is text, else an empty string."""
        return self.value if isinstance(self.value, str) else ""

    def plain(self) -> Any:
        """Give the value as dicts, lists and scalars."""
        match self.value:
            case dict() as entries:
                return {key: entry.node.plain() for key, entry in entries.items()}
            case tuple() as items:
                return [item.plain() for item in items]
            case scalar:
                return scalar


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping, with its value."""

    key: Place
    node: Node


class NotPlainError(Exception):
    """The text is no YAML, or more than plain data; `problems` say what and where."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def read(text: str, file: str) -> Node | None:
    """
    Read one file; `None` where it holds nothing but comments.

    Raises:
        NotPlainError: It cannot be used, with all that is more than plain data; of text that is no
            YAML the first reason only, for the rest would be guesses.
    """
    if odd := _LINE_ENDS.search(text):
        raise NotPlainError(_forbidden(text, odd.start(), file))
    parser = YAML(typ="safe", pure=True)
    reader = _Reader(file, text, parser.parse(text))
    try:
        root = reader.document()
    except ReaderError as error:
        raise NotPlainError(_forbidden(text, error.position, file)) from error
    except MarkedYAMLError as error:
        raise NotPlainError(explained(error, file, text)) from error
    except YAMLError as error:
        raise NotPlainError(Place(file, 1, 1, 1).problem("this is not YAML")) from error
    if reader.problems:
        raise NotPlainError(*reader.problems)
    return root


def _forbidden(text: str, position: int, file: str) -> Problem:
    lines = lines_of(text[: position + 1])
    place = Place(file, len(lines), len(lines[-1]), 1)
    return place.problem(
        f"the character U+{ord(text[position]):04X} may not stand in YAML", "delete it"
    )


class _Reader:
    """Builds nodes out of parser events."""

    def __init__(self, file: str, text: str, events: Iterator[Event]) -> None:
        self.file = file
        self.text = text
        self.events = events
        self.problems: list[Problem] = []

    def document(self) -> Node | None:
        root: Node | None = None
        seen = False
        for event in self.events:
            match event:
                case DocumentStartEvent():
                    if seen:
                        raise self.refused(event, "one file holds one document", "take “---” out")
                    seen = True
                case DocumentEndEvent() | StreamEndEvent():
                    pass
                case ScalarEvent() | SequenceStartEvent() | MappingStartEvent() | AliasEvent():
                    root = self.node(event, 0)
        # A file of comments is one document with an empty plain scalar, or none at all.
        return None if root is None or root.value is None else root

    def node(self, event: Event, depth: int) -> Node:
        if isinstance(event, AliasEvent):
            self.refuse(
                event,
                f'"*{event.anchor}" would be a reference here, and references are not used',
                f'write "*{event.anchor}" in quotes' if "@" in str(event.anchor) else "",
            )
            return Node(self.place(event), None)
        if getattr(event, "anchor", None):
            self.refuse(event, "anchors (&…) are not used", "write the value out, or in quotes")
        if getattr(event, "tag", None):
            self.refuse(event, "tags (!…) are not used", "write the value out, or in quotes")
        if depth > DEPTH:
            raise self.refused(event, "this is nested too deeply")
        match event:
            case ScalarEvent():
                return Node(self.place(event), self.scalar(event))
            case SequenceStartEvent():
                return Node(self.place(event), tuple(self.items(depth)))
            case _:
                return Node(self.place(event), self.entries(depth))

    def items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self.events), SequenceEndEvent):
            yield self.node(event, depth + 1)

    def entries(self, depth: int) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                raise self.refused(event, "the name of a setting must be one word")
            key = self.node(event, depth + 1)
            name = str(event.value)
            if name in found:
                first = found[name].key.line
                self.refuse(
                    event,
                    f'"{short(name)}" is written twice; the first is in line {first}',
                    "keep one of them",
                )
            node = self.node(next(self.events), depth + 1)
            # Nothing stands nowhere: the parser gives the place of what comes next.
            found[name] = Entry(key.place, Node(key.place, None) if node.value is None else node)
        return found

    def scalar(self, event: ScalarEvent) -> Scalar:
        value = str(event.value)
        if any("\ud800" <= char <= "\udfff" for char in value):
            self.refuse(event, "half of a surrogate pair is no character")
            return ""
        if not event.implicit[0]:
            return value
        return _meant(value)

    def place(self, event: Event) -> Place:
        start, end = event.start_mark, event.end_mark
        one_line = isinstance(event, ScalarEvent) and start.line == end.line
        width = max(1, end.column - start.column) if one_line else 1
        return Place(self.file, start.line + 1, start.column + 1, width)

    def refuse(self, event: Event, message: str, hint: str = "") -> None:
        """Note what is more than plain data; the rest is read all the same."""
        self.problems.append(self.place(event).problem(message, hint))

    def refused(self, event: Event, message: str, hint: str = "") -> NotPlainError:
        """Give up: what follows cannot be made out."""
        return NotPlainError(*self.problems, self.place(event).problem(message, hint))


def is_text(value: str) -> bool:
    """Whether *value* without quotes is text, rather than a number or yes and no."""
    return isinstance(_meant(value), str)


def _meant(value: str) -> Scalar:
    """Give what a plain scalar means."""
    if value in _WORDS:
        return _WORDS[value]
    if _INTEGER.fullmatch(value):
        return int(value)
    return float(value) if _FLOAT.fullmatch(value) else value
