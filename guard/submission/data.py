"""
The octets after DATA: where they end, and whether they can be taken.

Only CRLF.CRLF ends a message. All other endings that some server somewhere honours are refused
with the message they stand in, once its true end has come: passed on, they could turn one message
into two (SMTP smuggling).
"""

from collections.abc import Awaitable, Callable
from typing import Final

from guard.model.reply import Reply
from guard.submission.answers import STRAY, TOO_BIG, TOO_SLOW

END: Final = b"\r\n.\r\n"
OVERRUN: Final = 268_435_456
"""Octets beyond the limit that are read for the sake of order; then the connection is cut."""

MIN_RATE: Final = 100
"""Octets a second, on average, below which a client only wants to keep us busy."""


class Scanner:
    """
    Looks for the end of a message in octets that come in any pieces.

    Memory stays within a third over the limit, whatever comes.
    """

    __slots__ = ("_kept", "_limit", "_most", "_tail", "seen")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._most = limit + limit // 3 + 2  # a line of one dot: 4 octets for 3
        self._kept = bytearray()
        self._tail = b"\r\n"  # that of the DATA command: a message may be empty
        self.seen = 0
        """Octets of the message so far, as they came."""

    def feed(self, chunk: bytes) -> bytes | None:
        """Take the next octets. Once the end is there, give what stands behind it; else `None`."""
        joint = self._tail + chunk[: len(END) - 1]
        if (at := joint.find(END)) >= 0:
            at -= len(self._tail)
        elif (at := chunk.find(END)) < 0:
            self._tail = (self._tail + chunk[1 - len(END) :])[1 - len(END) :]
            self._keep(chunk)
            return None
        end = at + 2  # the first CRLF belongs to the message
        if end >= 0:
            self._keep(chunk[:end])
        elif self._kept:
            del self._kept[end:]
        return chunk[at + len(END) :]

    def verdict(self) -> bytes | Reply:
        """Give the message, dot-stuffing undone, or the reply that refuses it; once."""
        if self.seen > self._most:
            return TOO_BIG
        kept, self._kept = self._kept, bytearray()
        if kept.startswith(b"."):
            del kept[0]
        octets = bytes(kept.replace(b"\r\n.", b"\r\n") if b"\r\n." in kept else kept)
        if len(octets) > self._limit:
            return TOO_BIG
        return STRAY if has_stray(octets) else octets

    def _keep(self, octets: bytes) -> None:
        self.seen += len(octets)
        if self.seen > self._most:
            self._kept.clear()
        else:
            self._kept += octets


def has_stray(octets: bytes) -> bool:
    """Whether there is a CR or LF that is no part of a CRLF, or a NUL."""
    pairs = octets.count(b"\r\n")
    return not octets.count(b"\r") == octets.count(b"\n") == pairs or b"\0" in octets


async def receive(
    read: Callable[[], Awaitable[bytes]], limit: int, *, clock: Callable[[], float], grace_s: float
) -> tuple[bytes | Reply, bytes | None]:
    """
    Read one message; give it, or the reply that refuses it, and what was sent behind its end.

    `None` for the latter: the end never came, and the connection is of no more use.

    Args:
        read: Gives the next octets, at least one; raises when there are no more.
        limit: Largest message, octets.
        clock: Monotonic, seconds.
        grace_s: Seconds after which `MIN_RATE` is asked for.
    """
    scanner = Scanner(limit)
    began = clock()
    while (rest := scanner.feed(await read())) is None:
        if scanner.seen > limit + OVERRUN:
            return TOO_BIG, None
        elapsed = clock() - began
        if elapsed > grace_s and scanner.seen < MIN_RATE * elapsed:
            return TOO_SLOW, None
    return scanner.verdict(), rest
