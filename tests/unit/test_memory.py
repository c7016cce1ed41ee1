"""How much of messages may be in memory at once."""

import asyncio
import ctypes
import subprocess
import sys
from contextlib import AsyncExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.memory import BIG_BYTES, COPIES, Lane, Memory
from guard.model.octets import InMemory


def test_what_is_not_there_is_not_taken() -> None:
    """A budget is never overdrawn, and what is given back can be taken again."""
    memory = Memory(10)
    assert memory.take(6)
    assert not memory.take(5)
    assert memory.take(4)
    assert not memory.has_room
    memory.give_back(10)
    assert memory.has_room
    assert memory.used_bytes == 0


def test_scarce_from_a_half_on() -> None:
    """Those who have somewhere else to go are told before nothing is left."""
    memory = Memory(10)
    assert memory.take(5)
    assert not memory.is_scarce
    assert memory.take(1)
    assert memory.is_scarce


async def settled() -> None:
    """Let everybody who can go on do so."""
    for _ in range(10):
        await asyncio.sleep(0)


class Walker:
    """Goes through a lane, and stays there until it is told to leave."""

    def __init__(self, lane: Lane, size: int) -> None:
        self.inside = False
        self.leave = asyncio.Event()
        self.task = asyncio.create_task(self._walk(lane, size))

    async def _walk(self, lane: Lane, size: int) -> None:
        async with lane.through(size):
            self.inside = True
            try:
                await self.leave.wait()
            finally:
                self.inside = False


async def test_first_come_first_served() -> None:
    """Side by side as far as it fits; a narrow one does not overtake a wide one for ever."""
    lane = Lane(10)
    walkers = [Walker(lane, size) for size in (6, 4, 8, 1)]
    await settled()
    assert [walker.inside for walker in walkers] == [True, True, False, False]
    walkers[0].leave.set()
    await settled()
    assert [walker.inside for walker in walkers] == [False, True, False, False]
    walkers[1].leave.set()
    await settled()
    assert [walker.inside for walker in walkers] == [False, False, True, True]
    for walker in walkers:
        walker.leave.set()
        await walker.task


async def test_what_is_too_wide_goes_alone() -> None:
    """Nothing waits for ever."""
    lane = Lane(10)
    wide, narrow = Walker(lane, 1000), Walker(lane, 1)
    await settled()
    assert (wide.inside, narrow.inside) == (True, False)
    wide.leave.set()
    await settled()
    assert narrow.inside
    narrow.leave.set()
    await asyncio.gather(wide.task, narrow.task)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2)), max_size=12))
async def test_whoever_gives_up_makes_room(steps: list[tuple[int, int]]) -> None:
    """In any order of coming, leaving and giving up: never over the width, and nobody is lost."""
    lane = Lane(10)
    walkers: list[tuple[int, Walker]] = []
    for size, action in steps:
        walkers.append((min(size, 10), Walker(lane, size)))
        if action:
            await settled()
        first = walkers[0][1]
        if action == 1:
            first.leave.set()
        elif action == 2:
            walkers[len(walkers) // 2][1].task.cancel()
            walkers[-1][1].leave.set()
        assert sum(size for size, walker in walkers if walker.inside) <= 10
    for _, walker in walkers:
        walker.leave.set()
    await asyncio.wait_for(
        asyncio.gather(*(walker.task for _, walker in walkers), return_exceptions=True), 10
    )
    assert lane._used_bytes == 0
    assert not lane._waiting


async def test_a_turn_that_comes_with_the_end_is_passed_on() -> None:
    """Cancelled in the moment in which room was made: the next one goes."""
    lane = Lane(10)
    first, second, third = (Walker(lane, 10) for _ in range(3))
    await settled()
    first.leave.set()
    await first.task  # the turn of the second is set, and it has not run since
    second.task.cancel()
    await settled()
    assert (second.inside, third.inside) == (False, True)
    third.leave.set()
    await third.task


async def test_small_mail_never_waits_for_big_mail() -> None:
    """R-B6: a message below the size is given at once, with the lane full."""
    lane = Lane(BIG_BYTES * COPIES)
    big, small = InMemory(b"x" * BIG_BYTES), InMemory(b"x" * (BIG_BYTES - 1))
    async with AsyncExitStack() as stack:
        assert await stack.enter_async_context(lane.whole(big)) == big.content
        assert await stack.enter_async_context(lane.whole(small)) == small.content
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(stack.enter_async_context(lane.whole(big)), 0)
    async with lane.whole(big) as octets:
        assert octets == big.content


KEPT_BLOCKS = """
import ctypes
from guard.memory import return_early

class Mallinfo(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ord sm mmapped m ms f u o k".split()]

libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Mallinfo
if {call}:
    return_early()
bytes(16 << 20)
before = libc.mallinfo2().mmapped
kept = bytes(1 << 20)
print(libc.mallinfo2().mmapped - before)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="another C library")
@pytest.mark.parametrize("call", [True, False])
def test_large_blocks_go_back_to_the_system(call: bool) -> None:
    """R-B5: also after a larger one was freed, from which glibc would else learn to keep them."""
    script = KEPT_BLOCKS.format(call=call)
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert int(said.stdout) == call
