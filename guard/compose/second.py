"""The mail that asks somebody else than the sender whether a mail may be sent."""

from datetime import datetime

from guard.compose.document import Block, Heading, Link, Paragraph
from guard.compose.figures import called, moment
from guard.compose.language import speak
from guard.compose.letter import Addressee, letter
from guard.compose.letterhead import Letterhead
from guard.compose.notice import held_mail, titled
from guard.compose.reason import reason
from guard.compose.shown import unlinked
from guard.model.address import Address
from guard.model.hold import Hold


def request(
    hold: Hold, person: Address, *, link: str, letterhead: Letterhead, now: datetime
) -> bytes:
    """
    Write to *person*, who may agree that *hold* is sent: by whom, why, to whom. No text of it.

    *link* is the first URL in it, and opens the page for this person alone.
    """
    _ = speak(hold.language).gettext
    sender = called(hold.owner_name, hold.language) or hold.owner.text
    blocks: list[Block] = [
        Paragraph(
            _("{sender} wants to send a mail that somebody else has to look at first.").format(
                sender=unlinked(sender)
            )
        ),
        Heading(_("Why it was stopped")),
        *(Paragraph(unlinked(text, 600)) for text in reason(hold, hold.language).sentences),
        Heading(_("The mail being held")),
        held_mail(hold, letterhead),
        Heading(_("What to do")),
        Paragraph(_("Say on this page whether it may be sent:")),
        Link(link, _("Open the page")),
        Paragraph(
            _("Without an answer until {time} it is not sent.").format(
                time=moment(hold.expires_at, letterhead.zone, hold.language)
            )
        ),
        Paragraph(_("Number {number}").format(number=hold.number)),
    ]
    return letter(
        "second",
        Addressee(people=(person,), language=hold.language, about=f"{hold.id}:{person.key}"),
        subject=_("[Please check] A mail of {sender}: {subject}").format(
            sender=unlinked(sender, 60), subject=titled(hold)
        ),
        blocks=blocks,
        letterhead=letterhead,
        now=now,
    )
