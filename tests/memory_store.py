"""
Hold store and outbox in memory, for tests of what stands above them.

`tests/contract/test_store_contract.py` holds it to the same promises as the one in SQL.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from guard.model.address import Address
from guard.model.errors import NoSuchHoldError, StaleHoldError
from guard.model.hold import Choice, End, Hold, HoldState
from guard.model.job import AGREED, SENDING, Job, JobKind, superseded
from guard.model.life import DESTROYABLE
from guard.model.verdict import Verdict
from guard.ports import AuditEntry, Clock, Kept, Linked


class MemoryStore:
    """`ports.HoldStore` and `ports.Outbox` in one; no method waits, so each is atomic."""

    def __init__(self, clock: Clock = lambda: datetime.now(UTC)) -> None:
        self.clock = clock
        self.holds: dict[str, Hold] = {}
        self.raw: dict[str, bytes] = {}
        self.links: dict[bytes, tuple[str, Address]] = {}
        self.jobs: dict[int, Job] = {}
        """By id; `attempts` counts tries begun, and a claimed job is due at its lease's end."""

        self.errors: dict[int, str] = {}
        """What `retry` was told, by id of the job."""

        self.parked: dict[int, Job] = {}

        self.log: list[AuditEntry] = []
        self.bells: list[asyncio.Event] = []
        self._job_ids = itertools.count(1)

    async def put(self, *kept: Kept) -> None:
        """As `ports.HoldStore.put`."""
        for each in kept:
            hold = each.hold
            self.holds[hold.id] = hold
            self.raw[hold.id] = each.octets
            self.links |= {token: (hold.id, person) for token, person in each.tokens.items()}
            self._add(each.jobs)
            self.log.append(each.audit)

    async def get(self, hold_id: str) -> Hold:
        """As `ports.HoldStore.get`."""
        try:
            return self.holds[hold_id]
        except KeyError:
            raise NoSuchHoldError("there is no such hold") from None

    async def by_token(self, token_sha256: bytes) -> Linked:
        """As `ports.HoldStore.by_token`."""
        try:
            hold_id, person = self.links[token_sha256]
        except KeyError:
            raise NoSuchHoldError("there is no such hold") from None
        return Linked(hold=await self.get(hold_id), person=person)

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
        asked: Hold | None = None,
        jobs: Sequence[Job] = (),
        done: Job | None = None,
        recipients: tuple[Address, ...] | None = None,
        without: tuple[str, ...] | None = None,
        verdict: Verdict | None = None,
        release_at: datetime | None = None,
        choice: Choice | None = None,
        reply: str = "",
        ends: tuple[End, ...] | None = None,
    ) -> Hold:
        """As `ports.HoldStore.advance`."""
        if not old.may_become(new):
            raise ValueError(f"a hold does not go from {old} to {new}")
        hold = self.holds.get(hold_id)
        if asked is not None and hold is not None and asked.question != hold.question:
            raise StaleHoldError("the question is another one by now")
        if hold is None or hold.state is not old or (done is not None and not self._mine(done)):
            raise StaleHoldError("it was moved on by another")
        hold = replace(
            hold,
            state=new,
            recipients=hold.recipients if recipients is None else recipients,
            without=hold.without if without is None else without,
            verdict=verdict or hold.verdict,
            release_at=release_at or hold.release_at,
            reply=reply or hold.reply,
            ends=hold.ends if ends is None else ends,
        )
        if choice is not None:
            hold = replace(hold, choice=choice, decided_at=audit.at, decided_by=audit.actor)
        self.holds[hold_id] = hold
        if done is not None:
            del self.jobs[done.id]
        if jobs or new is not HoldState.RELEASING:
            releases = [j for j in self.jobs.values() if j.hold_id == hold_id]
            for job in releases:
                if job.kind in superseded(old, new):
                    del self.jobs[job.id]
        self._add(jobs)
        self.log.append(audit)
        return hold

    async def destroy(self, hold_id: str, *, audit: AuditEntry, done: Job | None = None) -> None:
        """As `ports.HoldStore.destroy`."""
        hold = self.holds.get(hold_id)
        ours = done is None or self._mine(done)
        untold = any(
            (job.hold_id, job.kind) == (hold_id, JobKind.RESULT) and job.note != AGREED
            for job in self.jobs.values()
        )
        if hold is None or hold.state not in DESTROYABLE or untold or not ours:
            raise StaleHoldError("it is not over, or not told")
        if done is not None:
            del self.jobs[done.id]
        if self.raw.pop(hold_id, None) is not None:
            self.log.append(audit)

    async def record(
        self, *audit: AuditEntry, jobs: Sequence[Job] = (), done: Sequence[Job] = ()
    ) -> None:
        """As `ports.HoldStore.record`."""
        await self.finish(*done)
        self._add(jobs)
        self.log.extend(audit)

    async def record_if(
        self,
        audit: AuditEntry,
        *,
        events: Collection[str],
        allows: Callable[[Sequence[AuditEntry]], None],
    ) -> None:
        """As `ports.HoldStore.record_if`."""
        before = [row for row in self.log if row.hold_id == audit.hold_id and row.event in events]
        allows(before)
        self.log.append(audit)

    def bell(self) -> asyncio.Event:
        """As `ports.Outbox.bell`."""
        self.bells.append(asyncio.Event())
        return self.bells[-1]

    async def add(self, *jobs: Job) -> None:
        """As `ports.Outbox.add`."""
        self._add(jobs)

    async def claim(
        self, *, lease_s: float, kinds: Collection[JobKind] = tuple(JobKind)
    ) -> Job | None:
        """As `ports.Outbox.claim`."""
        now = self.clock()
        due = [job for job in self.jobs.values() if job.due_at <= now and job.kind in kinds]
        if not due:
            return None
        return self._lease(min(due, key=lambda job: (job.due_at, job.id)), lease_s)

    async def claim_with(
        self, job: Job, *, lease_s: float, limit: int, ahead_s: float = 0.0
    ) -> tuple[Job, ...]:
        """As `ports.Outbox.claim_with`."""
        if not job.person:
            return ()
        now = self.clock() + timedelta(seconds=ahead_s)
        due = [
            each
            for each in sorted(self.jobs.values(), key=lambda each: (each.due_at, each.id))
            if each.due_at <= now
            and (each.kind, each.person) == (job.kind, job.person)
            and each.id != job.id
        ]
        return tuple(self._lease(each, lease_s) for each in due[:limit])

    async def extend(self, *jobs: Job, lease_s: float) -> bool:
        """As `ports.Outbox.extend`."""
        mine = [job for job in jobs if self._mine(job)]
        until = self.clock() + timedelta(seconds=lease_s)
        for job in mine:
            self.jobs[job.id] = replace(self.jobs[job.id], due_at=until)
        return len(mine) == len(jobs)

    async def begin_sending(self, job: Job) -> bool:
        """As `ports.Outbox.begin_sending`."""
        if not self._mine(job) or self.jobs[job.id].due_at <= self.clock():
            return False
        self.jobs[job.id] = replace(self.jobs[job.id], note=SENDING)
        return True

    async def finish(self, *jobs: Job) -> None:
        """As `ports.Outbox.finish`."""
        for job in jobs:
            if self._mine(job):
                del self.jobs[job.id]

    async def retry(self, *jobs: Job, due_at: datetime, error: str) -> None:
        """As `ports.Outbox.retry`."""
        for job in jobs:
            if self._mine(job):
                waiting = self.jobs[job.id]
                self.jobs[job.id] = replace(
                    waiting,
                    due_at=due_at,
                    fence=waiting.fence + 1,
                    error=error,
                    note="" if waiting.note == SENDING else waiting.note,
                )
                self.errors[job.id] = error

    async def put_off(self, *jobs: Job, due_at: datetime) -> None:
        """As `ports.Outbox.put_off`."""
        for job in jobs:
            if self._mine(job):
                waiting = self.jobs[job.id]
                self.jobs[job.id] = replace(
                    waiting,
                    due_at=due_at,
                    fence=waiting.fence + 1,
                    attempts=waiting.attempts - 1,
                )

    async def park(self, job: Job, *, error: str, jobs: Sequence[Job]) -> None:
        """As `ports.Outbox.park`."""
        if self._mine(job):
            self.parked[job.id] = self.jobs.pop(job.id)
            self.errors[job.id] = error
            self._add(jobs)

    async def take_up(self, hold_id: str) -> int:
        """As `ports.Outbox.take_up`."""
        parked = [job for job in self.parked.values() if job.hold_id == hold_id]
        for job in parked:
            del self.parked[job.id]
            self.jobs[job.id] = replace(
                job, attempts=0, error="", fence=job.fence + 1, due_at=self.clock()
            )
        return len(parked)

    async def next_due(self, *, kinds: Collection[JobKind] = tuple(JobKind)) -> datetime | None:
        """As `ports.Outbox.next_due`."""
        return min((job.due_at for job in self.jobs.values() if job.kind in kinds), default=None)

    def _add(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            number = next(self._job_ids)
            self.jobs[number] = replace(job, id=number, attempts=0, error="", fence=0)
            for bell in self.bells:
                bell.set()

    def _lease(self, job: Job, lease_s: float) -> Job:
        claimed = replace(job, fence=job.fence + 1)
        until = self.clock() + timedelta(seconds=lease_s)
        self.jobs[job.id] = replace(claimed, attempts=job.attempts + 1, due_at=until)
        return claimed

    def _mine(self, job: Job) -> bool:
        return job.id in self.jobs and self.jobs[job.id].fence == job.fence
