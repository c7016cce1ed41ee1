"""Messages through the real front to a recording smarthost, by DATA and BDAT, small and large."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from false_ends import FALSE_ENDS
from front import Client, front
from hypothesis import given, settings
from hypothesis import strategies as st
from smarthost import CHUNKING, Smarthost

from guard.config import Settings
from guard.submission import SubmissionServer

ENVELOPE = ("MAIL FROM:<ann@example.com>", "RCPT TO:<bob@example.net>")
LINE = st.lists(
    st.sampled_from([b".", b"..", b"a", b"\t", b"BDAT 1", b"\xe8\x8a\xb1", b"\x1b", b"=0D"]),
    max_size=4,
).map(b"".join)
LEGAL = st.lists(LINE, max_size=8).map(lambda lines: b"".join(line + b"\r\n" for line in lines))
"""Any message that may stand between clients and servers: CRLF lines without CR, LF and NUL."""


@pytest.fixture
async def smarthost() -> AsyncIterator[Smarthost]:
    async with Smarthost(extensions=CHUNKING) as smarthost:
        yield smarthost
        assert smarthost.violations == []


@pytest.fixture
async def server(smarthost: Smarthost) -> AsyncIterator[SubmissionServer]:
    """One that spools early, and takes messages of a megabyte."""
    async with front(smarthost.address, spool_bytes=1024, message_bytes=1_000_000) as server:
        yield server
        async with asyncio.timeout(5):
            while server._crowd.sessions:
                await asyncio.sleep(0.001)


def nameless_files() -> int:
    """How many files without a name this process has open."""
    count = 0
    for each in Path("/proc/self/fd").iterdir():
        try:
            count += str(each.readlink()).endswith("(deleted)")
        except OSError:  # the one by which we look
            continue
    return count


def by_bdat(octets: bytes, cuts: list[int]) -> list[bytes]:
    """Chunks of a message, with their commands."""
    borders = [0, *sorted(min(cut, len(octets)) for cut in cuts), len(octets)]
    chunks = [octets[a:b] for a, b in itertools.pairwise(borders)]
    lines = [b"BDAT %d\r\n" % len(chunk) for chunk in chunks[:-1]]
    lines.append(b"BDAT %d LAST\r\n" % len(chunks[-1]))
    return [line + chunk for line, chunk in zip(lines, chunks, strict=True)]


def by_data(octets: bytes) -> bytes:
    """A message with its dots doubled, and its end."""
    return (b"\r\n" + octets).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(LEGAL, st.sampled_from([0, 1, 70]), st.lists(st.integers(0, 40), max_size=3)),
        max_size=4,
    )
)
async def test_octets_out_are_octets_in(mails: list[tuple[bytes, int, list[int]]]) -> None:
    """R-C1, R-C4, R-C6: any legal message, by DATA and by BDAT, small and spooled, pipelined."""
    expected: list[bytes] = []
    async with (
        Smarthost(extensions=CHUNKING) as smarthost,
        front(smarthost.address, spool_bytes=1024) as server,
    ):
        async with await Client.greeted(server) as client:
            for octets, times, cuts in mails:
                whole = octets * times + b"x" * (700 * times) + b"\r\n" + octets
                chunks = by_bdat(whole, cuts)
                client.send(*ENVELOPE, "DATA", by_data(whole), *ENVELOPE, *chunks)
                codes = [(await client.reply())[0][:3] for _ in range(6 + len(chunks))]
                assert codes == ["250", "250", "354", "250", "250", "250"] + ["250"] * len(chunks)
                expected += [whole, whole]
        assert [mail.octets for mail in smarthost.messages] == expected
        assert smarthost.violations == []
        assert server._house.memory.used_bytes == 0


def splits(octets: bytes, end: bytes) -> list[list[bytes]]:
    """In one packet, in two with a border before and within *end*, byte by byte."""
    at = octets.index(end)
    inside = at + len(end) // 2 + 1
    return [
        [octets],
        [octets[:at], octets[at:]],
        [octets[:inside], octets[inside:]],
        [octets[n : n + 1] for n in range(len(octets))],
    ]


@pytest.mark.parametrize("end", FALSE_ENDS)
@pytest.mark.parametrize("mode", ["reject", "normalize"])
async def test_nothing_is_smuggled(mode: str, end: bytes) -> None:
    """R-B1, R-B2: at most one message upstream, whatever that takes for an end; always in step."""
    second = b"MAIL FROM:<eve@example.com>\r\nRCPT TO:<eve@example.net>\r\nDATA\r\nsmuggled\r\n"
    octets = b"Subject: a\r\n\r\nfirst" + end + second + b".\r\n"
    taken = mode == "normalize" and b"\0" not in end
    async with (
        Smarthost(extensions=CHUNKING) as smarthost,
        front(smarthost.address, listen={"stray_line_ends": mode}) as server,
    ):
        async with await Client.greeted(server) as client:
            packets = splits(octets, end)
            for number, split in enumerate(packets, 1):
                client.send(*ENVELOPE, "DATA")
                for _ in range(3):
                    await client.reply()
                for packet in split:
                    client.send(packet)
                    await asyncio.sleep(0)
                expected = f"250 2.0.0 Taken as {number}" if taken else "550 5.6.11 "
                assert (await client.reply())[0].startswith(expected)
                assert await client.ask("NOOP") == "250 2.0.0 Ok"
        assert len(smarthost.messages) == (len(packets) if taken else 0)
        assert {mail.mail_from for mail in smarthost.messages} <= {"ann@example.com"}
        assert smarthost.violations == []


async def test_chunks_in_any_packets(server: SubmissionServer, smarthost: Smarthost) -> None:
    """R-B9: byte by byte; each chunk has its reply, and an empty last one ends the message."""
    octets = b"Subject: a\r\n\r\n.\r\n..\r\nend\r\n"
    talk = b"".join(
        [b"BDAT 7\r\n" + octets[:7], b"bdat %d\r\n" % 19 + octets[7:], b"BDAT 0 last\r\n"]
    )
    async with await Client.greeted(server) as client:
        for line in ENVELOPE:
            await client.ask(line)
        for octet in talk + b"NOOP\r\n":
            client.send(bytes([octet]))
            await asyncio.sleep(0)
        replies = [(await client.reply())[-1] for _ in range(4)]
    assert replies == [
        "250 2.0.0 7 octets received",
        "250 2.0.0 19 octets received",
        "250 2.0.0 Taken as 1",
        "250 2.0.0 Ok",
    ]
    assert smarthost.messages[0].octets == octets
    assert "BDAT 26 LAST" in smarthost.commands


@pytest.mark.parametrize(
    ("octets", "reply"),
    [
        pytest.param(b"a\nb\r\n", "550 5.6.11 ", id="bare LF"),
        pytest.param(b"a\rb\r\n", "550 5.6.11 ", id="bare CR"),
        pytest.param(b"a\0b\r\n", "550 5.6.11 ", id="NUL"),
        pytest.param(b"\r\n.\r", "550 5.6.11 ", id="CR at the end"),
        pytest.param(b"open", "550 5.6.11 ", id="open last line"),
        pytest.param(b"x" * 1_000_001, "552 5.3.4 ", id="too big"),
    ],
)
async def test_what_is_refused_at_the_last_chunk(
    server: SubmissionServer, smarthost: Smarthost, octets: bytes, reply: str
) -> None:
    """R-B2, R-B3: by BDAT as by DATA; after it, the session is in step and a mail gets through."""
    async with await Client.greeted(server) as client:
        client.send(*ENVELOPE, b"BDAT %d LAST\r\n" % len(octets), octets, "NOOP")
        replies = [(await client.reply())[-1] for _ in range(4)]
        assert replies[2].startswith(reply)
        assert replies[3] == "250 2.0.0 Ok"
        assert (await client.mail(b"a\r\n")).startswith("250 ")
    assert [mail.octets for mail in smarthost.messages] == [b"a\r\n"]
    assert server._house.memory.used_bytes == 0


async def test_a_line_end_across_chunks(server: SubmissionServer, smarthost: Smarthost) -> None:
    """R-B2: CR at the end of one chunk and LF at the start of the next are a CRLF."""
    async with await Client.greeted(server) as client:
        client.send(*ENVELOPE, b"BDAT 2\r\na\r", b"BDAT 1 LAST\r\n\n")
        assert [(await client.reply())[0][:3] for _ in range(4)] == ["250"] * 4
    assert smarthost.messages[0].octets == b"a\r\n"


async def test_after_a_refused_chunk(server: SubmissionServer, smarthost: Smarthost) -> None:
    """R-B3: what follows is read and refused up to LAST; none of it is taken for commands."""
    async with await Client.greeted(server) as client:
        big = b"BDAT 1000001\r\n" + b"x" * 1_000_001
        client.send(*ENVELOPE, big, b"BDAT 6 LAST\r\nNOOP\r\n", "DATA", "RCPT TO:<a@b.test>")
        client.send(ENVELOPE[0], "RSET")
        codes = [(await client.reply())[0][:3] for _ in range(8)]
        assert codes == ["250", "250", "552", "552", "503", "503", "250", "250"]
        assert (await client.mail(b"a\r\n")).startswith("250 ")
    assert [mail.octets for mail in smarthost.messages] == [b"a\r\n"]


async def test_a_refusal_holds_up_to_the_last_chunk(
    server: SubmissionServer, smarthost: Smarthost
) -> None:
    """R-B9: each chunk of a batch gets the 452 of the first, LAST too (RFC 3030 §2); it ends."""
    memory = server._house.memory
    async with await Client.greeted(server) as client:
        taken = Settings().limits.memory_bytes - 2
        assert memory.take(taken)
        client.send(*ENVELOPE, b"BDAT 3\r\na\r\n")
        assert [(await client.reply())[0][:3] for _ in range(3)] == ["250", "250", "452"]
        memory.give_back(taken)
        client.send(b"BDAT 3\r\nb\r\n", "DATA", "RCPT TO:<a@b.test>", b"BDAT 3 LAST\r\nc\r\n")
        replies = [(await client.reply())[0][:10] for _ in range(4)]
        assert replies == ["452 4.3.1 ", "503 5.5.1 ", "503 5.5.1 ", "452 4.3.1 "]
        client.send(b"BDAT 3 LAST\r\nd\r\n", *ENVELOPE, b"BDAT 3 LAST\r\ne\r\n")
        assert [(await client.reply())[0][:3] for _ in range(4)] == ["503", "250", "250", "250"]
    assert [mail.octets for mail in smarthost.messages] == [b"e\r\n"]


async def test_a_refused_last_chunk_ends_the_transaction(
    server: SubmissionServer, smarthost: Smarthost
) -> None:
    """R-B9: the next message of a batch never goes out by the envelope of one that was refused."""
    smarthost.on("RCPT", "550 5.1.1 Nobody", match="nobody")
    async with await Client.greeted(server) as client:
        client.send("MAIL FROM:<eve@example.com>", "RCPT TO:<nobody@example.net>")
        client.send(b"BDAT 3 LAST\r\na\r\n", *ENVELOPE, b"BDAT 3 LAST\r\nb\r\n")
        codes = [(await client.reply())[0][:3] for _ in range(6)]
    assert codes == ["250", "550", "554", "250", "250", "250"]
    assert [mail.mail_from for mail in smarthost.messages] == ["ann@example.com"]


async def test_a_message_without_its_first_chunk_goes_nowhere(
    server: SubmissionServer, smarthost: Smarthost
) -> None:
    """R-C1: a chunk that was refused for want of a recipient is missing, whoever is named later."""
    async with await Client.greeted(server) as client:
        client.send(ENVELOPE[0], b"BDAT 3\r\na\r\n", ENVELOPE[1], b"BDAT 3 LAST\r\nb\r\n")
        assert [(await client.reply())[0][:3] for _ in range(4)] == ["250", "554", "503", "554"]
        client.send("RSET", *ENVELOPE, b"BDAT 3 LAST\r\nc\r\n")
        assert [(await client.reply())[0][:3] for _ in range(4)] == ["250"] * 4
    assert [mail.octets for mail in smarthost.messages] == [b"c\r\n"]


@pytest.mark.parametrize("command", ["DATA", "BDAT 3000000"])
async def test_what_is_left_of_a_message_is_never_obeyed(
    server: SubmissionServer,
    smarthost: Smarthost,
    command: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R-B1: a failure of ours amid a message ends the session: what comes next is no command."""

    async def no_thread(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("guard.submission.mail.intake._to_its_end", no_thread)
    async with await Client.greeted(server) as client:
        client.send(*ENVELOPE, command, b"x" * 600_000 + b"\r\nNOOP\r\n")
        told = []
        with contextlib.suppress(ConnectionResetError):  # instead of the last words, at times
            while reply := await client.reply():
                told += reply
    assert not any(line.startswith("250 2.0.0 ") for line in told)
    assert [line[:3] for line in told[2 + (command == "DATA") :]] in (["421"], [])
    assert smarthost.messages == []


async def test_chunks_out_of_order(server: SubmissionServer, smarthost: Smarthost) -> None:
    """R-B9: without MAIL, without a recipient, and mixed with DATA; the session stays in step."""
    smarthost.on("RCPT", "550 5.1.1 Nobody", match="nobody")
    async with await Client.greeted(server) as client:
        client.send(b"BDAT 6 LAST\r\nNOOP\r\n")
        client.send(ENVELOPE[0], "RCPT TO:<nobody@example.net>", b"BDAT 6 LAST\r\nQUIT\r\n", "RSET")
        client.send(*ENVELOPE, b"BDAT 3\r\na\r\n", "DATA", "RCPT TO:<c@d.test>", b"BDAT 0 LAST\r\n")
        codes = [(await client.reply())[0][:3] for _ in range(11)]
    assert codes == ["503", "250", "550", "554", "250", "250", "250", "250", "503", "503", "250"]
    assert smarthost.messages[0].octets == b"a\r\n"


@pytest.mark.parametrize("size", ["", "x", "-1", "1 FIRST", "1 LAST x", "9" * 30, "٣", "300000000"])
async def test_a_size_that_cannot_be_believed(server: SubmissionServer, size: str) -> None:
    """R-B8: nobody knows where the next command begins, so there is none."""
    async with await Client.greeted(server) as client:
        reply = await client.ask(f"BDAT {size}", "NOOP")
        assert reply[:4] == ("552 " if size == "300000000" else "501 ")
        assert await client.reply() == []


@pytest.mark.parametrize("command", ["DATA", "BDAT 100000"])
@pytest.mark.parametrize("size", [10, 50_000])
async def test_a_client_that_goes_leaves_nothing(
    server: SubmissionServer, smarthost: Smarthost, command: str, size: int
) -> None:
    """R-B5: in the middle of a message, small or spooled: no file stays open, no memory is kept."""
    before = nameless_files()
    client = await Client.greeted(server)
    client.send(*ENVELOPE, command, b"x" * size)
    for _ in range(2 + (command == "DATA")):
        await client.reply()
    async with asyncio.timeout(5):
        while not server._house.memory.used_bytes and nameless_files() == before:
            await asyncio.sleep(0.001)
        client.cut()
        while server._crowd.sessions:
            await asyncio.sleep(0.001)
    assert nameless_files() == before
    assert server._house.memory.used_bytes == 0
    assert smarthost.messages == []


async def test_above_the_budget_mail_is_put_off() -> None:
    """R-B5: while others fill the memory 452 is said at MAIL, at DATA or after the end, in step."""
    async with (
        Smarthost(extensions=CHUNKING) as smarthost,
        front(smarthost.address, memory_bytes=1_048_576, spool_bytes=10_000_000) as server,
    ):
        memory = server._house.memory
        async with await Client.greeted(server) as client:
            assert memory.take(1_048_000)
            assert (await client.mail(b"x" * 1000 + b"\r\n")).startswith("452 4.3.1 ")
            client.send(*ENVELOPE, b"BDAT 1000\r\n", b"x" * 1000, "RSET", "NOOP")
            codes = [(await client.reply())[0][:3] for _ in range(5)]
            assert codes == ["250", "250", "452", "250", "250"]
            await client.ask(ENVELOPE[0])
            await client.ask(ENVELOPE[1])
            assert memory.take(576)
            assert (await client.ask("DATA")).startswith("452 4.3.1 ")
            await client.ask("RSET")
            assert (await client.ask(ENVELOPE[0])).startswith("452 4.3.1 ")
            memory.give_back(1_048_576)
            assert (await client.mail(b"x" * 1000 + b"\r\n")).startswith("250 ")
        assert len(smarthost.messages) == 1
        assert memory.used_bytes == 0


async def test_line_ends_are_normalized_where_a_listener_says_so() -> None:
    """R-B2: for old devices; NUL is refused all the same, and only CRLF.CRLF ends a message."""
    async with (
        Smarthost(extensions=CHUNKING) as smarthost,
        front(smarthost.address, listen={"stray_line_ends": "normalize"}) as server,
    ):
        async with await Client.greeted(server) as client:
            assert (await client.mail(b"a\n.\nb\r.\rc\r\n")).startswith("250 ")
            assert (await client.mail(b"a\0b\r\n")).startswith("550 5.6.11 ")
            client.send(*ENVELOPE, b"BDAT 4 LAST\r\na\nb\n")
            assert [(await client.reply())[0][:3] for _ in range(3)] == ["250"] * 3
        assert [mail.octets for mail in smarthost.messages] == [
            b"a\r\n.\r\nb\r\n.\r\nc\r\n",
            b"a\r\nb\r\n",
        ]
        assert smarthost.violations == []


async def test_others_are_served_during_big_mail(
    server: SubmissionServer, smarthost: Smarthost
) -> None:
    """R-B6: while large messages come in and go out, a NOOP waits for none of them."""
    whole = b"x" * 99_998 + b"\r\n"
    async with await Client.greeted(server) as big, await Client.greeted(server) as small:
        noops = 0
        for line in (*ENVELOPE, "DATA"):
            await big.ask(line)
        mail = asyncio.create_task(big.ask(whole * 9 + b".\r\n"))
        while not mail.done():
            assert (await small.ask("NOOP")) == "250 2.0.0 Ok"
            noops += 1
        assert (await mail).startswith("250 ")
    assert noops > 2
    assert smarthost.messages[0].octets == whole * 9


@pytest.mark.parametrize("path", ["<postmaster>", "<Postmaster>", " <POSTMASTER>"])
async def test_postmaster_of_nowhere(server: SubmissionServer, path: str) -> None:
    """RFC 6409 §4.2: a submission server hands on full addresses only, and says what is missing."""
    async with await Client.greeted(server) as client:
        await client.ask(ENVELOPE[0])
        assert (await client.ask(f"RCPT TO:{path}")).startswith("550 5.1.3 Name the domain")
        assert (await client.ask("RCPT TO:<postmaster@example.net>")).startswith("250 ")


async def test_refused_recipients_are_logged(
    server: SubmissionServer, smarthost: Smarthost, capsys: pytest.CaptureFixture[str]
) -> None:
    """R-E3: how many and with which code; no address and none of the upstream's words."""
    smarthost.on("RCPT", "550 5.1.1 nobody@example.net is unknown", match="nobody")
    async with await Client.greeted(server) as client:
        client.send(ENVELOPE[0], *["RCPT TO:<nobody@example.net>"] * 3, ENVELOPE[1])
        codes = [(await client.reply())[0][:3] for _ in range(5)]
    assert codes == ["250", "550", "550", "550", "250"]
    said = capsys.readouterr()
    lines = [line for line in (said.out + said.err).splitlines() if "recipients.refused" in line]
    assert lines
    assert all("code=550" in line and "nobody" not in line for line in lines)


@pytest.mark.parametrize("value", ["REQUIRETLS", "REQUIRETLS=1"])
async def test_requiretls_in_clear(smarthost: Smarthost, value: str) -> None:
    """RFC 8689 §2: it is for encrypted sessions, so in clear it is no parameter that we know."""
    smarthost.extensions = (*CHUNKING, "REQUIRETLS")
    async with front(smarthost.address) as server, await Client.greeted(server) as client:
        assert (await client.ask(f"{ENVELOPE[0]} {value}")).startswith("555 5.5.4 ")
