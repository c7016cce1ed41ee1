"""How sources are to be read, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class End(StrEnum):
    """How the reading of a source ended."""

    DONE = "done"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    """Too many contacts were gone: all is as it was."""

    FAILED = "failed"
    AWAY = "away"
    """Failed, and may go better later."""

    BUSY = "busy"
    """Another process is at it."""

    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of one source."""

    name: str
    kind: str
    end: End
    came: int = 0
    changed: int = 0
    gone: int = 0
    """No longer in the source."""

    out: int = 0
    """Of these taken out: nobody ever wrote to them, and no other source has them."""

    contacts: int = 0
    """That it has now."""

    mails: int = 0
    """Counted now."""

    known: int = 0
    """Mails that had been counted before."""

    late: int = 0
    """Mails of the day that the settings give, or after it: not counted."""

    broken: int = 0
    shown: tuple[str, ...] = ()
    """The first broken parts, in words."""

    message: str = ""
    """Why it did not end well; names the source and the way out."""

    read_at: datetime | None = None
    """When it was last read well, where it was not now; aware, UTC."""

    @property
    def is_well(self) -> bool:
        """Whether what the source has is known now."""
        return self.end in {End.DONE, End.UNCHANGED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How sources are to be read."""

    full: bool = False
    """Read all again, as if for the first time; mails are counted once all the same."""

    skip_broken: bool = False
    accept_loss: bool = False
    gently: bool = False
    """Take contacts in by and by, beside other work: all or none is for whoever waits for it."""

    stop: Callable[[], bool] = lambda: False
    """Asked again and again; what is not whole then is left as it was."""

    tell: Callable[[int], None] = lambda _: None
    """Hears how much was read so far."""
