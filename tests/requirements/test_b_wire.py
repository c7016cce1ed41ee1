"""R-B over real sockets, through the whole of Guard: what a client says, and in which pieces."""

import asyncio
import random
import re

import pytest
from false_ends import FALSE_ENDS
from front import Client
from lenient import Lenient
from smarthost import CHUNKING, Smarthost
from whole import ENVELOPE, below_trace, guarded, guarding

from guard.submission.mail import data

UPSTREAMS = {"strict": Smarthost, "lenient": Lenient}
SECOND = b"MAIL FROM:<eve@example.com>\r\nRCPT TO:<eve@example.org>\r\nDATA\r\nsmuggled\r\n"
WELL_FORMED = re.compile(r"[2-5][0-9]{2}[ -][ -~]*")


def packets(octets: bytes, end: bytes) -> list[list[bytes]]:
    """Whole; cut before and within *end*; octet by octet."""
    at = octets.index(end)
    within = at + (len(end) + 1) // 2
    return [
        [octets],
        [octets[:at], octets[at:]],
        [octets[:within], octets[within:]],
        [octets[n : n + 1] for n in range(len(octets))],
    ]


@pytest.mark.parametrize("upstream", UPSTREAMS)
@pytest.mark.parametrize("mode", ["reject", "normalize"])
async def test_one_message_at_most(upstream: str, mode: str) -> None:
    """R-B1: all false ends x 4 splits: one reply each, in step, never two messages or eve's."""
    assert len(FALSE_ENDS) >= 34
    async with (
        UPSTREAMS[upstream]() as smarthost,
        guarded(smarthost, listen={"stray_line_ends": mode}) as client,
    ):
        for end in FALSE_ENDS:
            octets = b"Subject: a\r\n\r\nfirst" + end + SECOND + b".\r\n"
            taken = mode == "normalize" and b"\0" not in end
            for split in packets(octets, end):
                before = len(smarthost.messages)
                client.send(*ENVELOPE, "DATA")
                assert [(await client.reply())[0][:3] for _ in range(3)] == [
                    "250",
                    "250",
                    "354",
                ]
                for packet in split:
                    client.send(packet)
                    await asyncio.sleep(0)
                (reply,) = await client.reply()
                assert reply.startswith("250 " if taken else "550 5.6.11 ")
                assert await client.ask("NOOP") == "250 2.0.0 Ok"
                assert len(smarthost.messages) == before + taken
        assert (await client.mail(b"Subject: good\r\n\r\n")).startswith("250 ")
    assert {mail.mail_from for mail in smarthost.messages} == {"ann@example.com"}
    assert not any("eve@" in line for line in smarthost.commands)
    assert smarthost.violations == []
    if isinstance(smarthost, Lenient):
        assert set(smarthost.ends) == {b"\r\n.\r\n"}


async def test_a_lenient_server_would_be_fooled() -> None:
    """R-B1: the test above tests something: said to that server directly, there are two."""
    async with Lenient() as smarthost:
        client = Client(*await asyncio.open_connection(*smarthost.address.split(":")))
        client.send(b"EHLO x\r\n", *ENVELOPE, "DATA", b"first\n.\r\n" + SECOND + b".\r\nQUIT\r\n")
        await smarthost.wait_for(2)
        client.cut()
    assert [mail.mail_from for mail in smarthost.messages] == ["ann@example.com", "eve@example.com"]


@pytest.mark.parametrize("stray", [b"a\rb", b"a\nb", b"a\0b", b"\n", b"\r", b"\0", b"\r\r\n"])
@pytest.mark.parametrize("by", ["DATA", "BDAT"])
async def test_stray_octets_never_leave(stray: bytes, by: str) -> None:
    """R-B2: one reply, 5xx, after the true end; the upstream has none of it."""
    octets = b"Subject: a\r\n\r\n" + stray + b"\r\nNOOP\r\n"
    async with Smarthost(extensions=CHUNKING) as smarthost, guarded(smarthost) as client:
        if by == "DATA":
            client.send(*ENVELOPE, "DATA", octets + b".\r\n", "NOOP")
        else:
            client.send(*ENVELOPE, f"BDAT {len(octets)} LAST", octets, "NOOP")
        replies = [(await client.reply())[0][:10] for _ in range(4 + (by == "DATA"))]
        assert replies[-2:] == ["550 5.6.11", "250 2.0.0 "]
        assert (await client.mail(b"Subject: good\r\n\r\n")).startswith("250 ")
    assert [below_trace(mail.octets) for mail in smarthost.messages] == [b"Subject: good\r\n\r\n"]
    assert smarthost.violations == []


