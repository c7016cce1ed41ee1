# ruff: noqa: N802 -- aiosmtpd's names
"""What a client may say, and what it is told (RFC 5321, RFC 6409)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

import structlog

from guard.model.errors import UpstreamError
from guard.model.reply import Reply
from guard.submission import answers
from guard.submission.announce import announced
from guard.submission.answers import RefusedError, fault
from guard.submission.entry.connection import ClientConnection, GoneError
from guard.submission.entry.listener import Listener
from guard.submission.entry.xclient import XCLIENT, XclientError, introduction
from guard.submission.house import House
from guard.submission.standing import Standing

log = structlog.get_logger()


class Session(ClientConnection):
    """One client's session, from the greeting to the last word."""

    def __init__(
        self,
        house: House,
        listener: Listener,
        *,
        peer: str,
        admit: "Callable[[Session], Reply | None]",
    ) -> None:
        """
        Set the session up; it starts with the connection.

        Args:
            house: What it shares with others.
            listener: By which the client came.
            peer: Address of the client.
            admit: Asked first, and whenever a proxy names another client; may turn it away.
        """
        limits = house.limits
        super().__init__(peer=peer, command_s=limits.command_s, data_s=limits.data_s)
        self.listener = listener
        self._house = house
        self._admit = admit
        self._mailing = house.mailing(self, listener.listen)
        self._authentication = house.authentication(self, listener.listen)
        self._standing = Standing(listener, login_domain=house.login_domain)
        # Decided once: with the PROXY protocol it is the client that speaks, not the proxy.
        self._may_introduce = peer in listener.proxies
        self._commands = 0
        """How many came since the last message."""

    async def _handle_client(self) -> None:
        """Talk until one side hangs up."""
        try:
            self._begin()
            while True:
                if not self.has_line():
                    await self._settle()
                line = await self.line()
                self._commands += 1
                if self._commands > self._house.limits.commands:
                    raise RefusedError(answers.TOO_MANY_COMMANDS)
                await self._obey(line)
        except RefusedError as refused:
            await self._mailing.settle()
            self.part(refused.reply)
        except GoneError:
            if self._mailing.begun:
                log.info("submission.aborted")
        except Exception as error:  # noqa: BLE001 -- out of step: part, but in good order
            self.part(replace(fault(error), code=421))
        finally:
            self.hang_up()
            await self._mailing.give_up()
            await self._forget()

    async def _obey(self, line: str | Reply) -> None:
        """Carry one command out; a failure of ours answers 451 and leaves the session in step."""
        try:
            if isinstance(line, Reply):
                raise RefusedError(line)
            verb, _, argument = line.partition(" ")
            command = COMMANDS.get(verb.upper())
            if command is not Session.smtp_RCPT:
                await self._settle()
            if command is not None:
                await command(self, argument.strip(" "))
            else:
                self.say(SMALL_TALK.get(verb.upper(), answers.UNKNOWN_COMMAND))
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
        await self._greeted_by(hostname, is_extended=True)
        upstream = self._mailing.upstream
        if not upstream.extensions:
            await upstream.probe()
        mechanisms: tuple[str, ...] = ()
        if self._authentication is not None and self._standing.login is None:
            mechanisms = self._authentication.offered(certificate=self.certificate)
        lines = announced(
            upstream.extensions,
            self._house.limits,
            tls=self.tls,
            starttls=self.listener.listen.tls == "starttls",
            mechanisms=mechanisms,
        )
        proxy = (XCLIENT,) if self._may_introduce else ()
        self.say(Reply(250, "", "\n".join((self._house.name, *lines, *proxy))))

    async def smtp_HELO(self, hostname: str) -> None:
        """Greet."""
        await self._greeted_by(hostname, is_extended=False)
        self.say(Reply(250, "", self._house.name))

    async def smtp_STARTTLS(self, arg: str) -> None:
        """Encrypt, and begin anew: nothing that was said in clear counts (RFC 3207 §4.2)."""
        if self.tls:
            raise RefusedError(answers.TLS_ALREADY)
        if self.listener.certificates is None:
            raise RefusedError(answers.NOT_OFFERED)
        if arg:
            raise RefusedError(answers.NO_ARGUMENT)
        self._outside_of_transactions()
        await self.start_tls(self.listener.certificates.context, answers.READY_FOR_TLS)
        await self._forget()

    async def smtp_AUTH(self, arg: str) -> None:
        """Log in (RFC 4954)."""
        if self._authentication is None:
            raise RefusedError(answers.NOT_OFFERED)
        if not self.tls:
            raise RefusedError(answers.TLS_FIRST)
        if not self._standing.is_extended:
            raise RefusedError(answers.NO_HELO)
        self._outside_of_transactions()
        if self._standing.login is not None:
            raise RefusedError(answers.LOGGED_IN_ALREADY)
        if not arg:
            raise RefusedError(answers.SYNTAX)
        login = await self._authentication.auth(arg, certificate=self.certificate)
        self._standing.proved = login
        if login is not None and login.upstream is not None:
            self._mailing.upstream = login.upstream

    async def smtp_XCLIENT(self, arg: str) -> None:
        """Begin anew with the client that a proxy speaks for (Postfix's XCLIENT_README)."""
        if not self._may_introduce:
            proxied = bool(self.listener.listen.proxies)
            raise RefusedError(answers.NO_XCLIENT if proxied else answers.UNKNOWN_COMMAND)
        self._outside_of_transactions()
        try:
            said = introduction(arg)
        except XclientError:
            raise RefusedError(answers.SYNTAX) from None
        await self._forget()
        self._standing.introduce(said)
        if said.address is not None:
            self.peer = said.address
        try:
            self._begin()
        except RefusedError as refused:
            self.part(refused.reply)
            raise GoneError from None

    async def smtp_MAIL(self, arg: str) -> None:
        """Begin a transaction."""
        if not self._standing.helo:
            raise RefusedError(answers.NO_HELO)
        refusal = self._standing.mail_refusal(self.peer, tls=self.tls)
        if refusal is not None:
            raise RefusedError(refusal)
        try:
            await self._mailing.mail(arg, tls=self.tls)
        except UpstreamError:
            self._part_if_lost()
            raise
        if not self._mailing.begun:
            self._part_if_lost()

    async def smtp_RCPT(self, arg: str) -> None:
        """Name a recipient."""
        await self._mailing.rcpt(arg)

    async def smtp_DATA(self, arg: str) -> None:
        """Take a message in."""
        await self._mailing.data(arg, self._standing.submitter(self.peer, tls=self.tls))
        self._commands = 0

    async def smtp_BDAT(self, arg: str) -> None:
        """Take a piece of a message in (RFC 3030)."""
        await self._mailing.bdat(arg, self._standing.submitter(self.peer, tls=self.tls))
        if not self._mailing.begun:
            self._commands = 0

    async def smtp_RSET(self, arg: str) -> None:
        """Give the transaction up."""
        if arg:
            raise RefusedError(answers.NO_ARGUMENT)
        await self._mailing.give_up()
        self.say(answers.OK)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: ARG002 -- who wants to go may go
        """Part."""
        await self._mailing.give_up()
        self.part(answers.BYE)
        raise GoneError

    def _begin(self) -> None:
        """Greet the client, or turn it away."""
        refusal = self._admit(self)
        if refusal is not None:
            raise RefusedError(refusal)
        self.say(Reply(220, "", f"{self._house.name} ESMTP"))

    async def _greeted_by(self, hostname: str, *, is_extended: bool) -> None:
        name = "".join(char for char in hostname if "!" <= char <= "~")[:255]
        if not name:
            raise RefusedError(answers.NO_NAME)
        await self._mailing.give_up()
        self._standing.helo, self._standing.is_extended = name, is_extended

    def _outside_of_transactions(self) -> None:
        if self._mailing.begun:
            raise RefusedError(answers.NESTED)

    async def _settle(self) -> None:
        """Hand the upstream's replies to recipients on; part when it is lost with the login."""
        await self._mailing.settle()
        if self._mailing.begun:
            self._part_if_lost()

    def _part_if_lost(self) -> None:
        """Part if the client's own way out is lost: without its secret there is no other."""
        login = self._standing.proved
        if login is not None and login.upstream is not None and login.upstream.lost:
            self.part(answers.LOGIN_LOST)
            raise GoneError

    async def _forget(self) -> None:
        """Be as after the greeting: whoever speaks from here on has said nothing yet."""
        login = self._standing.proved
        self._standing.forget()
        self._mailing.upstream = self._house.upstream
        if login is not None and login.upstream is not None:
            await login.upstream.close()


COMMANDS: Final[Mapping[str, Callable[[Session, str], Awaitable[None]]]] = {
    "EHLO": Session.smtp_EHLO,
    "HELO": Session.smtp_HELO,
    "STARTTLS": Session.smtp_STARTTLS,
    "AUTH": Session.smtp_AUTH,
    "XCLIENT": Session.smtp_XCLIENT,
    "MAIL": Session.smtp_MAIL,
    "RCPT": Session.smtp_RCPT,
    "DATA": Session.smtp_DATA,
    "BDAT": Session.smtp_BDAT,
    "RSET": Session.smtp_RSET,
    "QUIT": Session.smtp_QUIT,
}

SMALL_TALK: Final[Mapping[str, Reply]] = {
    "NOOP": answers.OK,
    "VRFY": answers.VRFY,
    "HELP": answers.HELP,
}
"""Commands that do nothing, whatever stands behind them."""
