"""
Files that were read a short while ago: the brochure, the logo, the price list that goes out again.

What was read is kept in memory alone, under a fingerprint whose key dies with the process, for
some minutes, and no more of it than fits. A file that a limit, a crash or the clock kept from
being read whole is read anew each time: the next attempt may get further.
"""

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from prometheus_client import Counter

from guard.model.extract import Extract, Reason
from guard.model.message import Attachment
from guard.ports import Readers

FILES: Final = Counter("guard_attachments", "Attachments asked about.", ["answer"])

KEEP_S: Final = 600.0
"""Seconds for which what was read is kept, however often it is asked for again."""

MOST_CHARS: Final = 16_000_000
"""Characters that are kept in all: up to 64 MB of memory."""

LARGEST_CHARS: Final = 4_000_000
"""Characters of one file that are kept; one list of millions of rows must not push out the rest."""

EMPTY_CHARS: Final = 1_000
"""What an entry counts for, beside its text: a file without any is kept all the same."""

INLINE_BYTES: Final = 1_000_000
"""Octets that are fingerprinted here, in a millisecond or two; more are, in a thread."""

_BY_CHANCE: Final = frozenset({Reason.TIMEOUT, Reason.CRASH, Reason.LIMIT})
"""Reasons that say something of the moment, not of the file."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was made of one file."""

    extract: Extract
    chars: int
    until: float


class RememberedReaders:
    """
    The port `Readers` over another, which is asked about each file once in a while only.

    Two files are the same where octets, name, charset and place in the mail are. *clock* gives
    seconds of a clock that never goes back.
    """

    def __init__(
        self,
        readers: Readers,
        *,
        keep_s: float = KEEP_S,
        most_chars: int = MOST_CHARS,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._readers = readers
        self._keep_s = keep_s
        self._most_chars = most_chars
        self._clock = clock
        self._key = secrets.token_bytes(32)
        # In the order in which they were read, so that the first is the first to be forgotten.
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._chars = 0
        self._forgetting: asyncio.TimerHandle | None = None

    async def read(
        self, attachments: Sequence[Attachment], *, password: str = ""
    ) -> tuple[Extract, ...]:
        """
        Give one `Extract` an attachment, in their order, as `ports.Readers.read` promises.

        What one mail may spend on reading is spent on those of its files alone that are not known.
        What a password opened is not remembered: the next who sends the file may not know it.
        """
        if password:
            return await self._readers.read(attachments, password=password)
        marks = [await self._mark(attachment) for attachment in attachments]
        self._forget()
        known = [self._kept.get(mark) for mark in marks]
        unknown = [place for place, kept in enumerate(known) if kept is None]
        FILES.labels("remembered").inc(len(known) - len(unknown))
        FILES.labels("read").inc(len(unknown))
        found = await self._readers.read([attachments[place] for place in unknown])
        read = dict(zip(unknown, found, strict=True))
        for place, extract in read.items():
            self._keep(marks[place], extract)
        return tuple(
            replace(kept.extract, seconds=0.0) if kept else read[place]
            for place, kept in enumerate(known)
        )

    async def _mark(self, attachment: Attachment) -> bytes:
        """Give the fingerprint of all that a reader is told of a file."""
        if len(attachment.octets) > INLINE_BYTES:
            return await asyncio.to_thread(self._mark_of, attachment)
        return self._mark_of(attachment)

    def _mark_of(self, attachment: Attachment) -> bytes:
        told = repr((attachment.name, attachment.charset, attachment.inline))
        mark = hashlib.blake2b(told.encode(), key=self._key, digest_size=32)
        mark.update(len(told).to_bytes(8))
        mark.update(attachment.octets)
        return mark.digest()

    def _keep(self, mark: bytes, extract: Extract) -> None:
        chars = EMPTY_CHARS + sum(len(passage.text) for passage in extract.passages)
        if chars > LARGEST_CHARS or not _BY_CHANCE.isdisjoint(extract.reasons):
            return
        self._drop(mark)
        self._kept[mark] = _Kept(extract, chars, self._now() + self._keep_s)
        self._chars += chars
        while self._chars > self._most_chars:
            self._drop(next(iter(self._kept)))
        self._forget_in_time()

    def _drop(self, mark: bytes) -> None:
        if kept := self._kept.pop(mark, None):
            self._chars -= kept.chars

    def _forget(self) -> None:
        """Drop what is too old."""
        now = self._now()
        while self._kept and (first := next(iter(self._kept.items())))[1].until <= now:
            self._drop(first[0])

    def _forget_in_time(self) -> None:
        """See to it that nothing stays longer because no mail comes any more."""
        if self._forgetting is None and self._kept:
            wait = max(0.0, next(iter(self._kept.values())).until - self._now())
            loop = asyncio.get_running_loop()
            self._forgetting = loop.call_later(wait, self._on_time)

    def _on_time(self) -> None:
        self._forgetting = None
        self._forget()
        self._forget_in_time()

    def _now(self) -> float:
        return (self._clock or asyncio.get_running_loop().time)()
