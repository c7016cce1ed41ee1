"""Work that a commit promised and a worker does: rows of the outbox."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work, done at least once and at most by one worker at a time."""

    id: int = 0
    """Given by the store; 0 before."""

    kind: JobKind
    hold_id: str

    due_at: datetime
    """Not before this; aware, UTC."""

    attempts: int = 0
    """Tries so far, without this one."""

    fence: int = 0
    """Rises with each claim: a worker that lost its lease is refused by its old number."""
