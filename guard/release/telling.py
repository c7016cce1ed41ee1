"""Mails that tell: how a hold ended, that somebody agreed, what was noticed in a sent mail."""

import asyncio

import structlog

from guard.compose.report import header_of
from guard.compose.result import agreed, damaged, failed, returned, told
from guard.model.errors import DamagedError
from guard.model.hold import Choice, Hold
from guard.model.job import AGREED, Job
from guard.model.life import HoldState
from guard.release.mailing import counted, send, to_person
from guard.release.means import Means, said
from guard.release.releasing import DAMAGED, original

log = structlog.get_logger()


async def tell_result(means: Means, job: Job, hold: Hold) -> None:
    """
    Tell the owner of *hold* how it ended; from then on its octets are needed no more.

    Or, where *job* says so, that the second person agreed.

    Raises:
        StoreError: The database is away.
    """
    if job.note == AGREED:
        return await _tell_agreed(means, job, hold)
    try:
        mail = await _result(means, hold)
    except DamagedError:
        log.exception("hold.damaged", number=hold.number)
        mail = damaged(hold, letterhead=means.letterhead, now=means.clock())
    return await to_person(means, (job,), [hold], hold.owner, mail)


async def tell_sent(means: Means, sent: Hold) -> None:
    """
    Tell the owner of mail that was sent what was noticed in it. Tried once, and never raises.

    *sent* is no hold: nothing waits, and nothing of it is in the store.
    """
    mail = told(sent, letterhead=means.letterhead, now=means.clock())
    counted("told", sent.number, await send(means, (sent.owner,), mail))


async def _tell_agreed(means: Means, job: Job, hold: Hold) -> None:
    if hold.choice is not Choice.AGREE or hold.state is HoldState.WAITING:
        return await means.outbox.finish(job)  # taken back meanwhile
    mail = agreed(hold, letterhead=means.letterhead, now=means.clock())
    return await to_person(means, (job,), [hold], hold.owner, mail)


async def _result(means: Means, hold: Hold) -> bytes:
    now, letterhead = means.clock(), means.letterhead
    if hold.state is HoldState.FAILED and hold.reply == said(DAMAGED):
        return damaged(hold, letterhead=letterhead, now=now)
    if hold.state in {HoldState.RETURNED, HoldState.EXPIRED}:
        octets = await original(means, hold)
        expired = hold.state is HoldState.EXPIRED
        # In a thread: a large original takes half a second to encode.
        return await asyncio.to_thread(
            returned, hold, octets, expired=expired, letterhead=letterhead, now=now
        )
    return failed(
        hold,
        letterhead=letterhead,
        now=now,
        reporter=means.name,
        remote=means.remote,
        header=await _header(means, hold),
    )


async def _header(means: Means, hold: Hold) -> bytes:
    """Give the header section of what was held; nothing where it is damaged: the mail has left."""
    try:
        return header_of(await original(means, hold))
    except DamagedError:
        log.exception("hold.damaged", number=hold.number)
        return b""
