"""Sockets to an upstream that reads no more: each is closed, and counts until it is."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from certificates import Authority
from front import pool_to

from guard.model.address import Address
from guard.model.envelope import Recipient
from guard.model.hold import Fate
from guard.upstream import Budgets
from guard.upstream.connection import Connection

ANN = Address.parse("ann@example.com")
BOB = Recipient(address=Address.parse("bob@example.net"))
BIG = b"Subject: a\r\n\r\n" + b"a line of some length\r\n" * 800_000

SILENT = Budgets(connect_s=5, command_s=5, dot_s=0.3)

EARLY = b"552 5.3.4 Too big\r\n"


@asynccontextmanager
async def deaf(early: bytes, tls: ssl.SSLContext | None) -> AsyncIterator[str]:
    """Serve until 354, then say *early* and read no more; give the address."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 deaf.test ESMTP\r\n")
        while (await reader.readline())[:4] != b"DATA":
            writer.write(b"250 Ok\r\n")
        writer.write(b"354 Go ahead\r\n")
        await reader.readline()
        writer.write(early)
        await over.wait()
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls, limit=1024)
    try:
        yield f"localhost:{server.sockets[0].getsockname()[1]}"
    finally:
        over.set()
        server.close()
        await server.wait_closed()


class Counted(Connection):
    """Knows how many were open at once."""

    made: list["Counted"]
    most: int

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count those whose socket is open."""
        super().connection_made(transport)
        self.made.append(self)
        is_open = sum(not connection.closed.done() for connection in self.made)
        type(self).most = max(self.most, is_open)


@pytest.mark.parametrize("encrypted", [False, True], ids=["clear", "TLS"])
@pytest.mark.parametrize("early", [EARLY, b""], ids=["early reply", "silent"])
async def test_reads_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, early: bytes, encrypted: bool
) -> None:
    """R-E4: the socket is closed though what was written never leaves; the ceiling holds."""
    monkeypatch.setattr("guard.upstream.connection.GOODBYE_S", 0.05)
    monkeypatch.setattr("guard.upstream.handshake.Connection", Counted)
    monkeypatch.setattr(Counted, "made", [], raising=False)
    monkeypatch.setattr(Counted, "most", 0, raising=False)
    authority = Authority(tmp_path)
    route = {"tls": "implicit", "ca": authority.file} if encrypted else {"tls": "none"}
    async with (
        deaf(early, authority.server_context() if encrypted else None) as address,
        pool_to(address, route=route, budgets=SILENT, size=1) as pool,
    ):
        for _ in range(3):
            transaction = await pool.transaction()
            await transaction.mail(ANN, ())
            await transaction.rcpt(BOB)
            outcome = await transaction.data(BIG)
            assert outcome.fates == {Fate.REFUSED}
            assert outcome.reply.code == (552 if early else 451)
        async with asyncio.timeout(10):
            await asyncio.gather(*(connection.closed for connection in Counted.made))
    assert (len(Counted.made), Counted.most) == (3, 1)
