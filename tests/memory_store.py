"""
Hold store and outbox in memory, for tests of what stands above them.

`tests/contract/test_store_contract.py` holds it to the same promises as the one in SQL.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from guard.model.address import Address
from guard.model.errors import NoSuchHoldError, StaleHoldError
from guard.model.hold import Choice, Hold, HoldState
from guard.model.job import Job, JobKind
from guard.ports import AuditEntry, Clock


class MemoryStore:
    """`ports.HoldStore` and `ports.Outbox` in one; no method waits, so each is atomic."""

    def __init__(self, clock: Clock = lambda: datetime.now(UTC)) -> None:
        self.clock = clock
        self.holds: dict[str, Hold] = {}
        self.raw: dict[str, bytes] = {}
        self.links: dict[bytes, str] = {}
        self.jobs: dict[int, Job] = {}
        """By id; `attempts` counts tries begun, and a claimed job is due at its lease's end."""

        self.errors: dict[int, str] = {}
        """What `retry` was told, by id of the job."""

        self.log: list[AuditEntry] = []
        self.bells: list[asyncio.Event] = []
        self._job_ids = itertools.count(1)

    async def put(
        self,
        hold: Hold,
        octets: bytes,
        *,
        token_sha256: bytes,
        jobs: Sequence[Job],
        audit: AuditEntry,
    ) -> None:
        """As `ports.HoldStore.put`."""
        self.holds[hold.id] = hold
        self.raw[hold.id] = octets
        self.links[token_sha256] = hold.id
        self._add(jobs)
        self.log.append(audit)

    async def get(self, hold_id: str) -> Hold:
        """As `ports.HoldStore.get`."""
        try:
            return self.holds[hold_id]
        except KeyError:
            raise NoSuchHoldError("there is no such hold") from None

    async def by_token(self, token_sha256: bytes) -> Hold:
        """As `ports.HoldStore.by_token`."""
        return await self.get(self.links.get(token_sha256, ""))

    async def find(self, *, states: Sequence[HoldState] = ()) -> AsyncIterator[Hold]:
        """As `ports.HoldStore.find`."""
        for hold in sorted(self.holds.values(), key=lambda hold: (hold.held_at, hold.id)):
            if not states or hold.state in states:
                yield hold

    async def octets(self, hold_id: str) -> bytes:
        """As `ports.HoldStore.octets`."""
        try:
            return self.raw[hold_id]
        except KeyError:
            raise NoSuchHoldError("no such hold, or its octets were destroyed") from None

    async def advance(
        self,
        hold_id: str,
        *,
        old: HoldState,
        new: HoldState,
        audit: AuditEntry,
        jobs: Sequence[Job] = (),
        done: Job | None = None,
        recipients: tuple[Address, ...] | None = None,
        release_at: datetime | None = None,
        choice: Choice | None = None,
        reply: str = "",
    ) -> Hold:
        """As `ports.HoldStore.advance`."""
        hold = self.holds.get(hold_id)
        if hold is None or hold.state is not old or (done is not None and not self._mine(done)):
            raise StaleHoldError("it was moved on by another")
        hold = replace(
            hold,
            state=new,
            recipients=hold.recipients if recipients is None else recipients,
            release_at=release_at or hold.release_at,
            reply=reply or hold.reply,
        )
        if choice is not None:
            hold = replace(hold, choice=choice, decided_at=audit.at, decided_by=audit.actor)
        self.holds[hold_id] = hold
        if done is not None:
            del self.jobs[done.id]
        self._add(jobs)
        self.log.append(audit)
        return hold

    async def record(self, audit: AuditEntry) -> None:
        """As `ports.HoldStore.record`."""
        self.log.append(audit)

    def bell(self) -> asyncio.Event:
        """As `ports.Outbox.bell`."""
        self.bells.append(asyncio.Event())
        return self.bells[-1]

    async def claim(
        self, *, lease_s: float, kinds: Collection[JobKind] = tuple(JobKind)
    ) -> Job | None:
        """As `ports.Outbox.claim`."""
        now = self.clock()
        due = [job for job in self.jobs.values() if job.due_at <= now and job.kind in kinds]
        if not due:
            return None
        job = min(due, key=lambda job: (job.due_at, job.id))
        claimed = replace(job, fence=job.fence + 1)
        self.jobs[job.id] = replace(
            claimed,
            attempts=job.attempts + 1,
            due_at=self.clock() + timedelta(seconds=lease_s),
        )
        return claimed

    async def extend(self, job: Job, *, lease_s: float) -> bool:
        """As `ports.Outbox.extend`."""
        if not self._mine(job):
            return False
        until = self.clock() + timedelta(seconds=lease_s)
        self.jobs[job.id] = replace(self.jobs[job.id], due_at=until)
        return True

    async def holds_lease(self, job: Job) -> bool:
        """As `ports.Outbox.holds_lease`."""
        return self._mine(job) and self.jobs[job.id].due_at > self.clock()

    async def finish(self, job: Job) -> None:
        """As `ports.Outbox.finish`."""
        if self._mine(job):
            del self.jobs[job.id]

    async def retry(self, job: Job, *, due_at: datetime, error: str) -> None:
        """As `ports.Outbox.retry`."""
        if self._mine(job):
            waiting = self.jobs[job.id]
            self.jobs[job.id] = replace(waiting, due_at=due_at, fence=waiting.fence + 1)
            self.errors[job.id] = error

    async def next_due(self, *, kinds: Collection[JobKind] = tuple(JobKind)) -> datetime | None:
        """As `ports.Outbox.next_due`."""
        return min((job.due_at for job in self.jobs.values() if job.kind in kinds), default=None)

    def _add(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            number = next(self._job_ids)
            self.jobs[number] = replace(job, id=number, attempts=0, fence=0)
            for bell in self.bells:
                bell.set()

    def _mine(self, job: Job) -> bool:
        return job.id in self.jobs and self.jobs[job.id].fence == job.fence
