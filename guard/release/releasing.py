"""
A release: held octets go out, once.

It is the only thing that cannot be taken back, so the lease is asked once more right before the
final dot. A crash between that dot and our commit is the one window in which a copy can leave twice
(RFC 5321 §4.5.3.2.6); every other release is exactly once.
"""

import asyncio
import hashlib
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from prometheus_client import Counter

from guard.compose.trace import received
from guard.model.envelope import Submission, Submitter
from guard.model.errors import DamagedError, NoSuchHoldError, StaleHoldError, StoreError
from guard.model.hold import End, Fate, Hold
from guard.model.job import SENDING, Job, JobKind
from guard.model.life import HoldState
from guard.model.octets import InMemory
from guard.model.reply import Reply
from guard.parse.removal import without_parts
from guard.ports import Outcome
from guard.release.answer import Sending
from guard.release.dispatch import dispatch
from guard.release.ends import account, by_fate, with_the_first
from guard.release.judge import released
from guard.release.means import Means, said
from guard.steps import reached

TRIES: Final = 24
"""With the back-off about ten hours, then the hold is `FAILED` and its owner told."""

UNKNOWN_WAIT: Final = timedelta(minutes=1)
"""Between an end that nobody knows and the one more try."""

LOST_WAIT: Final = timedelta(seconds=10)
"""The same where the worker that sent it was not heard of since its lease ran out."""

NOT_YET: Final = timedelta(seconds=1)
"""What a job waits that is not due by our clock."""

WRITE_AGAIN_S: Final = 1.0
"""Between two tries to write down how a release ended, while the database is away."""

LOST: Final = Reply(451, "4.3.0", "Nobody wrote down how the first try ended")
DAMAGED: Final = Reply(554, "5.3.0", "What was kept of this mail is damaged; it can't be sent")

RELEASES = Counter(
    "guard_releases", "Held messages that were sent on, by how it ended.", ["result"]
)
SECOND_TRIES = Counter(
    "guard_releases_again", "Releases tried once more, for nobody knew how the first one ended."
)

log = structlog.get_logger()


async def release(means: Means, job: Job, hold: Hold) -> None:
    """
    Send what is held, and keep how that ended; or put it back for later.

    Raises:
        StaleHoldError: Another worker has the job by now, or the hold was moved on.
        StoreError: The database is away; nothing was sent.
    """
    reached("release.after_claim")
    if hold.state is HoldState.RELEASING and job.note == SENDING:
        return await _lost(means, job, hold)
    if hold.state is HoldState.UNDO and not _is_due(means, hold):
        # Another clock gave us the job: it comes again, and loses nothing by that.
        due_at = max(hold.release_at or hold.held_at, means.clock() + NOT_YET)
        return await means.outbox.put_off(job, due_at=due_at)
    begun = await _begin(means, job, hold)
    if begun is None:
        return await means.outbox.finish(job)
    try:
        octets = await _octets(means, begun)
    except DamagedError:
        log.exception("hold.damaged", number=hold.number)
        return await _give_up(means, job, begun)
    last = job.attempts + 1 >= TRIES
    outcome = await dispatch(
        means.upstream,
        begun.envelope.sender,
        released(begun, Sending.of(begun)).recipients,
        begun.envelope.params,
        received(_as_submission(begun, octets), by=means.name, key=means.letterhead.mark_key),
        octets,
        patient=not last,
        go_on=partial(means.outbox.begin_sending, job),
    )
    return await _written_down(means, job, begun, outcome, octets, last=last)


async def original(means: Means, hold: Hold) -> bytes:
    """
    Give the octets of *hold* as they came in.

    Raises:
        DamagedError: They are gone, or they are not those that were held.
    """
    try:
        octets = await means.holds.octets(hold.id)
    except NoSuchHoldError as error:
        raise DamagedError("the octets are gone") from error
    if hashlib.sha256(octets).hexdigest() != hold.octets_sha256:
        raise DamagedError("the octets are not those that were held")
    return octets


async def _begin(means: Means, job: Job, hold: Hold) -> Hold | None:
    """Move *hold* to `RELEASING`, or say by `None` that there is nothing to release."""
    again = job.kind is JobKind.RELEASE_AGAIN
    match hold.state:
        case HoldState.RELEASING:
            return hold  # a try was put off, a worker died with the lease, or it was put like this
        case HoldState.UNDO if not again:
            event = "hold.releasing"
        case HoldState.UNKNOWN if again:
            event = "hold.releasing_again"
            SECOND_TRIES.inc()
        case _:
            # Taken back, perhaps sent again since: the later answer has a job of its own.
            return None
    return await means.holds.advance(
        hold.id, old=hold.state, new=HoldState.RELEASING, audit=means.note(event, hold)
    )


def _is_due(means: Means, hold: Hold) -> bool:
    return hold.release_at is not None and hold.release_at <= means.clock()


