"""One mail for several held mails of one sender, each with its own link."""

from collections.abc import Sequence
from datetime import datetime

from guard.compose.document import Block, Heading, Link, Paragraph, Row, Table
from guard.compose.figures import called, hours_until, moment
from guard.compose.language import speak
from guard.compose.letter import Addressee, about, letter
from guard.compose.letterhead import Letterhead
from guard.compose.notice import titled
from guard.compose.reason import reason
from guard.compose.shown import unlinked
from guard.model.address import Address
from guard.model.hold import Hold


def bundle(
    holds: Sequence[tuple[Hold, str]],
    *,
    person: Address | None = None,
    letterhead: Letterhead,
    now: datetime,
    reminder: bool = False,
) -> bytes:
    """
    Write to *person* one notice about several *holds* of theirs, each with the link to its page.

    In the language of the first; no body, no file content and no value of a customer is in it.
    """
    first = holds[0][0]
    _ = speak(first.language).gettext
    ngettext = speak(first.language).ngettext
    count = len(holds)
    name = called(first.owner_name, first.language)
    if name:
        greeting = ngettext(
            "{name}, {count} mail has not been sent yet.",
            "{name}, {count} mails have not been sent yet.",
            count,
        ).format(name=unlinked(name), count=count)
    else:
        greeting = ngettext(
            "{count} mail has not been sent yet.", "{count} mails have not been sent yet.", count
        ).format(count=count)
    blocks: list[Block] = [
        Paragraph(greeting),
        Paragraph(_("Each has a page of its own; please look at each.")),
    ]
    for hold, link in holds:
        why = reason(hold, first.language)
        until = moment(hold.expires_at, letterhead.zone, first.language)
        blocks += [
            Heading(titled(hold)),
            Paragraph(unlinked(why.sentences[0], 600)),
            Table(
                (
                    Row(_("To"), _recipients(hold, first.language)),
                    Row(_("Answer until"), until),
                    Row(_("Number"), hold.number),
                )
            ),
            Link(link, _("Open the page")),
        ]
    subject = _("[Not sent yet] {count} mails - please check").format(count=count)
    # Each reminder is a mail of its own, and the same one however often its job is tried.
    hours = hours_until(min(hold.expires_at for hold, _link in holds), now)
    return letter(
        f"reminders {hours}" if reminder else "notices",
        Addressee(
            people=(person or first.owners[0],),
            name=first.owner_name,
            language=first.language,
            about=":".join(about(hold, person) for hold, _link in holds),
        ),
        subject=subject,
        blocks=blocks,
        letterhead=letterhead,
        now=now,
    )


def _recipients(hold: Hold, language: str) -> str:
    """Name whom it was doubted for, or the first of all."""
    named = hold.verdict.doubtful or hold.recipients
    text = unlinked(named[0].text)
    if len(named) == 1:
        return text
    more = speak(language).gettext("and {count} more").format(count=len(named) - 1)
    return f"{text} {more}"
