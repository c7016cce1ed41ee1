"""The mail that asks: this one has not been sent, here is why, say on the page what to do."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from guard.compose.document import Block, Heading, Link, Paragraph, Row, Table
from guard.compose.figures import called, hours_until, moment, size
from guard.compose.language import speak
from guard.compose.letter import Addressee, letter
from guard.compose.letterhead import Letterhead
from guard.compose.reason import Comparison, Reason, reason
from guard.compose.recipients import Part, parted
from guard.compose.shown import unlinked
from guard.model.address import Address
from guard.model.hold import Hold

LISTED: Final = 20
"""Recipients and files that a mail names; the page has them all."""


def notice(
    hold: Hold,
    *,
    person: Address | None = None,
    link: str,
    letterhead: Letterhead,
    now: datetime,
    reminder: bool = False,
) -> bytes:
    """
    Write to *person*, an owner, in the language of *hold*; a *reminder* says the time left.

    *link* is the first URL in it, whole, on a line of its own. No body, no file content and no
    value of a customer is in it.
    """
    _ = speak(hold.language).gettext
    why = reason(hold, hold.language)
    name = called(hold.owner_name, hold.language)
    greeting = (
        _("{name}, this mail has not been sent yet.").format(name=unlinked(name))
        if name
        else _("This mail has not been sent yet.")
    )
    otherwise = (
        _("If you do nothing, sending is cancelled on {time}, and the original is returned to you.")
        if hold.give_back
        else _("If you do nothing, sending is cancelled on {time}.")
    )
    blocks: list[Block] = [
        Paragraph(greeting),
        Heading(_("Why it was stopped")),
        *_why(why, hold.language),
        Heading(_("The mail being held")),
        held_mail(hold, letterhead),
        Heading(_("What to do")),
        Paragraph(_("Choose “Send as it is” or “Do not send” on this page:")),
        Link(link, _("Open the page")),
        *_any_of_you(hold),
        Paragraph(otherwise.format(time=moment(hold.expires_at, letterhead.zone, hold.language))),
        Paragraph(_("Number {number}").format(number=hold.number)),
    ]
    hours = hours_until(hold.expires_at, now)
    if reminder:
        subject = speak(hold.language).ngettext(
            "[Not sent yet - {hours} hour left] {subject}",
            "[Not sent yet - {hours} hours left] {subject}",
            hours,
        )
    elif why.comparisons:
        subject = _("[Not sent yet] {subject} - please check the recipient")
    else:
        subject = _("[Not sent yet] {subject} - please check")
    return letter(
        # Each reminder is a mail of its own, and the same one however often its job is tried.
        f"reminder {hours}" if reminder else "notice",
        Addressee.owner(hold, person),
        subject=subject.format(subject=titled(hold), hours=hours),
        blocks=blocks,
        letterhead=letterhead,
        now=now,
    )


def _any_of_you(hold: Hold) -> Iterator[Paragraph]:
    """Say in a notice to members of a shared mailbox that others have it, too."""
    if len(hold.members) > 1:
        _ = speak(hold.language).gettext
        yield Paragraph(
            _(
                "It was sent as {address}. Each of its members is asked, "
                "and the first answer counts."
            ).format(address=unlinked(hold.owner.text))
        )


def titled(hold: Hold) -> str:
    """Give the held mail's subject, fit to stand in ours."""
    return unlinked(hold.subject, 120) or speak(hold.language).gettext("(no subject)")


def held_mail(hold: Hold, letterhead: Letterhead) -> Table:
    """Say which mail is meant: subject, time, recipients and files, at most twenty of each."""
    _ = speak(hold.language).gettext
    rows = [
        Row(_("Subject"), titled(hold)),
        Row(_("Handed in"), moment(hold.held_at, letterhead.zone, hold.language, year=True)),
    ]
    ours = _("our company")
    labels = {
        Part.TO: _("To"),
        Part.CC: _("Cc"),
        Part.BCC: _("Bcc"),
        Part.SENT: _("Sent already"),
    }
    before = None
    listed = [each for each in parted(hold) if each.part is not Part.NONE]
    for each in listed[:LISTED]:
        rows.append(
            Row(
                "" if each.part is before else labels[each.part],
                unlinked(each.text),
                ours if each.domain in letterhead.our_domains else "",
            )
        )
        before = each.part
    if len(listed) > LISTED:
        rows.append(Row("", _("and {count} more").format(count=len(listed) - LISTED)))
    for place, (name, octets) in enumerate(hold.attachments[:LISTED]):
        rows.append(Row("" if place else _("Attachment"), unlinked(name, 120), size(octets)))
    if len(hold.attachments) > LISTED:
        rows.append(Row("", _("and {count} more").format(count=len(hold.attachments) - LISTED)))
    return Table(tuple(rows))


def _why(why: Reason, language: str) -> Iterator[Block]:
    """Give the sentences, then the evidence; masked samples stay on the page."""
    _ = speak(language).gettext
    for sentence in why.sentences:
        yield Paragraph(unlinked(sentence, 600))
    for comparison in why.comparisons[:LISTED]:
        yield _side_by_side(comparison, language)
    for rows in why.rows[:LISTED]:
        where = unlinked(rows.file) or _("The text of the mail")
        places = [Row("", unlinked(place)) for place in rows.places[:LISTED]]
        count = speak(language).ngettext("{count} customer", "{count} customers", rows.count)
        yield Table((Row(where, count.format(count=rows.count)), *places))
    for content in why.content[:LISTED]:
        where = unlinked(content.file) or _("The text of the mail")
        places = [Row("", unlinked(place)) for place in content.places[:LISTED]]
        yield Table((Row(where, unlinked(content.said)), *places))
    for file in why.files[:LISTED]:
        said = [Row("", sentence) for sentence in file.said]
        yield Table((Row(unlinked(file.file), unlinked(file.company)), *said))


def _side_by_side(comparison: Comparison, language: str) -> Table:
    _ = speak(language).gettext
    return Table(
        (
            Row(_("this mail"), comparison.difference.this, comparison.recipient_note),
            Row(_("usually"), comparison.difference.usual, unlinked(comparison.intended_note)),
            Row(_("difference"), comparison.said),
        )
    )
