# ruff: noqa: SIM117 -- the client inside the server inside the smarthost: in this order
"""Many clients at once, and clients that only want to keep us busy."""

import asyncio
from dataclasses import dataclass

import pytest
from front import Client, front
from smarthost import Smarthost

from guard.config import Listen
from guard.config.mail import Limits
from guard.submission.crowd import Crowd
from guard.submission.entry.connection import AUTH_LINE_OCTETS, LINE_CUT
from guard.submission.entry.listener import Listener
from guard.submission.entry.wire import COMMAND_OCTETS

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


async def test_input_between_commands_is_little() -> None:
    """R-B5: while commands are at work, what was sent ahead is 16 KiB at most, and one read."""
    at_work, gate = asyncio.Event(), asyncio.Event()

    async def accept(submission: object, transaction: object, gone: object) -> object:
        at_work.set()
        await gate.wait()
        raise RuntimeError

    async with Smarthost() as smarthost, front(smarthost.address, accept=accept) as server:
        async with await Client.greeted(server) as client:
            for line in ("MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>", "DATA"):
                await client.ask(line)
            (session,) = server._crowd.sessions
            session.data_received(b".\r\n")
            await at_work.wait()
            ahead = 0
            while session._is_reading:
                session.data_received(b"NOOP\r\n" * 100)
                ahead += 100
            assert len(session._input) <= COMMAND_OCTETS + 600
            gate.set()
            assert (await client.reply())[0].startswith("451 ")
            for _ in range(ahead):
                assert (await client.reply())[0].startswith("250 ")


async def test_of_an_endless_line_little_is_kept() -> None:
    """R-B5: up to the size at which the client is cut, no more than the longest line waits."""
    async with Smarthost() as smarthost, front(smarthost.address) as server:
        async with await Client.greeted(server) as client:
            (session,) = server._crowd.sessions
            for _ in range(LINE_CUT // 600):
                session.data_received(b"NOOP\r " * 100)
                for _ in range(3):
                    await asyncio.sleep(0)
                assert len(session._input) <= AUTH_LINE_OCTETS + 600
            assert (await client.ask("")).startswith("500 5.5.2 ")
            assert (await client.ask("NOOP")).startswith("250 ")
            client.send(b"x" * (LINE_CUT + 1))
            assert (await client.reply())[0].startswith("500 5.5.2 ")
            assert await client.reply() == []


@dataclass(frozen=True, eq=False)
class Visit:
    """What the crowd knows of a session."""

    listener: Listener
    peer: str


@pytest.mark.parametrize(
    ("peers", "admitted"),
    [
        pytest.param([f"2001:db8:1:2::{n:x}" for n in range(1, 9)], 2, id="one network of IPv6"),
        pytest.param([f"2001:db8:1:{n}::1" for n in range(8)], 8, id="eight of them"),
        pytest.param(["192.0.2.7", "::ffff:192.0.2.7"] * 4, 2, id="IPv4 in both writings"),
        pytest.param([f"::ffff:192.0.2.{n}" for n in range(8)], 8, id="eight of IPv4"),
        pytest.param(["fe80::1%eth0", "fe80::1%eth1"] * 4, 2, id="with zones"),
    ],
)
def test_what_counts_as_one_address(peers: list[str], admitted: int) -> None:
    """R-B7: who has a whole network of IPv6 addresses is still one client in `per_address`."""
    crowd = Crowd(Limits(per_address=2))
    listener = Listener(Listen(trusted=()), lambda *_: None)
    visits = [Visit(listener, peer) for peer in peers]
    assert [crowd.admit(visit) for visit in visits].count(None) == admitted
    for visit in visits:
        crowd.leave(visit)
    assert crowd.per_address == {}
