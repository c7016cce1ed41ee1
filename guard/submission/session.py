# ruff: noqa: N802 -- aiosmtpd's names
"""What a client may say, and what it is told (RFC 5321, RFC 6409)."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import structlog

from guard.config.schema import Limits
from guard.model.address import Address
from guard.model.envelope import Envelope, Recipient, Submission, Submitter
from guard.model.errors import StoreFullError
from guard.model.reply import Reply
from guard.ports import Transaction, Upstream
from guard.submission.answers import (
    BYE,
    GO_AHEAD,
    HELP,
    NESTED,
    NO_ARGUMENT,
    NO_HELO,
    NO_MAIL,
    NO_NAME,
    NO_RECIPIENT,
    NO_RELAY,
    OK,
    TOO_MANY_RECIPIENTS,
    UNKNOWN_COMMAND,
    VRFY,
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


class Session(ClientConnection):
    """
    One client's session.

    MAIL and RCPT are proposed to the upstream while the client gives them, so that it hears the
    upstream's own replies. RCPTs that come in one batch are proposed in one batch.
    """

    def __init__(
        self,
        *,
        hostname: str,
        limits: Limits,
        upstream: Upstream,
        accept: Accept,
        room: Callable[[], bool],
        admit: "Callable[[Session], None]",
        leave: "Callable[[Session], None]",
    ) -> None:
        """
        Set the session up; it starts with the connection.

        Args:
            hostname: Our name.
            limits: What the client may ask for.
            upstream: Where MAIL and RCPT are proposed.
            accept: Takes submissions, and ends their transactions.
            room: Whether another message could be kept; where it could not, MAIL is put off.
            admit: Asked first; raises `RefusedError` to turn the client away.
            leave: Told at the end.
        """
        super().__init__(command_s=limits.command_s, data_s=limits.data_s)
        self.hostname = hostname
        self.mail_refusal: Reply | None = NO_RELAY
        """What MAIL is answered; `None` for clients that may relay. The server decides."""

        self._limits = limits
        self._upstream = upstream
        self._accept = accept
        self._room = room
        self._admit = admit
        self._leave = leave
        self._helo = ""
        self._transaction: Transaction | None = None
        self._sender: Address | None = None
        self._params: tuple[str, ...] = ()
        self._proposed: list[tuple[Recipient, asyncio.Task[Reply]]] = []
        self._taken: list[Recipient] = []

    async def _handle_client(self) -> None:
        """Talk until one side hangs up."""
        try:
            self._admit(self)
            self.say(Reply(220, "", f"{self.hostname} ESMTP"))
            while True:
                if not self.has_line():
                    await self._settle()
                await self._obey(await self.line())
        except RefusedError as refused:
            self._part(refused.reply)
        except GoneError:
            if self._transaction is not None:
                log.info("submission.aborted", recipients=len(self._taken))
        except Exception as error:  # noqa: BLE001 -- out of step: part, but in good order
            self._part(replace(fault(error), code=421))
        finally:
            await self._give_up()
            self._leave(self)
            if self.transport is not None:
                self.transport.close()

    async def _obey(self, line: str | Reply) -> None:
        """Carry one command out; a failure of ours answers 451 and leaves the session in step."""
        try:
            if isinstance(line, Reply):
                raise RefusedError(line)
            verb, _, argument = line.partition(" ")
            command = COMMANDS.get(verb.upper())
            if command is not Session.smtp_RCPT:
                await self._settle()
            if command is None:
                raise RefusedError(UNKNOWN_COMMAND)
            await command(self, argument.strip(" "))
        except RefusedError as refused:
            await self._settle()
            self.say(refused.reply)
        except GoneError:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever it is, the client keeps its mail
            await self._settle()
            await self._give_up()
            self.say(fault(error))

    async def smtp_EHLO(self, hostname: str) -> None:
        """Greet, and announce what both we and the upstream can do."""
        await self._greeted_by(hostname)
        if not self._upstream.extensions:
            await self._upstream.probe()
        offered = self._upstream.extensions
        size = offered.get("SIZE", "")
        sizes = (self._limits.message_bytes, int(size) if size.isdecimal() else 0)
        shared = [word for word in ("8BITMIME", "SMTPUTF8", "DSN") if word in offered]
        ours = ["PIPELINING", f"SIZE {min(filter(None, sizes))}", *shared, "ENHANCEDSTATUSCODES"]
        self.say(Reply(250, "", "\n".join((self.hostname, *ours))))

    async def smtp_HELO(self, hostname: str) -> None:
        """Greet."""
        await self._greeted_by(hostname)
        self.say(Reply(250, "", self.hostname))

    async def smtp_MAIL(self, arg: str | None) -> None:
        """Begin a transaction, here and at the upstream."""
        if not self._helo:
            raise RefusedError(NO_HELO)
        if self._transaction is not None:
            raise RefusedError(NESTED)
        if self.mail_refusal is not None:
            raise RefusedError(self.mail_refusal)
        if not self._room():
            raise RefusedError(StoreFullError.reply)
        self._sender, self._params = reverse_path(
            arg or "", self._upstream.extensions, self._limits.message_bytes
        )
        self._transaction = await self._upstream.transaction()
        reply = await self._transaction.mail(self._sender, self._params)
        if not reply.is_positive:
            await self._give_up()
        self.say(passed_on(reply))

    async def smtp_RCPT(self, arg: str | None) -> None:
        """Propose a recipient to the upstream; `_settle` waits for the reply."""
        if self._transaction is None:
            raise RefusedError(NO_MAIL)
        address, params = forward_path(arg or "", self._upstream.extensions, self._params)
        if len(self._taken) + len(self._proposed) >= self._limits.recipients:
            raise RefusedError(TOO_MANY_RECIPIENTS)
        recipient = Recipient(address=address, params=params)
        proposal = asyncio.ensure_future(self._transaction.rcpt(recipient))
        self._proposed.append((recipient, proposal))

    async def smtp_DATA(self, arg: str | None) -> None:
        """Receive a message and have it taken care of."""
        if arg:
            raise RefusedError(NO_ARGUMENT)
        if self._transaction is None:
            raise RefusedError(NO_MAIL)
        if not self._taken:
            raise RefusedError(NO_RECIPIENT)
        self.say(GO_AHEAD)
        octets, rest = await receive(
            self.chunk,
            self._limits.message_bytes,
            clock=self.loop.time,
            grace_s=self._limits.data_s,
        )
        if rest is not None:
            self.push_back(rest)
        if isinstance(octets, bytes):
            octets = await self._hand_over(octets, self._transaction)
        await self._give_up()
        if rest is None:
            self._part(octets)
            raise GoneError
        self.say(passed_on(octets))

    async def smtp_RSET(self, arg: str) -> None:
        """Give the transaction up."""
        if arg:
            raise RefusedError(NO_ARGUMENT)
        await self._give_up()
        self.say(OK)

    async def smtp_NOOP(self, arg: str) -> None:  # noqa: ARG002 -- anything may stand there
        """Do nothing."""
        self.say(OK)

    async def smtp_VRFY(self, arg: str) -> None:  # noqa: ARG002 -- never looked at
        """Tell nothing."""
        self.say(VRFY)

    async def smtp_HELP(self, arg: str) -> None:  # noqa: ARG002 -- never looked at
        """Point to the manual."""
        self.say(HELP)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: ARG002 -- who wants to go may go
        """Part."""
        await self._give_up()
        self._part(BYE)
        raise GoneError

    async def _greeted_by(self, hostname: str) -> None:
        name = "".join(char for char in hostname if "!" <= char <= "~")[:255]
        if not name:
            raise RefusedError(NO_NAME)
        await self._give_up()
        self._helo = name

    async def _settle(self) -> None:
        """Wait for the upstream's replies to the recipients proposed, and hand them on."""
        for recipient, proposal in self._proposed:
            try:
                reply = await proposal
            except Exception as error:  # noqa: BLE001 -- as in `_obey`
                reply = fault(error)
            if reply.is_positive:
                self._taken.append(recipient)
            self.say(passed_on(reply))
        self._proposed.clear()

    async def _hand_over(self, octets: bytes, transaction: Transaction) -> Reply:
        """Have the submission accepted; from here on the transaction is the acceptor's."""
        if self.gone():
            raise GoneError
        submission = Submission(
            id=secrets.token_hex(8),
            submitter=Submitter(peer=self.peer, helo=self._helo),
            envelope=Envelope(
                sender=self._sender, recipients=tuple(self._taken), params=self._params
            ),
            octets=octets,
            received_at=datetime.now(UTC),
        )
        await self.flush()
        self._transaction = None
        return await self._accept(submission, transaction, self.gone)

    async def _give_up(self) -> None:
        """Forget the transaction, here and at the upstream."""
        for _, proposal in self._proposed:
            proposal.cancel()
        self._proposed.clear()
        self._taken.clear()
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            await transaction.reset()


COMMANDS: Final[Mapping[str, Callable[[Session, str], Awaitable[None]]]] = {
    "EHLO": Session.smtp_EHLO,
    "HELO": Session.smtp_HELO,
    "MAIL": Session.smtp_MAIL,
    "RCPT": Session.smtp_RCPT,
    "DATA": Session.smtp_DATA,
    "RSET": Session.smtp_RSET,
    "NOOP": Session.smtp_NOOP,
    "VRFY": Session.smtp_VRFY,
    "HELP": Session.smtp_HELP,
    "QUIT": Session.smtp_QUIT,
}
