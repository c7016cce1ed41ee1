"""Mails that ask: the owner of held mail, again after a while, and whoever has to agree."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from prometheus_client import Counter

from guard.compose.bundle import bundle
from guard.compose.notice import notice
from guard.compose.second import request
from guard.model.address import Address
from guard.model.hold import Hold
from guard.model.job import Job, JobKind, mark_of
from guard.model.life import HoldState
from guard.release.mailing import going_along, put_off, to_person
from guard.release.means import UNOPENED, Means

TOGETHER: Final = timedelta(seconds=5)
"""How long what comes right behind a notice waits, so that it all goes in one mail."""

BUNDLED: Final = 20
"""Holds that one notice asks about; the rest are in the next one."""

LATE: Final = Counter(
    "guard_notices_late",
    "Questions that went out, or were tried, later than the policy's notify_within.",
)


async def notify(means: Means, job: Job, hold: Hold) -> None:
    """
    Ask the owner of *hold*, and of all their others that wait for the same.

    Of a shared mailbox each member has a job, a mail and links of their own.

    Raises:
        StoreError: The database is away.
    """
    if hold.state is not HoldState.WAITING:
        return await means.outbox.finish(job)
    if await put_off(means, job, TOGETHER):
        return None
    waiting, jobs = {hold.id: hold}, [job]
    person = _whose(job, hold)
    for other in await going_along(means, job, BUNDLED - 1):
        try:
            also = await means.holds.get(other.hold_id)
        except UNOPENED:
            continue  # done alone, once its lease is over, it says what is wrong with it
        if also.state is HoldState.WAITING:
            waiting.setdefault(also.id, also)
            jobs.append(other)
        else:
            await means.outbox.finish(other)
    holds = [*waiting.values()]
    if job.kind is JobKind.NOTICE:
        late = means.clock() - means.notify_within()
        LATE.inc(sum(each.held_at < late for each in holds))
    mail = _asking(means, holds, person, reminder=job.kind is JobKind.REMINDER)
    return await to_person(means, jobs, holds, person, mail)


def _whose(job: Job, hold: Hold) -> Address:
    """Give the one of the owners whom *job* is for."""
    return next((each for each in hold.owners if mark_of(each) == job.person), hold.owners[0])


def _asking(means: Means, holds: Sequence[Hold], person: Address, *, reminder: bool) -> bytes:
    letterhead, now = means.letterhead, means.clock()
    links = [(hold, letterhead.link(means.links.token(hold, person))) for hold in holds]
    if len(links) > 1:
        return bundle(links, person=person, letterhead=letterhead, now=now, reminder=reminder)
    ((hold, link),) = links
    return notice(hold, person=person, link=link, letterhead=letterhead, now=now, reminder=reminder)


async def ask_second(means: Means, job: Job, hold: Hold) -> None:
    """
    Ask the person whom *job* names whether *hold* may be sent.

    Raises:
        StoreError: The database is away.
    """
    asked = [person for person in hold.seconds if mark_of(person) == job.person]
    if hold.state is not HoldState.SECOND_PERSON or not asked:
        return await means.outbox.finish(job)
    (person,) = asked
    link = means.letterhead.link(means.links.token(hold, person))
    mail = request(hold, person, link=link, letterhead=means.letterhead, now=means.clock())
    return await to_person(means, (job,), [hold], person, mail)
