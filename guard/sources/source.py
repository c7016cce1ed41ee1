"""What every source promises."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from guard.config import sources as settings
from guard.contacts.sources.changes import Change


class Source(Protocol):
    """A place that contacts or sent mail come from. Its methods block."""

    def changes(self, since: str, *, now: datetime) -> Iterator[Change] | None:
        """
        Give what there is, or `None` where nothing changed after the mark *since* was made.

        Contacts come all of them: who does not come is there no more. Of mail there may come only
        what is new; dates after *now* count as *now*. Where all went well the last is a `Mark`.

        Raises:
            SourceAwayError: The source does not answer now. Iterating may raise it, too.
            SourceError: It is not what the settings say, or refuses us. So may iterating.
        """


def source_of(its: settings.Source) -> Source:
    """Give the source that *its* settings name; it is not asked yet."""
    match its:
        case settings.FileSource():
            from guard.sources.files import ContactFile

            return ContactFile(its)
        case settings.MailSource():
            from guard.sources.files import SentMail

            return SentMail(its)
        case settings.LdapSource():
            from guard.sources.directory import Directory

            return Directory(its)
        case settings.ImapSource():
            from guard.sources.mailbox import SentFolder

            return SentFolder(its)
