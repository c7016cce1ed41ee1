"""One timer for a whole connection, looked at with a clock of our own."""

import asyncio
import heapq

from guard.upstream.patience import Patience


class FakeLoop:
    """The two methods of a loop that time needs."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[tuple[float, int, asyncio.TimerHandle]] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when, callback):
        handle = asyncio.TimerHandle(when, callback, (), self)
        heapq.heappush(self.timers, (when, len(self.timers), handle))
        return handle

    def get_debug(self) -> bool:
        return False

    def _timer_handle_cancelled(self, handle) -> None:
        pass

    def pass_to(self, when: float) -> None:
        while self.timers and self.timers[0][0] <= when:
            self.now, _, handle = heapq.heappop(self.timers)
            if not handle.cancelled():
                handle._run()
        self.now = when

    @property
    def pending(self) -> int:
        return sum(not handle.cancelled() for _, _, handle in self.timers)


def test_patience() -> None:
    """It rings once when a wait is too long, and not for waits that ended or began anew."""
    loop, rings = FakeLoop(), []
    patience = Patience(loop, lambda: rings.append(loop.now))
    for _ in range(100):  # commands in quick succession
        patience.begin(10)
        patience.end()
    assert loop.pending == 1
    loop.pass_to(20)
    assert (rings, loop.pending) == ([], 0)
    patience.begin(10)
    loop.pass_to(25)
    patience.begin(10)
    loop.pass_to(34)
    assert rings == []
    loop.pass_to(50)
    assert rings == [35]
    patience.begin(100)
    patience.begin(1)  # a shorter wait is not lost behind a longer one
    loop.pass_to(60)
    assert rings == [35, 51]
    patience.begin(1)
    patience.close()
    loop.pass_to(90)
    assert rings == [35, 51]
