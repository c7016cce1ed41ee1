"""The mail to the administrators, of all that happened in a minute; the log has it at once."""

from datetime import timedelta
from typing import Final

import structlog
from prometheus_client import Counter

from guard.compose.alarm import alarm
from guard.model.job import Job
from guard.release.mailing import PUT_OFF_TRIES, counted, going_along, kept, put_off, send
from guard.release.means import Means, is_away

ALARMS_APART: Final = timedelta(minutes=1)
"""Between two mails to the administrators."""

TOLD_TOGETHER: Final = 200
"""Alarms that go in one mail; the rest are in the next one."""

ALARMS = Counter("guard_alarms", "Things that need an administrator, by what it is.", ["note"])

log = structlog.get_logger()


async def sound(means: Means, job: Job) -> None:
    """
    Tell the administrators, in one mail, of all that they do not know yet.

    Raises:
        StoreError: The database is away.
    """
    if means.administrators and await put_off(means, job, ALARMS_APART):
        return None
    along = await going_along(means, job, TOLD_TOGETHER - 1)
    notes = []
    for each in (job, *along):
        number = each.list_name or await _number(means, each.hold_id)
        notes.append((each.note, number))
        if not each.error:  # its mail was not tried before
            ALARMS.labels(each.note).inc()
            log.error("alarm", note=each.note, number=number)
    if means.administrators:
        mail = alarm(notes, means.administrators, letterhead=means.letterhead, now=means.clock())
        async with kept(means, along):
            outcome = await send(means, means.administrators, mail)
        if not counted("alarm", notes[0][1], outcome) and job.attempts < PUT_OFF_TRIES:
            return await means.later(job, *along, error=str(outcome.reply.code))
    return await means.outbox.finish(job, *along)


async def _number(means: Means, hold_id: str) -> str:
    """Give what people call a hold; its id where the hold itself does not open."""
    if not hold_id:  # an alarm about something else
        return ""
    try:
        return (await means.holds.get(hold_id)).number
    except Exception as error:
        if is_away(error):
            raise
        return hold_id  # the same error may be what the alarm is about
