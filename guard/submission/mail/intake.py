"""A message as it comes in: how much may come, what may stand in it, and where it is kept."""

import asyncio
import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from guard.memory import Memory
from guard.model.errors import GuardError, StoreFullError
from guard.model.octets import BLOCK, InMemory, LineEnds, Octets
from guard.model.reply import Reply
from guard.submission.answers import STRAY, TOO_BIG
from guard.submission.mail.spool import Spool

log = structlog.get_logger()

UNENDED: Final = Reply(550, "5.6.11", "The last line of a message ends in CR LF, too")
NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

CRUMBS: Final = 16_384
"""Octets from which on the file is worth it where memory is scarce."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On which terms messages are taken in."""

    limit_bytes: int
    """Largest message."""

    spool_bytes: int
    """Size from which it waits in a file."""

    memory: Memory
    """What all messages of all clients share."""

    normalize: bool = False
    """Whether a bare CR or LF is made a CRLF, in place of a reason to refuse."""


class Intake:
    """
    Takes a message in, piece by piece, and keeps of it what is needed.

    With a `settle` after each `add`, memory stays below `Terms.spool_bytes` and a piece; where it
    is scarce, below `CRUMBS` and a piece, lest slow clients fill it. Once the message is refused
    for anything, nothing of it is kept. Who makes one ends it, with `finish` or `discard`.
    """

    def __init__(self, terms: Terms) -> None:
        self.size_bytes = 0
        """Octets so far, also of a message that is refused already."""

        self._terms = terms
        self._refusal: Reply | None = None
        self._line_ends = LineEnds()
        self._has_nul = False
        self._open_return = False
        self._kept = bytearray()
        self._spool: Spool | None = None

    @property
    def refusal(self) -> Reply | None:
        """Why the message cannot be taken, where no more of it needs to come to know."""
        if self._refusal is None and self.size_bytes > self._terms.limit_bytes:
            return TOO_BIG
        return self._refusal

    def add(self, octets: bytes) -> None:
        """Take the next octets, dot-stuffing undone."""
        if self._terms.normalize:
            octets = self._normalized(octets)
        self.size_bytes += len(octets)
        if self.refusal is not None:
            self.discard()
            return
        self._line_ends.feed(octets)
        self._has_nul = self._has_nul or b"\0" in octets
        if not self._terms.memory.take(len(octets)):
            self.refuse(StoreFullError.reply)
            return
        self._kept += octets

    async def settle(self) -> None:
        """Move what is too much to the file: in a thread, for a disk may be slow."""
        size = len(self._kept)
        if not self._terms.memory.is_scarce:
            size = size // BLOCK * BLOCK if self._is_large else 0
        if size >= CRUMBS:
            with self._moving(size):
                await _to_its_end(partial(self._write, size))

    def finish(self) -> Octets | Reply:
        """Give the message, which the caller closes, or the reply that refuses it."""
        if self._open_return:
            self._open_return = False
            self.add(b"\r\n")
        if self._is_large and self.refusal is None:
            with self._moving(len(self._kept)):
                self._write(len(self._kept))
        refusal = self.refusal
        if refusal is None and (self._line_ends.stray or self._has_nul):
            refusal = STRAY
        if refusal is None and not self._line_ends.clean:
            refusal = UNENDED
        if refusal is not None:
            self.discard()
            return refusal
        if self._spool is not None:
            spool, self._spool = self._spool, None
            return spool
        content, self._kept = bytes(self._kept), bytearray()
        return InMemory(content, partial(self._terms.memory.give_back, len(content)))

    def refuse(self, reply: Reply) -> None:
        """Refuse the message with *reply*, unless it is refused already; what comes is dropped."""
        self._refusal = self._refusal or reply
        self.discard()

    def discard(self) -> None:
        """Let go of everything; nothing happens to a message that was given away."""
        self._terms.memory.give_back(len(self._kept))
        self._kept = bytearray()
        if self._spool is not None:
            self._spool.close()
            self._spool = None

    @property
    def _is_large(self) -> bool:
        return self._spool is not None or len(self._kept) >= self._terms.spool_bytes

    def _write(self, size: int) -> None:
        """Put the first *size* octets into the file; nothing else changes."""
        if self._spool is None:
            self._spool = Spool()
        for start in range(0, size, BLOCK):
            self._spool.append(bytes(self._kept[start : min(start + BLOCK, size)]))

    @contextmanager
    def _moving(self, size: int) -> Iterator[None]:
        """Let go of *size* octets once they are in the file; if they are not, of all."""
        try:
            yield
        except OSError as error:
            log.error("spool.failed", error=errno.errorcode.get(error.errno or 0, ""))  # noqa: TRY400
            is_full = error.errno in NO_SPACE
            self.refuse(StoreFullError.reply if is_full else GuardError.reply)
        else:
            del self._kept[:size]
            self._terms.memory.give_back(size)

    def _normalized(self, octets: bytes) -> bytes:
        """Make each CR, LF and CRLF a CRLF; a CR at the end waits for what comes behind it."""
        if self._open_return:
            octets = b"\r" + octets
        self._open_return = octets.endswith(b"\r")
        if self._open_return:
            octets = octets[:-1]
        lines = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return lines.replace(b"\n", b"\r\n")


async def _to_its_end(work: Callable[[], None]) -> None:
    """Do *work* in a thread and wait for it, come what may: it must not outlive its file."""
    thread = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(thread)
    except asyncio.CancelledError:
        await asyncio.wait([thread])
        raise
