"""The load: SMTP clients that lose no time, and the mails that they send."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Self, cast

HELLO = b"EHLO client.example\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message, ready for the wire."""

    envelope: bytes
    """MAIL, RCPT and DATA."""

    content: bytes
    """Dot-stuffed, with the final dot."""

    @classmethod
    def of(cls, sender: str, recipient: str, octets: bytes) -> Self:
        """Make one from CRLF lines."""
        stuffed = (b"\r\n" + octets).replace(b"\r\n.", b"\r\n..")[2:]
        return cls(
            envelope=f"MAIL FROM:<{sender}>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n".encode(),
            content=stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n"),
        )


class UnexpectedReplyError(Exception):
    """The server did not do what is being measured."""


class Client(asyncio.Protocol):
    """One connection. The envelope goes out in one packet (RFC 2920), then the message."""

    def __init__(self) -> None:
        self._buffer = b""
        self._replies: list[bytes] = []
        self._wanted = 0
        self._waiter: asyncio.Future[None] | None = None
        self._lost = False

    @classmethod
    async def connect(cls, port: int) -> Self:
        """Connect and say EHLO."""
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(cls, "127.0.0.1", port)
        await client._answers(1, b"2")
        await client.ask(HELLO)
        return client

    async def ask(self, line: bytes) -> bytes:
        """Send one command and give the last line of a positive reply."""
        self._transport.write(line)
        return (await self._answers(1, b"2"))[0]

    async def send(self, mail: Mail) -> bytes:
        """Hand in one mail and give the reply to its final dot."""
        self._transport.write(mail.envelope)
        await self._answers(3, b"23")
        self._transport.write(mail.content)
        return (await self._answers(1, b"2"))[0]

    async def begin(self, mail: Mail, *, keep_back: int) -> None:
        """Hand in one mail but for its last octets; whether they have left, `unsent` tells."""
        self._transport.write(mail.envelope)
        await self._answers(3, b"23")
        self._transport.write(mail.content[:-keep_back])

    async def end(self, mail: Mail, *, kept_back: int) -> bytes:
        """Hand in the octets that `begin` kept back, and give the reply to the final dot."""
        self._transport.write(mail.content[-kept_back:])
        return (await self._answers(1, b"2"))[0]

    @property
    def unsent(self) -> int:
        """Octets that the system has not taken yet."""
        return self._transport.get_write_buffer_size()

    async def quit(self) -> None:
        """Part."""
        await self.ask(b"QUIT\r\n")
        self.hang_up()

    def hang_up(self) -> None:
        """Close the connection, whatever was going on."""
        self._transport.abort()

    async def _answers(self, count: int, good: bytes) -> list[bytes]:
        if len(self._replies) < count:
            if self._lost:
                raise UnexpectedReplyError("connection lost")
            self._wanted = count
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        answers, self._replies = self._replies[:count], self._replies[count:]
        for answer in answers:
            if answer[0] not in good:
                raise UnexpectedReplyError(answer.decode("ascii", "replace"))
        return answers

    # asyncio calls these.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note where to write."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's does not inherit from it

    def data_received(self, data: bytes) -> None:
        """Count replies by their last lines."""
        *lines, self._buffer = (self._buffer + data).split(b"\r\n")
        self._replies += [line for line in lines if line[3:4] != b"-"]
        if self._waiter is not None and len(self._replies) >= self._wanted:
            waiter, self._waiter = self._waiter, None
            if not waiter.done():
                waiter.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let nobody wait for ever."""
        self._lost = True
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_exception(UnexpectedReplyError("connection lost"))


Expect = Callable[[bytes], bool]
"""Says whether a reply is the one that belongs to the case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """How long a batch took."""

    began: float
    """When, by the clock of `time.perf_counter`."""

    ended: float
    """When the last reply came, by the same clock."""

    each_ms: list[float]
    """From MAIL to the reply to the final dot; for new connections, from connecting."""

    @property
    def latency(self) -> dict[str, float]:
        """How long half of the mails took at most, and 99 of 100."""
        cuts = quantiles(self.each_ms, n=100, method="inclusive")
        return {"p50 ms": cuts[49], "p99 ms": cuts[98]}


async def send_all(
    port: int, mails: Sequence[Mail], *, sessions: int, kept: bool, expect: Expect
) -> Took:
    """
    Send all mails by so many clients at once; each takes the next one as soon as it is free.

    Raises:
        UnexpectedReplyError: A mail met another fate than *expect* says.
    """
    clients = [await Client.connect(port) for _ in range(sessions)] if kept else []
    waiting = iter(mails)
    each_ms: list[float] = []
    try:
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(sessions):
                client = clients[number] if kept else None
                group.create_task(_send_on(port, waiting, client, expect, each_ms))
        ended = time.perf_counter()
        for client in clients:
            await client.quit()
    finally:
        # Interrupted in the middle of a mail, a server would go on waiting for the rest of it.
        for client in clients:
            client.hang_up()
    return Took(began=began, ended=ended, each_ms=each_ms)


async def _send_on(
    port: int,
    waiting: Iterable[Mail],
    kept: Client | None,
    expect: Expect,
    each_ms: list[float],
) -> None:
    for mail in waiting:
        began = time.perf_counter()
        client = kept or await Client.connect(port)
        try:
            reply = await client.send(mail)
            each_ms.append((time.perf_counter() - began) * 1000)
            if not expect(reply):
                raise UnexpectedReplyError(reply.decode("ascii", "replace"))
            if kept is None:
                await client.quit()
        finally:
            if kept is None:
                client.hang_up()
