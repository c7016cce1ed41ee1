"""
Several workers as one guard: started from here by fork, watched, replaced when they die.

The supervisor has no event loop and opens nothing but sockets and the lock of the database; it
keeps the sockets open, so that whoever connects while a worker is replaced only waits. The first
worker starts alone: it makes what is missing (tables, key ring), and if it cannot start, its exit
code is ours.
"""

import math
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Final

import structlog

from guard.host import metrics
from guard.host.listening import Sockets
from guard.host.systemd import ServiceManager
from guard.service.fork import Closes, be_worker
from guard.service.link import READY, WorkerLink
from guard.service.seat import Seat

TICK_S: Final = 0.5
"""Longest sleep of the supervisor."""

STUCK_S: Final = 60.0
"""Silence after which a worker is killed and replaced, where systemd sets no shorter one."""

MARGIN_S: Final = 15.0
"""Seconds beyond `drain_s` in which a worker may end by itself: pages, database, sandbox."""

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)

log = structlog.get_logger()

Work = Callable[[Sockets, WorkerLink], None]


class Supervisor:
    """Runs one worker for each of several `Sockets`, until a signal."""

    def __init__(
        self,
        sockets: Sequence[Sockets],
        work: Work,
        *,
        drain_s: float,
        manager: ServiceManager,
        started: Callable[[], None],
    ) -> None:
        """
        Have *work* done by each worker, which ends with what it raises or returns.

        *started* is called once, when all serve for the first time.
        """
        self._sockets: Final = sockets
        self._work: Final = work
        self._drain_s: Final = drain_s
        self._manager: Final = manager
        self._started: Final = started
        self._seats: Final = [Seat(number) for number in range(len(sockets))]
        self._silence_s: Final = min(STUCK_S, 2 * (manager.beat_s or STUCK_S))
        self._selector: Final = selectors.DefaultSelector()
        self._signals: Final[list[int]] = []
        self._proven = False
        """Whether a worker ever served."""

        self._announced = False
        self._code = 0
        self._ends_at: float | None = None
        """When workers that still live are killed; `None` while nobody said that we end."""

        self._beat_at = 0.0

    def run(self) -> int:
        """
        Work until SIGTERM or SIGINT, and give the exit code.

        SIGHUP has every worker read policy and certificates again.
        """
        with self._awake():
            self._seats[0].due_at = last = time.monotonic()
            while True:
                now = time.monotonic()
                if now - last > TICK_S + self._silence_s / 4:
                    # We were stopped, as a suspended machine is; then our workers were, too.
                    for seat in self._seats:
                        seat.heard_at += now - last
                last = now
                self._look(now)
                if self._ends_at is not None and not any(seat.pid for seat in self._seats):
                    return self._code
                for key, _ in self._selector.select(TICK_S):
                    self._hear(key)

    @contextmanager
    def _awake(self) -> Iterator[None]:
        """Have signals end a sleep."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            for end in (ours, theirs):
                end.setblocking(False)
            for number in _SIGNALS:
                signal.signal(number, lambda number, _frame: self._signals.append(number))
            signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
            self._selector.register(ours, selectors.EVENT_READ)
            try:
                yield
            finally:
                signal.set_wakeup_fd(-1)
                self._selector.close()

    def _look(self, now: float) -> None:
        """Do what is due."""
        while self._signals:
            self._obey(self._signals.pop(0), now)
        for seat in self._seats:
            if seat.pid and (code := seat.exit_code()) is not None:
                self._bury(seat, code, now)
            if now - seat.heard_at > self._silence_s:
                log.error("worker.stuck", seat=seat.number, pid=seat.pid)
                seat.kill()
            if not seat.pid and self._ends_at is None and seat.due_at <= now:
                self._start(seat, now)
        if self._ends_at is not None and now >= self._ends_at:
            log.warning("worker.cut", workers=sum(1 for seat in self._seats if seat.pid))
            self._ends_at = math.inf
            self._kill_all()
        if self._manager.beat_s is not None and now >= self._beat_at:
            self._manager.alive()
            self._beat_at = now + self._manager.beat_s

    def _obey(self, number: int, now: float) -> None:
        if number == signal.SIGHUP and self._ends_at is None:
            self._manager.reloading()
            for seat in self._seats:
                seat.reload()
            self._tell()
        elif number in {signal.SIGTERM, signal.SIGINT}:
            if self._ends_at is None:
                self._end(now)
            else:
                self._code = 128 + number
                self._kill_all()

    def _end(self, now: float) -> None:
        """Listen no more, and have all workers finish what they have begun."""
        self._ends_at = now + self._drain_s + MARGIN_S
        self._manager.stopping()
        for sockets in self._sockets:
            sockets.close()
        for seat in self._seats:
            seat.dismiss()

    def _kill_all(self) -> None:
        for seat in self._seats:
            seat.kill()

    def _hear(self, key: selectors.SelectorKey) -> None:
        """Take in what woke us: a signal, which is on its list by now, or a worker's words."""
        assert isinstance(key.fileobj, socket.socket)  # noqa: S101 -- registered here only
        try:
            words = key.fileobj.recv(4096)
        except OSError:
            words = b""
        seat: Seat | None = key.data
        if seat is None:
            return
        if not words:
            self._selector.unregister(key.fileobj)  # it is about to die
            return
        seat.heard_at = time.monotonic()
        if READY in words:
            self._is_ready(seat)

    def _is_ready(self, seat: Seat) -> None:
        seat.ready, seat.reloading = True, False
        if not self._proven:
            self._proven = True
            for each in self._seats:
                each.due_at = min(each.due_at, time.monotonic())
        if not self._announced and all(each.ready for each in self._seats):
            self._announced = True
            self._started()
        self._tell()

    def _tell(self) -> None:
        """Tell how things stand; that we are ready once nobody is still reading."""
        ready = sum(each.ready for each in self._seats)
        status = f"{ready} of {len(self._seats)} workers serve"
        if self._announced and not any(each.reloading for each in self._seats):
            self._manager.ready(status)
        else:
            self._manager.status(status)

    def _start(self, seat: Seat, now: float) -> None:
        """Fork a worker for *seat*."""
        ours, theirs = socket.socketpair()
        sockets = self._sockets[seat.number]
        link = WorkerLink(theirs, beat_s=self._silence_s / 4)
        kept = set(sockets)  # inherited ones are everybody's
        # Its own end, too: it would never see that the supervisor is gone.
        without: list[Closes] = [ours, self._selector]
        without += [each.channel for each in self._seats if each.channel is not None]
        without += [each for others in self._sockets for each in others if each not in kept]
        pid = os.fork()
        if not pid:
            be_worker(seat.number, partial(self._work, sockets, link), without=without)
        theirs.close()
        seat.take(pid, ours, now)
        self._selector.register(ours, selectors.EVENT_READ, seat)

    def _bury(self, seat: Seat, code: int, now: float) -> None:
        """Take note of the end of a worker, and plan the next one."""
        pid = seat.pid
        with suppress(KeyError, ValueError):  # it may have closed its end before
            self._selector.unregister(seat.channel)  # type: ignore[arg-type]
        pause_s = seat.vacate(now)
        metrics.rise(seat.number)
        if self._ends_at is not None:
            return
        if not self._proven:
            self._code = code if code >= 0 else 128 - code
            self._ends_at = math.inf
            return
        status = f"signal {-code}" if code < 0 else f"exit {code}"
        log.error("worker.died", seat=seat.number, pid=pid, status=status, again_in_s=pause_s)
        self._tell()
