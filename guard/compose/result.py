"""Mails that tell how it ended: returned with the original, not delivered, or sent with a doubt."""

import re
from datetime import datetime
from typing import Final

from guard.compose.document import Block, Heading, Paragraph
from guard.compose.figures import called, moment
from guard.compose.language import speak
from guard.compose.letter import Addressee, Enclosure, letter
from guard.compose.letterhead import Letterhead
from guard.compose.notice import LISTED, held_mail, titled
from guard.compose.reason import reason
from guard.compose.report import Report
from guard.compose.shown import shown, unlinked
from guard.model.address import Address
from guard.model.hold import Choice, Fate, Hold, HoldState

UNSENT: Final = b"X-Unsent: 1\r\n"
"""Makes Outlook open the file for editing and sending again."""

_NO_FILE_NAME: Final = re.compile(r'[\\/:*?"<>|⟨⟩]+')


def returned(
    hold: Hold,
    octets: bytes,
    *,
    person: Address | None = None,
    expired: bool,
    letterhead: Letterhead,
    now: datetime,
) -> bytes:
    """
    Tell *person*, an owner, that it was cancelled, and by whom; or (*expired*) nobody answered.

    The original goes with it: `UNSENT`, then its *octets* as they were.
    """
    _ = speak(hold.language).gettext
    if expired:
        happened = _("There was no answer until {time}, so this mail was not sent.").format(
            time=moment(hold.expires_at, letterhead.zone, hold.language)
        )
    elif hold.choice is Choice.REFUSE:
        happened = _("{person} did not agree, so this mail was not sent.").format(
            person=unlinked(hold.decided_by)
        )
    elif hold.decided_by in {"", *(each.text for each in hold.owners)}:
        happened = _("As you chose, this mail was not sent.")
    else:
        happened = _("An administrator decided that this mail is not sent.")
    blocks = [
        *_opening(hold, happened),
        Paragraph(_("The original is attached.")),
        Heading(_("The mail that was not sent")),
        held_mail(hold, letterhead),
        Heading(_("To send it after all")),
        Paragraph(
            _(
                "Open the attached file: in Outlook it can be edited and sent at once, "
                "in Thunderbird choose “Edit As New Message”. It is checked again."
            )
        ),
        Paragraph(_("Number {number}").format(number=hold.number)),
    ]
    return letter(
        "returned",
        Addressee.owner(hold, person),
        subject=_("[Not sent] {subject}").format(subject=titled(hold)),
        blocks=blocks,
        letterhead=letterhead,
        now=now,
        enclosure=Enclosure(name=_file_name(hold), octets=UNSENT + octets),
    )


def agreed(
    hold: Hold, *, person: Address | None = None, letterhead: Letterhead, now: datetime
) -> bytes:
    """Write that the second person agreed, and the mail is being sent."""
    _ = speak(hold.language).gettext
    happened = _("{person} agreed: this mail is being sent.").format(
        person=unlinked(hold.decided_by)
    )
    blocks = [
        *_opening(hold, happened),
        Heading(_("The mail")),
        held_mail(hold, letterhead),
        Paragraph(_("Number {number}").format(number=hold.number)),
    ]
    return letter(
        "agreed",
        Addressee.owner(hold, person),
        subject=_("[Agreed] {subject}").format(subject=titled(hold)),
        blocks=blocks,
        letterhead=letterhead,
        now=now,
    )