async def _lost(means: Means, job: Job, hold: Hold) -> None:
    """
    Go on where another worker had sent all but the end of a message, and was not heard of since.

    Nobody knows whether it was taken: once more, as after any such end (RFC 5321 §4.5.3.2.6), but
    after a while. If that worker lives and only could not write it down, it will by then.
    """
    RELEASES.labels(HoldState.UNKNOWN.value).inc()
    log.error("release.lost", number=hold.number)
    if job.kind is JobKind.RELEASE:
        due_at = means.clock() + LOST_WAIT
        jobs = [Job(kind=JobKind.RELEASE_AGAIN, hold_id=hold.id, due_at=due_at)]
    else:
        jobs = [means.result(hold), means.alarm(hold.id, "release_unknown")]
    await means.holds.advance(
        hold.id,
        old=HoldState.RELEASING,
        new=HoldState.UNKNOWN,
        audit=means.note("hold.unknown", hold, code=LOST.code),
        jobs=jobs,
        done=job,
        reply=said(LOST),
        ends=(),  # those of an earlier release say nothing about this one
    )


async def _octets(means: Means, hold: Hold) -> bytes:
    """
    Give what is to be sent: the octets as they came in, less the parts that were left out.

    Raises:
        DamagedError: They are not there, or not in that shape.
    """
    octets = await original(means, hold)
    if not hold.without:
        return octets
    try:
        return await asyncio.to_thread(without_parts, octets, hold.without)
    except ValueError as error:
        raise DamagedError("the message has no such parts") from error


async def _give_up(means: Means, job: Job, hold: Hold) -> None:
    """End a release that has nothing to send, and have its owner told."""
    # Before a second try there was a first, of which nobody knows whether it went well.
    new = HoldState.FAILED if job.kind is JobKind.RELEASE else HoldState.UNKNOWN
    RELEASES.labels(new.value).inc()
    await means.holds.advance(
        hold.id,
        old=HoldState.RELEASING,
        new=new,
        audit=means.note(f"hold.{new.value}", hold, code=DAMAGED.code),
        jobs=(means.result(hold), means.alarm(hold.id, "hold_damaged")),
        done=job,
        reply=said(DAMAGED),
    )


async def _written_down(
    means: Means, job: Job, hold: Hold, outcome: Outcome, octets: bytes, *, last: bool
) -> None:
    """Keep how a release ended; this process alone knows it, so it does not give up over that."""
    states = [HoldState.RELEASING, HoldState.UNKNOWN]
    while states:  # else somebody moved it on who knew more
        try:
            return await _conclude(means, job, hold, outcome, octets, old=states[0], last=last)
        except StaleHoldError:
            del states[0]
        except StoreError:
            log.exception("release.not_written_down", number=hold.number)
            await asyncio.sleep(WRITE_AGAIN_S)
        except Exception as error:
            # A bug here must not send the same mail again and again.
            log.exception("release.not_concluded", number=hold.number)
            alarm = means.alarm(hold.id, "release_unknown")
            return await means.outbox.park(job, error=type(error).__name__, jobs=(alarm,))
    return None


async def _conclude(
    means: Means,
    job: Job,
    hold: Hold,
    outcome: Outcome,
    octets: bytes,
    *,
    old: HoldState,
    last: bool,
) -> None:
    """
    Keep how a release ended, or put it back for later.

    Who may have sent it is the one who knows, whether the lease still holds or not; who surely sent
    nothing has a say only while it does.
    """
    left = bool({Fate.TAKEN, Fate.UNKNOWN} & set(outcome.fates))
    jobs = [means.result(hold)]
    if job.kind is JobKind.RELEASE_AGAIN and (outcome.reply.is_permanent or last):
        outcome = with_the_first(hold.ends, outcome)
    if Fate.UNKNOWN in outcome.fates:
        new = HoldState.UNKNOWN
        if job.kind is JobKind.RELEASE:
            due_at = means.clock() + UNKNOWN_WAIT
            jobs = [Job(kind=JobKind.RELEASE_AGAIN, hold_id=hold.id, due_at=due_at)]
        else:
            jobs.append(means.alarm(hold.id, "release_unknown"))
    elif Fate.TAKEN in outcome.fates:
        new = HoldState.DELIVERED
        if Fate.REFUSED not in outcome.fates:
            jobs = [means.destroying(hold)]
        jobs.append(means.learning(hold))
    elif outcome.reply.is_permanent or last:
        new = HoldState.FAILED
        jobs.append(means.alarm(hold.id, "release_failed"))
    else:
        RELEASES.labels("later").inc()
        return await means.later(job, error=str(outcome.reply.code))
    RELEASES.labels(new.value).inc()
    await means.holds.advance(
        hold.id,
        old=old,
        new=new,
        audit=means.note(
            f"hold.{new.value}",
            hold,
            code=outcome.reply.code,
            sha256=hold.octets_sha256,
            sent_sha256=hashlib.sha256(octets).hexdigest(),
            **by_fate(outcome),
        ),
        jobs=jobs,
        done=None if left else job,
        reply=account(outcome),
        ends=tuple(End(recipient=a, fate=f, reply=r) for a, f, r in outcome.recipients),
    )
    good = new is HoldState.DELIVERED
    tell = log.info if good else log.error  # somebody who looks after Guard must see it
    tell("hold.released", number=hold.number, result=new.value, code=outcome.reply.code)
    return None


def _as_submission(hold: Hold, octets: bytes) -> Submission:
    """Give the hold as it came in, for the trace line that every hop owes (RFC 5321 §4.4)."""
    return Submission(
        id=hold.submission_id,
        submitter=Submitter(peer=hold.peer, helo=hold.helo, login=hold.login),
        envelope=released(hold, Sending.of(hold)),
        octets=InMemory(octets),
        received_at=hold.held_at,
    )
