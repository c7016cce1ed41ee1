"""The octets of a message, wherever they are kept, and how their lines end (RFC 5321 §2.3.8)."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol

BLOCK: Final = 262_144
"""Most octets that are handled at once."""

HEAD: Final = 1_048_576
"""Octets of a header that are looked at."""


class Octets(Protocol):
    """
    A message as it came in: CRLF lines, dot-stuffing undone, nothing added.

    Reading raises `OSError` where they are on disk and can no longer be had.
    """

    @property
    def size_bytes(self) -> int:
        """How many there are."""

    @property
    def is_ascii(self) -> bool:
        """Whether none is above 127; known without reading them again."""

    def head(self) -> bytes:
        """Give the header with its last CRLF; of one above `HEAD`, as much as that."""

    def blocks(self) -> Iterator[bytes]:
        """Give them in order, at most `BLOCK` at once; as often as it is called."""

    def whole(self) -> bytes:
        """Give all of them; what is large is asked for in a thread."""

    def close(self) -> None:
        """Let go of them; twice does no harm. Nobody reads them after it."""


class InMemory:
    """`Octets` that are simply there."""

    __slots__ = ("_on_close", "content")

    def __init__(self, content: bytes, on_close: Callable[[], None] | None = None) -> None:
        """Keep *content*; *on_close* is called once, by the first `close`."""
        self.content = content
        self._on_close = on_close

    @property
    def size_bytes(self) -> int:
        """How many there are."""
        return len(self.content)

    @property
    def is_ascii(self) -> bool:
        """Whether none is above 127."""
        return self.content.isascii()

    def head(self) -> bytes:
        """Give the header with its last CRLF."""
        return head_of((self.content[:HEAD],))

    def blocks(self) -> Iterator[bytes]:
        """Give them in order."""
        return pieces(self.content)

    def whole(self) -> bytes:
        """Give all of them."""
        return self.content

    def close(self) -> None:
        """Tell who wants to know that nobody reads them any more."""
        on_close, self._on_close = self._on_close, None
        if on_close is not None:
            on_close()


def pieces(octets: bytes) -> Iterator[bytes]:
    """Cut *octets* into pieces of `BLOCK`; small ones are given as they are."""
    if len(octets) <= BLOCK:
        yield octets
        return
    for start in range(0, len(octets), BLOCK):
        yield octets[start : start + BLOCK]


def head_of(blocks: Iterable[bytes]) -> bytes:
    """Give what stands before the first empty line, at most `HEAD` octets; no more is read."""
    head = b"\r\n"  # the header of a message that begins with an empty line is empty
    for block in blocks:
        searched = max(0, len(head) - 3)
        head += block
        if (end := head.find(b"\r\n\r\n", searched)) >= 0:
            return head[2 : end + 2]
        if len(head) > HEAD:
            break
    return head[2 : HEAD + 2]


class LineEnds:
    """Counts how lines end in octets that come in any pieces; nothing is kept."""

    __slots__ = ("_feeds", "_last", "_pairs", "_returns")

    def __init__(self) -> None:
        self._returns = self._feeds = self._pairs = 0
        self._last = b"\n"  # nothing is no open line

    def feed(self, octets: bytes) -> None:
        """Take the next octets."""
        if not octets:
            return
        self._returns += octets.count(b"\r")
        self._feeds += octets.count(b"\n")
        self._pairs += octets.count(b"\r\n")
        self._pairs += self._last == b"\r" and octets.startswith(b"\n")
        self._last = octets[-1:]

    @property
    def stray(self) -> bool:
        """Whether a CR or LF was no part of a CRLF."""
        return not self._returns == self._feeds == self._pairs

    @property
    def clean(self) -> bool:
        """Whether there was nothing but lines that end in CRLF, the last one too."""
        return not self.stray and self._last == b"\n"
