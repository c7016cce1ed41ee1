"""The client's mail transaction: MAIL, RCPT, DATA or BDAT, and the same at the upstream beside."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog

from guard.config.mail import Limits
from guard.memory import Memory
from guard.model.address import Address
from guard.model.envelope import Envelope, Recipient, Submission, Submitter
from guard.model.errors import StoreFullError
from guard.model.octets import Octets
from guard.model.reply import Reply
from guard.ports import Transaction, Upstream
from guard.steps import reached
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
from guard.submission.entry.connection import ClientConnection, GoneError
from guard.submission.mail.arguments import forward_path, reverse_path
from guard.submission.mail.chunks import IN_CHUNKS, Chunks
from guard.submission.mail.data import Pace, receive
from guard.submission.mail.intake import Intake, Terms

log = structlog.get_logger()

Accept = Callable[[Submission, Transaction, Callable[[], bool]], Awaitable[Reply]]
"""
Takes one submission to its end, closes its octets and says what the client is told.

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
        memory: Memory,
        normalize: bool,
    ) -> None:
        """
        Set it up for a session.

        Args:
            talk: The connection to the client.
            limits: What the client may ask for.
            upstream: Where MAIL and RCPT are proposed.
            accept: Takes submissions, and ends their transactions.
            room: Whether another message could be kept; where it could not, MAIL is put off.
            memory: What the messages of all sessions share.
            normalize: Whether a bare CR or LF in a message is made a CRLF, and not refused.
        """
        self.upstream = upstream
        """The way out; after a login that was passed on, the client's own."""

        self._talk = talk
        self._limits = limits
        self._accept = accept
        self._room = room
        self._terms = Terms(
            limit_bytes=limits.message_bytes,
            spool_bytes=limits.spool_bytes,
            memory=memory,
            normalize=normalize,
        )
        self._chunks = Chunks(talk, self._terms, self._pace)
        self._transaction: Transaction | None = None
        self._sender: Address | None = None
        self._params: tuple[str, ...] = ()
        self._proposed: list[tuple[Recipient, asyncio.Task[Reply]]] = []
        self._taken: list[Recipient] = []

    @property
    def begun(self) -> bool:
        """Whether MAIL was taken, and the transaction not ended since."""
        return self._transaction is not None

    async def mail(self, arg: str, *, tls: bool) -> None:
        """Begin a transaction, here and at the upstream; *tls*: the client's side is encrypted."""
        if self._transaction is not None:
            raise RefusedError(NESTED)
        if not self._room() or not self._terms.memory.has_room:
            raise RefusedError(StoreFullError.reply)
        self._sender, self._params = reverse_path(
            arg, self.upstream.extensions, self._limits.message_bytes, tls=tls
        )
        self._chunks.discard()  # those that came before are no part of its message
        self._transaction = await self.upstream.transaction()
        reply = await self._transaction.mail(self._sender, self._params)
        if not reply.is_positive:
            await self.give_up()
        self._talk.say(passed_on(reply))

    async def rcpt(self, arg: str) -> None:
        """Propose a recipient to the upstream; `settle` waits for the reply."""
        if self._transaction is None:
            raise RefusedError(NO_MAIL)
        if self._chunks.begun:
            raise RefusedError(IN_CHUNKS)
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
        if self._chunks.begun:
            raise RefusedError(IN_CHUNKS)
        if not self._taken:
            raise RefusedError(NO_RECIPIENT)
        if not self._terms.memory.has_room:
            raise RefusedError(StoreFullError.reply)
        self._talk.say(GO_AHEAD)
        intake = Intake(self._terms)
        try:
            with self._talk.amid_octets():
                octets, rest = await receive(
                    self._talk.chunk, intake, self._pace(), self._limits.message_bytes
                )
        finally:
            intake.discard()
        if rest is None and isinstance(octets, Reply):
            self._talk.part(octets)
            raise GoneError
        self._talk.push_back(rest or b"")
        await self._conclude(octets, submitter)

    async def bdat(self, arg: str, submitter: Submitter) -> None:
        """Receive a chunk of a message from *submitter*; after the last, as `data`."""
        refusal = None if self._taken else NO_RECIPIENT
        octets = await self._chunks.take(arg, NO_MAIL if self._transaction is None else refusal)
        if octets is not None:
            await self._conclude(octets, submitter, chunked=True)

    async def settle(self) -> None:
        """Wait for the upstream's replies to the recipients proposed, and hand them on."""
        refused: Counter[int] = Counter()
        for recipient, proposal in self._proposed:
            try:
                reply = await proposal
            except Exception as error:  # noqa: BLE001 -- whatever it is, the client keeps its mail
                reply = fault(error)
            if reply.is_positive:
                self._taken.append(recipient)
            else:
                refused[reply.code] += 1
            self._talk.say(passed_on(reply))
        self._proposed.clear()
        for code, count in refused.items():
            log.info("recipients.refused", code=code, count=count)

    async def give_up(self) -> None:
        """Forget the transaction, here and at the upstream."""
        for _, proposal in self._proposed:
            proposal.cancel()
        self._proposed.clear()
        self._taken.clear()
        self._chunks.discard()
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            await transaction.reset()

    def _pace(self) -> Pace:
        limits = self._limits
        return Pace(self._talk.loop.time, grace_s=limits.data_s, bytes_s=limits.data_bytes_s)

    async def _conclude(
        self, octets: Octets | Reply, submitter: Submitter, *, chunked: bool = False
    ) -> None:
        """Have a message accepted, or give it up, and say how it went."""
        if isinstance(octets, Reply):
            reply = octets
        else:
            reached("accept.after_dot")
            reply = await self._hand_over(octets, submitter, chunked=chunked)
        await self.give_up()
        reached("accept.before_250")
        self._talk.say(passed_on(reply))
        await self._talk.flush()  # the client that goes before it has this sends all again
        reached("accept.after_250")

    async def _hand_over(self, octets: Octets, submitter: Submitter, *, chunked: bool) -> Reply:
        """Have the submission accepted; from here on the transaction is the acceptor's."""
        submission = Submission(
            id=secrets.token_hex(8),
            submitter=submitter,
            envelope=Envelope(
                sender=self._sender, recipients=tuple(self._taken), params=self._params
            ),
            octets=octets,
            chunked=chunked,
            received_at=datetime.now(UTC),
        )
        try:
            if self._transaction is None or self._talk.gone():
                raise GoneError
            await self._talk.flush()
        except BaseException:
            octets.close()
            raise
        transaction, self._transaction = self._transaction, None
        return await self._accept(submission, transaction, self._talk.gone)
