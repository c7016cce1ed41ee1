"""Takes jobs from the outbox and has them done, as they fall due."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Sequence
from typing import Any, Final

import structlog

from guard.model.errors import StoreError
from guard.model.job import RELEASES, Job, JobKind
from guard.ports import Clock, Outbox

LEASE_S: Final = 30.0
"""How long the job of a worker that died stays with it; one that lives renews its lease."""

POLL_S: Final = 5.0
"""Longest sleep: a job that another process adds is found after that at the latest."""

TROUBLE_S: Final = 2.0

WORKERS: Final = 4
"""Jobs done at once in each lane: one that waits for a slow server does not keep up the others."""

LANES: Final = (RELEASES, frozenset(JobKind) - RELEASES)
"""Kinds of jobs that have workers of their own: releases that hang must not stop all notices."""

Perform = Callable[[Job], Coroutine[Any, Any, None]]
"""Does one job; may be cancelled, and then it comes again."""

log = structlog.get_logger()


class Worker:
    """One loop of many, for jobs of some *kinds*: each job is claimed by one."""

    def __init__(
        self,
        outbox: Outbox,
        perform: Perform,
        clock: Clock,
        *,
        kinds: Collection[JobKind] = tuple(JobKind),
    ) -> None:
        """Have *perform* do what *outbox* gives."""
        self._outbox = outbox
        self._do = perform
        self._clock = clock
        self._kinds = kinds
        self._bell = outbox.bell()
        self._ends_at: float | None = None
        """When the last job is cut off, in loop time; `None` while nobody said `stop`."""

        self._limit: asyncio.Timeout | None = None
        """Of the job that is being done."""

    def stop(self, drain_s: float) -> None:
        """
        End after the job that is being done, which gets *drain_s* seconds from the first call.

        One that is cut off comes again when its lease has run out.
        """
        if self._ends_at is not None:
            return
        self._ends_at = asyncio.get_running_loop().time() + drain_s
        if self._limit is not None:
            self._limit.reschedule(self._ends_at)
        self._bell.set()

    async def run(self) -> None:
        """Work until `stop`."""
        while self._ends_at is None:
            self._bell.clear()
            try:
                job = await self._outbox.claim(lease_s=LEASE_S, kinds=self._kinds)
                if job is None:
                    await self._sleep(await self._seconds_to_next())
                else:
                    await self._perform(job)
            except StoreError:
                log.exception("worker.store_away")
                await self._sleep(TROUBLE_S)
            except Exception:  # a bug in one job must not end the others
                log.exception("worker.failed")
                await self._sleep(TROUBLE_S)

    async def _perform(self, job: Job) -> None:
        """Have *job* done; let go of it where it stands when it is lost, or time is up."""
        work = asyncio.create_task(self._do(job))
        try:
            async with asyncio.timeout_at(self._ends_at) as self._limit:
                await self._keep(job, work)
        except TimeoutError:
            log.warning("worker.cut", job=job.kind.value, hold=job.hold_id)
        finally:
            self._limit = None
            work.cancel()
            await asyncio.wait([work])
        if not work.cancelled():
            work.result()

    async def _keep(self, job: Job, work: asyncio.Task[None]) -> None:
        """Renew the lease until *work* is done or another worker has the job."""
        while not (await asyncio.wait([work], timeout=LEASE_S / 3))[0]:
            try:
                if not await self._outbox.extend(job, lease_s=LEASE_S):
                    log.warning("worker.lease_lost", job=job.kind.value, hold=job.hold_id)
                    return
            except StoreError:
                # Nobody else can claim it either; the next renewal says whether it is still ours.
                log.warning("worker.not_renewed", job=job.kind.value, exc_info=True)

    async def _seconds_to_next(self) -> float:
        due = await self._outbox.next_due(kinds=self._kinds)
        if due is None:
            return POLL_S
        return min(POLL_S, max(0.05, (due - self._clock()).total_seconds()))

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()


def crew(outbox: Outbox, perform: Perform, clock: Clock) -> list[Worker]:
    """Give `WORKERS` for each of the `LANES`."""
    return [Worker(outbox, perform, clock, kinds=lane) for lane in LANES for _ in range(WORKERS)]


@contextlib.asynccontextmanager
async def working(workers: Sequence[Worker], drain_s: float) -> AsyncIterator[None]:
    """Have *workers* work; in the end each has *drain_s* seconds for the job that it has."""
    async with asyncio.TaskGroup() as tasks:
        for worker in workers:
            tasks.create_task(worker.run())
        try:
            yield
        finally:
            stop(workers, drain_s)


def stop(workers: Sequence[Worker], drain_s: float) -> None:
    """Have each of *workers* stop, as `Worker.stop` says."""
    for worker in workers:
        worker.stop(drain_s)
