"""The mail to administrators: what needs them, and the command that tells more."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from guard.compose.document import Block, Heading, Paragraph, Row, Table
from guard.compose.language import speak
from guard.compose.letter import Addressee, letter
from guard.compose.letterhead import Letterhead
from guard.model.address import Address

MOST: Final = 50
"""Lines about one kind of thing in one mail; the log has them all."""

_DO: Final = {
    "notice_refused": "guard held notify {name}",
    "job_parked": "guard held retry {name} --because TEXT",
}

POLICY_REFUSED: Final = "policy_refused"
"""Note about a policy, which goes with no number."""

MANY_HELD: Final = "many_held"
"""Note about a day, which goes with no number."""

_OF_LISTS: Final = frozenset({"list_kept", "list_failed"})
"""Notes about a customer list, which go with its name in place of a hold's number."""


def alarm(
    notes: Sequence[tuple[str, str]],
    people: Sequence[Address],
    *,
    letterhead: Letterhead,
    now: datetime,
) -> bytes:
    """
    Write to the administrators *people* what happened: notes, and no more than numbers with them.

    A number is that of a hold; about a list it is the list's name.
    """
    _, ngettext = speak(letterhead.language).gettext, speak(letterhead.language).ngettext
    said = _sentences(_)
    count = len(notes)
    blocks: list[Block] = [
        Paragraph(
            ngettext(
                "{count} thing needs an administrator.",
                "{count} things need an administrator.",
                count,
            ).format(count=count)
        )
    ]
    for note in dict.fromkeys(note for note, _number in notes):
        numbers = [number for each, number in notes if each == note]
        rows = [Row(number, _do(note, number)) for number in numbers[:MOST]]
        if len(numbers) > MOST:
            rows.append(Row("", _("and {count} more").format(count=len(numbers) - MOST)))
        blocks += [Heading(said.get(note, note)), Table(tuple(rows))]
    first = notes[0][0]
    several = ngettext("{count} alarm", "{count} alarms", count).format(count=count)
    return letter(
        "alarm",
        Addressee(
            people=tuple(people),
            language=letterhead.language,
            about=":".join(f"{note}:{number}" for note, number in notes) + f"@{now:%Y%m%d%H}",
        ),
        subject=f"[Guard] {several if count > 1 else said.get(first, first)}",
        blocks=blocks,
        letterhead=letterhead,
        now=now,
    )


def _do(note: str, name: str) -> str:
    """Give the command that tells more of what a note is about."""
    if note in _OF_LISTS:
        return "guard lists status"
    if note == POLICY_REFUSED:
        return "guard policy show"
    if note == MANY_HELD:
        return "guard policy fatigue"
    # Of a hold that does not open only the id is known, which commands do not take.
    if not name.startswith("H-"):
        return "guard db check"
    return _DO.get(note, "guard held show {name}").format(name=name)


def _sentences(_: Callable[[str], str]) -> dict[str, str]:
    """Say what each note of an alarm means."""
    return {
        "release_failed": _("The mail server did not take a mail that was released."),
        "release_unknown": _("Nobody knows whether a released mail was delivered."),
        "notice_refused": _("The mail server refuses our mail to a sender."),
        "result_refused": _("The mail server refuses our mail about how it ended."),
        "job_parked": _("Work on a held mail failed again and again, and was laid aside."),
        "hold_damaged": _("What was kept of a held mail is damaged; it can't be sent."),
        "list_kept": _("A customer list would have lost so much that the one before stays in use."),
        MANY_HELD: _("Yesterday more mail was held than the policy expects (tell_admins_above)."),
        POLICY_REFUSED: _("The changed policy has errors; the last good one stays in force."),
        "list_failed": _("The source of a customer list can't be read; the list is as it was."),
    }
