"""
A suspicious message read once more, by its lines alone.

Which part ends where is what programs differ in, so here every line that could be a boundary is
one, and a part is whatever has a header of its own between two of them. What was in base64 as a
whole is taken apart again.
"""

import re
from collections.abc import Iterator
from typing import Final

from guard.parse.heading import Head, lenient
from guard.parse.limits import DEPTH, PARTS
from guard.parse.transfer import undo

_DASHES: Final = re.compile(rb"\n[ \t]*--[^\s-]")
_PARTED: Final = re.compile(
    rb"^[ \t]*--[^\s-][^\n]*\n(?:[!-9;-~]+[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n){0,9}){0,9}?"
    rb"content-[a-z-]+[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that could be a boundary, and the header of a part below it."""

_BOUNDARY: Final = re.compile(rb"^[ \t]*--[^\s-][^\n]*\n?", re.MULTILINE)
_STRUCTURAL: Final = re.compile(rb"content-[a-z-]+[ \t]*:", re.IGNORECASE)
_NESTING: Final = ("multipart/", "message/")
_PLAIN_ENCODINGS: Final = {"", "7bit", "8bit", "binary"}


def parted(octets: bytes) -> bool:
    """Whether a text has parts in it, for a program that takes another line for a boundary."""
    dashes = octets.startswith(b"--") or _DASHES.search(octets)
    return bool(dashes) and _PARTED.search(octets) is not None


def shreds(octets: bytes) -> Iterator[tuple[Head, bytes]]:
    """
    Give all that may be a part, each in every way in which its header may be meant.

    It stops at `PARTS`, as does the walk that found the message suspicious.
    """
    octets = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    waiting = [(octets, 0)]
    count = 0
    while waiting and count < PARTS:
        data, depth = waiting.pop()
        for head, body in _stretches(data):
            for way in (head, *head.others):
                count += 1
                if count > PARTS:
                    return
                nests = way.content_type.value.startswith(_NESTING)
                if nests and way.encoding not in _PLAIN_ENCODINGS and depth < DEPTH:
                    inner, _ = undo(body, way.encoding)
                    inner = inner.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
                    waiting.append((inner, depth + 1))
                elif nests and way.content_type.value.startswith("message/") and depth < DEPTH:
                    waiting.append((body, depth + 1))
                else:
                    yield way, body


def _stretches(data: bytes) -> Iterator[tuple[Head, bytes]]:
    """Give the header and the rest of each stretch between boundaries that has a header."""
    start = 0
    for line in (*_BOUNDARY.finditer(data), None):
        end = line.start() if line else len(data)
        # The whole message begins with a header, whatever its first field is.
        if start == 0 or _STRUCTURAL.search(data, start, min(end, start + 4096)):
            head, body = lenient(data, (start, end), _no_note)
            if start or head.fields:
                yield head, data[body:end]
        start = line.end() if line else end


def _no_note(_code: str, _hides: bool) -> None:
    """Note nothing: the message is suspicious already."""
