"""
One process of a guard, from start to the signal that ends it.

SIGTERM and SIGINT let running work end, a second one does not; SIGHUP reads policy and certificates
again. Somebody watches: systemd, or the supervisor whose worker this is.
"""

import asyncio
import os
import resource
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol

import structlog

from guard.app.running import Guard
from guard.config import Settings
from guard.host.listening import Sockets
from guard.host.pulse import Pulse
from guard.memory import return_early

LOOP: Final = "GUARD_LOOP"
"""Environment variable: ``asyncio`` or ``uvloop``; left out: uvloop where it is installed."""

SWITCH_S: Final = 0.001
"""Seconds after which a thread that judges a big mail lets the loop have the interpreter."""

ENDS: Final = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger()


class Overseer(Protocol):
    """Who watches a process."""

    @property
    def beat_s(self) -> float | None:
        """Seconds between signs of life; `None`: none are awaited."""

    def ready(self) -> None:
        """Hear that it serves; also after `reloading`."""

    def reloading(self) -> None:
        """Hear that it reads policy and certificates again."""

    def stopping(self) -> None:
        """Hear that it ends."""

    def alive(self) -> None:
        """Hear that its loop turns."""


class Life:
    """Runs a guard once."""

    def __init__(
        self, settings: Settings, sockets: Sockets, overseer: Overseer, *, alone: bool = True
    ) -> None:
        """Listen on *sockets*; *alone* as in `Guard.start`."""
        self._settings: Final = settings
        self._sockets: Final = sockets
        self._overseer: Final = overseer
        self._alone: Final = alone
        self._ended: Final = asyncio.Event()
        self._reload_asked: Final = asyncio.Event()

    def end(self) -> None:
        """Have running work finished, then `run` returns."""
        self._ended.set()

    def reload(self) -> None:
        """Have policy and certificates read again, as soon as the guard has started."""
        self._reload_asked.set()

    async def run(self, *, started: Callable[[], None] = lambda: None) -> None:
        """
        Start, call *started*, and serve until `end` or a signal.

        Raises:
            SettingsError: Settings or policy do not allow a start.
            GuardError: The store cannot be opened.
            ListenError: Another process listens there.
        """
        loop = asyncio.get_running_loop()
        for number in ENDS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as the supervisor's workers do
                loop.add_signal_handler(number, self._end_by, number)
        loop.add_signal_handler(signal.SIGHUP, self.reload)
        pulse = Pulse(beat_s=self._overseer.beat_s, beat=self._overseer.alive)
        pulse.start()
        try:
            guard = await Guard.start(self._settings, sockets=self._sockets, alone=self._alone)
            reloading = asyncio.create_task(self._reload(guard))
            self._overseer.ready()
            started()
            try:
                await self._ended.wait()
                self._overseer.stopping()
                log.info("guard.stopping", drain_s=self._settings.drain_s)
            finally:
                reloading.cancel()
                await asyncio.wait([reloading])
                await guard.stop()
        finally:
            pulse.stop()

    def _end_by(self, number: int) -> None:
        """End in good order at the first signal, and at once at the second."""
        if self._ended.is_set():
            # What was promised is on disk or at the upstream, as it would be after a crash. By
            # hand: as the first process of a container the kernel would let us live.
            os._exit(128 + number)
        self._ended.set()

    async def _reload(self, guard: Guard) -> None:
        while True:
            await self._reload_asked.wait()
            self._reload_asked.clear()
            self._overseer.reloading()
            try:
                await guard.reload()
            except Exception:
                log.exception("reload.failed")
            self._overseer.ready()


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run *main* in the fastest event loop there is (see `LOOP`), in a process made fit for it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold mail and passwords
    return_early()
    sys.setswitchinterval(SWITCH_S)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    wish = os.environ.get(LOOP, "")
    if wish == "asyncio":
        return None
    try:
        import uvloop
    except ImportError:
        if wish == "uvloop":
            raise
        return None
    return uvloop.new_event_loop
