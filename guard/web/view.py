"""From a hold to what its page shows. Pure: no request, no store, no clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from guard.compose.figures import moment, size
from guard.compose.language import speak
from guard.compose.letterhead import Letterhead
from guard.compose.reason import Comparison, Reason, reason
from guard.compose.recipients import Listed, Part, parted
from guard.compose.shown import shown
from guard.model.address import Address
from guard.model.hold import Hold
from guard.model.verdict import Action, Confirm
from guard.release.confirmation import encrypted
from guard.web.form import Said
from guard.web.standing import is_owner

ALERTS: Final = frozenset(
    {
        "action",
        "busy",
        "domain",
        "ended",
        "password",
        "reason",
        "recipients",
        "refused",
        "replace",
        "second",
        "wait",
        "without",
    }
)
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
class File:
    """One attachment in the list."""

    name: str
    size: str
    part: str
    """As the form gives it back; empty where the mail cannot be sent without it."""

    left_out: bool
    ticked: bool


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
    files: tuple[File, ...]
    signed: bool
    """Whether a mail without one of the files loses its DKIM signature."""

    mark: str
    """Which question this is: goes with the answer."""

    again: bool
    """Whether it is about what the sender made of the mail."""

    asker: str
    """Who wants to send it, where somebody else is asked to agree."""

    second: tuple[str, ...] | None
    """Who will have to agree; `None`: nobody has to."""

    ask_domain: bool
    ask_reason: bool
    said: Said
    missing: frozenset[str]
    """What the last answer lacked: addresses, or names of `ALERTS`."""

    locked: tuple[str, ...]
    """Attachments that a password may open for the check."""

    wait_s: int
    """After how many seconds the next password may come, where it came too soon."""

    opened: bool
    """Whether a password has opened one."""

    clear: bool
    """Whether nothing holds the mail any more, and only the sender's word is wanted."""

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
    def can_leave_out(self) -> bool:
        """Whether there is a file that the mail can be sent without."""
        return any(file.part and not file.left_out for file in self.files)

    @property
    def lacks(self) -> str:
        """What the alert asks for: one of `ALERTS`, ``tick``, or nothing at all."""
        if self.missing and self.missing <= ALERTS and len(self.missing) == 1:
            return next(iter(self.missing))
        return "tick" if self.missing else ""


def question(
    hold: Hold,
    language: str,
    letterhead: Letterhead,
    *,
    person: Address | None = None,
    said: Said | None = None,
    missing: frozenset[str] = frozenset(),
    wait_s: int = 0,
) -> Question:
    """
    Ask about *hold*; *said* and *missing* are the last answer and what it lacked.

    *wait_s* is as in `Unconfirmed`.

    *person* is who is asked, its owner where nobody is named.
    """
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
        files=tuple(_files(hold, said)),
        signed=hold.signed,
        mark=hold.question,
        again=bool(hold.verdict.recipients),
        asker="" if is_owner(hold, person) else hold.owner.text,
        second=tuple(each.text for each in hold.seconds) if rung is Confirm.SECOND_PERSON else None,
        ask_domain=rung is Confirm.TYPE_DOMAIN or "domain" in missing,
        ask_reason=rung is Confirm.GIVE_REASON or "reason" in missing,
        said=said,
        missing=missing,
        locked=()
        if "ended" in missing
        else tuple(sorted(shown(name, 120) for name in encrypted(hold.verdict))),
        wait_s=wait_s,
        opened=bool(hold.verdict.opened),
        clear=hold.verdict.action < Action.HOLD,
        usual=usual,
        can_drop=bool(doubtful) and len(getting) > (1 if boxes else len(doubtful)),
        dropped=() if boxes else doubtful,
        domains=len({each.domain for each in hold.verdict.doubtful if each in getting}),
        returned=hold.give_back,
    )


def _files(hold: Hold, said: Said) -> Iterator[File]:
    parts = hold.parts or ("",) * len(hold.attachments)
    for (name, octets), part in zip(hold.attachments, parts, strict=True):
        yield File(
            name=shown(name),
            size=size(octets),
            part=part,
            left_out=bool(part) and part in hold.without,
            ticked=bool(part) and part in said.without,
        )


def _is_asked(each: Listed, rung: Confirm) -> bool:
    """Tell whether a recipient gets a box: in doubt, still getting the mail, and not one click."""
    return each.doubtful and rung is not Confirm.ONE_CLICK
