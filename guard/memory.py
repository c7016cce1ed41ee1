"""How much of messages may be in memory at once: what is above it is refused, or waits."""

import asyncio
import ctypes
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from guard.model.octets import Octets

BIG_BYTES: Final = 1_048_576
"""Size from which messages are looked into as far as memory reaches; smaller ones never wait."""

COPIES: Final = 4
"""
How often a message is in memory while it is looked into, measured: as it came, cut into parts,
unpacked (attachments and text), and on its way to who reads attachments or keeps the hold.
"""

LANE_BYTES: Final = 33_554_432
"""Width of a lane where nothing else is said: one message of 10 MB at a time."""

M_MMAP_THRESHOLD: Final = -3
"""From ``malloc.h``."""

RETURNED_BYTES: Final = 131_072
"""Blocks from this size on are the system's again as soon as they are free: glibc's first value."""


class Memory:
    """A budget in octets that all clients share; nobody waits for it."""

    __slots__ = ("_limit_bytes", "used_bytes")

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self.used_bytes = 0
        """What is taken now."""

    @property
    def has_room(self) -> bool:
        """Whether anything can be taken."""
        return self.used_bytes < self._limit_bytes

    @property
    def is_scarce(self) -> bool:
        """Whether half of it is taken: what can wait elsewhere should."""
        return self.used_bytes * 2 > self._limit_bytes

    def take(self, size_bytes: int) -> bool:
        """Take *size_bytes* if they are there; false: nothing was taken."""
        if self.used_bytes + size_bytes > self._limit_bytes:
            return False
        self.used_bytes += size_bytes
        return True

    def give_back(self, size_bytes: int) -> None:
        """Give back what was taken."""
        self.used_bytes -= size_bytes


class Lane:
    """
    Lets work through as far as its memory fits side by side, first come, first served.

    Work that is wider than the lane goes alone.
    """

    def __init__(self, width_bytes: int = LANE_BYTES) -> None:
        self._width_bytes = width_bytes
        self._used_bytes = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def through(self, size_bytes: int) -> AsyncIterator[None]:
        """Wait for room for *size_bytes*, and keep it for the length of the block."""
        size_bytes = min(size_bytes, self._width_bytes)
        if self._waiting or not self._fits(size_bytes):
            await self._turn(size_bytes)
        else:
            self._used_bytes += size_bytes
        try:
            yield
        finally:
            self._leave(size_bytes)

    @asynccontextmanager
    async def whole(self, octets: Octets) -> AsyncIterator[bytes]:
        """
        Give a message in one piece, with memory for all that is made of it within the block.

        Raises:
            OSError: It can no longer be read.
        """
        if octets.size_bytes < BIG_BYTES:
            yield octets.whole()
            return
        async with self.through(octets.size_bytes * COPIES):
            yield await asyncio.to_thread(octets.whole)

    def _fits(self, size_bytes: int) -> bool:
        return self._used_bytes + size_bytes <= self._width_bytes

    async def _turn(self, size_bytes: int) -> None:
        """Wait until whoever leaves has made room, and taken it for us."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        place = (size_bytes, turn)
        self._waiting.append(place)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # our turn came in the same moment
                self._leave(size_bytes)
            elif place in self._waiting:
                self._waiting.remove(place)
                self._admit()  # it may have been us who stood in the way
            raise

    def _leave(self, size_bytes: int) -> None:
        self._used_bytes -= size_bytes
        self._admit()

    def _admit(self) -> None:
        while self._waiting:
            size_bytes, turn = self._waiting[0]
            if not turn.cancelled():
                if not self._fits(size_bytes):
                    return
                self._used_bytes += size_bytes
                turn.set_result(None)
            self._waiting.popleft()


def return_early() -> None:
    """
    Have the C library give large blocks back to the system once they are free (mallopt(3)).

    Left alone, glibc keeps blocks as large as the largest that was ever freed, in each thread.
    Measured: 20 messages of 10 MB at once took 40 to 50 MiB with it, and 80 to 140 without. Other
    C libraries are left as they are.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, RETURNED_BYTES)
