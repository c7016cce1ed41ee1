"""The real way in and the real way out, with the shortest possible judgement between them."""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Self

from guard.config import Listen, Route, Settings
from guard.config.mail import Limits
from guard.model.address import Address
from guard.model.envelope import Submission
from guard.model.errors import LoginRefusedError
from guard.model.reply import Reply
from guard.ports import Authenticator, Credentials, Login, OwnUpstream, Transaction
from guard.submission import Accept, SubmissionServer
from guard.upstream import Budgets, UpstreamPool

QUICK = Budgets(connect_s=2, command_s=0.4, dot_s=0.6)
"""Budgets for tests that wait for them to run out."""


async def deliver(
    submission: Submission, transaction: Transaction, gone: Callable[[], bool]
) -> Reply:
    """Pass everything on as it is."""
    try:
        outcome = await transaction.data(submission.octets, chunking=submission.chunked)
    finally:
        submission.octets.close()
    return outcome.reply


PASSWORD = "correct horse"
PLAIN = b64encode(f"\0ann\0{PASSWORD}".encode()).decode()
"""What Ann proves herself with."""


class OnlyAnn:
    """An `Authenticator` that knows one person, and any certificate."""

    def __init__(self, upstream: OwnUpstream | None = None) -> None:
        self._upstream = upstream

    def mechanisms(self, *, certificate: bool) -> tuple[str, ...]:
        """PLAIN, and EXTERNAL for those who have one."""
        return ("EXTERNAL", "PLAIN") if certificate else ("PLAIN",)

    async def log_in(self, credentials: Credentials) -> Login:
        """Let Ann in, and whom a certificate names."""
        known = credentials.identity == "ann" and credentials.secret == PASSWORD
        if not known and credentials.mechanism != "EXTERNAL":
            raise LoginRefusedError
        address = Address.parse("ann@example.com")
        return Login(name=credentials.identity, address=address, upstream=self._upstream)


@asynccontextmanager
async def pool_to(address: str, **options) -> AsyncIterator[UpstreamPool]:
    """A pool that is closed at the end."""
    route = Route(address=address, **options.pop("route", {}))
    pool = UpstreamPool(route, **options)
    try:
        yield pool
    finally:
        await pool.close()


@asynccontextmanager
async def front(
    upstream: str,
    *,
    accept: Accept = deliver,
    listen: dict | None = None,
    budgets: Budgets | None = None,
    authenticator: Authenticator | None = None,
    **limits,
) -> AsyncIterator[SubmissionServer]:
    """A started `SubmissionServer` before the upstream at an address."""
    settings = Settings(
        listen=(Listen(**{"address": "127.0.0.1:0", **(listen or {})}),),
        limits=Limits(**limits),
        logins={"domain": "example.com"},
    )
    async with pool_to(upstream, budgets=budgets) as pool:
        server = SubmissionServer(settings, pool, accept, authenticator=authenticator)
        await server.start()
        try:
            yield server
        finally:
            await server.stop(0)


class Client:
    """A mail client that says exactly what it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, server: SubmissionServer, tls: ssl.SSLContext | None = None) -> Self:
        """Connect, with *tls* under implicit TLS; the greeting is not read yet."""
        name = "localhost" if tls else None
        host, port = server.addresses[0]
        return cls(*await asyncio.open_connection(host, port, ssl=tls, server_hostname=name))

    @classmethod
    async def greeted(cls, server: SubmissionServer, tls: ssl.SSLContext | None = None) -> Self:
        """Connect and say EHLO."""
        client = await cls.connect(server, tls)
        await client.reply()
        await client.ask("EHLO client.test")
        return client

    async def start_tls(self, tls: ssl.SSLContext) -> None:
        """Shake hands, after STARTTLS was answered."""
        await self.writer.start_tls(tls, server_hostname="localhost")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    def send(self, *lines: str | bytes) -> None:
        """Send lines in one segment; CRLF is put behind text, octets go as they are."""
        self.writer.write(
            b"".join(line if isinstance(line, bytes) else line.encode() + b"\r\n" for line in lines)
        )

    async def reply(self) -> list[str]:
        """Read one reply, all its lines; an empty list at the end of the connection."""
        lines: list[str] = []
        async with asyncio.timeout(10):
            while not lines or lines[-1][3:4] == "-":
                line = await self.reader.readline()
                if not line:
                    return lines
                assert line.endswith(b"\r\n"), line
                assert line.isascii(), line
                lines.append(line[:-2].decode())
        return lines

    async def ask(self, *lines: str | bytes) -> str:
        """Send, and give the last line of one reply."""
        self.send(*lines)
        reply = await self.reply()
        return reply[-1] if reply else ""

    async def mail(
        self,
        octets: bytes,
        *,
        sender: str = "<ann@example.com>",
        recipients: tuple[str, ...] = ("<bob@example.net>",),
    ) -> str:
        """Send one mail as `hand_in` does, and give the last line of the reply."""
        reply = await self.hand_in(octets, sender=sender, recipients=recipients)
        return reply[-1] if reply else ""

    async def hand_in(
        self,
        octets: bytes,
        *,
        sender: str = "<ann@example.com>",
        recipients: tuple[str, ...] = ("<bob@example.net>",),
    ) -> list[str]:
        """Send one mail, command by command; give the reply to the dot, or the first refusal."""
        for line in (f"MAIL FROM:{sender}", *(f"RCPT TO:{to}" for to in recipients), "DATA"):
            self.send(line)
            reply = await self.reply()
            if not reply or reply[-1][0] not in "23":
                return reply
        self.send(octets, b".\r\n")
        return await self.reply()

    def cut(self) -> None:
        """Hang up with a TCP reset."""
        self.writer.transport.abort()
