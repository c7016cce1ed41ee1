"""
Jobs that a commit promised: notice, release, expiry, result. Done at least once, by one at a time.

A release is the only thing that cannot be taken back, so the lease is asked once more right before
it. A crash, or a stop, between the final dot and our commit is the one window in which a copy can
leave twice (RFC 5321 §4.5.3.2.6); every other release is exactly once. Our own mails to the owner
may come twice, so one whose end nobody knows is sent again.
"""

import asyncio
import hashlib
import random
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import structlog
from prometheus_client import Counter

from guard.compose.letterhead import Letterhead
from guard.compose.notice import notice
from guard.compose.result import damaged, failed, returned, told
from guard.compose.trace import received
from guard.model.envelope import Recipient, Submission, Submitter
from guard.model.errors import DamagedError, NoSuchHoldError, StaleHoldError
from guard.model.hold import Hold, HoldState
from guard.model.job import Job, JobKind
from guard.model.octets import InMemory
from guard.model.reply import Reply
from guard.ports import AuditEntry, Clock, Fate, HoldStore, Outbox, Outcome, Upstream
from guard.release.dispatch import dispatch
from guard.release.links import Links

RELEASE_TRIES: Final = 24
"""With the back-off below about ten hours, then the hold is `FAILED` and its owner told."""

FIRST_WAIT_S: Final = 15.0
LONGEST_WAIT_S: Final = 1800.0

UNKNOWN_WAIT: Final = timedelta(minutes=1)
"""Between an end that nobody knows and the one more try."""

DAMAGED: Final = Reply(554, "5.3.0", "What was kept of this mail is damaged; it can't be sent")
DAMAGED_SAID: Final = " ".join(DAMAGED.lines())

