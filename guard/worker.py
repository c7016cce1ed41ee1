"""Takes jobs from the outbox and has the courier do them, as they fall due."""

import asyncio
import contextlib
from collections.abc import Collection
from typing import Final

import structlog

from guard.model.errors import StoreError
from guard.model.job import Job, JobKind
from guard.ports import Clock, Outbox
from guard.release import Courier

LEASE_S: Final = 30.0
"""How long the job of a worker that died stays with it; one that lives renews its lease."""

POLL_S: Final = 5.0
"""Longest sleep: a job that another process adds is found after that at the latest."""

TROUBLE_S: Final = 2.0

log = structlog.get_logger()


class Worker:
    """One loop of many, for jobs of some *kinds*: each job is claimed by one."""

    def __init__(
        self,
        outbox: Outbox,
        courier: Courier,
        clock: Clock,
        *,
        kinds: Collection[JobKind] = tuple(JobKind),
    ) -> None:
        self._outbox = outbox
        self._courier = courier
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
        work = asyncio.create_task(self._courier.perform(job))
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
