"""
How a mail of ours goes out, and what becomes of the jobs that asked for it.

It has a null reverse-path, so that none ever bounces back into Guard. One may come twice, where
nobody knows whether it arrived.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final

import structlog
from prometheus_client import Counter

from guard.model.address import Address
from guard.model.envelope import Recipient
from guard.model.errors import StoreError
from guard.model.hold import Fate, Hold
from guard.model.job import Job, JobKind, mark_of
from guard.model.life import DESTROYABLE
from guard.ports import Outcome
from guard.release.dispatch import dispatch
from guard.release.means import UNOPENED, Means

ALONG_LEASE_S: Final = 30.0
"""How long jobs that go along stay with a worker that died; one that lives renews it."""

REMEMBERED: Final = timedelta(minutes=2)
"""How long it is known when somebody was written to."""

BEHIND: Final = timedelta(seconds=1)
"""How long what waits to go along comes behind the one that takes it, lest two take a part each."""

PUT_OFF_TOGETHER: Final = 200
"""Jobs for one person that are put off in one step."""

REFUSED_TRIES: Final = 10
"""After so many permanent refusals a mail of ours is laid aside: some two hours."""

PUT_OFF_TRIES: Final = 60
"""After so many temporary ones: a day."""

NOTICES = Counter("guard_notices", "Mails to senders, by kind and result.", ["kind", "result"])

log = structlog.get_logger()


async def send(means: Means, people: Sequence[Address], mail: bytes) -> Outcome:
    """Send *mail* to *people*."""
    recipients = [Recipient(address=person) for person in people]
    return await dispatch(means.upstream, None, recipients, (), mail)


def counted(kind: str, number: str, outcome: Outcome) -> bool:
    """Whether somebody surely has a mail of ours; counted, and logged where not."""
    code = outcome.reply.code
    if Fate.REFUSED in outcome.fates:
        result = "refused"
        log.error("notice.refused", job=kind, number=number, code=code)
    elif Fate.UNKNOWN in outcome.fates:
        result = "unknown"
        log.warning("notice.unknown", job=kind, number=number, code=code)
    else:
        result = "sent"
    NOTICES.labels(kind, result).inc()
    return result == "sent"


async def to_person(
    means: Means, jobs: Sequence[Job], holds: Sequence[Hold], person: Address, mail: bytes
) -> None:
    """
    Send *mail* about *holds* to *person*, and end the *jobs* that asked for it.

    The leases on all but the first of them, which is the worker's own, are renewed meanwhile.
    """
    kind = jobs[0].kind
    async with kept(means, jobs[1:]):
        outcome = await send(means, (person,), mail)
    if counted(kind.value, holds[0].number, outcome):
        notes = [means.note(f"{kind.value}.sent", each, code=outcome.reply.code) for each in holds]
        await means.holds.record(*notes, jobs=_after(means, jobs[0], holds[0]), done=jobs)
        return
    code, refused = str(outcome.reply.code), outcome.reply.is_permanent
    if refused:
        # Once for each: what was refused in the last try, too, is known.
        note = "result_refused" if kind is JobKind.RESULT else "notice_refused"
        news = [means.alarm(job.hold_id, note) for job in jobs if not job.error.startswith("5")]
        await means.outbox.add(*news)
    tries = REFUSED_TRIES if refused else PUT_OFF_TRIES
    over = [job for job in jobs if job.attempts + 1 >= tries]
    for job in over:
        await lay_aside(means, job, code)
    if again := [job for job in jobs if job not in over]:
        await means.later(*again, error=code)


async def put_off(means: Means, job: Job, apart: timedelta) -> bool:
    """
    Put *job*, and what else waits for its person, off if they were written to just now.

    Else it is noted that they are now.
    """
    if not job.person:
        return False
    now = means.clock()
    last = means.mailed.get(job.person)
    if last is not None and last <= now < last + apart:
        first = [] if job.person in means.leading else [job]
        means.leading.add(job.person)
        along = await means.outbox.claim_with(job, lease_s=ALONG_LEASE_S, limit=PUT_OFF_TOGETHER)
        behind = [each for each in (job, *along) if each not in first]
        for jobs, due_at in ((first, last + apart), (behind, last + apart + BEHIND)):
            if jobs:
                await means.outbox.put_off(*jobs, due_at=due_at)
        return True
    for person, at in [*means.mailed.items()]:
        if not at <= now < at + REMEMBERED:
            del means.mailed[person]
    means.mailed[job.person] = now
    means.leading.discard(job.person)
    return False


async def going_along(means: Means, job: Job, limit: int) -> tuple[Job, ...]:
    """Take up to *limit* jobs that one mail can tell of together with *job*."""
    # Twice, for what was put off comes a little late, and clocks differ.
    ahead_s = 2 * BEHIND.total_seconds()
    return await means.outbox.claim_with(job, lease_s=ALONG_LEASE_S, limit=limit, ahead_s=ahead_s)


async def lay_aside(means: Means, job: Job, error: str) -> None:
    """Park *job* and tell the administrators; what it keeps from being destroyed goes its way."""
    jobs = [means.alarm(job.hold_id, "job_parked")]
    if job.kind is JobKind.RESULT:
        with suppress(*UNOPENED):
            jobs.append(means.destroying(await means.holds.get(job.hold_id)))
    await means.outbox.park(job, error=error, jobs=jobs)


@asynccontextmanager
async def kept(means: Means, along: Sequence[Job]) -> AsyncIterator[None]:
    """Renew the leases on *along*, so that no other worker writes the same meanwhile."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(ALONG_LEASE_S / 3)
            # Away, or one of them lost: then somebody may be asked twice, and that is all.
            with suppress(StoreError):
                await means.outbox.extend(*along, lease_s=ALONG_LEASE_S)

    renewing = asyncio.create_task(renew()) if along else None
    try:
        yield
    finally:
        if renewing is not None:
            renewing.cancel()
            await asyncio.wait([renewing])


def _after(means: Means, job: Job, hold: Hold) -> tuple[Job, ...]:
    """Give what follows a mail: the last one about a hold lets its octets go, once for all."""
    over = job.kind is JobKind.RESULT and hold.state in DESTROYABLE
    over &= job.person in {"", mark_of(hold.owners[0])}
    return (means.destroying(hold),) if over else ()
