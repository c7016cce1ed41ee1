"""
What aiosmtpd costs by itself: its stock SMTP class, a handler that forwards, and no check at all.

``python -m tests.bench.plain_relay UPSTREAM`` (a port) prints its port and ends with its standard
input. Forwarding is by this benchmark's own client, which is faster than any library's.
"""

import asyncio
import logging
import sys

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.bench.source import Client, Mail, UnexpectedReplyError


class Forward:
    """aiosmtpd's handler: hands each message on, on a kept connection."""

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._kept: list[Client] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Pass one message on, and the answer back."""
        client = self._kept.pop() if self._kept else await Client.connect(self._upstream)
        octets = envelope.original_content or b""
        mail = Mail.of(envelope.mail_from or "", envelope.rcpt_tos[0], octets)
        try:
            reply = await client.send(mail)
        except UnexpectedReplyError:
            return "451 4.4.1 The server behind this one failed"
        self._kept.append(client)
        return reply.decode("ascii", "replace")


async def serve(upstream: int) -> None:
    """Listen until standard input ends."""
    logging.getLogger("mail.log").disabled = True
    loop = asyncio.get_running_loop()
    handler = Forward(upstream)
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="plain.example", enable_SMTPUTF8=True, loop=loop),
        "127.0.0.1",
        0,
        backlog=1024,
    )
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
