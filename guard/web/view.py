"""From a hold to what its page shows. Pure: no request, no store, no clock."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from guard.compose.figures import moment, size
from guard.compose.language import speak
from guard.compose.letterhead import Letterhead
from guard.compose.reason import Comparison, Reason, reason
from guard.compose.recipients import Listed, Part, parted
from guard.compose.shown import shown
from guard.model.hold import Hold, HoldState
from guard.model.verdict import Confirm
from guard.web.form import Said

ALERTS: Final = frozenset({"action", "domain", "reason", "recipients", "replace"})
"""What can be missing besides ticks; each has a sentence of its own at the top of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One recipient in the list."""

    address: str
    """As the form gives it back: `Address.text`."""

    part: Part
    note: str
    """``our company``, ``never written to before``; may be empty."""

    box: bool
    """Whether it must be ticked before the mail is sent."""

    ticked: bool
    missing: bool
    """Whether the last answer lacked this tick."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The page of a mail that waits."""

    number: str
    subject: str
    held_at: str
    expires_at: str
    reason: Reason
    boxes: tuple[Line, ...]
    others: tuple[Line, ...]
    attachments: tuple[tuple[str, str], ...]
    """Name and size."""

    ask_domain: bool
    ask_reason: bool
    said: Said
    missing: frozenset[str]
    """What the last answer lacked: addresses, or names of `ALERTS`."""

    usual: tuple[Comparison, ...]
    """Look-alikes that can be exchanged for the contact that was meant."""

    can_drop: bool
    """Whether leaving out those in doubt can leave anybody."""

    dropped: tuple[str, ...]
    """Who would be left out, where no box says it."""

    domains: int
    """How many domains are to be typed, for `ask_domain`."""

    returned: bool
    """Whether the original comes back when nobody answers."""

    @property
    def lacks(self) -> str:
        """What the alert asks for: one of `ALERTS`, ``tick``, or nothing at all."""
        if self.missing and self.missing <= ALERTS and len(self.missing) == 1:
            return next(iter(self.missing))
        return "tick" if self.missing else ""


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


SHOWN_RECIPIENTS: Final = 5
"""Recipients named while a mail goes out; of more only the number is given."""

SHOWN_REPLY_LINES: Final = 50


def question(
    hold: Hold,
    language: str,
    letterhead: Letterhead,
    *,
    said: Said | None = None,
    missing: frozenset[str] = frozenset(),
) -> Question:
    """Ask about *hold*; *said* and *missing* are the last answer and what it lacked."""
    said = said or Said()
    why = reason(hold, language)
    rung = hold.verdict.confirm
    getting = frozenset(hold.recipients)
    texts = frozenset(address.text for address in getting)
    usual = tuple(one for one in why.comparisons if one.recipient in texts)
    notes = {one.recipient: one.recipient_note for one in why.comparisons}
    ours = speak(language).gettext("our company")
    lines = [
        Line(
            address=each.text,
            part=each.part,
            note=notes.get(each.text) or (ours if each.domain in letterhead.our_domains else ""),
            box=_is_asked(each, rung),
            ticked=each.text in said.ticked,
            missing=each.text in missing,
        )
        for each in parted(hold)
    ]
    boxes = tuple(line for line in lines if line.box)
    doubtful = tuple(each.text for each in hold.verdict.doubtful if each in getting)
    return Question(
        number=hold.number,
        subject=shown(hold.subject),
        held_at=moment(hold.held_at, letterhead.zone, language, year=True),
        expires_at=moment(hold.expires_at, letterhead.zone, language),
        reason=why,
        boxes=boxes,
        others=tuple(line for line in lines if not line.box),
        attachments=tuple((shown(name), size(octets)) for name, octets in hold.attachments),
        ask_domain=rung is Confirm.TYPE_DOMAIN or "domain" in missing,
        ask_reason=rung is Confirm.GIVE_REASON or "reason" in missing,
        said=said,
        missing=missing,
        usual=usual,
        can_drop=bool(doubtful) and len(getting) > (1 if boxes else len(doubtful)),
        dropped=() if boxes else doubtful,
        domains=len({each.domain for each in hold.verdict.doubtful if each in getting}),
        returned=hold.give_back,
    )


def state_at(hold: Hold, now: datetime) -> HoldState:
    """Give the state as a person sees it: time that has run out counts before the worker comes."""
    if hold.state is HoldState.WAITING and hold.expires_at <= now:
        return HoldState.EXPIRED
    if hold.state is HoldState.UNDO and hold.release_at and hold.release_at <= now:
        return HoldState.RELEASING
    return hold.state


def status(hold: Hold, language: str, letterhead: Letterhead, *, now: datetime) -> Status:
    """Say how *hold* stands."""
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
    )


def _is_asked(each: Listed, rung: Confirm) -> bool:
    """Tell whether a recipient gets a box: in doubt, still getting the mail, and not one click."""
    return each.doubtful and each.part is not Part.NONE and rung is not Confirm.ONE_CLICK
