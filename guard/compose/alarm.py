"""The mail to administrators: what needs them, and the command that tells more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from guard.compose.document import Block, Heading, Paragraph, Row, Table
from guard.compose.letter import Addressee, letter
from guard.compose.letterhead import Letterhead
from guard.model.address import Address

SAID: Final = {
    "release_failed": "The mail server did not take a mail that its sender released.",
    "release_unknown": "Nobody knows whether a released mail was delivered; its owner is told.",
    "notice_refused": "The mail server refuses our mail to a sender; the mail goes on waiting.",
    "job_parked": "Work on a held mail failed again and again, and was laid aside.",
    "hold_damaged": "What was kept of a held mail is damaged; it cannot be sent.",
}
"""What each note of an alarm means. Administrators read logs and commands in English, too."""

_DO: Final = {
    "notice_refused": "guard held notify {number}",
    "job_parked": "guard held retry {number} --because TEXT",
}

MOST: Final = 50
"""Lines of one mail; the log has them all."""


def alarm(
    notes: Sequence[tuple[str, str]],
    people: Sequence[Address],
    *,
    letterhead: Letterhead,
    now: datetime,
) -> bytes:
    """Write to the administrators *people* what happened: notes and numbers, and no more."""
    blocks: list[Block] = [
        Paragraph(
            "Guard needs somebody to look at this:"
            if len(notes) == 1
            else f"Guard needs somebody to look at these {len(notes)} things:"
        )
    ]
    for note in dict.fromkeys(note for note, _ in notes):
        numbers = [number for each, number in notes if each == note]
        do = _DO.get(note, "guard held show {number}")
        rows = [
            # Of a hold that does not open only the id is known, which commands do not take.
            Row(number, do.format(number=number) if number.startswith("H-") else "guard db check")
            for number in numbers[:MOST]
        ]
        if len(numbers) > MOST:
            rows.append(Row("", f"and {len(numbers) - MOST} more, see the log"))
        blocks += [Heading(SAID.get(note, note)), Table(tuple(rows))]
    first = notes[0]
    return letter(
        "alarm",
        Addressee(
            people=tuple(people),
            language="en",
            about=":".join(f"{note}:{number}" for note, number in notes) + f"@{now:%Y%m%d%H}",
        ),
        subject=f"[Guard] {SAID.get(first[0], first[0])}"
        if len(notes) == 1
        else f"[Guard] {len(notes)} alarms",
        blocks=blocks,
        letterhead=letterhead,
        now=now,
    )
