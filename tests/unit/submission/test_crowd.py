# ruff: noqa: SIM117 -- the client inside the server inside the smarthost: in this order
"""Many clients at once, and clients that only want to keep us busy."""

import asyncio

import pytest
from front import Client, front
from smarthost import Smarthost

MAIL = b"Subject: a\r\n\r\nb\r\n"


async def test_five_hundred_at_once() -> None:
    """R-B7: none is lost, none is refused."""

    async def one(server: object, number: int) -> str:
        async with await Client.greeted(server) as client:
            return await client.mail(MAIL, sender=f"<a{number}@example.com>")

    async with Smarthost() as smarthost, front(smarthost.address) as server:
        replies = await asyncio.gather(*(one(server, number) for number in range(500)))
    assert {reply[:3] for reply in replies} == {"250"}
    senders = [mail.mail_from for mail in smarthost.messages]
    assert sorted(senders) == sorted(f"a{number}@example.com" for number in range(500))


@pytest.mark.parametrize(
    "opening",
    [
        pytest.param((b"",), id="say nothing"),
        pytest.param(("EHLO c.test", b"MAI"), id="stop in a command"),
        pytest.param(
            ("EHLO c.test", "MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>", "DATA", b"x"),
            id="stop in a message",
        ),
        pytest.param(("EHLO c.test", *["HELP"] * 2000), id="do not read"),
    ],
)
async def test_a_hundred_slow_clients(opening: tuple[str | bytes, ...]) -> None:
    """R-B7: whatever a hundred do or leave, another is served as if they were not there."""
    async with Smarthost() as smarthost, front(smarthost.address) as server:
        slow = [await Client.connect(server) for _ in range(100)]
        for client in slow:
            client.send(*opening)
        async with asyncio.timeout(30):  # theirs would be over after 180 s
            async with await Client.greeted(server) as client:
                assert (await client.mail(MAIL)).startswith("250 ")
        for client in slow:
            client.cut()


async def test_a_client_that_never_reads_is_cut() -> None:
    """R-B7: replies that nobody takes are not waited for longer than a command."""
    async with Smarthost() as smarthost, front(smarthost.address, command_s=0.3) as server:
        async with await Client.connect(server) as client:
            client.writer.transport.pause_reading()
            client.send(*["HELP"] * 400_000)
            async with asyncio.timeout(10):
                while not server._crowd.sessions:
                    await asyncio.sleep(0.001)
                while server._visits:
                    await asyncio.wait(server._visits)
            client.cut()


async def test_input_waits_at_the_client() -> None:
    """R-B5: what a client sends ahead of our work is not taken in without an end."""
    gate = asyncio.Event()

    async def accept(submission: object, transaction: object, gone: object) -> object:
        await gate.wait()
        raise RuntimeError

    async with Smarthost() as smarthost, front(smarthost.address, accept=accept) as server:
        async with await Client.greeted(server) as client:
            for line in ("MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>", "DATA"):
                await client.ask(line)
            client.send(b".\r\n", b"NOOP\r\n" * 2_000_000)
            (session,) = server._crowd.sessions
            async with asyncio.timeout(10):
                while session._is_reading:
                    await asyncio.sleep(0.001)
            assert len(session._input) < 1_000_000
            gate.set()
            assert (await client.reply())[0].startswith("451 ")
            for _ in range(1000):
                assert (await client.reply())[0].startswith("250 ")
            client.cut()
