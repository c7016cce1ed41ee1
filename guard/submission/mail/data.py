"""
The octets after DATA or BDAT: where they end, in any pieces that they come in.

After DATA only CRLF.CRLF ends a message. All other endings that some server somewhere honours are
refused with the message they stand in, once its true end has come: passed on, they could turn one
message into two (SMTP smuggling). A chunk (BDAT, RFC 3030) ends where its size says.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from guard.model.octets import Octets
from guard.model.reply import Reply
from guard.steps import reached
from guard.submission.answers import TOO_BIG, TOO_SLOW
from guard.submission.mail.intake import Intake

END: Final = b"\r\n.\r\n"
OVERRUN: Final = 268_435_456
"""Octets beyond the limit that are read for the sake of order; then the connection is cut."""

Read = Callable[[], Awaitable[bytes]]
"""Gives the next octets, at least one; raises when there are no more."""

ReadSome = Callable[[int], Awaitable[bytes]]
"""The same; at most as many as it is told."""


class Pace:
    """Tells who mails from who only wants to keep us busy, for one message."""

    __slots__ = ("_began", "_bytes_s", "_clock", "_grace_s", "_seen")

    def __init__(self, clock: Callable[[], float], *, grace_s: float, bytes_s: float) -> None:
        """
        Begin to measure.

        Args:
            clock: Monotonic, seconds.
            grace_s: Seconds after which a rate is asked for.
            bytes_s: The least, octets a second, on average since the beginning.
        """
        self._clock = clock
        self._grace_s = grace_s
        self._bytes_s = bytes_s
        self._began = clock()
        self._seen = 0

    def count(self, size_bytes: int) -> bool:
        """Count *size_bytes* more; false: all in all, more could be expected by now."""
        self._seen += size_bytes
        elapsed = self._clock() - self._began
        return elapsed <= self._grace_s or self._seen >= self._bytes_s * elapsed


class Scanner:
    """Looks for the end of a message, undoes dot-stuffing, and gives the message to an `Intake`."""

    __slots__ = ("_begin", "_held", "_intake", "_last", "seen")

    def __init__(self, intake: Intake) -> None:
        self.seen = 0
        """Octets so far, as they came."""

        self._intake = intake
        self._held = b"\r\n"  # that of the DATA command: a message may be empty
        self._begin = 2
        """Octets of `_held` that are no part of the message."""

        self._last = b"\r\n"
        """The last two octets given to the intake, as they came."""

    def feed(self, chunk: bytes) -> bytes | None:
        """Take the next octets. Once the end is there, give what stands behind it; else `None`."""
        octets = self._held + chunk
        # Most large messages are base64, which has no dot: then this is all there is to look for.
        end = octets.find(END) if b"." in octets else -1
        if end >= 0:
            self._take(octets[self._begin : end + 2])  # the first CRLF belongs to the message
            return octets[end + len(END) :]
        self.seen += len(chunk)
        sure = len(octets) - len(END) + 1  # behind it, an end may have begun
        if sure <= self._begin:
            self._held = octets
            return None
        self._take(octets[self._begin : sure])
        self._held = octets[sure:]
        self._begin = 0
        return None

    def _take(self, octets: bytes) -> None:
        """Take out each dot that begins a line (RFC 5321 §4.5.2)."""
        last, self._last = self._last, (self._last + octets[-2:])[-2:]
        if last == b"\r\n" and octets.startswith(b"."):
            octets = octets[1:]
        elif last.endswith(b"\r") and octets.startswith(b"\n."):
            octets = b"\n" + octets[2:]
        self._intake.add(octets.replace(b"\r\n.", b"\r\n") if b"." in octets else octets)


async def receive(
    read: Read, intake: Intake, pace: Pace, limit_bytes: int
) -> tuple[Octets | Reply, bytes | None]:
    """
    Read the message after DATA; give it, or the reply that refuses it, and what stands behind it.

    `None` for the latter: the end never came, and the connection is of no more use. That is so for
    *limit_bytes* and `OVERRUN`, however little of it the intake keeps.
    """
    scanner = Scanner(intake)
    while (rest := scanner.feed(octets := await read())) is None:
        await intake.settle()
        reached("accept.mid_data")
        if scanner.seen > limit_bytes + OVERRUN:
            return TOO_BIG, None
        if not pace.count(len(octets)):
            return TOO_SLOW, None
    await intake.settle()
    return intake.finish(), rest


async def receive_chunk(
    read: ReadSome, size_bytes: int, pace: Pace, intake: Intake
) -> Reply | None:
    """
    Read a chunk of exactly *size_bytes*.

    Gives the reply with which to hang up, if there is a reason.
    """
    while size_bytes:
        octets = await read(size_bytes)
        size_bytes -= len(octets)
        intake.add(octets)
        await intake.settle()
        if not pace.count(len(octets)) and size_bytes:
            return TOO_SLOW
    return None
