"""Work that a commit promised and a worker does: rows of the outbox."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from guard.model.address import Address
from guard.model.life import DESTROYABLE, HoldState


class JobKind(StrEnum):
    """What is to be done about a hold."""

    NOTICE = "notice"
    REMINDER = "reminder"
    RELEASE = "release"
    RELEASE_AGAIN = "release_again"
    """The one more try after an end that nobody knows (`HoldState.UNKNOWN`)."""

    EXPIRE = "expire"
    RESULT = "result"
    """Tell the owner how it ended: returned with the original, or could not be delivered."""

    SECOND = "second"
    """Ask a second person to agree."""

    ALARM = "alarm"
    """Tell the administrators what needs them; `Job.note` says what it is."""

    DESTROY = "destroy"
    """Destroy the octets: retention is over."""

    LEARN = "learn"
    """Learn from how it ended: what its owner said, and to whom mail really went."""


SENDING: Final = "sending"
"""`Job.note` of a release that reached the end of its message, and has not said how that went."""

RELEASES: Final = frozenset({JobKind.RELEASE, JobKind.RELEASE_AGAIN})
"""Jobs that send what is held: of one hold there is never more than one."""

NEVER_AGAIN: Final = "never_again"
"""`Job.note` of a `JobKind.LEARN`: the owner does not want to be asked about the pair again."""

AGREED: Final = "agreed"
"""Note of a `JobKind.RESULT` that tells no end: the second person agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work, done at least once and at most by one worker at a time."""

    id: int = 0
    """Given by the store; 0 before."""

    kind: JobKind
    hold_id: str
    """Empty for an alarm about no hold."""

    due_at: datetime
    """Not before this; aware, UTC."""

    person: str = ""
    """Mark of who gets a mail (`mark_of`), where it is one: what waits for one goes together."""

    note: str = ""
    """A stable word of what a mail is about: ``release_failed``, ``job_parked``; no content."""

    list_name: str = ""
    """The customer list that an alarm is about, where it is about one."""

    attempts: int = 0
    """Tries so far, without this one."""

    error: str = ""
    """How the last try ended: a class name, or an SMTP code; empty before the first."""

    fence: int = 0
    """Rises with each claim: a worker that lost its lease is refused by its old number."""


def mark_of(person: Address) -> str:
    """Give a mark by which jobs for one person are known, without saying who it is."""
    return hashlib.sha256(person.key.encode()).hexdigest()[:16]


def superseded(old: HoldState, new: HoldState) -> frozenset[JobKind]:
    """Give what a hold that moves on from *old* to *new* leaves behind undone."""
    over = frozenset({JobKind.RESULT, JobKind.DESTROY}) if old in DESTROYABLE else frozenset()
    # What was said with an answer is taken back with it.
    undone = frozenset({JobKind.LEARN}) if new is HoldState.WAITING else frozenset()
    return RELEASES | over | undone
