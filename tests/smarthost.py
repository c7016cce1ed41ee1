"""
A mail server for tests: it records what it is given, and misbehaves as it is told.

    async with Smarthost() as smarthost:
        smarthost.on("RCPT", "550 5.1.1 No such user", match="nobody@")
        ...                                    # send mail to smarthost.address
        (mail,) = await smarthost.wait_for(1)

It is strict: a bare CR or LF anywhere is noted in `violations`, which a test asserts to be empty.
It is also as lenient as the worst: so is what any server could take for the end of a message.
"""

import asyncio
import re
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Self

EXTENSIONS = ("PIPELINING", "SIZE 50000000", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES")
CHUNKING = (*EXTENSIONS, "CHUNKING")

LENIENT_END = re.compile(rb"[\r\n\0]\.\0*[\r\n]")


class Mail(NamedTuple):
    """One message as it was taken."""

    mail_from: str
    """Without brackets; empty for the null sender."""

    mail_params: tuple[str, ...]
    rcpts: tuple[str, ...]
    octets: bytes
    """Exactly as received, dot-stuffing undone; whether by DATA or BDAT, `commands` tell."""


class Fault(Enum):
    """What may happen in place of a reply."""

    HANG = "say nothing more, but stay"
    CLOSE = "hang up"
    RESET = "hang up with a TCP reset"
    TAKE_AND_CLOSE = "at DOT: keep the message, hang up without a reply"
    TAKE_AND_HANG = "at DOT: keep the message, say nothing more"


HANG, CLOSE, RESET = Fault.HANG, Fault.CLOSE, Fault.RESET
TAKE_AND_CLOSE, TAKE_AND_HANG = Fault.TAKE_AND_CLOSE, Fault.TAKE_AND_HANG


@dataclass
class _Rule:
    command: str
    action: "str | bytes | Fault"
    match: str
    times: int | None


@dataclass
class _Session:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    mail: tuple[str, tuple[str, ...]] | None = None
    rcpts: list[str] = field(default_factory=list)
    chunks: bytearray = field(default_factory=bytearray)


class Smarthost:
    """
    See the module.

    Rules can be made for `CONNECT`, every verb, `BODY` (after a message's first line) and `DOT`
    (after its final dot, or its last chunk).
    """

    def __init__(
        self,
        *,
        extensions: Iterable[str] = EXTENSIONS,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        port: int = 0,
    ) -> None:
        self.extensions = tuple(extensions)
        self.messages: list[Mail] = []
        self.commands: list[str] = []
        """Every command line of every connection, as it came."""

        self.violations: list[str] = []
        self.connections = 0
        """How many were ever made."""

        self.address = ""
        self._port = port
        self._tls = tls
        self._implicit_tls = implicit_tls
        self._rules: list[_Rule] = []
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; again on the same port after `stop`."""
        self._server = await asyncio.start_server(
            self._serve,
            "127.0.0.1",
            self._port,
            limit=1 << 24,
            ssl=self._tls if self._implicit_tls else None,
        )
        self._port = self._server.sockets[0].getsockname()[1]
        self.address = f"127.0.0.1:{self._port}"

    async def stop(self) -> None:
        """Stop listening and hang up on everybody."""
        assert self._server is not None
        self._server.close()
        self.hang_up()
        await asyncio.gather(*self._tasks)
        await self._server.wait_closed()

    def hang_up(self) -> None:
        """Close all connections without a word, as a server does that tires of silence."""
        for writer in self._writers:
            writer.transport.abort()

    def on(
        self,
        command: str,
        action: str | bytes | Fault,
        *,
        match: str = "",
        times: int | None = None,
    ) -> None:
        """
        Answer *command* with *action*, if its line contains *match*; the latest rule goes first.

        Text is a reply line; bytes go out as they are; a `Fault` is none.
        *times*: how often, before the rule is spent.
        """
        self._rules.insert(0, _Rule(command, action, match, times))

    async def wait_for(self, count: int, timeout: float = 10) -> list[Mail]:  # noqa: ASYNC109
        """Wait until *count* messages were taken, and give them all."""
        await self.wait_until(lambda: len(self.messages) >= count, timeout)
        return self.messages

    async def wait_until(self, condition, timeout: float = 10) -> None:  # noqa: ASYNC109
        """Wait until *condition*, asked after every command, message and closing, is true."""
        async with asyncio.timeout(timeout), self._changed:
            await self._changed.wait_for(condition)

    @property
    def open_connections(self) -> int:
        """How many there are now."""
        return len(self._tasks)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        self.connections += 1
        try:
            await self._talk(_Session(reader, writer))
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)
            self._writers.discard(writer)
            await self._notify()

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _talk(self, session: _Session) -> None:
        await self._reply(session, "CONNECT", "", "220 smarthost.test ESMTP")
        while True:
            line = await session.reader.readuntil(b"\n")
            if not re.fullmatch(rb"[^\r\n\0]*\r\n", line):
                self.violations.append("command line with bare CR, bare LF or NUL")
            text = line.decode().rstrip("\r\n")
            self.commands.append(text)
            verb = text[:4].upper() if text.upper()[:8] != "STARTTLS" else "STARTTLS"
            if not await self._command(session, verb, text):
                return
            await self._notify()

    async def _command(self, session: _Session, verb: str, text: str) -> bool:
        """Answer one command; false when it was the last."""
        handler = getattr(self, f"_do_{verb.lower()}", None)
        if handler is not None:
            await handler(session, text)
        elif verb == "AUTH":
            await self._reply(session, verb, text, "235 2.7.0 Welcome")
        elif verb == "NOOP":
            await self._reply(session, verb, text, "250 2.0.0 Ok")
        elif verb == "QUIT":
            await self._reply(session, verb, text, "221 2.0.0 Bye")
        else:
            await self._reply(session, verb, text, "500 5.5.2 What?")
        return verb != "QUIT"

    async def _do_ehlo(self, session: _Session, text: str) -> None:
        session.mail, session.rcpts = None, []
        encrypted = session.writer.get_extra_info("ssl_object") is not None
        starttls = ("STARTTLS",) if self._tls and not encrypted else ()
        *more, last = ("smarthost.test", *self.extensions, *starttls)
        lines = [*(f"250-{line}" for line in more), f"250 {last}"]
        await self._reply(session, "EHLO", text, "\r\n".join(lines))

    async def _do_mail(self, session: _Session, text: str) -> None:
        path, *params = text[10:].split(" ")
        if session.mail is not None:
            await self._reply(session, "MAIL", text, "503 5.5.1 Nested MAIL")
        elif await self._reply(session, "MAIL", text, "250 2.1.0 Sender ok"):
            session.mail, session.rcpts = (path[1:-1], tuple(params)), []

    async def _do_rcpt(self, session: _Session, text: str) -> None:
        if session.mail is None:
            await self._reply(session, "RCPT", text, "503 5.5.1 MAIL first")
        elif await self._reply(session, "RCPT", text, "250 2.1.5 Recipient ok"):
            path, *_ = text[8:].split(" ")
            session.rcpts.append(path[1:-1])

    async def _do_data(self, session: _Session, text: str) -> None:
        if not session.rcpts:
            await self._reply(session, "DATA", text, "503 5.5.1 RCPT first")
        elif await self._reply(session, "DATA", text, "354 Go ahead"):
            await self._message(session)

    async def _do_bdat(self, session: _Session, text: str) -> None:
        _, size, *last = text.split(" ")
        if int(size) > 1 and self._rule("BODY", "") is not None:
            session.chunks += await session.reader.readexactly(1)
            await self._reply(session, "BODY", "", "")
            size = str(int(size) - 1)
        session.chunks += await session.reader.readexactly(int(size))
        if not session.rcpts:
            await self._reply(session, "BDAT", text, "503 5.5.1 RCPT first")
        elif last:
            octets = bytes(session.chunks)
            session.chunks.clear()
            await self._taken(session, octets)
        else:
            await self._reply(session, "BDAT", text, "250 2.0.0 Go on")

    async def _do_rset(self, session: _Session, text: str) -> None:
        session.mail, session.rcpts = None, []
        session.chunks.clear()
        await self._reply(session, "RSET", text, "250 2.0.0 Reset")

    async def _do_starttls(self, session: _Session, text: str) -> None:
        assert self._tls is not None
        if await self._reply(session, "STARTTLS", text, "220 2.0.0 Ready"):
            clear = session.writer.transport
            try:
                await session.writer.start_tls(self._tls)
            except AttributeError:  # asyncio's way to say that the client left
                session.writer._transport = clear
                raise ConnectionResetError from None

    async def _message(self, session: _Session) -> None:
        wire = bytearray(b"\r\n" + await session.reader.readuntil(b"\n"))
        if self._rule("BODY", "") is not None:
            await self._reply(session, "BODY", "", "")
        while not wire.endswith(b"\r\n.\r\n"):
            wire += await session.reader.readuntil(b"\n")
        if LENIENT_END.search(wire[:-2]):
            self.violations.append("message with an end for a lenient server")
        await self._taken(session, bytes(wire[2:-3]), stuffed=True)

    async def _taken(self, session: _Session, octets: bytes, *, stuffed: bool = False) -> None:
        """Take a message whose end has come."""
        if re.search(rb"\r(?!\n)|(?<!\r)\n", octets) or not (b"\r\n" + octets).endswith(b"\r\n"):
            self.violations.append("message with bare CR or bare LF, or an open last line")
        if stuffed:
            octets = (b"\r\n" + octets).replace(b"\r\n.", b"\r\n")[2:]
        assert session.mail is not None
        mail = Mail(*session.mail, tuple(session.rcpts), octets)
        session.mail, session.rcpts = None, []
        line = " ".join(mail.rcpts)
        rule = self._rule("DOT", line)
        if rule is None or rule.action in {TAKE_AND_CLOSE, TAKE_AND_HANG} or _is_positive(rule):
            self.messages.append(mail)
            await self._notify()
        # By the rule that decided whether it was taken, whatever was told meanwhile.
        await self._say(session, rule, f"250 2.0.0 Taken as {len(self.messages)}")

    async def _reply(self, session: _Session, command: str, line: str, usual: str) -> bool:
        """Say what the rules say, else *usual*; true if that is positive."""
        return await self._say(session, self._rule(command, line), usual)

    async def _say(self, session: _Session, rule: _Rule | None, usual: str) -> bool:
        """Say what *rule* says, else *usual*; true if that is positive."""
        action = usual if rule is None else rule.action
        if rule is not None and rule.times is not None:
            rule.times -= 1
        match action:
            case Fault.HANG | Fault.TAKE_AND_HANG:
                await self._notify()
                await session.reader.read()  # until the other side has had enough
                raise ConnectionResetError
            case Fault.CLOSE | Fault.TAKE_AND_CLOSE:
                raise ConnectionResetError
            case Fault.RESET:
                session.writer.transport.abort()
                raise ConnectionResetError
            case bytes():
                session.writer.write(action)
            case str():
                session.writer.write(action.encode() + b"\r\n")
        await session.writer.drain()
        if isinstance(action, str) and action.startswith("421"):
            raise ConnectionResetError
        return isinstance(action, str) and action[0] in "23"

    def _rule(self, command: str, line: str) -> _Rule | None:
        for rule in self._rules:
            if rule.command == command and rule.match in line and rule.times != 0:
                return rule
        return None


def _is_positive(rule: _Rule) -> bool:
    return isinstance(rule.action, str) and rule.action.startswith("2")
