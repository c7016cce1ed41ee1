"""The way out: transactions with the real mail server."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from guard.model.address import Address
from guard.model.envelope import Recipient
from guard.model.hold import Fate
from guard.model.octets import Octets
from guard.model.reply import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one transaction with the upstream ended."""

    reply: Reply
    """The final reply, or the one that ended it; our own 451 where none came."""

    recipients: tuple[tuple[Address, Fate, Reply], ...]

    @property
    def fates(self) -> set[Fate]:
        """Every fate that occurred."""
        return {fate for _, fate, _ in self.recipients}


GoOn = Callable[[], Awaitable[bool]]
"""Asked right before what cannot be undone: whether to do it."""


class Transaction(Protocol):
    """
    One mail transaction at the upstream (RFC 5321 §3.3), beside the client's own.

    Every reply is the upstream's own. Trouble on the way is no exception but a 451 reply, after
    which the transaction is over.
    """

    async def mail(self, sender: Address | None, params: Sequence[str]) -> Reply:
        """Propose the reverse-path."""

    async def rcpt(self, recipient: Recipient) -> Reply:
        """Propose one forward-path."""

    async def data(
        self, *parts: bytes | Octets, chunking: bool = False, go_on: GoOn | None = None
    ) -> Outcome:
        """
        Send the message: the octets of *parts* as they are, one behind the other, and its end.

        By DATA; with *chunking*, by BDAT where the upstream knows it (RFC 3030). Right before the
        end *go_on* is asked: if it says no, the connection is dropped and nobody has the message.

        Raises:
            ValueError: The octets are not CRLF lines; the upstream has no whole message.
            OSError: They can no longer be read; as above.
            StoreError: Raised by *go_on*; as above.
        """

    async def reset(self) -> None:
        """Give the transaction up (RSET) and the connection back. Never raises."""


class Upstream(Protocol):
    """The real mail server."""

    @property
    def extensions(self) -> Mapping[str, str]:
        """EHLO keyword in upper case → its parameters; empty while it was never reached."""

    async def probe(self) -> None:
        """Try to learn `extensions`; never fails, and gives up soon."""

    async def transaction(self) -> Transaction:
        """
        Open a transaction, on a kept connection or a new one.

        Raises:
            UpstreamError: It cannot be reached.
        """
