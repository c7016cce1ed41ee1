"""Group commit: every item is kept or not by itself, whoever it shares a transaction with."""

import asyncio
from collections.abc import Sequence

import pytest

from guard.model.errors import StoreError, StoreFullError
from guard.store.together import MOST, MOST_BYTES, ClashError, Together


class Disk:
    """Keeps batches; a `gate` holds up the commit until it is set."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun = asyncio.Event()
        self.error: Exception | None = None
        self.together = Together(self.commit)

    async def commit(self, items: Sequence[str]) -> None:
        self.begun.set()
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        if "bad" in items:
            raise ClashError
        self.batches.append(list(items))

    def adding(self, *items: str, size_bytes: int = 1) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.together.add(item, size_bytes)) for item in items]

    async def busy(self) -> asyncio.Task[None]:
        """Have a first item be in its commit, and stay there."""
        self.gate.clear()
        (task,) = self.adding("first")
        await self.begun.wait()
        return task


@pytest.fixture
async def disk() -> Disk:
    return Disk()


async def ends(tasks: Sequence[asyncio.Task[None]]) -> list[BaseException | None]:
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_comes_meanwhile_goes_together(disk: Disk) -> None:
    """The first goes at once; those that come during its commit share the next."""
    first = await disk.busy()
    others = disk.adding("a", "b", "c")
    await asyncio.sleep(0)
    disk.gate.set()

    assert await ends([first, *others]) == [None] * 4
    assert disk.batches == [["first"], ["a", "b", "c"]]


async def test_a_batch_has_its_bounds(disk: Disk) -> None:
    """So many items, and so many octets; what is larger goes alone."""
    first = await disk.busy()
    others = disk.adding(*map(str, range(MOST + 1)))
    large = disk.adding("x", "y", size_bytes=MOST_BYTES + 1)
    await asyncio.sleep(0)
    disk.gate.set()

    await ends([first, *others, *large])

    assert [len(batch) for batch in disk.batches] == [1, MOST, 1, 1, 1]


async def test_one_clash_hurts_nobody_else(disk: Disk) -> None:
    """Its neighbours are tried alone and kept; only itself is told that it was not."""
    first = await disk.busy()
    others = disk.adding("a", "bad", "c")
    await asyncio.sleep(0)
    disk.gate.set()

    ended = await ends([first, *others])

    assert [type(each) for each in ended] == [type(None), type(None), StoreError, type(None)]
    assert disk.batches == [["first"], ["a"], ["c"]]


async def test_a_full_disk_is_told_to_all_who_wait(disk: Disk) -> None:
    """Nobody waits through the same trouble once more, and afterwards all is well."""
    first = await disk.busy()
    others = disk.adding(*map(str, range(MOST + 5)))
    await asyncio.sleep(0)
    disk.error = StoreFullError("no room")
    disk.gate.set()

    ended = await ends([first, *others])
    disk.error = None
    (again,) = disk.adding("again")
    await again

    assert {type(each) for each in ended} == {StoreFullError}
    assert disk.batches == [["again"]]


async def test_who_goes_away_takes_his_item_along(disk: Disk) -> None:
    """As long as no transaction has it; from then on it is kept, though nobody waits for it."""
    first = await disk.busy()
    going, staying = disk.adding("going", "staying")
    await asyncio.sleep(0)
    going.cancel()
    first.cancel()
    await asyncio.sleep(0)
    disk.gate.set()
    await staying

    assert disk.batches == [["first"], ["staying"]]
    assert all(isinstance(each, asyncio.CancelledError) for each in await ends([first, going]))


async def test_a_bug_leaves_nobody_waiting(disk: Disk) -> None:
    """Whatever the commit raises, all who wait hear that nothing was kept."""
    seen: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: seen.append(context))
    disk.error = ValueError("a bug")

    ended = await ends(disk.adding("a", "b"))

    assert {type(each) for each in ended} == {StoreError}
    assert "a bug" not in str(ended[0])
