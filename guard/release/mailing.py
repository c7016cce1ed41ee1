"""
Our own mails about held messages: notices, requests, results, alarms.

They have a null reverse-path, so that none ever bounces back into Guard. One may come twice, where
nobody knows whether it arrived.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog
from prometheus_client import Counter

from guard.compose.alarm import alarm
from guard.compose.bundle import bundle
from guard.compose.notice import notice
from guard.compose.report import header_of
from guard.compose.result import damaged, failed, returned, told
from guard.compose.second import request
from guard.model.address import Address
from guard.model.envelope import Recipient
from guard.model.errors import DamagedError, KeyFileError, NoSuchHoldError, StoreError
from guard.model.hold import Fate, Hold
from guard.model.job import Job, JobKind, mark_of
from guard.model.life import DESTROYABLE, HoldState
from guard.ports import Outcome
from guard.release.dispatch import dispatch
from guard.release.means import Means, said
from guard.release.releasing import DAMAGED, original

TOGETHER: Final = timedelta(seconds=5)
"""How long what comes right behind a notice waits, so that it all goes in one mail."""

ALARMS_APART: Final = timedelta(minutes=1)
"""Between two mails to the administrators."""

BUNDLED: Final = 20
"""Holds that one notice asks about; the rest are in the next one."""

BUNDLE_LEASE_S: Final = 120.0
"""Long enough for one mail: the leases of those that go along are not renewed."""

REFUSED_TRIES: Final = 10
"""After so many permanent refusals a mail of ours is laid aside: some two hours."""

PUT_OFF_TRIES: Final = 60
"""After so many temporary ones: a day."""

NOTICES = Counter("guard_notices", "Mails to senders, by kind and result.", ["kind", "result"])
ALARMS = Counter("guard_alarms", "Things that need an administrator, by what it is.", ["note"])

log = structlog.get_logger()


async def notify(means: Means, job: Job, hold: Hold) -> None:
    """
    Ask the owner of *hold*, and of all their others that wait for the same.

    Raises:
        StoreError: The database is away.
    """
    if hold.state is not HoldState.WAITING:
        return await means.outbox.finish(job)
    if await _put_off(means, job, TOGETHER):
        return None
    waiting, jobs = {hold.id: hold}, [job]
    for other in await means.outbox.claim_with(job, lease_s=BUNDLE_LEASE_S, limit=BUNDLED - 1):
        try:
            also = await means.holds.get(other.hold_id)
        except (NoSuchHoldError, DamagedError, KeyFileError):
            continue  # done alone, once its lease is over, it says what is wrong with it
        jobs.append(other)
        if also.state is HoldState.WAITING:
            waiting.setdefault(also.id, also)
    holds = [*waiting.values()]
    mail = _asking(means, holds, reminder=job.kind is JobKind.REMINDER)
    return await _to_person(means, jobs, holds, hold.owner, mail)


def _asking(means: Means, holds: Sequence[Hold], *, reminder: bool) -> bytes:
    links = [(hold, means.letterhead.link(means.links.token(hold))) for hold in holds]
    now = means.clock()
    if len(links) > 1:
        return bundle(links, letterhead=means.letterhead, now=now, reminder=reminder)
    ((hold, link),) = links
    return notice(hold, link=link, letterhead=means.letterhead, now=now, reminder=reminder)


async def ask_second(means: Means, job: Job, hold: Hold) -> None:
    """
    Ask the person whom *job* names whether *hold* may be sent.

    Raises:
        StoreError: The database is away.
    """
    asked = [person for person in hold.people[1:] if mark_of(person) == job.person]
    if hold.state is not HoldState.SECOND_PERSON or not asked:
        return await means.outbox.finish(job)
    (person,) = asked
    link = means.letterhead.link(means.links.token(hold, person))
    mail = request(hold, person, link=link, letterhead=means.letterhead, now=means.clock())
    return await _to_person(means, (job,), [hold], person, mail)


async def tell_result(means: Means, job: Job, hold: Hold) -> None:
    """
    Tell the owner of *hold* how it ended; from then on its octets are needed no more.

    Raises:
        StoreError: The database is away.
    """
    try:
        mail = await _result(means, hold)
    except DamagedError:
        log.exception("hold.damaged", number=hold.number)
        mail = damaged(hold, letterhead=means.letterhead, now=means.clock())
    await _to_person(means, (job,), [hold], hold.owner, mail)


async def tell_sent(means: Means, sent: Hold) -> None:
    """
    Tell the owner of mail that was sent what was noticed in it. Tried once, and never raises.

    *sent* is no hold: nothing waits, and nothing of it is in the store.
    """
    mail = told(sent, letterhead=means.letterhead, now=means.clock())
    _counted("told", sent.number, await _sent(means, (sent.owner,), mail))


async def sound(means: Means, job: Job) -> None:
    """
    Tell the administrators, in one mail, of all that they do not know yet.

    Raises:
        StoreError: The database is away.
    """
    if means.administrators and await _put_off(means, job, ALARMS_APART):
        return None
    along = await means.outbox.claim_with(job, lease_s=BUNDLE_LEASE_S, limit=BUNDLED * 10)
    notes = [(each.note, await _number(means, each.hold_id)) for each in (job, *along)]
    for note, number in notes:
        ALARMS.labels(note).inc()
        log.error("alarm", note=note, number=number)
    if means.administrators:
        mail = alarm(notes, means.administrators, letterhead=means.letterhead, now=means.clock())
        outcome = await _sent(means, means.administrators, mail)
        if not _counted("alarm", notes[0][1], outcome) and job.attempts < PUT_OFF_TRIES:
            return await means.later(job, *along, error=str(outcome.reply.code))
    return await means.outbox.finish(job, *along)


async def _number(means: Means, hold_id: str) -> str:
    """Give what people call a hold; its id where the hold itself does not open."""
    try:
        return (await means.holds.get(hold_id)).number
    except (NoSuchHoldError, DamagedError):
        return hold_id
    except StoreError:
        raise
    except Exception:  # noqa: BLE001 -- the same error may be what the alarm is about
        return hold_id


async def _result(means: Means, hold: Hold) -> bytes:
    now, letterhead = means.clock(), means.letterhead
    if hold.state is HoldState.FAILED and hold.reply == said(DAMAGED):
        return damaged(hold, letterhead=letterhead, now=now)
    octets = await original(means, hold)
    if hold.state in {HoldState.RETURNED, HoldState.EXPIRED}:
        expired = hold.state is HoldState.EXPIRED
        # In a thread: a large original takes half a second to encode.
        return await asyncio.to_thread(
            returned, hold, octets, expired=expired, letterhead=letterhead, now=now
        )
    header = header_of(octets)
    return failed(hold, letterhead=letterhead, now=now, reporter=means.name, header=header)


async def _put_off(means: Means, job: Job, apart: timedelta) -> bool:
    """Put *job* back where its person was written to just now; else note that they are now."""
    now = means.clock()
    last = means.mailed.get(job.person) if job.person else None
    if last is not None and now - last < apart:
        await means.outbox.retry(job, due_at=last + apart, error="bundled")
        return True
    for person, at in [*means.mailed.items()]:
        if now - at >= ALARMS_APART:
            del means.mailed[person]
    if job.person:
        means.mailed[job.person] = now
    return False


async def _to_person(
    means: Means, jobs: Sequence[Job], holds: Sequence[Hold], person: Address, mail: bytes
) -> None:
    """Send *mail* about *holds* to *person*, and end the *jobs* that asked for it."""
    first, kind = jobs[0], jobs[0].kind
    outcome = await _sent(means, (person,), mail)
    if _counted(kind.value, holds[0].number, outcome):
        notes = [means.note(f"{kind.value}.sent", each, code=outcome.reply.code) for each in holds]
        await means.holds.record(*notes, jobs=_after(means, kind, holds[0]), done=jobs)
        return
    hold, refused = holds[0], outcome.reply.is_permanent
    if refused and first.attempts <= 1:  # the first try may have been put off
        await means.outbox.add(means.alarm(hold.id, "notice_refused"))
    if first.attempts + 1 >= (REFUSED_TRIES if refused else PUT_OFF_TRIES):
        for job in jobs:
            await lay_aside(means, job, str(outcome.reply.code))
    else:
        await means.later(*jobs, error=str(outcome.reply.code))


async def lay_aside(means: Means, job: Job, error: str) -> None:
    """Park *job* and tell the administrators; what it keeps from being destroyed goes its way."""
    await means.outbox.park(job, error=error, alarm=means.alarm(job.hold_id, "job_parked"))
    if job.kind is JobKind.RESULT:
        with suppress(NoSuchHoldError, DamagedError, KeyFileError):
            await means.outbox.add(means.destroying(await means.holds.get(job.hold_id)))


def _after(means: Means, kind: JobKind, hold: Hold) -> tuple[Job, ...]:
    """Give what follows a mail: the last one about a hold lets its octets go."""
    over = kind is JobKind.RESULT and hold.state in DESTROYABLE
    return (means.destroying(hold),) if over else ()


async def _sent(means: Means, people: Sequence[Address], mail: bytes) -> Outcome:
    recipients = [Recipient(address=person) for person in people]
    return await dispatch(means.upstream, None, recipients, (), mail)


def _counted(kind: str, number: str, outcome: Outcome) -> bool:
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
