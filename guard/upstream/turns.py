"""Logins are checked a few at a time: whoever tries many must not use up what checks them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from guard.model.errors import UpstreamError

TURN_S: Final = 5.0
"""Seconds that a login waits for its turn."""


class Turns:
    """Lets so many checks run at once; the next ones wait, but not for long."""

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def mine(self) -> AsyncIterator[None]:
        """
        Wait for a turn, and have it for the length of the block.

        Raises:
            UpstreamError: None came in `TURN_S`.
        """
        try:
            async with asyncio.timeout(TURN_S):
                await self._free.acquire()
        except TimeoutError:
            raise UpstreamError("too many logins at once") from None
        try:
            yield
        finally:
            self._free.release()
