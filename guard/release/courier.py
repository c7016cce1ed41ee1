"""
Jobs that a commit promised: notice, release, expiry, result, alarm.

Each is done at least once, and by one worker at a time; what keeps failing is laid aside and told,
never tried for ever.
"""

from dataclasses import dataclass
from typing import Final

import structlog

from guard.model.errors import NoSuchHoldError, StaleHoldError
from guard.model.hold import Hold
from guard.model.job import Job, JobKind
from guard.model.life import HoldState
from guard.release.alarming import sound
from guard.release.asking import ask_second, notify
from guard.release.learning import learn
from guard.release.mailing import lay_aside
from guard.release.means import Means, is_away
from guard.release.releasing import release
from guard.release.telling import tell_result, tell_sent

FAILED_TRIES: Final = 10
"""After so many tries that ended in an error of ours a job is laid aside: some two hours."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier(Means):
    """Does the jobs of the outbox."""

    async def perform(self, job: Job) -> None:
        """
        Do one claimed job, and strike it off or put it back for later.

        Raises:
            StoreError: The database is away; the lease runs out and the job comes again.
        """
        try:
            if job.kind is JobKind.ALARM:  # of a hold that does not open, too
                await sound(self, job)
            else:
                await self._do(job, await self.holds.get(job.hold_id))
        except StaleHoldError:
            # Somebody else moved the hold on; what this job was for has been done.
            await self.outbox.finish(job)
        except NoSuchHoldError:
            log.warning("job.orphan", job=job.kind.value, hold=job.hold_id)
            await self.outbox.finish(job)
        except Exception as error:
            if is_away(error):
                raise
            # A bug, a hold that does not open, a key that is gone: a backup may bring it back.
            log.exception("job.failed", job=job.kind.value, hold=job.hold_id)
            if job.attempts + 1 >= FAILED_TRIES:
                await self._give_up(job, type(error).__name__)
            else:
                await self.later(job, error=type(error).__name__)

    async def tell(self, sent: Hold) -> None:
        """Tell the owner of mail that was sent what was noticed in it: once, and never raises."""
        await tell_sent(self, sent)

    async def _do(self, job: Job, hold: Hold) -> None:
        match job.kind:
            case JobKind.NOTICE | JobKind.REMINDER:
                await notify(self, job, hold)
            case JobKind.SECOND:
                await ask_second(self, job, hold)
            case JobKind.RELEASE | JobKind.RELEASE_AGAIN:
                await release(self, job, hold)
            case JobKind.EXPIRE:
                await self._expire(job, hold)
            case JobKind.RESULT:
                await tell_result(self, job, hold)
            case JobKind.LEARN:
                await learn(self, job, hold)
            case JobKind.DESTROY:
                await self.holds.destroy(hold.id, audit=self.note("hold.destroyed", hold), done=job)

    async def _expire(self, job: Job, hold: Hold) -> None:
        """End the waiting: for its owner, or for whoever had to agree."""
        if hold.state is HoldState.UNDO:  # it may be taken back, and then it waits again
            return await self.later(job, error="undo")
        if hold.state not in {HoldState.WAITING, HoldState.SECOND_PERSON}:
            return await self.outbox.finish(job)
        follows = self.result(hold) if hold.give_back else self.destroying(hold)
        await self.holds.advance(
            hold.id,
            old=hold.state,
            new=HoldState.EXPIRED,
            audit=self.note("hold.expired", hold),
            jobs=(follows,),
            done=job,
        )
        return None

    async def _give_up(self, job: Job, error: str) -> None:
        if job.kind is JobKind.ALARM:  # nobody could be told of that, either
            await self.outbox.finish(job)
        else:
            await lay_aside(self, job, error)
