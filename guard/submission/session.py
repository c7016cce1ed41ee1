# ruff: noqa: N802 -- aiosmtpd's names
"""What a client may say, and what it is told (RFC 5321, RFC 6409)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

import structlog

from guard.config.schema import Limits
from guard.model.envelope import Submitter
from guard.model.reply import Reply
from guard.ports import Upstream
from guard.submission.answers import (
    BYE,
    HELP,
    NO_ARGUMENT,
    NO_HELO,
    NO_NAME,
    NO_RELAY,
    OK,
    UNKNOWN_COMMAND,
    VRFY,
    RefusedError,
    fault,
)
from guard.submission.connection import ClientConnection, GoneError
from guard.submission.mailing import Accept, Mailing

log = structlog.get_logger()


class Session(ClientConnection):
    """One client's session, from the greeting to the last word."""

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
        self._mailing = Mailing(self, limits=limits, upstream=upstream, accept=accept, room=room)
        self._admit = admit
        self._leave = leave
        self._helo = ""

    async def _handle_client(self) -> None:
        """Talk until one side hangs up."""
        try:
            self._admit(self)
            self.say(Reply(220, "", f"{self.hostname} ESMTP"))
            while True:
                if not self.has_line():
                    await self._mailing.settle()
                await self._obey(await self.line())
        except RefusedError as refused:
            self.part(refused.reply)
        except GoneError:
            if self._mailing.begun:
                log.info("submission.aborted")
        except Exception as error:  # noqa: BLE001 -- out of step: part, but in good order
            self.part(replace(fault(error), code=421))
        finally:
            await self._mailing.give_up()
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
                await self._mailing.settle()
            if command is None:
                raise RefusedError(UNKNOWN_COMMAND)
            await command(self, argument.strip(" "))
        except RefusedError as refused:
            await self._mailing.settle()
            self.say(refused.reply)
        except GoneError:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever it is, the client keeps its mail
            await self._mailing.settle()
            await self._mailing.give_up()
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

    async def smtp_MAIL(self, arg: str) -> None:
        """Begin a transaction."""
        if not self._helo:
            raise RefusedError(NO_HELO)
        if self.mail_refusal is not None and not self._mailing.begun:
            raise RefusedError(self.mail_refusal)
        await self._mailing.mail(arg)

    async def smtp_RCPT(self, arg: str) -> None:
        """Name a recipient."""
        await self._mailing.rcpt(arg)

    async def smtp_DATA(self, arg: str) -> None:
        """Take a message in."""
        await self._mailing.data(arg, Submitter(peer=self.peer, helo=self._helo))

    async def smtp_RSET(self, arg: str) -> None:
        """Give the transaction up."""
        if arg:
            raise RefusedError(NO_ARGUMENT)
        await self._mailing.give_up()
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
        await self._mailing.give_up()
        self.part(BYE)
        raise GoneError

    async def _greeted_by(self, hostname: str) -> None:
        name = "".join(char for char in hostname if "!" <= char <= "~")[:255]
        if not name:
            raise RefusedError(NO_NAME)
        await self._mailing.give_up()
        self._helo = name


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