async def test_far_over_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-B3: read to the end up to a cap, then 552 and the connection is cut; nothing is obeyed."""
    monkeypatch.setattr(data, "OVERRUN", 100_000)
    async with Smarthost() as smarthost, guarding(smarthost, message_bytes=10_000) as server:
        async with await Client.greeted(server) as client:
            over = b"NOOP\r\n" * 10_000
            assert (await client.mail(over)).startswith("552 5.3.4 ")
            assert await client.ask("NOOP") == "250 2.0.0 Ok"
            for line in (*ENVELOPE, "DATA"):
                await client.ask(line)
            client.send(over * 2)
            assert (await client.reply())[0].startswith("552 5.3.4 ")
            assert await client.reply() == []
        assert smarthost.messages == []


async def test_a_drip_is_parted_from() -> None:
    """R-B7: who sends, but less than the minimum rate, is told 421; another is served meanwhile."""
    async with (
        Smarthost() as smarthost,
        guarding(smarthost, data_s=0.2, data_bytes_s=10_000_000) as server,
        await Client.greeted(server) as slow,
        await Client.greeted(server) as other,
    ):
        for line in (*ENVELOPE, "DATA"):
            await slow.ask(line)
        parted = asyncio.create_task(slow.reply())
        while not parted.done():
            slow.send(b"x\r\n")
            assert await other.ask("NOOP") == "250 2.0.0 Ok"
        assert (await parted)[0].startswith("421 4.4.2 ")
        assert smarthost.messages == []


async def test_a_drip_of_chunks_is_parted_from() -> None:
    """R-B7: the minimum rate is that of the message, however many chunks it comes in."""
    async with (
        Smarthost(extensions=CHUNKING) as smarthost,
        guarding(smarthost, data_s=0.2, data_bytes_s=10_000_000) as server,
        await Client.greeted(server) as slow,
    ):
        for line in ENVELOPE:
            await slow.ask(line)
        async with asyncio.timeout(30):
            while (reply := await slow.ask(b"BDAT 1\r\nx"))[:3] == "250":
                pass
        assert reply.startswith("421 4.4.2 ")
        assert smarthost.messages == []


VERBS = (
    *("EHLO", "HELO", "MAIL FROM:", "RCPT TO:", "MAIL", "RCPT", "RSET", "NOOP", "VRFY", "HELP"),
    *("XCLIENT", "STARTTLS", "AUTH", "EXPN", "TURN", "ETRN", "BDATA", "DATAX", "GET", ""),
)
PARTS = (
    *("<", ">", "a@b.test", "@", " ", "  ", "\t", "=?utf-8?q?a?=", "SIZE=", "SIZE=9" * 9, "BODY="),
    *("%s%n", "{0}", "\x1b[2J", "\0", "\r", "é", '"', "\\", "<script>", "../../etc/passwd", ":"),
    *("NOTIFY=", "ORCPT=rfc822;", "AUTH=<>", "1", "\x7f", "''", "$(id)", "\u202e", "XYZZY"),
)
LEAKS = re.compile(r"Traceback|Error[:(]|\.py|/|XYZZY|passwd|script|\bself\b|None|\{|\$|%|\\")


@pytest.mark.parametrize("session", range(6))
async def test_malformed_commands(session: int) -> None:
    """R-B8: 3,000 over six sessions: one well-formed reply each, no input, no exception, alive."""
    chance = random.Random(session)  # noqa: S311 -- the same lines each time
    lines = [
        "".join((chance.choice(VERBS), " XYZZY", *chance.choices(PARTS, k=chance.randint(0, 5))))
        for _ in range(500)
    ]
    lines[7] = "XYZZY" * 5000
    async with Smarthost() as smarthost, guarding(smarthost) as server:
        async with await Client.greeted(server) as client:
            for number, line in enumerate(lines):
                client.send(line.encode())
                client.send("")
                reply = await client.reply()
                assert reply, (number, line)
                for said in reply:
                    assert WELL_FORMED.fullmatch(said), said
                    assert not LEAKS.search(said), said
            await client.ask("RSET")
            await client.ask("EHLO client.test")
            assert (await client.mail(b"Subject: good\r\n\r\n")).startswith("250 ")
        assert len(smarthost.messages) == 1
        assert not any("XYZZY" in line for line in smarthost.commands)


@pytest.mark.parametrize("whole", [True, False], ids=["one segment", "octet by octet"])
async def test_pipelined_transactions(whole: bool) -> None:
    """R-B9: fifty arrive, each once and in order; DATA without a good recipient is refused."""
    one = "MAIL FROM:<a{}@example.com>\r\nRCPT TO:<b@c.test>\r\nDATA\r\n..{}\r\n.\r\n"
    none = "MAIL FROM:<a@example.com>\r\nRCPT TO:<nobody@c.test>\r\nDATA\r\nRSET\r\nDATA\r\n"
    talk = "".join(one.format(number, number) for number in range(50)) + none
    async with Smarthost() as smarthost, guarded(smarthost) as client:
        smarthost.on("RCPT", "550 5.1.1 Nobody", match="nobody")
        for packet in [talk] if whole else talk:
            client.send(packet.encode())
        codes = [(await client.reply())[0][:3] for _ in range(4 * 50 + 5)]
        assert codes == ["250", "250", "354", "250"] * 50 + ["250", "550", "554", "250", "503"]
    assert [(mail.mail_from, below_trace(mail.octets)) for mail in smarthost.messages] == [
        (f"a{number}@example.com", f".{number}\r\n".encode()) for number in range(50)
    ]
