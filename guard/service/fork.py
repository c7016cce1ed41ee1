"""The process of one worker, from the fork to its end: nothing of its supervisor lives on in it."""

import os
import random
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final, NoReturn, Protocol

import structlog

from guard.host import metrics

_AT_FIRST: Final = {
    signal.SIGINT: signal.SIG_IGN,  # it goes to all of a terminal; the supervisor tells us of it
    signal.SIGHUP: signal.SIG_IGN,  # until we have read what it would have us read again
}
"""What a worker does about signals that its supervisor has handlers for."""

log = structlog.get_logger()


class Closes(Protocol):
    """Something that a worker does not keep: a socket, a selector."""

    def close(self) -> None:
        """Let go of it, in this process."""


def be_worker(seat: int, work: Callable[[], None], *, without: Iterable[Closes]) -> NoReturn:
    """
    Be the worker on *seat*, *without* what is the supervisor's or another worker's.

    Called right after the fork, in the new process, which ends with what *work* raises or returns.
    """
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in signal.valid_signals():
            if callable(signal.getsignal(number)):
                signal.signal(number, _AT_FIRST.get(number, signal.SIG_DFL))
        for each in without:
            each.close()
        metrics.sit(seat)
        random.seed()
        work()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else bool(end.code)
    except BaseException:
        log.exception("worker.failed", seat=seat)
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
