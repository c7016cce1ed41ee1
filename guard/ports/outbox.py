"""Work that is done later, each job by one worker."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from guard.model.job import Job, JobKind


class Outbox(Protocol):
    """Jobs that wait for a worker."""

    def bell(self) -> asyncio.Event:
        """
        Give an event of the caller's own, set whenever new jobs were committed by this process.

        A hint to look now rather than later; the caller clears it before it looks. Commits of other
        nodes may ring it, too.
        """

    async def add(self, *jobs: Job) -> None:
        """Add jobs that go with no change of a hold."""

    async def claim(
        self, *, lease_s: float, kinds: Collection[JobKind] = tuple(JobKind)
    ) -> Job | None:
        """
        Take the job of these *kinds* that is due longest, for *lease_s* seconds.

        `None` when nothing is due.
        """

    async def claim_with(
        self, job: Job, *, lease_s: float, limit: int, ahead_s: float = 0.0
    ) -> tuple[Job, ...]:
        """
        Take up to *limit* other jobs that are due for the same kind and person as *job*.

        So that one mail can tell of them all; those that are due *ahead_s* seconds from now go
        along. Empty where *job* names no person.
        """

    async def extend(self, *jobs: Job, lease_s: float) -> bool:
        """Renew the lease on *jobs*, *lease_s* seconds from now; false: another has one of them."""

    async def begin_sending(self, job: Job) -> bool:
        """
        Note on a release that the end of its message goes out now (`SENDING`), durably.

        False, and nothing noted, if it is no longer this worker's. Whoever claims it with that note
        knows that it may have been sent; `retry` takes the note away.
        """

    async def finish(self, *jobs: Job) -> None:
        """Strike jobs off. Nothing happens to those that another worker has now."""

    async def retry(self, *jobs: Job, due_at: datetime, error: str) -> None:
        """Put jobs back for later; *error* is a class name or an SMTP code, never content."""

    async def put_off(self, *jobs: Job, due_at: datetime) -> None:
        """Put jobs back untried: it counts as no try, and what the last one said stays."""

    async def park(self, job: Job, *, error: str, jobs: Sequence[Job]) -> None:
        """
        Lay a job aside that was tried too often, until a person takes it up.

        New *jobs*, such as the alarm, are in the same transaction. Nothing happens if another
        worker has it now.
        """

    async def take_up(self, hold_id: str) -> int:
        """Give the parked jobs of a hold to the workers again; how many there were."""

    async def next_due(self, *, kinds: Collection[JobKind] = tuple(JobKind)) -> datetime | None:
        """When the next job of these *kinds* is due, claimed or not; `None`: there is none."""
