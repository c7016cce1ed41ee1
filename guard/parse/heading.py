"""
The header of a part (RFC 5322 §2.2, RFC 2045): its fields, and what they make of the part.

Of fields that stand twice and differ every program takes another one. The first counts here, and
the part is read in the other ways as well.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

from guard.parse.fields import NOTHING, Field, structured
from guard.parse.limits import HEADER_BYTES, HEADERS_BYTES
from guard.parse.transfer import encoding_of
from guard.parse.words import raw_text

_FIELD: Final = re.compile(rb"([!-9;-~]{1,200})[ \t]*:([^\n]*\n?(?:[ \t][^\n]*\n?)*)")
_MBOX_LINE: Final = re.compile(rb">?From [^\n]*\n")
_EMPTY_LINE: Final = re.compile(rb"\r?\n")
STRUCTURAL: Final = re.compile(
    rb"^(?:content-[a-z-]+|mime-version)[ \t]*:", re.IGNORECASE | re.MULTILINE
)

_ONCE: Final = ("content-type", "content-transfer-encoding", "content-disposition")
_MOST_READINGS: Final = 16
"""Ways in which one part is read; whoever needs more hides something."""

Note = Callable[[str, bool], None]
"""Writes a defect down: its code, and whether it hides content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The header fields of one part, undecoded but for those that give it its structure."""

    fields: tuple[tuple[str, bytes], ...] = ()
    """Name as it stood, and the octets after the colon, folds and all."""

    content_type: Field = NOTHING
    disposition: Field = NOTHING
    encoding: str = ""
    """Transfer encoding as `encoding_of` names it."""

    others: tuple["Head", ...] = ()
    """What fields that stand twice make of it in other programs; they have no fields."""

    def get(self, name: str) -> str:
        """Give the first field called *name* (lower case), unfolded; empty if there is none."""
        return next((raw_text(raw) for given, raw in self.fields if given.lower() == name), "")


def heading(data: bytes, span: tuple[int, int], default: str, note: Note) -> tuple[Head, int]:
    """Read the header fields of a part of type *default*; also where its body starts."""
    at, end = span
    if first := _MBOX_LINE.match(data, at, end):
        at = first.end()
    limit = min(end, at + HEADERS_BYTES)
    fields: list[tuple[str, bytes]] = []
    while found := _FIELD.match(data, at, limit):
        raw = found[2]
        if len(raw) > HEADER_BYTES:
            raw = raw[:HEADER_BYTES]
            note("header-too-long", True)
        fields.append((found[1].decode("ascii"), raw))
        at = found.end()
    if at >= limit < end:
        note("header-too-long", True)
        at = data.find(b"\n\r\n", at - 1, end)
        at = end if at < 0 else at + 1
    if empty := _EMPTY_LINE.match(data, at, end):
        at = empty.end()
    elif at < end:
        # A line that is no field: some end the header here, some skip it.
        stop = data.find(b"\n\r\n", at, end)
        rest = data[at : min(stop if stop >= 0 else end, at + HEADERS_BYTES)]
        note("broken-header", STRUCTURAL.search(rest) is not None)
    return head_of(fields, default, note), at


def lenient(data: bytes, span: tuple[int, int], note: Note) -> tuple[Head, int]:
    """Read a header as `heading` does, but over lines that are no field, to the empty line."""
    at, end = span
    limit = min(end, at + HEADERS_BYTES)
    fields: list[tuple[str, bytes]] = []
    while at < limit and not _EMPTY_LINE.match(data, at, end):
        if found := _FIELD.match(data, at, limit):
            fields.append((found[1].decode("ascii"), found[2][:HEADER_BYTES]))
            at = found.end()
        else:
            at = data.find(b"\n", at, end) + 1 or end
    empty = _EMPTY_LINE.match(data, at, end)
    return head_of(fields, "text/plain", note), empty.end() if empty else at


def head_of(fields: list[tuple[str, bytes]], default: str, note: Note) -> Head:
    """Read the fields that give a part its structure, in every way in which they may be meant."""
    values: dict[str, list[str]] = {}
    for name, raw in fields:
        if (lower := name.lower()) in _ONCE:
            values.setdefault(lower, []).append(raw_text(raw))
    types = [_type(value, note) for value in values.get("content-type", [default])]
    disposition, *dispositions = map(structured, values.get("content-disposition", [""]))
    encoding, *encodings = map(encoding_of, values.get("content-transfer-encoding", [""]))
    others: tuple[Head, ...] = ()
    if _differ(values):
        note("duplicate-header", True)
        ways = product(
            dict.fromkeys((encoding, *encodings)),
            _each_once(types),
            _each_once([disposition, *dispositions]),
        )
        others = tuple(
            Head(content_type=kind, disposition=shown, encoding=coded)
            for coded, kind, shown in islice(ways, 1, _MOST_READINGS)
        )
    return Head(
        fields=tuple(fields),
        content_type=types[0],
        disposition=disposition,
        encoding=encoding,
        others=others,
    )


def _differ(values: dict[str, list[str]]) -> bool:
    return any(
        len({"".join(value.split()).lower() for value in given}) > 1
        for given in values.values()
        if len(given) > 1
    )


def _each_once(fields: list[Field]) -> list[Field]:
    """Give the first of each, no more than are read: a header has room for thousands."""
    once: list[Field] = []
    for field in fields:
        if field not in once:
            once.append(field)
            if len(once) == _MOST_READINGS:
                break
    return once


def _type(value: str, note: Note) -> Field:
    content_type = structured(value)
    if content_type.ambiguous:
        note("duplicate-parameter", True)
    if content_type.is_type:
        return content_type
    # RFC 2045 §5.2: what cannot be understood is text/plain in ASCII.
    note("bad-content-type", False)
    return Field(value="text/plain", params=content_type.params)
