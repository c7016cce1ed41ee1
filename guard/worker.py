"""Takes jobs from the outbox and has the courier do them, as they fall due."""

import asyncio
import contextlib
from typing import Final

import structlog

from guard.model.errors import StoreError
from guard.ports import Clock, Outbox
from guard.release import Courier

LEASE_S: Final = 600.0
"""Longer than any transaction with the upstream may take (connect, commands, 240 s for the dot)."""

POLL_S: Final = 5.0
"""Longest sleep: a job that another process adds is found after that at the latest."""

TROUBLE_S: Final = 2.0

log = structlog.get_logger()


class Worker:
    """One loop of many: each job is claimed by one."""

    def __init__(self, outbox: Outbox, courier: Courier, clock: Clock) -> None:
        self._outbox = outbox
        self._courier = courier
        self._clock = clock
        self._stopping = False

    def stop(self) -> None:
        """End after the job that is being done."""
        self._stopping = True
        self._outbox.wake.set()

    async def run(self) -> None:
        """Work until `stop`."""
        while not self._stopping:
            self._outbox.wake.clear()
            try:
                job = await self._outbox.claim(lease_s=LEASE_S)
                if job is None:
                    await self._sleep(await self._seconds_to_next())
                else:
                    await self._courier.perform(job)
            except StoreError:
                log.exception("worker.store_away")
                await self._sleep(TROUBLE_S)
            except Exception:  # a bug in one job must not end the others
                log.exception("worker.failed")
                await self._sleep(TROUBLE_S)

    async def _seconds_to_next(self) -> float:
        due = await self._outbox.next_due()
        if due is None:
            return POLL_S
        return min(POLL_S, max(0.05, (due - self._clock()).total_seconds()))

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._outbox.wake.wait()
