"""R-B5 to R-B7 as a whole guard in a process of its own shows them: memory, and many at once."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from front import Client
from running import Running, running
from smarthost import CHUNKING, Smarthost
from whole import ENVELOPE

MB = 1_000_000
MESSAGE_LIMIT = 36_700_160
"""As the settings have it where nothing is set."""

pytestmark = pytest.mark.asyncio(loop_scope="module")

MAIL = b"Subject: a\r\n\r\nb\r\n"


class Sink(Smarthost):
    """One that reads ten million lines as fast as one."""

    async def _message(self, session) -> None:
        wire = bytearray(b"\r\n")
        while not wire.endswith(b"\r\n.\r\n"):
            wire += await session.reader.read(1 << 18)
        await self._taken(session, bytes(wire[2:-3]), stuffed=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def smarthost() -> AsyncIterator[Smarthost]:
    async with Sink(extensions=CHUNKING) as smarthost:
        yield smarthost
        assert smarthost.violations == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def guard(
    tmp_path_factory: pytest.TempPathFactory, smarthost: Smarthost
) -> AsyncIterator[Running]:
    """A guard that has sent and held mail before, so that all its modules are in memory."""
    async with running(tmp_path_factory.mktemp("guard"), smarthost) as guard:
        async with await Client.greeted(guard) as client:
            for to in ("<bob@example.net>", "<eve@hold.example>"):
                assert (await client.mail(MAIL, recipients=(to,))).startswith("250 ")
        await smarthost.wait_for(2)  # the mail and the notice
        yield guard


@pytest.fixture(scope="module")
def base_bytes(guard: Running) -> int:
    """The memory that it has then."""
    return guard.rss_bytes()


async def flood(client: Client, octets: bytes, count: int) -> None:
    """Send *octets* that many times, no faster than they are taken."""
    for _ in range(count):
        client.send(octets)
        await client.writer.drain()


async def served_meanwhile(guard: Running, flooding: asyncio.Task[None]) -> int:
    """Mail by connections of one's own until *flooding* ends, and count the mails."""
    count = 0
    while not flooding.done():
        async with await Client.greeted(guard) as client:
            assert (await client.mail(MAIL)).startswith("250 ")
        count += 1
    await flooding
    return count


@pytest.mark.parametrize(
    ("octets", "count", "opening", "allowed_bytes", "reply"),
    [
        pytest.param(
            b"x" * MB, 200, "DATA", MESSAGE_LIMIT + 64 * MB, "552 5.3.4 ", id="an endless line"
        ),
        pytest.param(
            b"x" * MB,
            200,
            f"BDAT {200 * MB + 5} LAST",
            MESSAGE_LIMIT + 64 * MB,
            "552 5.3.4 ",
            id="an endless line in a chunk",
        ),
        pytest.param(b"\r\n" * 500_000, 20, "DATA", 100 * MB, "250 2.0.0 ", id="empty lines"),
        pytest.param(
            b"\r\n" * 500_000,
            20,
            f"BDAT {20 * MB + 5} LAST",
            100 * MB,
            "250 2.0.0 ",
            id="empty lines in a chunk",
        ),
    ],
)
async def test_memory(
    guard: Running,
    base_bytes: int,
    octets: bytes,
    count: int,
    opening: str,
    allowed_bytes: int,
    reply: str,
) -> None:
    """R-B5, R-B6: a bound for 200 MB without a line end, for 20 MB of nothing else; others mail."""
    guard.forget_peak()
    async with await Client.greeted(guard) as client:
        for line in ENVELOPE:
            await client.ask(line)
        if opening == "DATA":
            await client.ask(opening)
        else:
            client.send(opening)
        flooding = asyncio.create_task(flood(client, octets, count))
        served = await served_meanwhile(guard, flooding)
        async with asyncio.timeout(60):
            client.send(b"\r\n.\r\n")
            line = (await client.reader.readline()).decode()
        assert line.startswith(reply)
        assert guard.peak_bytes() - base_bytes <= allowed_bytes
        assert served > 0
        assert await client.ask("NOOP") == "250 2.0.0 Ok"


async def test_five_hundred_at_once(guard: Running, smarthost: Smarthost) -> None:
    """R-B7: of 500 clients that come at once, none is lost and none is refused."""

    async def one(number: int) -> str:
        async with await Client.greeted(guard) as client:
            return await client.mail(MAIL, sender=f"<a{number}@example.com>")

    before = len(smarthost.messages)
    replies = await asyncio.gather(*(one(number) for number in range(500)))
    assert {reply[:3] for reply in replies} == {"250"}
    senders = [mail.mail_from for mail in smarthost.messages[before:]]
    assert sorted(senders) == sorted(f"a{number}@example.com" for number in range(500))


async def test_others_beside_a_hundred_that_are_slow(guard: Running) -> None:
    """R-B6, R-B7: in the middle of messages and commands; ten who come then are served."""
    slow = [await Client.greeted(guard) for _ in range(100)]
    for number, client in enumerate(slow):
        client.send(*ENVELOPE, "DATA", b"x") if number % 2 else client.send(b"MAIL FR")
    for _ in range(10):
        async with await Client.greeted(guard) as client:
            assert (await client.mail(MAIL)).startswith("250 ")
    for client in slow:
        client.cut()
