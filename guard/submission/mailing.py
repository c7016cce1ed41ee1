"""The client's mail transaction: MAIL, RCPT, DATA, and the same at the upstream beside it."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog

from guard.config.schema import Limits
from guard.model.address import Address
from guard.model.envelope import Envelope, Recipient, Submission, Submitter
from guard.model.errors import StoreFullError
from guard.model.reply import Reply
from guard.ports import Transaction, Upstream
from guard.submission.answers import (
    GO_AHEAD,
    NESTED,
    NO_ARGUMENT,
    NO_MAIL,
    NO_RECIPIENT,
    TOO_MANY_RECIPIENTS,
    RefusedError,
    fault,
    passed_on,
)
from guard.submission.arguments import forward_path, reverse_path
from guard.submission.connection import ClientConnection, GoneError
from guard.submission.data import receive

log = structlog.get_logger()

Accept = Callable[[Submission, Transaction, Callable[[], bool]], Awaitable[Reply]]
"""
Takes one submission to its end and says what the client is told.

The transaction has MAIL and the envelope's recipients behind it. The last argument tells whether
the client is gone: asked before what cannot be undone.
"""


class Mailing:
    """
    What a client mails in one session, a message after the other.

    MAIL and RCPT are proposed to the upstream while the client gives them, so that it hears the
    upstream's own replies. RCPTs that come in one batch are proposed in one batch. Each method
    says its reply itself, or raises `RefusedError`.
    """

    def __init__(
        self,
        talk: ClientConnection,
        *,
        limits: Limits,
        upstream: Upstream,
        accept: Accept,
        room: Callable[[], bool],
    ) -> None:
        """
        Set it up for a session.

        Args:
            talk: The connection to the client.
            limits: What the client may ask for.
            upstream: Where MAIL and RCPT are proposed.
            accept: Takes submissions, and ends their transactions.
            room: Whether another message could be kept; where it could not, MAIL is put off.
        """
        self.upstream = upstream
        """The way out; after a login that was passed on, the client's own."""

        self._talk = talk
        self._limits = limits
        self._accept = accept
        self._room = room
        self._transaction: Transaction | None = None
        self._sender: Address | None = None
        self._params: tuple[str, ...] = ()
        self._proposed: list[tuple[Recipient, asyncio.Task[Reply]]] = []
        self._taken: list[Recipient] = []

    @property
    def begun(self) -> bool:
        """Whether MAIL was taken, and the transaction not ended since."""
        return self._transaction is not None

    async def mail(self, arg: str) -> None:
        """Begin a transaction, here and at the upstream."""
        if self._transaction is not None:
            raise RefusedError(NESTED)
        if not self._room():
            raise RefusedError(StoreFullError.reply)
        self._sender, self._params = reverse_path(
            arg, self.upstream.extensions, self._limits.message_bytes
        )
        self._transaction = await self.upstream.transaction()
        reply = await self._transaction.mail(self._sender, self._params)
        if not reply.is_positive:
            await self.give_up()
        self._talk.say(passed_on(reply))

    async def rcpt(self, arg: str) -> None:
        """Propose a recipient to the upstream; `settle` waits for the reply."""
        if self._transaction is None:
            raise RefusedError(NO_MAIL)
        address, params = forward_path(arg, self.upstream.extensions, self._params)
        if len(self._taken) + len(self._proposed) >= self._limits.recipients:
            raise RefusedError(TOO_MANY_RECIPIENTS)
        recipient = Recipient(address=address, params=params)
        proposal = asyncio.ensure_future(self._transaction.rcpt(recipient))
        self._proposed.append((recipient, proposal))

    async def data(self, arg: str, submitter: Submitter) -> None:
        """Receive a message from *submitter* and have it taken care of."""
        if arg:
            raise RefusedError(NO_ARGUMENT)
        if self._transaction is None:
            raise RefusedError(NO_MAIL)
        if not self._taken:
            raise RefusedError(NO_RECIPIENT)
        self._talk.say(GO_AHEAD)
        octets, rest = await receive(
            self._talk.chunk,
            self._limits.message_bytes,
            clock=self._talk.loop.time,
            grace_s=self._limits.data_s,
        )
        if rest is not None:
            self._talk.push_back(rest)
        if isinstance(octets, bytes):
            octets = await self._hand_over(octets, self._transaction, submitter)
        await self.give_up()
        if rest is None:
            self._talk.part(octets)
            raise GoneError
        self._talk.say(passed_on(octets))

    async def settle(self) -> None:
        """Wait for the upstream's replies to the recipients proposed, and hand them on."""
        for recipient, proposal in self._proposed:
            try:
                reply = await proposal
            except Exception as error:  # noqa: BLE001 -- whatever it is, the client keeps its mail
                reply = fault(error)
            if reply.is_positive:
                self._taken.append(recipient)
            self._talk.say(passed_on(reply))
        self._proposed.clear()

    async def give_up(self) -> None:
        """Forget the transaction, here and at the upstream."""
        for _, proposal in self._proposed:
            proposal.cancel()
        self._proposed.clear()
        self._taken.clear()
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            await transaction.reset()

    async def _hand_over(
        self, octets: bytes, transaction: Transaction, submitter: Submitter
    ) -> Reply:
        """Have the submission accepted; from here on the transaction is the acceptor's."""
        if self._talk.gone():
            raise GoneError
        submission = Submission(
            id=secrets.token_hex(8),
            submitter=submitter,
            envelope=Envelope(
                sender=self._sender, recipients=tuple(self._taken), params=self._params
            ),
            octets=octets,
            received_at=datetime.now(UTC),
        )
        await self._talk.flush()
        self._transaction = None
        return await self._accept(submission, transaction, self._talk.gone)
