"""The pulse of an event loop: how late it does what is due, and a sign of life while it turns."""

import asyncio
from collections.abc import Callable
from typing import Final

from prometheus_client import Gauge

TICK_S: Final = 0.1
WINDOW_S: Final = 15.0
"""Seconds for which the longest delay is shown: the usual time between two looks at /metrics."""

LAG: Final = Gauge(
    "guard_event_loop_lag_seconds",
    "Longest that due work had to wait for the event loop, lately; of all workers, the most.",
    multiprocess_mode="livemax",
)


class Pulse:
    """Measures the running loop from `start` to `stop`."""

    def __init__(self, *, beat_s: float | None = None, beat: Callable[[], None]) -> None:
        """Call *beat* every *beat_s* seconds, if the loop turns; never, where that is `None`."""
        self._loop: Final = asyncio.get_running_loop()
        self._beat_s: Final = beat_s
        self._beat: Final = beat
        self._tick: asyncio.TimerHandle | None = None
        self._next_beat: asyncio.TimerHandle | None = None
        self._longest_s = 0.0
        self._shown_s = 0.0
        self._window_ends_at = 0.0

    def start(self) -> None:
        """Begin, with a first sign of life."""
        now = self._loop.time()
        self._window_ends_at = now + WINDOW_S
        self._tick = self._loop.call_at(now + TICK_S, self._measure, now + TICK_S)
        self._live()

    def stop(self) -> None:
        """End. Safe to call twice."""
        for timer in (self._tick, self._next_beat):
            if timer is not None:
                timer.cancel()

    def _live(self) -> None:
        if self._beat_s is not None:
            self._beat()
            self._next_beat = self._loop.call_later(self._beat_s, self._live)

    def _measure(self, due_at: float) -> None:
        now = self._loop.time()
        self._longest_s = max(self._longest_s, now - due_at)
        if self._longest_s > self._shown_s or now >= self._window_ends_at:
            self._shown_s = self._longest_s
            LAG.set(self._shown_s)
        if now >= self._window_ends_at:
            self._longest_s = 0.0
            self._window_ends_at = now + WINDOW_S
        self._tick = self._loop.call_at(now + TICK_S, self._measure, now + TICK_S)
