"""What was promised for each mail, what arrived, and what of it breaks the promise."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

MARK: Final = re.compile(r"soak-(\d{7})")
"""Stands in the subject and the Message-ID of each mail."""


SLACK_S: Final = 2.0
"""Seconds by which our clock may be late at noting when a trouble began or ended."""


class Told(StrEnum):
    """What the client was told at the end of a mail."""

    TAKEN = "taken"
    HELD = "held"
    REFUSED = "refused"
    NOTHING = "nothing"
    """The connection was lost before a reply."""


class Wish(StrEnum):
    """What the sender of a held mail answers."""

    SEND = "send"
    CANCEL = "cancel"
    WAIT = "wait"
    """Nobody answers."""


@dataclass(slots=True)
class Mail:
    """One mail and what became of it."""

    number: int
    doubtful: bool
    """Whether policy has it held."""

    wish: Wish
    began: float
    """When it was handed in; loop time, as all times here."""

    told: Told | None = None
    ended: float = 0.0
    answered: float | None = None
    """When the wish was posted and accepted."""

    arrived: list[float] = field(default_factory=list)
    asked: int = 0
    """Notices about it."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A span in which a copy can be made: the octets left, and our word of it was lost."""

    name: str
    began: float
    ended: float


class Account:
    """Every mail by its number, and the spans in which a second copy has an excuse."""

    def __init__(self) -> None:
        self.mails: dict[int, Mail] = {}
        self.troubles: list[Trouble] = []

    def begin(self, *, doubtful: bool, wish: Wish, now: float) -> Mail:
        """Open an account for one more mail."""
        mail = Mail(number=len(self.mails) + 1, doubtful=doubtful, wish=wish, began=now)
        self.mails[mail.number] = mail
        return mail

    def excuse(self, mail: Mail) -> str | None:
        """
        Name the trouble in which *mail* arrived first, so that it may come again.

        `None`: there was none, and our word of it cannot have been lost.
        """
        for trouble in self.troubles:
            if trouble.began - SLACK_S <= mail.arrived[0] <= trouble.ended + SLACK_S:
                return trouble.name
        return None

    def broken(self) -> Iterator[str]:
        """Say of each mail with which a promise was broken which one."""
        for mail in self.mails.values():
            count, name = len(mail.arrived), f"mail {mail.number}"
            if count > 1 and self.excuse(mail) is None:
                yield f"{name}: {count} copies without an excuse"
            if mail.told is Told.REFUSED and count > 0 and self.excuse(mail) is None:
                yield f"{name}: refused, and sent without an excuse"
            if mail.told is Told.TAKEN and count == 0:
                yield f"{name}: taken and lost"
            if mail.told is Told.HELD and mail.answered is not None:
                if mail.wish is Wish.SEND and count == 0:
                    yield f"{name}: released and lost"
                if mail.wish is Wish.CANCEL and count > 0:
                    yield f"{name}: cancelled and sent"
            if mail.doubtful and mail.answered is None and count > 0:
                yield f"{name}: sent without anybody's word"
            if mail.told is Told.HELD and mail.asked == 0:
                yield f"{name}: held, and nobody was asked"

    def summary(self) -> list[str]:
        """Count what happened, a line each."""
        mails = self.mails.values()
        told = Counter(str(mail.told) for mail in mails)
        copies = [mail for mail in mails if len(mail.arrived) > 1]
        excused = Counter(self.excuse(mail) or "no excuse" for mail in copies)
        answers = Counter(str(mail.wish) for mail in mails if mail.answered is not None)
        return [
            f"{len(self.mails)} mails: " + _listed(told),
            f"answers that were accepted: {_listed(answers)}",
            f"mails of which a copy arrived: {len(copies)} ({_listed(excused)})",
        ]


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"