def failed(
    hold: Hold,
    *,
    person: Address | None = None,
    letterhead: Letterhead,
    now: datetime,
    reporter: str = "",
    remote: str = "",
    header: bytes = b"",
) -> bytes:
    """
    Write what became of a release that did not go well: a delivery status notification.

    *reporter* is our host name, *remote* that of the upstream, *header* the header section of the
    original.

    The upstream did not take the mail; or (`DELIVERED`) not for everybody; or (`UNKNOWN`) nobody
    knows whether it did. `Hold.reply` has the upstream's words, a line for each refusal.
    """
    _ = speak(hold.language).gettext
    if hold.state is HoldState.UNKNOWN:
        subject = _("[Perhaps not delivered] {subject}")
        happened = _("This mail went out, but the mail server never confirmed it.")
        then = _("Please ask the recipient whether it arrived before you send it again.")
    elif hold.state is HoldState.DELIVERED:
        subject = _("[Not delivered to everybody] {subject}")
        happened = _("This mail was sent, but the mail server refused some of its recipients.")
        then = _("Those who were refused do not get it. The others have it.")
    else:
        subject = _("[Could not be delivered] {subject}")
        happened = _("You released this mail, but the mail server did not take it.")
        then = _(
            "It is not tried again. As long as the original is kept, your IT can return it to you."
        )
    report = Report(reporter=reporter, remote=remote, hold=hold, at=now, header=header)
    refused = any(end.fate is Fate.REFUSED for end in hold.ends)
    replies = [unlinked(line, 400) for line in hold.reply.splitlines()[:LISTED]]
    blocks = [
        *_opening(hold, happened),
        Heading(_("What the mail server said")),
        *(Paragraph(reply) for reply in replies or [_("no reply")]),
        Heading(_("What happens next")),
        Paragraph(then),
        Heading(_("The mail")),
        held_mail(hold, letterhead),
        Paragraph(_("Number {number}").format(number=hold.number)),
    ]
    return letter(
        "failed",
        Addressee.owner(hold, person),
        subject=subject.format(subject=titled(hold)),
        blocks=blocks,
        letterhead=letterhead,
        now=now,
        report=report if refused else None,
    )


def damaged(
    hold: Hold, *, person: Address | None = None, letterhead: Letterhead, now: datetime
) -> bytes:
    """Write that a held mail can neither be sent nor returned: what was kept of it is damaged."""
    _ = speak(hold.language).gettext
    blocks = [
        *_opening(hold, _("This mail was not sent: what was kept of it is damaged.")),
        Paragraph(_("It can't be returned either. Please send it again from your Sent folder.")),
        Paragraph(_("Your IT has to look after the storage of the mail check.")),
        Heading(_("The mail that was not sent")),
        held_mail(hold, letterhead),
        Paragraph(_("Number {number}").format(number=hold.number)),
    ]
    return letter(
        "damaged",
        Addressee.owner(hold, person),
        subject=_("[Not sent] {subject}").format(subject=titled(hold)),
        blocks=blocks,
        letterhead=letterhead,
        now=now,
    )


def told(
    hold: Hold, *, person: Address | None = None, letterhead: Letterhead, now: datetime
) -> bytes:
    """Write that a mail was sent, and what was noticed in it (``then: tell``)."""
    _ = speak(hold.language).gettext
    why = reason(hold, hold.language)
    blocks = [
        *_opening(hold, _("This mail was sent. Please look at it once more.")),
        Heading(_("What was noticed")),
        *(Paragraph(unlinked(sentence, 600)) for sentence in why.sentences),
        Heading(_("The mail that was sent")),
        held_mail(hold, letterhead),
        Heading(_("If it was a mistake")),
        Paragraph(
            _("Tell the recipients and your IT at once; a mail that left can't be recalled.")
        ),
    ]
    return letter(
        "told",
        Addressee.owner(hold, person),
        subject=_("[Sent - please check] {subject}").format(subject=titled(hold)),
        blocks=blocks,
        letterhead=letterhead,
        now=now,
    )


def _opening(hold: Hold, happened: str) -> list[Block]:
    """Address the sender and say the one thing that matters."""
    name = called(hold.owner_name, hold.language)
    if not name:
        return [Paragraph(happened)]
    address = speak(hold.language).gettext("{name},").format(name=unlinked(name))
    return [Paragraph(address), Paragraph(happened)]


def _file_name(hold: Hold) -> str:
    """Name the original after its subject, with nothing that a file system would stumble over."""
    name = _NO_FILE_NAME.sub("_", shown(hold.subject, 80)).strip(" ._")
    return f"{name or hold.number}.eml"