RELEASES = Counter(
    "guard_releases", "Held messages that were sent on, by how it ended.", ["result"]
)
NOTICES = Counter("guard_notices", "Mails to senders, by kind and result.", ["kind", "result"])

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """Does the jobs of the outbox."""

    holds: HoldStore
    outbox: Outbox
    upstream: Upstream
    """The way out for held mail and notices; no client's login goes with it."""

    clock: Clock
    links: Links
    letterhead: Letterhead
    name: str
    """Our own name, for the trace line."""

    async def perform(self, job: Job) -> None:
        """
        Do one claimed job, and strike it off or put it back for later.

        Raises:
            StoreError: The database is away; the lease runs out and the job comes again.
        """
        try:
            hold = await self.holds.get(job.hold_id)
            match job.kind:
                case JobKind.NOTICE | JobKind.REMINDER:
                    await self._notify(job, hold)
                case JobKind.RELEASE | JobKind.RELEASE_AGAIN:
                    await self._release(job, hold)
                case JobKind.EXPIRE:
                    await self._expire(job, hold)
                case JobKind.RESULT:
                    await self._result(job, hold)
        except StaleHoldError:
            # Somebody else moved the hold on; what this job was for has been done.
            await self.outbox.finish(job)
        except NoSuchHoldError:
            log.warning("job.orphan", job=job.kind.value, hold=job.hold_id)
            await self.outbox.finish(job)
        except DamagedError:
            # The hold itself does not open, so nobody can be told; a backup may bring it back.
            log.exception("hold.damaged", hold=job.hold_id)
            await self._later(job, DamagedError.__name__)

    async def tell(self, sent: Hold) -> None:
        """
        Tell the owner of mail that was sent what was noticed in it. Tried once, and never raises.

        *sent* is no hold: nothing waits, and nothing of it is in the store.
        """
        mail = told(sent, letterhead=self.letterhead, now=self.clock())
        outcome = await dispatch(self.upstream, None, (Recipient(address=sent.owner),), (), mail)
        _reached("told", sent, outcome)

    async def _notify(self, job: Job, hold: Hold) -> None:
        if hold.state is HoldState.WAITING:
            link = self.letterhead.link(self.links.token(hold))
            mail = notice(
                hold,
                link=link,
                letterhead=self.letterhead,
                now=self.clock(),
                reminder=job.kind is JobKind.REMINDER,
            )
            await self._mail_to_owner(job, hold, mail)
        else:
            await self.outbox.finish(job)

    async def _result(self, job: Job, hold: Hold) -> None:
        try:
            mail = await self._result_mail(hold)
        except DamagedError:
            log.exception("hold.damaged", number=hold.number)
            mail = damaged(hold, letterhead=self.letterhead, now=self.clock())
        await self._mail_to_owner(job, hold, mail)

    async def _result_mail(self, hold: Hold) -> bytes:
        now = self.clock()
        if hold.state is HoldState.FAILED and hold.reply == DAMAGED_SAID:
            return damaged(hold, letterhead=self.letterhead, now=now)
        if hold.state not in {HoldState.RETURNED, HoldState.EXPIRED}:
            return failed(hold, letterhead=self.letterhead, now=now)
        octets = await self._original(hold)
        expired = hold.state is HoldState.EXPIRED
        # In a thread: a large original takes half a second to encode.
        return await asyncio.to_thread(
            returned, hold, octets, expired=expired, letterhead=self.letterhead, now=now
        )

    async def _mail_to_owner(self, job: Job, hold: Hold, mail: bytes) -> None:
        """Send a mail of our own: null reverse-path, so that it never bounces back into Guard."""
        owner = (Recipient(address=hold.owner),)
        outcome = await dispatch(self.upstream, None, owner, (), mail)
        if _reached(job.kind.value, hold, outcome):
            await self.holds.record(self._audit(f"{job.kind.value}.sent", hold, outcome.reply))
            await self.outbox.finish(job)
        else:
            await self._later(job, str(outcome.reply.code))

    async def _expire(self, job: Job, hold: Hold) -> None:
        result = Job(kind=JobKind.RESULT, hold_id=hold.id, due_at=self.clock())
        await self.holds.advance(
            hold.id,
            old=HoldState.WAITING,
            new=HoldState.EXPIRED,
            audit=self._audit("hold.expired", hold),
            jobs=(result,) if hold.give_back else (),
            done=job,
        )

    async def _release(self, job: Job, hold: Hold) -> None:
        begun = await self._begin(job, hold)
        if begun is None:
            return await self.outbox.finish(job)
        try:
            octets = await self._original(begun)
        except DamagedError:
            log.exception("hold.damaged", number=hold.number)
            return await self._give_up(job, begun)
        last = job.attempts + 1 >= RELEASE_TRIES
        if await self.outbox.holds_lease(job):
            outcome = await dispatch(
                self.upstream,
                begun.envelope.sender,
                _with_params(begun),
                begun.envelope.params,
                received(_as_submission(begun, octets), by=self.name, key=self.letterhead.mark_key),
                octets,
                patient=not last,
            )
            await self._conclude(job, begun, outcome, last=last)
        return None

    async def _begin(self, job: Job, hold: Hold) -> Hold | None:
        """Move *hold* to `RELEASING`, or say by `None` that there is nothing to release."""
        audit = self._audit("hold.releasing", hold)
        match hold.state, job.kind:
            case HoldState.RELEASING, _:
                return hold  # a try was put off, or a worker died with the lease
            case HoldState.UNDO, _ if (
                hold.release_at is not None and hold.release_at <= self.clock()
            ):
                pass
            case HoldState.UNKNOWN, JobKind.RELEASE_AGAIN:
                pass
            case _:
                # Taken back, perhaps sent again since: the later answer has a job of its own.
                return None
        return await self.holds.advance(
            hold.id, old=hold.state, new=HoldState.RELEASING, audit=audit
        )

    async def _original(self, hold: Hold) -> bytes:
        """
        Give the octets of *hold*.

        Raises:
            DamagedError: They are gone, or they are not those that were held.
        """
        try:
            octets = await self.holds.octets(hold.id)
        except NoSuchHoldError as error:
            raise DamagedError("the octets are gone") from error
        if hashlib.sha256(octets).hexdigest() != hold.octets_sha256:
            raise DamagedError("the octets are not those that were held")
        return octets

    async def _give_up(self, job: Job, hold: Hold) -> None:
        """End a release that has nothing to send, and have its owner told."""
        # Before a second try there was a first, of which nobody knows whether it went well.
        new = HoldState.FAILED if job.kind is JobKind.RELEASE else HoldState.UNKNOWN
        RELEASES.labels(new.value).inc()
        await self.holds.advance(
            hold.id,
            old=HoldState.RELEASING,
            new=new,
            audit=self._audit(f"hold.{new.value}", hold, DAMAGED),
            jobs=(Job(kind=JobKind.RESULT, hold_id=hold.id, due_at=self.clock()),),
            done=job,
            reply=DAMAGED_SAID,
        )

    async def _conclude(self, job: Job, hold: Hold, outcome: Outcome, *, last: bool) -> None:
        """Keep how a release ended, or put it back for later."""
        followed: Job | None = Job(kind=JobKind.RESULT, hold_id=hold.id, due_at=self.clock())
        if Fate.UNKNOWN in outcome.fates:
            new = HoldState.UNKNOWN
            if job.kind is JobKind.RELEASE:
                again = self.clock() + UNKNOWN_WAIT
                followed = Job(kind=JobKind.RELEASE_AGAIN, hold_id=hold.id, due_at=again)
        elif Fate.TAKEN in outcome.fates:
            new = HoldState.DELIVERED
            if Fate.REFUSED not in outcome.fates:
                followed = None
        elif outcome.reply.is_permanent or last:
            new = HoldState.FAILED
        else:
            RELEASES.labels("later").inc()
            return await self._later(job, str(outcome.reply.code))
        RELEASES.labels(new.value).inc()
        await self.holds.advance(
            hold.id,
            old=HoldState.RELEASING,
            new=new,
            audit=self._audit(f"hold.{new.value}", hold, outcome.reply, outcome),
            jobs=(followed,) if followed else (),
            done=job,
            reply=_account(outcome),
        )
        good = new is HoldState.DELIVERED
        tell = log.info if good else log.error  # somebody who looks after Guard must see it
        tell("hold.released", number=hold.number, result=new.value, code=outcome.reply.code)
        return None

    async def _later(self, job: Job, error: str) -> None:
        """Put a job back: twice as long each time, spread so that many do not come at once."""
        wait = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0**job.attempts) * random.uniform(0.8, 1.2)  # noqa: S311
        await self.outbox.retry(job, due_at=self.clock() + timedelta(seconds=wait), error=error)

    def _audit(
        self, event: str, hold: Hold, reply: Reply | None = None, outcome: Outcome | None = None
    ) -> AuditEntry:
        details: dict[str, str | int | float | list[str]] = {}
        if reply is not None:
            details["code"] = reply.code
        if outcome is not None:
            details["sha256"] = hold.octets_sha256
            for fate in sorted(outcome.fates):
                details[fate.value] = [a.text for a, f, _ in outcome.recipients if f is fate]
        return AuditEntry(
            event=event, hold_id=hold.id, at=self.clock(), actor="guard", details=details
        )


