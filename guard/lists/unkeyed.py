"""
Texts made ready for what needs no list: the same arrays, in pieces of whole lines.

The hash has a key that everybody knows, for it only tells what stands there twice. Nothing of it is
kept beyond the message.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from guard.lists.chunk import Chunk
from guard.lists.hashing import Hashing
from guard.lists.prepared import PIECE


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text that begins and ends with a line, if no line is longer than it."""

    text: str
    line: int
    """0-based line of the text that it begins with."""

    chunk: Chunk


def pieces(text: str) -> Iterator[Piece]:
    """Give a text in pieces of at most `prepared.PIECE` characters."""
    at = line = 0
    while at < len(text):
        end = at + PIECE
        if end < len(text):
            end = text.rfind("\n", at, end) + 1 or end
        part = text[at:end]
        yield Piece(part, line, plain_chunk(part))
        line += part.count("\n")
        at = end


def plain_chunk(text: str) -> Chunk:
    """Make a short text ready, to be compared with pieces."""
    return Chunk(text, _hashing())


@lru_cache(maxsize=1)
def _hashing() -> Hashing:
    return Hashing(bytes(32))
