"""What a mail is judged by: its files read, its people known, its rows found; and the time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from guard.contacts.acquaintance import Acquaintance
from guard.detect.recent import Recent
from guard.lists.hits import Ours, RowHit
from guard.model.address import Address
from guard.model.contact import Exchange
from guard.model.extract import Extract, Passage
from guard.model.message import Attachment
from guard.model.pair_answer import PairAnswer


class Clock(Protocol):
    """The time of day; aware, UTC. A fake one stands in for tests."""

    def __call__(self) -> datetime:
        """Now."""


class Readers(Protocol):
    """Opens attachments where a crash hurts nobody."""

    async def read(
        self, attachments: Sequence[Attachment], *, password: str = ""
    ) -> tuple[Extract, ...]:
        """
        Read each file; the answer has one `Extract` an attachment, in their order.

        *password* is tried on what is encrypted, and forgotten.

        Never raises for what stands in a file: time, memory and crashes end as `UNREADABLE`.
        """


class Contacts(Protocol):
    """Who writes to whom."""

    async def acquaintance(self, exchange: Exchange) -> Acquaintance:
        """
        Say what is known about the people of *exchange*, which is not learned by this.

        Also which of its clues mean a company that is known, and where its files went before.
        What was learned less than a second or two ago may not be known yet.

        Raises:
            StoreError: Nobody can say. That is not as if nobody were known: look-alikes would pass.
        """

    async def learn(self, exchange: Exchange) -> None:
        """
        Count one message that was really delivered, and keep where its files went.

        Failing is logged, never raised.
        """

    async def answered(self, answers: Sequence[PairAnswer], *, about: str) -> frozenset[Address]:
        """
        Keep what a sender said about look-alikes; of the hold called *about* each counts once.

        Gives the recipients who were confirmed for the first time: not known by that yet.

        Raises:
            StoreError: Nothing was kept.
        """


class Suspicions(Protocol):
    """How suspicious mail was of late, by which the budget of holds is spent."""

    @property
    def recent(self) -> Recent:
        """The mails of late, of all processes, as of some minute ago: to read it costs nothing."""

    def count(self, log_odds: float, *, at: datetime, held: bool) -> None:
        """
        Count a message that was taken over, and whether it is *held* for a look-alike.

        Known to `recent` some minute later; forgotten if the process dies before.
        """


class Uncounted:
    """`Suspicions` of nobody: the table of the weights speaks alone."""

    recent: Final = Recent()

    def count(self, log_odds: float, *, at: datetime, held: bool) -> None:
        """Forget it."""


class Lists(Protocol):
    """The customer lists."""

    async def has(self, name: str) -> bool:
        """
        Whether a list called *name* was ever imported, even if its index is lost by now.

        Raises:
            StoreError: Nobody can say.
        """

    async def search(
        self,
        names: Sequence[str],
        passages: Sequence[Passage],
        recipients: Sequence[Address],
        *,
        companies: Mapping[str, str] | None = None,
        ours: Ours | None = None,
    ) -> tuple[tuple[RowHit, ...], ...]:
        """
        Find rows of the lists called *names*; one tuple of hits a passage, in their order.

        Each hit says which of *recipients* the row belongs to: by address, by domain, or by the
        company that *companies* know for an `Address.key`. The sender's own row is none, and a few
        of the organisation's own people are a signature.

        Raises:
            SourceError: A list of that name was never imported, or its index is lost or cannot
                be opened.
            SearchLimitError: It takes too long: no answer is to be had for this mail.
        """
