"""What the work on a held message is done with, and how long a try that failed waits."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from guard.compose.letterhead import Letterhead
from guard.model.address import Address
from guard.model.errors import DamagedError, KeyFileError, NoSuchHoldError, StoreError
from guard.model.hold import Hold
from guard.model.job import Job, JobKind
from guard.model.reply import Reply
from guard.ports import MACHINE, AuditEntry, Clock, Contacts, HoldStore, Outbox, Upstream
from guard.release.links import Links

FIRST_WAIT_S: Final = 15.0
LONGEST_WAIT_S: Final = 1800.0

ADMINISTRATORS: Final = "administrators"
"""Stands for them where a job names a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What jobs are done with."""

    holds: HoldStore
    outbox: Outbox
    upstream: Upstream
    """The way out for held mail and notices; no client's login goes with it."""

    clock: Clock
    links: Links
    letterhead: Letterhead
    name: str
    """Our own name, for the trace line."""

    remote: str = ""
    """Host name of the upstream, for reports; empty where it is not known."""

    contacts: Contacts
    """Who learns from how a hold ended."""

    learns: Callable[[], bool] = lambda: True
    """Whether the policy wants mail to be learned from."""

    notify_within: Callable[[], timedelta] = lambda: timedelta(seconds=30)
    """Within which the policy wants a notice to be out."""

    administrators: tuple[Address, ...] = ()
    """Who gets alarms; nobody: they only stand in the log."""

    mailed: dict[str, datetime] = field(default_factory=dict)
    """When each person was last written to by this process: what comes soon after waits."""

    leading: set[str] = field(default_factory=set)
    """For whom a job waits that will take the others along."""

    async def later(self, *jobs: Job, error: str) -> None:
        """Put jobs back: twice as long each time, spread so that many do not come at once."""
        tries = min(job.attempts for job in jobs)
        wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(tries, 16))
        spread = random.uniform(0.8, 1.2)  # noqa: S311 -- nothing to guess here
        due_at = self.clock() + timedelta(seconds=wait_s * spread)
        await self.outbox.retry(*jobs, due_at=due_at, error=error)

    def note(self, event: str, hold: Hold, **details: str | int | float | list[str]) -> AuditEntry:
        """Give an audit row of what the machine did by itself."""
        return AuditEntry(
            event=event, hold_id=hold.id, at=self.clock(), actor=MACHINE, details=details
        )

    def alarm(self, hold_id: str, note: str) -> Job:
        """Give the job that tells the administrators of *note*."""
        return Job(
            kind=JobKind.ALARM,
            hold_id=hold_id,
            due_at=self.clock(),
            person=ADMINISTRATORS,
            note=note,
        )

    def destroying(self, hold: Hold) -> Job:
        """Give the job that destroys the octets of a hold that is over, once retention is."""
        due_at = self.clock() + timedelta(seconds=hold.retention_s)
        return Job(kind=JobKind.DESTROY, hold_id=hold.id, due_at=due_at)

    def learning(self, hold: Hold) -> Job:
        """Give the job that learns from how it ended."""
        return Job(kind=JobKind.LEARN, hold_id=hold.id, due_at=self.clock())

    def result(self, hold: Hold) -> Job:
        """Give the job that tells the owner how it ended."""
        return Job(kind=JobKind.RESULT, hold_id=hold.id, due_at=self.clock())


UNOPENED: Final = (NoSuchHoldError, DamagedError, KeyFileError)
"""What asking for one hold may raise that says nothing about the others."""


def is_away(error: Exception) -> bool:
    """Whether it is the database that cannot be had now, rather than one hold in it."""
    return isinstance(error, StoreError) and not isinstance(error, UNOPENED)


def said(reply: Reply) -> str:
    """Give a reply as one line."""
    return " ".join(reply.lines())
