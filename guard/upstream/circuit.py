"""A circuit breaker: an upstream that does not answer is asked seldom, and nobody waits for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import Gauge

from guard.model.errors import UpstreamError

OPEN = Gauge(
    "guard_upstream_open_circuit",
    "Ways out on which no connection is tried for now, because the last ones all failed.",
    multiprocess_mode="livesum",
)

FAILURES: Final = 3
"""Failures in a row that open the circuit."""

PAUSE_S: Final = 1.0
"""Seconds without any attempt after that; twice as many after each probe that fails."""

LONGEST_PAUSE_S: Final = 30.0


class Circuit:
    """
    Says whether a connection may be tried.

    Closed: each may. Open: none, until the pause is over; then one, the probe, and the others
    still not. What it brings closes the circuit or makes the pause longer.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        """*now* gives seconds of a clock that never jumps."""
        self._now = now
        self._failures = 0
        self._pause_s = 0.0
        self._until = 0.0
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether attempts are refused, but for a probe."""
        return self._pause_s > 0

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """
        Have one connection tried in the block, which raises `UpstreamError` where that fails.

        Raises:
            UpstreamError: None may be tried now; the block was not entered.
        """
        probe = self.is_open
        if probe and (self._probing or self._now() < self._until):
            raise UpstreamError("not tried: the last connections all failed")
        self._probing = self._probing or probe
        try:
            yield
        except UpstreamError:
            self._failed(probe=probe)
            raise
        else:
            self.close()
        finally:
            if probe:
                self._probing = False

    def close(self) -> None:
        """Let everybody try."""
        if self.is_open:
            OPEN.dec()
        self._failures = 0
        self._pause_s = 0.0

    def _failed(self, *, probe: bool) -> None:
        """Count a failure; of those that were under way when it opened, none counts twice."""
        if probe:
            self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        elif not self.is_open:
            self._failures += 1
            if self._failures < FAILURES:
                return
            self._pause_s = PAUSE_S
            OPEN.inc()
        else:
            return
        self._until = self._now() + self._pause_s
