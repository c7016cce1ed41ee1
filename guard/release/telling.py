"""Mails that tell: how a hold ended, that somebody agreed, what was noticed in a sent mail."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog

from guard.compose.report import header_of
from guard.compose.result import agreed, damaged, failed, returned, told
from guard.model.address import Address
from guard.model.errors import DamagedError
from guard.model.hold import Choice, Hold
from guard.model.job import AGREED, Job, mark_of
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
    agreeing = job.note == AGREED
    if agreeing and (hold.choice is not Choice.AGREE or hold.state is HoldState.WAITING):
        return await means.outbox.finish(job)  # taken back meanwhile
    people = _whom(hold)
    person = next((each for each in people if mark_of(each) == job.person), people[0])
    if len(people) > 1 and mark_of(person) != job.person:
        jobs = [replace(job, id=0, attempts=0, fence=0, person=mark_of(each)) for each in people]
        return await means.holds.record(jobs=jobs, done=(job,))
    if agreeing:
        mail = agreed(hold, person=person, letterhead=means.letterhead, now=means.clock())
    else:
        try:
            mail = await _result(means, hold, person)
        except DamagedError:
            log.exception("hold.damaged", number=hold.number)
            mail = damaged(hold, person=person, letterhead=means.letterhead, now=means.clock())
    return await to_person(means, (job,), [hold], person, mail)


def _whom(hold: Hold) -> Sequence[Address]:
    """Give the owner who decided; all of them where none did: each then has a job of their own."""
    decided = [each for each in hold.owners if each.text == hold.decided_by]
    return decided if decided and hold.state is not HoldState.EXPIRED else hold.owners


async def tell_sent(means: Means, sent: Hold) -> None:
    """
    Tell the owner of mail that was sent what was noticed in it. Tried once, and never raises.

    *sent* is no hold: nothing waits, and nothing of it is in the store.
    """
    for person in sent.owners:
        mail = told(sent, person=person, letterhead=means.letterhead, now=means.clock())
        counted("told", sent.number, await send(means, (person,), mail))


async def _result(means: Means, hold: Hold, person: Address) -> bytes:
    now, letterhead = means.clock(), means.letterhead
    if hold.state is HoldState.FAILED and hold.reply == said(DAMAGED):
        return damaged(hold, person=person, letterhead=letterhead, now=now)
    if hold.state in {HoldState.RETURNED, HoldState.EXPIRED}:
        octets = await original(means, hold)
        expired = hold.state is HoldState.EXPIRED
        # In a thread: a large original takes half a second to encode.
        return await asyncio.to_thread(
            returned, hold, octets, person=person, expired=expired, letterhead=letterhead, now=now
        )
    return failed(
        hold,
        person=person,
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
