"""How a hold stands, as a person who opens its link is told. Pure: no request, store or clock."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from guard.compose.figures import moment
from guard.compose.letterhead import Letterhead
from guard.compose.shown import shown
from guard.model.address import Address
from guard.model.hold import Hold, HoldState
from guard.release.desk import ASKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The page of a mail that was answered."""

    number: str
    state: HoldState
    subject: str
    """Empty once all is over: the link then tells how it ended, and no more."""

    recipients: tuple[str, ...]
    more_recipients: int
    seconds_left: int
    at: str
    """When it was decided, or ran out."""

    reply: tuple[str, ...]
    """What the upstream said, line by line: the whole, then each refusal."""

    returned: bool
    """Whether the original was sent back."""

    mine: bool
    """Whether it is told to the owner."""

    second: tuple[str, ...]
    """Who may agree."""

    by: str
    """Who answered in place of others who could have; empty where it is told to that person."""


SHOWN_RECIPIENTS: Final = 5
"""Recipients named while a mail goes out; of more only the number is given."""

SHOWN_REPLY_LINES: Final = 50


def is_owner(hold: Hold, person: Address | None) -> bool:
    """Tell whether *person* may say what becomes of the mail; nobody named stands for its owner."""
    return person is None or person in hold.owners


def state_at(hold: Hold, now: datetime) -> HoldState:
    """Give the state as a person sees it: time that has run out counts before the worker comes."""
    if hold.state in ASKED and hold.expires_at <= now:
        return HoldState.EXPIRED
    if hold.state is HoldState.UNDO and hold.release_at and hold.release_at <= now:
        return HoldState.RELEASING
    return hold.state


def is_asked(hold: Hold, person: Address, now: datetime) -> bool:
    """Tell whether *hold* waits for the word of *person*."""
    whose = HoldState.WAITING if is_owner(hold, person) else HoldState.SECOND_PERSON
    return state_at(hold, now) is whose


def status(
    hold: Hold,
    language: str,
    letterhead: Letterhead,
    *,
    now: datetime,
    person: Address | None = None,
) -> Status:
    """Say to *person* how *hold* stands; to its owner where nobody is named."""
    state = state_at(hold, now)
    going = state.is_open
    left = (hold.release_at - now).total_seconds() if hold.release_at else 0.0
    at = {
        HoldState.EXPIRED: hold.expires_at,
        HoldState.DELIVERED: hold.release_at or hold.decided_at,
    }.get(state, hold.decided_at)
    recipients = tuple(address.text for address in hold.recipients) if going else ()
    return Status(
        number=hold.number,
        state=state,
        subject=shown(hold.subject) if going else "",
        recipients=recipients[:SHOWN_RECIPIENTS],
        more_recipients=max(0, len(recipients) - SHOWN_RECIPIENTS),
        seconds_left=max(0, math.ceil(left)),
        at=moment(at, letterhead.zone, language) if at else "",
        reply=tuple(shown(line) for line in hold.reply.splitlines()[:SHOWN_REPLY_LINES]),
        returned=hold.give_back or state is HoldState.RETURNED,
        mine=is_owner(hold, person),
        by=_answered_by(hold, person) if state is not HoldState.WAITING else "",
        second=tuple(each.text for each in hold.seconds),
    )


def _answered_by(hold: Hold, person: Address | None) -> str:
    """Give which of several owners, or who agreed, decided, unless *person* did."""
    several = len(hold.owners) > 1 and hold.decided_by in {each.text for each in hold.people}
    return hold.decided_by if several and (not person or person.text != hold.decided_by) else ""
