"""Group commit: what waits at the same time shares one transaction, and one sync of the disk."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from guard.model.errors import StoreError

T = TypeVar("T")

MOST: Final = 32
"""Items of one transaction."""

MOST_BYTES: Final = 16 * 1024 * 1024
"""Octets of one transaction; an item that is larger goes alone."""


class ClashError(Exception):
    """One of several items cannot be kept beside what is there; none of them was."""


@dataclass(slots=True, eq=False)
class _Waiting(Generic[T]):
    item: T
    size_bytes: int
    done: "asyncio.Future[None]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Together(Generic[T]):
    """
    Commits items one batch after the other: those that come meanwhile are the next batch.

    An item that comes alone goes at once. Each is kept or not by itself, as if it had been alone.
    """

    def __init__(self, commit: Callable[[Sequence[T]], Awaitable[None]]) -> None:
        """
        Have *commit* keep a batch: all of it or nothing.

        It raises `ClashError` where trying the items one by one may go better, and `StoreError`
        where it would not.
        """
        self._commit: Final = commit
        self._waiting: Final[deque[_Waiting[T]]] = deque()
        self._working: asyncio.Task[None] | None = None

    async def add(self, item: T, size_bytes: int) -> None:
        """
        Return once *item*, of so many octets, is durable.

        A caller that is cancelled takes it back where no transaction has it yet.

        Raises:
            StoreError: It was not kept.
        """
        waiting = _Waiting(item, size_bytes)
        self._waiting.append(waiting)
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        try:
            await asyncio.shield(waiting.done)
        except asyncio.CancelledError:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
            waiting.done.cancel()
            raise

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._try(self._batch())
        finally:
            self._working = None

    def _batch(self) -> list[_Waiting[T]]:
        batch = [self._waiting.popleft()]
        total = batch[0].size_bytes
        while self._waiting and len(batch) < MOST:
            total += self._waiting[0].size_bytes
            if total > MOST_BYTES:
                break
            batch.append(self._waiting.popleft())
        return batch

    async def _try(self, batch: Sequence[_Waiting[T]]) -> None:
        try:
            await self._commit([each.item for each in batch])
        except ClashError:
            if len(batch) == 1:
                _end(batch, StoreError("the database failed: there is such a row already"))
            else:
                for each in batch:
                    await self._try([each])
        except StoreError as error:
            # It is away for those who wait behind, too: their clients cannot wait twice as long.
            _end([*batch, *self._waiting], error)
            self._waiting.clear()
        except BaseException as error:
            _end([*batch, *self._waiting], StoreError(f"the commit failed: {type(error).__name__}"))
            self._waiting.clear()
            raise
        else:
            _end(batch, None)


def _end(batch: Sequence[_Waiting[T]], error: StoreError | None) -> None:
    for each in batch:
        if each.done.done():
            continue
        if error is None:
            each.done.set_result(None)
        else:
            # One for each: a traceback grows with everybody who raises it.
            each.done.set_exception(type(error)(*error.args))
