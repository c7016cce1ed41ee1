"""How long a connection waits for its peer, with one timer for its whole life."""

import asyncio
from collections.abc import Callable


class Patience:
    """
    Calls *expired* when a wait takes longer than it may.

    `begin` and `end` only write a time stamp: a timer made and cancelled for every command would
    cost as much as the command.
    """

    __slots__ = ("_deadline", "_expired", "_loop", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, expired: Callable[[], None]) -> None:
        self._loop = loop
        self._expired = expired
        self._deadline: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, seconds: float) -> None:
        """Start a wait, or start the present one anew."""
        self._deadline = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > self._deadline:
            self._arm(self._deadline)

    def end(self) -> None:
        """Note that what was waited for has come."""
        self._deadline = None

    def close(self) -> None:
        """Wait for nothing any more, and let go of the timer."""
        self._deadline = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, deadline: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(deadline, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._deadline is None:
            return
        if self._loop.time() < self._deadline:
            self._arm(self._deadline)
            return
        self._deadline = None
        self._expired()
