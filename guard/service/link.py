"""
How a supervisor and its workers talk: single octets over a socket pair.

A worker tells that it serves and that its loop turns; the supervisor orders a reload by an octet,
and the end by closing its side. So a worker also ends when its supervisor was killed.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Final

READY: Final = b"R"
ALIVE: Final = b"."
RELOAD: Final = b"H"

_MOST: Final = 4096


class WorkerLink:
    """The worker's side: its `Overseer`, whose orders it heeds."""

    def __init__(self, channel: socket.socket, *, beat_s: float) -> None:
        """Talk over *channel*; a sign of life is due every *beat_s* seconds."""
        channel.setblocking(False)
        self._channel: Final = channel
        self.beat_s: Final = beat_s

    def heed(self, *, end: Callable[[], None], reload: Callable[[], None]) -> None:
        """Call what the supervisor orders, in the running loop."""
        loop = asyncio.get_running_loop()

        def hear() -> None:
            try:
                orders = self._channel.recv(_MOST)
            except BlockingIOError:
                return
            except OSError:
                orders = b""
            if orders:
                reload()
            else:
                loop.remove_reader(self._channel.fileno())
                end()

        loop.add_reader(self._channel.fileno(), hear)

    def ready(self) -> None:
        """Say that this worker serves; also at the end of a reload."""
        self._say(READY)

    def reloading(self) -> None:
        """Say nothing: whoever ordered it knows, and waits for `ready`."""

    def stopping(self) -> None:
        """Say nothing: the end of the process says it."""

    def alive(self) -> None:
        """Give a sign of life."""
        self._say(ALIVE)

    def _say(self, word: bytes) -> None:
        # A supervisor that is gone needs no news, and one that is stopped has enough of them.
        with contextlib.suppress(OSError):
            self._channel.send(word)
