"""Whom the sender of a test knows: the history that the judging of live mail would have."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from guard.contacts.acquaintance import Acquaintance
from guard.contacts.history import History
from guard.model.address import Address, Mailbox
from guard.model.contact import Contact, Exchange
from guard.model.pair_answer import PairAnswer
from guard.policy_tests.letter import THREAD
from guard.policy_tests.schema import Known

SPACING: Final = timedelta(hours=53)
"""Between two mails to one contact; no whole number of days: people have no fixed hour."""

YEAR: Final = timedelta(days=365)
"""In which many mails are fitted."""


class Acquaintances:
    """`ports.Contacts` over what a test gives; nothing is learned."""

    def __init__(
        self,
        known: Sequence[Known],
        *,
        sender: Mailbox,
        now: datetime,
        thread_with: Sequence[Mailbox] = (),
    ) -> None:
        """
        *known* were written to by *sender*, where nobody else is named.

        The day before *now* a mail of the sender's, `THREAD`, went to *thread_with*.
        """
        self._history = History()
        for one in known:
            contact = Contact(address=one.address, name=one.name, company=one.company)
            self._history.add_contact(contact)
        exchanges = _exchanges(known, sender, now)
        if thread_with:
            yesterday = now - timedelta(days=1)
            exchanges.append(
                Exchange(
                    sender=sender,
                    recipients=tuple(thread_with),
                    at=yesterday,
                    message_id=THREAD,
                )
            )
        for exchange in sorted(exchanges, key=lambda each: each.at):
            self._history.learn(exchange)

    async def acquaintance(self, exchange: Exchange) -> Acquaintance:
        """As `ports.Contacts.acquaintance`."""
        return self._history.acquaintance(exchange)

    async def learn(self, exchange: Exchange) -> None:
        """Learn nothing: every test begins with what it is given."""

    async def answered(self, answers: Sequence[PairAnswer], *, about: str) -> frozenset[Address]:
        """Nobody is asked."""
        raise NotImplementedError


def _exchanges(known: Sequence[Known], sender: Mailbox, now: datetime) -> list[Exchange]:
    return [
        Exchange(
            sender=writer,
            recipients=(Mailbox(address=one.address, name=one.name),),
            at=now - one.ago - number * min(SPACING, YEAR / one.written_to),
        )
        for one in known
        if one.written_to
        for writer in ([Mailbox(address=by) for by in one.by] or [sender])
        for number in range(one.written_to)
    ]
