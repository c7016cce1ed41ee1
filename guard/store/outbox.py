"""
The outbox: jobs that a commit promised, taken by one worker at a time.

A claimed job stays where it is, due again at the end of its lease, with a greater fence. So a
worker that dies gives its job back by doing nothing, and one that was only asleep finds that its
fence is old.
"""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Row,
    Update,
    and_,
    case,
    delete,
    false,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.model.job import AGREED, SENDING, Job, JobKind
from guard.ports import Clock
from guard.store import hints
from guard.store.database import Database
from guard.store.tables import jobs_table

MAX_ATTEMPTS: Final = 200
"""Claims after which a job is parked: a net below the worker's own limits, so that a job that
kills every worker does not go on for ever."""

_job = jobs_table.c


class SqlOutbox:
    """`ports.Outbox` in SQL. Without a *clock* the database's time decides what is due."""

    def __init__(
        self, database: Database, *, clock: Clock | None = None, max_attempts: int = MAX_ATTEMPTS
    ) -> None:
        self._database: Final = database
        self._clock: Final = clock
        self._max_attempts: Final = max_attempts
        self._bells: Final[list[asyncio.Event]] = []

    def bell(self) -> asyncio.Event:
        """Give an event of the caller's own, set whenever this process has committed new jobs."""
        # One for each: who clears a common one could silence it for a worker of other kinds.
        self._bells.append(asyncio.Event())
        return self._bells[-1]

    def ring(self) -> None:
        """Say that new jobs were committed."""
        for bell in self._bells:
            bell.set()

    async def add(self, *jobs: Job) -> None:
        """Add jobs that go with no change of a hold."""
        async with self._database.write() as conn:
            await add(conn, jobs)
        self.ring()

    async def claim(
        self, *, lease_s: float, kinds: Collection[JobKind] = tuple(JobKind)
    ) -> Job | None:
        """
        Take the job of these *kinds* that is due longest, for *lease_s* seconds.

        `None` when nothing is due.
        """
        async with self._database.write() as conn:
            now = await self._now(conn)
            due = await conn.execute(
                select(jobs_table)
                .where(self._claimable(), _job.due_at <= now, _job.kind.in_(kinds))
                .order_by(_job.due_at, _job.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            row = due.one_or_none()
            if row is None:
                return None
            await conn.execute(_lease([row], now, lease_s))
        return _claimed(row)

    async def claim_with(
        self, job: Job, *, lease_s: float, limit: int, ahead_s: float = 0.0
    ) -> tuple[Job, ...]:
        """
        Take up to *limit* other jobs that are due for the same kind and person as *job*.

        So that one mail can tell of them all; those that are due *ahead_s* seconds from now go
        along. Empty where *job* names no person.
        """
        if not job.person:
            return ()
        others = (
            select(jobs_table)
            .where(
                self._claimable(),
                _job.kind == job.kind,
                _job.person == job.person,
                _job.id != job.id,
            )
            .order_by(_job.due_at, _job.id)
            .limit(limit)
        )
        ahead = timedelta(seconds=ahead_s)
        async with self._database.read() as conn:
            due = others.where(_job.due_at <= await self._now(conn) + ahead)
            if (await conn.execute(due.limit(1))).first() is None:
                return ()  # as nearly always: no need to wait for a turn to write
        async with self._database.write() as conn:
            now = await self._now(conn)
            due = others.where(_job.due_at <= now + ahead).with_for_update(skip_locked=True)
            rows = (await conn.execute(due)).all()
            if rows:
                await conn.execute(_lease(rows, now, lease_s))
        return tuple(_claimed(row) for row in rows)

    async def extend(self, *jobs: Job, lease_s: float) -> bool:
        """Renew the lease on *jobs*, *lease_s* seconds from now; false: another has one of them."""
        async with self._database.write() as conn:
            until = await self._now(conn) + timedelta(seconds=lease_s)
            renewed = await conn.execute(
                update(jobs_table).where(_mine(*jobs)).values(due_at=until)
            )
        return renewed.rowcount == len(jobs)

    async def begin_sending(self, job: Job) -> bool:
        """
        Note on a release that the end of its message goes out now (`SENDING`), durably.

        False, and nothing noted, if it is no longer this worker's. Whoever claims it with that note
        knows that it may have been sent; `retry` takes the note away.
        """
        async with self._database.write() as conn:
            now = await self._now(conn)
            noted = await conn.execute(
                update(jobs_table).where(_mine(job), _job.due_at > now).values(note=SENDING)
            )
        return noted.rowcount == 1

    async def finish(self, *jobs: Job) -> None:
        """Strike jobs off. Nothing happens to those that another worker has now."""
        async with self._database.write() as conn:
            await strike(conn, *jobs)

    async def retry(self, *jobs: Job, due_at: datetime, error: str) -> None:
        """
        Put jobs back for later, unless another worker has them now.

        *error* is a class name or an SMTP code, never content.
        """
        async with self._database.write() as conn:
            await conn.execute(
                update(jobs_table)
                .where(_mine(*jobs))
                .values(
                    due_at=due_at,
                    error=error[:200],
                    fence=_job.fence + 1,
                    note=case((_job.note == SENDING, ""), else_=_job.note),
                )
            )

    async def put_off(self, *jobs: Job, due_at: datetime) -> None:
        """Put jobs back untried: it counts as no try, and what the last one said stays."""
        async with self._database.write() as conn:
            await conn.execute(
                update(jobs_table)
                .where(_mine(*jobs))
                .values(due_at=due_at, attempts=_job.attempts - 1, fence=_job.fence + 1)
            )

    async def park(self, job: Job, *, error: str, jobs: Sequence[Job]) -> None:
        """
        Lay a job aside that was tried too often, until a person takes it up.

        New *jobs*, such as the alarm, are in the same transaction. Nothing happens if another
        worker has it now.
        """
        async with self._database.write() as conn:
            parked = await conn.execute(
                update(jobs_table)
                .where(_mine(job))
                .values(parked_at=await self._now(conn), error=error[:200], fence=_job.fence + 1)
            )
            if parked.rowcount:
                await add(conn, jobs)
        self.ring()

    async def take_up(self, hold_id: str) -> int:
        """Give the parked jobs of a hold to the workers again; how many there were."""
        async with self._database.write() as conn:
            taken = await conn.execute(
                update(jobs_table)
                .where(
                    _job.hold_id == hold_id,
                    not_(self._claimable()),
                )
                .values(
                    parked_at=None,
                    attempts=0,
                    error="",
                    fence=_job.fence + 1,
                    due_at=await self._now(conn),
                )
            )
            await hints.give(conn)
        self.ring()
        return taken.rowcount

    async def next_due(self, *, kinds: Collection[JobKind] = tuple(JobKind)) -> datetime | None:
        """
        When there is something of these *kinds* to claim next, at the end of a lease, too.

        `None` for never.
        """
        async with self._database.read() as conn:
            when: datetime | None = await conn.scalar(
                select(func.min(_job.due_at)).where(self._claimable(), _job.kind.in_(kinds))
            )
        return when

    async def parked(self) -> int:
        """How many jobs were tried too often and wait for a person."""
        async with self._database.read() as conn:
            now = await self._now(conn)
            count: int | None = await conn.scalar(
                select(func.count()).where(
                    or_(
                        _job.parked_at.is_not(None),
                        and_(_job.attempts >= self._max_attempts, _job.due_at <= now),
                    )
                )
            )
        return count or 0

    def _claimable(self) -> ColumnElement[bool]:
        """Jobs that workers may have: neither laid aside nor tried too often."""
        return and_(_job.attempts < self._max_attempts, _job.parked_at.is_(None))

    async def _now(self, conn: AsyncConnection) -> datetime:
        return self._clock() if self._clock else await self._database.now_on(conn)


async def add(conn: AsyncConnection, jobs: Sequence[Job]) -> None:
    """Add *jobs* in the caller's transaction."""
    if jobs:
        rows = [
            {
                "kind": job.kind,
                "hold_id": job.hold_id or None,
                "due_at": job.due_at,
                "person": job.person,
                "note": job.note,
                "list_name": job.list_name,
            }
            for job in jobs
        ]
        await conn.execute(insert(jobs_table), rows)
        await hints.give(conn)


async def strike(conn: AsyncConnection, *jobs: Job) -> bool:
    """Strike *jobs* off in the caller's transaction; false if the fence of one of them is old."""
    gone = await conn.execute(delete(jobs_table).where(_mine(*jobs)))
    return gone.rowcount == len(jobs)


async def strike_kinds(conn: AsyncConnection, hold_id: str, kinds: Collection[JobKind]) -> None:
    """Strike off jobs of a hold, in the caller's transaction: who has one may not end it."""
    await conn.execute(delete(jobs_table).where(_job.hold_id == hold_id, _job.kind.in_(kinds)))


def telling(hold_id: str) -> ColumnElement[bool]:
    """Whether somebody is still to be told how a hold ended, by work that was not laid aside."""
    waiting = select(_job.id).where(
        _job.hold_id == hold_id,
        _job.kind == JobKind.RESULT,
        _job.note != AGREED,
        _job.parked_at.is_(None),
    )
    return waiting.exists()


def _mine(*jobs: Job) -> ColumnElement[bool]:
    """Those of *jobs* that no other worker has claimed since."""
    return or_(false(), *(and_(_job.id == job.id, _job.fence == job.fence) for job in jobs))


def _lease(rows: Sequence[Row[Any]], now: datetime, lease_s: float) -> Update:
    """Claim *rows*; counted now, for a job that kills its worker is a try, too."""
    return (
        update(jobs_table)
        .where(_job.id.in_([row.id for row in rows]))
        .values(
            attempts=_job.attempts + 1,
            fence=_job.fence + 1,
            due_at=now + timedelta(seconds=lease_s),
        )
    )


def _claimed(row: Row[Any]) -> Job:
    """Give the job of a row as it stood before it was claimed, with its new fence."""
    return Job(
        id=row.id,
        kind=JobKind(row.kind),
        hold_id=row.hold_id or "",
        due_at=row.due_at,
        person=row.person,
        note=row.note,
        list_name=row.list_name,
        attempts=row.attempts,
        error=row.error,
        fence=row.fence + 1,
    )
