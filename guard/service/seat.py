"""The place of one worker under a supervisor; processes come and go on it."""

import math
import os
import signal
import socket
from contextlib import suppress
from typing import Final

from guard.config import Settings
from guard.service.link import RELOAD

YOUNG_S: Final = 10.0
"""A worker that dies before it served for so long is replaced after a pause."""

LONGEST_PAUSE_S: Final = 10.0


class Seat:
    """What a supervisor knows of one worker. All times are monotonic, in seconds."""

    def __init__(self, number: int) -> None:
        self.number: Final = number
        self.pid = 0
        """0: nobody sits there."""

        self.channel: socket.socket | None = None
        self.heard_at = math.inf
        """When the worker last gave a sign of life."""

        self.ready = False
        self.reloading = False
        self.due_at = math.inf
        """When the next worker is to start."""

        self._born_at = 0.0
        self._deaths = 0
        """In a row, of workers that were young."""

    def take(self, pid: int, channel: socket.socket, now: float) -> None:
        """Seat a new worker, which talks over *channel*."""
        channel.setblocking(False)
        self.pid, self.channel = pid, channel
        self._born_at = self.heard_at = now
        self.due_at = math.inf

    def reload(self) -> None:
        """Order a reload; `reloading` until the worker has said that it is ready."""
        if self.channel is not None:
            with suppress(OSError):  # it is dead, and the next one reads the new files anyway
                self.channel.send(RELOAD)
                self.reloading = True

    def dismiss(self) -> None:
        """Have the worker finish what it has begun, and end."""
        if self.channel is not None:
            with suppress(OSError):
                self.channel.shutdown(socket.SHUT_WR)

    def kill(self) -> None:
        """End the worker at once. Without a core: it would hold what mails say."""
        self.heard_at = math.inf  # once is enough
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)  # ours until it is waited for

    def exit_code(self) -> int | None:
        """How the worker ended, a signal as a negative number; `None` while it lives."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None

    def vacate(self, now: float) -> float:
        """Clear the seat of one that ended, and give the pause in seconds before the next."""
        young = not self.ready or now - self._born_at < YOUNG_S
        self._deaths = self._deaths + 1 if young else 0
        pause_s = min(float(max(0, self._deaths - 1)), LONGEST_PAUSE_S)
        if self.channel is not None:
            self.channel.close()
        self.pid, self.channel = 0, None
        self.ready = self.reloading = False
        self.heard_at = math.inf
        self.due_at = now + pause_s
        return pause_s


def portion(settings: Settings) -> Settings:
    """Give what one of `settings.workers` processes may use of the limits for the whole guard."""
    count = settings.workers
    limits, upstream = settings.limits, settings.upstream
    return settings.model_copy(
        update={
            "limits": limits.model_copy(
                update={
                    "connections": math.ceil(limits.connections / count),
                    "memory_bytes": math.ceil(limits.memory_bytes / count),
                }
            ),
            "upstream": upstream.model_copy(
                update={"connections": math.ceil(upstream.connections / count)}
            ),
        }
    )
