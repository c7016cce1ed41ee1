"""Message octets as they go over the wire: dots doubled, final dot behind (RFC 5321 §4.5.2)."""

from collections.abc import Iterator, Sequence
from typing import Final

BLOCK: Final = 262_144
"""Octets written at once. What a socket does not take is copied, so not the whole message."""


def check_lines(chunks: Sequence[bytes]) -> None:
    """
    Make sure that *chunks*, joined, are nothing but lines that end in CRLF.

    Raises:
        ValueError: A bare CR or LF, or no line end at the end: a lenient server could read
            one message as two.
    """
    returns = feeds = pairs = 0
    last = b"\n"
    for chunk in filter(None, chunks):
        returns += chunk.count(b"\r")
        feeds += chunk.count(b"\n")
        pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk.startswith(b"\n"))
        last = chunk[-1:]
    if not returns == feeds == pairs or last != b"\n":
        raise ValueError("message octets are not CRLF lines")


def wire_blocks(chunks: Sequence[bytes]) -> Iterator[bytes]:
    """
    Give the octets to write, in blocks of about `BLOCK`; the last one ends in the final dot.

    *chunks*, which may be cut anywhere, have passed `check_lines`. A dot is doubled only where a
    line begins.
    """
    last = b"\r\n"
    block: list[bytes] = []
    size = 0
    for piece in _pieces(chunks):
        if last == b"\r\n" and piece.startswith(b"."):
            stuffed = b"." + piece
        elif last.endswith(b"\r") and piece.startswith(b"\n."):
            stuffed = b"\n." + piece[1:]
        else:
            stuffed = piece
        stuffed = stuffed.replace(b"\r\n.", b"\r\n..")
        last = (last + stuffed[-2:])[-2:]
        block.append(stuffed)
        size += len(stuffed)
        if size >= BLOCK:
            yield b"".join(block)
            block, size = [], 0
    yield b"".join((*block, b".\r\n"))


def _pieces(chunks: Sequence[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), BLOCK):
            yield chunk[start : start + BLOCK]
