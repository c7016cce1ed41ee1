"""
What is learned from a hold that is over: what its owner said, and to whom mail really went.

Nobody becomes known by a slip: of a mail that was sent only those whom the upstream took count, and
a look-alike whom its sender confirmed counts from the second time.
"""

from asyncio import to_thread
from collections.abc import Iterator
from dataclasses import replace

from prometheus_client import Counter

from guard.contacts.travels import carried
from guard.model.address import Address, Mailbox
from guard.model.clue import CarriedFile
from guard.model.contact import Exchange
from guard.model.finding import Lookalike
from guard.model.hold import Choice, Fate, Hold
from guard.model.job import NEVER_AGAIN, Job
from guard.model.life import HoldState
from guard.model.pair_answer import PairAnswer, Said
from guard.parse import parse
from guard.release.means import UNOPENED, Means

ANSWERS = Counter(
    "guard_lookalike_answers", "Look-alikes asked about, by kind and answer.", ["kind", "said"]
)


async def learn(means: Means, job: Job, hold: Hold) -> None:
    """
    Learn from *hold*, if it has come to an end by which somebody said something.

    Done again after a crash it changes no answer, but may count a mail, and its answers in the
    metric, twice.

    Raises:
        StoreError: The database is away; nothing was learned.
    """
    if hold.state in {HoldState.RELEASING, HoldState.UNDO}:
        return await means.later(job, error=hold.state.value)
    answers = tuple(answers_of(hold, never_again=job.note == NEVER_AGAIN))
    new = await means.contacts.answered(answers, about=hold.id)
    if job.note != NEVER_AGAIN:
        for answer in answers:
            ANSWERS.labels(answer.kind, answer.said.value).inc()
        confirmed = {one.written for one in answers if one.said is Said.SENT} - new
        doubted = {one.recipient for one in _look_alikes(hold)} - confirmed
        known = tuple(Mailbox(address=one) for one in _taken(hold) if one not in doubted)
        if known and hold.envelope.sender and means.learns():
            exchange = Exchange(
                sender=Mailbox(address=hold.envelope.sender),
                recipients=known,
                at=hold.held_at,
                message_id=hold.message_id,
                files=await _files(means, hold),
            )
            await means.contacts.learn(exchange)
    return await means.outbox.finish(job)


def answers_of(hold: Hold, *, never_again: bool = False) -> Iterator[PairAnswer]:
    """Give what the owner of a hold that is over said about each look-alike in it."""
    owner = hold.decided_by in {each.text for each in hold.owners}
    if hold.state is HoldState.RETURNED:
        mine = owner and hold.choice is Choice.CANCEL  # else somebody else said no
    else:
        # A second person agrees to what the owner said; an administrator only says for himself.
        mine = hold.state is HoldState.DELIVERED and (owner or hold.choice is Choice.AGREE)
    taken = _taken(hold)
    for finding in _look_alikes(hold) if mine else ():
        if hold.state is HoldState.RETURNED:
            said = Said.CANCELLED
        elif finding.recipient in taken:
            said = Said.SENT
        elif finding.recipient in hold.recipients:
            continue  # refused: the upstream never had such a box
        elif finding.intended.address in hold.recipients:
            said = Said.REPLACED
        else:
            said = Said.DROPPED
        yield PairAnswer(
            sender=hold.envelope.sender or hold.owner,  # by whom history asks
            written=finding.recipient,
            meant=finding.intended.address,
            kind=finding.kind,
            said=said,
            at=hold.decided_at or hold.held_at,
            never_again=never_again and said is Said.SENT,
        )


async def _files(means: Means, hold: Hold) -> tuple[CarriedFile, ...]:
    """Give the files that went out with *hold*; none where its octets cannot be had any more."""
    if not hold.attachments:
        return ()
    try:
        octets = await means.holds.octets(hold.id)
    except UNOPENED:
        return ()
    message = await to_thread(parse, octets)
    left = tuple(one for one in message.attachments if one.part not in hold.without)
    return await to_thread(carried, replace(message, attachments=left))


def _look_alikes(hold: Hold) -> list[Lookalike]:
    return [one for one in hold.verdict.findings if isinstance(one, Lookalike)]


def _taken(hold: Hold) -> list[Address]:
    return [end.recipient for end in hold.ends if end.fate is Fate.TAKEN]
