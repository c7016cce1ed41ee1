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
    "notice_refused": "guard held notify {number}",
    "job_parked": "guard held retry {number} --because TEXT",
}


def alarm(
    notes: Sequence[tuple[str, str]],
    people: Sequence[Address],
    *,
    letterhead: Letterhead,
    now: datetime,
) -> bytes:
    """Write to the administrators *people* what happened: notes and numbers, and no more."""
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
        do = _DO.get(note, "guard held show {number}")
        rows = [
            # Of a hold that does not open only the id is known, which commands do not take.
            Row(number, do.format(number=number) if number.startswith("H-") else "guard db check")
            for number in numbers[:MOST]
        ]
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


def _sentences(_: Callable[[str], str]) -> dict[str, str]:
    """Say what each note of an alarm means."""
    return {
        "release_failed": _("The mail server did not take a mail that was released."),
        "release_unknown": _("Nobody knows whether a released mail was delivered."),
        "notice_refused": _("The mail server refuses our mail to a sender."),
        "result_refused": _("The mail server refuses our mail about how it ended."),
        "job_parked": _("Work on a held mail failed again and again, and was laid aside."),
        "hold_damaged": _("What was kept of a held mail is damaged; it can't be sent."),
    }
