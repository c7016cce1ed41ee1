"""
What aiosmtpd costs by itself: its stock SMTP class, a handler that forwards, and no check at all.

``python -m tests.bench.plain_relay UPSTREAM [aiosmtplib]`` prints its port and ends with its
standard input. It forwards by this benchmark's own client, which is faster than any library's, or
as one would write it, by aiosmtplib; both keep their connections. uvloop is used where it is.
"""

import asyncio
import logging
import sys
from typing import Any, Protocol

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.bench.loop import run
from tests.bench.source import Client, Mail


class Way(Protocol):
    """A connection to the server behind."""

    async def forward(self, envelope: Envelope) -> str:
        """Hand one message on and give the reply; what it raises, aiosmtpd answers with 500."""


class OwnWay:
    """The client of this benchmark."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @classmethod
    async def open(cls, upstream: int) -> "OwnWay":
        """Connect."""
        return cls(await Client.connect(upstream))

    async def forward(self, envelope: Envelope) -> str:
        """Hand one message on, its envelope in one packet."""
        octets = envelope.original_content or b""
        mail = Mail.of(envelope.mail_from or "", envelope.rcpt_tos[0], octets)
        return (await self._client.send(mail)).decode("ascii", "replace")


class LibraryWay:
    """A client of aiosmtplib."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    async def open(cls, upstream: int) -> "LibraryWay":
        """Connect."""
        import aiosmtplib

        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=upstream, start_tls=False)
        await client.connect()
        return cls(client)

    async def forward(self, envelope: Envelope) -> str:
        """Hand one message on, command by command."""
        _, reply = await self._client.sendmail(
            envelope.mail_from, envelope.rcpt_tos, envelope.original_content
        )
        return f"250 {reply}"


class Forward:
    """aiosmtpd's handler: hands each message on, on a kept connection."""

    def __init__(self, upstream: int, way: type[OwnWay | LibraryWay]) -> None:
        self._upstream = upstream
        self._way = way
        self._kept: list[Way] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Pass one message on, and the answer back."""
        way = self._kept.pop() if self._kept else await self._way.open(self._upstream)
        reply = await way.forward(envelope)
        self._kept.append(way)
        return reply


async def serve(upstream: int, way: type[OwnWay | LibraryWay]) -> None:
    """Listen until standard input ends."""
    logging.getLogger("mail.log").disabled = True
    loop = asyncio.get_running_loop()
    handler = Forward(upstream, way)
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="plain.example", enable_SMTPUTF8=True, loop=loop),
        "127.0.0.1",
        0,
        backlog=1024,
    )
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """Run the command line."""
    way = LibraryWay if sys.argv[2:] == ["aiosmtplib"] else OwnWay
    run(serve(int(sys.argv[1]), way))


if __name__ == "__main__":
    main()