def _reached(kind: str, hold: Hold, outcome: Outcome) -> bool:
    """Whether the owner of *hold* surely has a mail of ours; counted, and logged where not."""
    code = outcome.reply.code
    if Fate.REFUSED in outcome.fates:
        result = "refused"
        log.error("notice.refused", job=kind, number=hold.number, code=code)
    elif Fate.UNKNOWN in outcome.fates:
        result = "unknown"
        log.warning("notice.unknown", job=kind, number=hold.number, code=code)
    else:
        result = "sent"
    NOTICES.labels(kind, result).inc()
    return result == "sent"


def _with_params(hold: Hold) -> tuple[Recipient, ...]:
    """Give the recipients of a release; whoever was in the envelope keeps the RCPT parameters."""
    params = {recipient.address: recipient.params for recipient in hold.envelope.recipients}
    return tuple(Recipient(address=a, params=params.get(a, ())) for a in hold.recipients)


def _account(outcome: Outcome) -> str:
    """Say in a line an upstream's answer, with each refusal: what page and result mail show."""
    refusals = [
        f"{a}: {' '.join(r.lines())}" for a, f, r in outcome.recipients if f is Fate.REFUSED
    ]
    return "\n".join([" ".join(outcome.reply.lines()), *refusals])


def _as_submission(hold: Hold, octets: bytes) -> Submission:
    """Give the hold as it came in, for the trace line that every hop owes (RFC 5321 §4.4)."""
    return Submission(
        id=hold.submission_id,
        submitter=Submitter(peer=hold.peer, helo=hold.helo, login=hold.login),
        envelope=replace(hold.envelope, recipients=_with_params(hold)),
        octets=InMemory(octets),
        received_at=hold.held_at,
    )
