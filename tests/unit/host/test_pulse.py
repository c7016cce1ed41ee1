"""How late an event loop is, and the sign that it turns."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from guard.host import pulse as module
from guard.host.pulse import Pulse


def shown_s() -> float:
    return REGISTRY.get_sample_value("guard_event_loop_lag_seconds")


async def until(condition) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.001)


async def test_a_full_loop_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that keeps the loop shows as lag, and is forgotten when it was long enough ago."""
    monkeypatch.setattr(module, "TICK_S", 0.001)
    monkeypatch.setattr(module, "WINDOW_S", 0.5)
    loop = asyncio.get_running_loop()
    pulse = Pulse(beat=lambda: None)
    pulse.start()
    busy_until = loop.time() + 0.3
    while loop.time() < busy_until:
        pass
    await until(lambda: shown_s() >= 0.25)
    await until(lambda: shown_s() < 0.25)
    pulse.stop()
    pulse.stop()


async def test_it_beats_while_the_loop_turns() -> None:
    """At once, then again and again, and no more after `stop`."""
    beats: list[float] = []
    pulse = Pulse(beat_s=0.01, beat=lambda: beats.append(asyncio.get_running_loop().time()))
    pulse.start()
    assert len(beats) == 1
    await until(lambda: len(beats) >= 4)
    pulse.stop()
    count = len(beats)
    await asyncio.sleep(0.05)

    assert len(beats) == count


async def test_nobody_waits_for_it() -> None:
    """Then it only measures."""
    beats: list[int] = []
    pulse = Pulse(beat=lambda: beats.append(1))
    pulse.start()
    pulse.stop()

    assert beats == []
