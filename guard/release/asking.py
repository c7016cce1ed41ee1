"""Mails that ask: the owner of held mail, again after a while, and whoever has to agree."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from guard.compose.bundle import bundle
from guard.compose.notice import notice
from guard.compose.second import request
from guard.model.hold import Hold
from guard.model.job import Job, JobKind, mark_of
from guard.model.life import HoldState
from guard.release.mailing import going_along, put_off, to_person
from guard.release.means import UNOPENED, Means

TOGETHER: Final = timedelta(seconds=5)
"""How long what comes right behind a notice waits, so that it all goes in one mail."""

BUNDLED: Final = 20
"""Holds that one notice asks about; the rest are in the next one."""


async def notify(means: Means, job: Job, hold: Hold) -> None:
    """
    Ask the owner of *hold*, and of all their others that wait for the same.

    Raises:
        StoreError: The database is away.
    """
    if hold.state is not HoldState.WAITING:
        return await means.outbox.finish(job)
    if await put_off(means, job, TOGETHER):
        return None
    waiting, jobs = {hold.id: hold}, [job]
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
    mail = _asking(means, holds, reminder=job.kind is JobKind.REMINDER)
    return await to_person(means, jobs, holds, hold.owner, mail)


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
    return await to_person(means, (job,), [hold], person, mail)
