"""Message octets as they go over the wire: after DATA (RFC 5321 §4.5.2), or as a chunk of BDAT."""

from collections.abc import Iterable, Iterator, Sequence

from guard.model.octets import BLOCK, LineEnds, Octets, pieces

Part = bytes | Octets
"""A message goes out in parts, one behind the other: our trace line, and what came in."""


def wire_blocks(parts: Sequence[Part]) -> Iterator[bytes]:
    """
    Give the octets to write after DATA, in blocks of about `BLOCK`; the last has the final dot.

    *parts* may be cut anywhere. A dot is doubled only where a line begins.

    Raises:
        ValueError: They are not nothing but lines that end in CRLF, so a lenient server could read
            one message as two. The final dot was not given.
        OSError: They can no longer be read.
    """
    return _blocks(_stuffed(_checked(parts)), b".\r\n")


def chunk_blocks(parts: Sequence[Part]) -> Iterator[bytes]:
    """
    Give the octets to write after ``BDAT n LAST`` (RFC 3030 §2), as they are.

    Raises:
        ValueError: As `wire_blocks`; the last block was not given.
        OSError: They can no longer be read.
    """
    return _blocks(_checked(parts), b"")


def size_bytes(parts: Sequence[Part]) -> int:
    """Count the octets of all *parts*."""
    return sum(len(part) if isinstance(part, bytes) else part.size_bytes for part in parts)


def is_ascii(parts: Sequence[Part]) -> bool:
    """Whether no octet is above 127."""
    return all(part.isascii() if isinstance(part, bytes) else part.is_ascii for part in parts)


def _checked(parts: Sequence[Part]) -> Iterator[bytes]:
    """Give the octets; at the end, make sure that they were CRLF lines."""
    line_ends = LineEnds()
    for part in parts:
        for piece in pieces(part) if isinstance(part, bytes) else part.blocks():
            line_ends.feed(piece)
            yield piece
    if not line_ends.clean:
        raise ValueError("message octets are not CRLF lines")


def _stuffed(octets: Iterable[bytes]) -> Iterator[bytes]:
    last = b"\r\n"
    for piece in octets:
        if last == b"\r\n" and piece.startswith(b"."):
            stuffed = b"." + piece
        elif last.endswith(b"\r") and piece.startswith(b"\n."):
            stuffed = b"\n." + piece[1:]
        else:
            stuffed = piece
        stuffed = stuffed.replace(b"\r\n.", b"\r\n..")
        last = (last + stuffed[-2:])[-2:]
        yield stuffed


def _blocks(octets: Iterable[bytes], end: bytes) -> Iterator[bytes]:
    """Join small pieces; none is given before the next has come, so that the last one is safe."""
    block: list[bytes] = []
    size = 0
    for piece in octets:
        if size >= BLOCK:
            yield b"".join(block)
            block, size = [], 0
        block.append(piece)
        size += len(piece)
    yield b"".join((*block, end))
