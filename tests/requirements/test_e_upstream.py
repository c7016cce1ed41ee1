"""R-E over real sockets, through the whole of Guard: what the upstream does, and who is told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from certificates import Authority
from front import QUICK, Client, pool_to
from smarthost import CLOSE, HANG, RESET, TAKE_AND_CLOSE, TAKE_AND_HANG, Fault, Smarthost
from whole import ENVELOPE, below_trace, guarding, pipeline

from guard.config import Listen, Settings
from guard.submission import SubmissionServer
from guard.upstream import Budgets
from guard.upstream.tls import TLS_REFUSED

MAIL = b"Subject: x\r\n\r\nhello\r\n"
BIG = b"Subject: x\r\n\r\n" + b"a line of some length\r\n" * 400_000

SPOKEN = [
    "421 4.3.2 Busy",
    "451 4.7.1 Later",
    "450 4.2.0 Greylisted",
    "550 5.7.1 No",
    "554 5.0.0 x",
]
BROKEN = [
    CLOSE,
    RESET,
    pytest.param(HANG, id="HANG"),
    pytest.param(b"220-x\r\n" * 600, id="flood of lines"),
    pytest.param(b"250-" + b"x" * 70_000, id="endless line"),
    pytest.param(b"250 a\n", id="bare LF"),
    pytest.param(b"\x16\x03\x01\x00\xff" * 50, id="TLS"),
    pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", id="HTTP"),
    pytest.param(b"250 a\r\n250 b\r\n250 c\r\n250 d\r\n", id="too many replies"),
]
BEFORE_THE_DOT = ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"]


@pytest.fixture
async def server(smarthost: Smarthost) -> AsyncIterator[SubmissionServer]:
    async with guarding(smarthost, budgets=QUICK) as server:
        yield server


async def tried(server: SubmissionServer, octets: bytes = MAIL) -> str:
    """Send a mail once as a client does, and give the reply that decides."""
    async with await Client.greeted(server) as client:
        reply = await client.mail(octets)
        # Whatever became of it, the session is in order, and nobody is told that we hang up.
        assert await client.ask("NOOP") == "250 2.0.0 Ok"
    return reply


async def tried_again(server: SubmissionServer) -> list[str]:
    """Send a mail as a queue does, until it is taken or refused for good; give all replies."""
    replies: list[str] = []
    async with asyncio.timeout(30):
        while not replies or replies[-1][0] == "4":
            replies.append(await tried(server))
    return replies


def copies(smarthost: Smarthost) -> list[bytes]:
    """What arrived, without our trace lines."""
    return [below_trace(mail.octets) for mail in smarthost.messages]


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("command", BEFORE_THE_DOT)
async def test_broken_before_the_dot(
    server: SubmissionServer, smarthost: Smarthost, command: str, fault: Fault | bytes
) -> None:
    """R-E1, R-E2, R-E5: 451 at the command it belongs to; tried again, one copy arrives."""
    smarthost.on(command, fault, times=1)
    first = await tried(server)
    assert first.startswith(("451 4.4.1 ", "250 "))  # a kept connection is replaced unseen
    assert len(smarthost.messages) == first.startswith("250")
    if first[0] == "4":
        assert (await tried_again(server))[-1].startswith("250 ")
    assert copies(smarthost) == [MAIL]


@pytest.mark.parametrize("reply", SPOKEN)
@pytest.mark.parametrize("command", [*BEFORE_THE_DOT[2:], "DOT"])
async def test_the_upstreams_own_words(
    server: SubmissionServer, smarthost: Smarthost, command: str, reply: str
) -> None:
    """R-E1, R-E2: code and text reach the client; only 421 is 451, for it is not we who part."""
    smarthost.on(command, reply)
    said = await tried(server)
    own_words = reply.replace("421 ", "451 ", 1)
    # 421 to DATA is taken for a connection that was closed: all is said again, once.
    assert said == own_words
    assert smarthost.messages == []


@pytest.mark.parametrize("fault", [TAKE_AND_CLOSE, TAKE_AND_HANG])
async def test_the_answer_to_the_dot_is_lost(
    server: SubmissionServer, smarthost: Smarthost, fault: Fault
) -> None:
    """R-E1: the one case in which there are two: 451 4.4.2, and the client sends it again."""
    smarthost.on("DOT", fault, times=1)
    replies = await tried_again(server)
    assert [reply[:10] for reply in replies] == ["451 4.4.2 ", "250 2.0.0 "]
    assert copies(smarthost) == [MAIL, MAIL]


@pytest.mark.parametrize("fault", [CLOSE, RESET, HANG, b"nonsense\r\n", b"250-" + b"x" * 70_000])
async def test_broken_at_the_dot(
    server: SubmissionServer, smarthost: Smarthost, fault: Fault | bytes
) -> None:
    """R-E1, R-E5: nobody knows, so never 250 and never 5xx; tried again, one copy here."""
    smarthost.on("DOT", fault, times=1)
    replies = await tried_again(server)
    assert [reply[:10] for reply in replies] == ["451 4.4.2 ", "250 2.0.0 "]
    assert copies(smarthost) == [MAIL]


@pytest.mark.parametrize("fault", [CLOSE, RESET, b"451 4.3.0 Full\r\n", b"552 5.3.4 Too big\r\n"])
async def test_broken_within_the_message(
    server: SubmissionServer, smarthost: Smarthost, fault: Fault | bytes
) -> None:
    """R-E1: before the dot went out nothing was taken, and that is what is said."""
    smarthost.on("BODY", fault, times=1)
    reply = await tried(server, BIG)
    if isinstance(fault, bytes):
        assert f"{reply}\r\n".encode() == fault
    else:
        assert reply.startswith("451 4.4.1 ")
    assert smarthost.messages == []


async def test_down_and_up(server: SubmissionServer, smarthost: Smarthost) -> None:
    """R-E1: 451 while it is down, and the same mail once when it is up."""
    assert (await tried(server)).startswith("250 ")
    await smarthost.stop()
    assert (await tried(server)).startswith("451 4.4.1 ")
    await smarthost.start()
    assert (await tried_again(server))[-1].startswith("250 ")
    assert copies(smarthost) == [MAIL, MAIL]


HOSTILE_TEXT = b"550 5.1.1 No\x1b[2J \x00\xff \xe2\x80\xae user\r\n"


async def test_text_is_cleaned(server: SubmissionServer, smarthost: Smarthost) -> None:
    """R-E2, R-E5: what is not printable ASCII does not reach the client."""
    smarthost.on("RCPT", HOSTILE_TEXT)
    assert await tried(server) == "550 5.1.1 No?[2J ?? ??? user"


async def test_partial_refusal(server: SubmissionServer, smarthost: Smarthost) -> None:
    """R-E3: each refusal at its own RCPT, for good and for now; the others get the mail, once."""
    smarthost.on("RCPT", "550 5.1.1 No such user", match="<no")
    smarthost.on("RCPT", "450 4.2.2 Mailbox full", match="<full")
    names = ("a", "no1", "b", "full", "no2", "c")
    async with await Client.greeted(server) as client:
        client.send(ENVELOPE[0], *(f"RCPT TO:<{name}@example.net>" for name in names), "DATA")
        codes = [(await client.reply())[0][:3] for _ in range(8)]
        assert codes == ["250", "250", "550", "250", "450", "550", "250", "354"]
        assert (await client.ask(MAIL + b".\r\n")).startswith("250 ")
    (mail,) = smarthost.messages
    assert mail.rcpts == ("a@example.net", "b@example.net", "c@example.net")


async def test_a_hanging_upstream_stops_nobody(
    server: SubmissionServer, smarthost: Smarthost
) -> None:
    """R-E4: mail that hangs, in every place of its way, holds up no other mail."""
    smarthost.on("MAIL", HANG, match="mail-hangs")
    smarthost.on("RCPT", HANG, match="rcpt-hangs")
    smarthost.on("DOT", HANG, match="dot-hangs")
    async with asyncio.TaskGroup() as tasks:
        stuck = []
        for number in range(30):
            client = await Client.greeted(server)
            sender, to = ("mail-hangs", "b") if number % 3 == 0 else ("ann", "dot-hangs")
            to = "rcpt-hangs" if number % 3 == 1 else to
            people = {"sender": f"<{sender}@a.test>", "recipients": (f"<{to}@b.test>",)}
            stuck.append((client, tasks.create_task(client.mail(MAIL, **people))))
        assert (await tried(server)).startswith("250 ")
        assert not all(mail.done() for _, mail in stuck)
    assert {mail.result()[:5] for _, mail in stuck} == {"451 4"}
    for client, _ in stuck:
        client.cut()
    assert copies(smarthost) == [MAIL]


async def test_an_upstream_that_takes_few_connections(
    server: SubmissionServer, smarthost: Smarthost
) -> None:
    """R-E4: its 421 at the greeting costs no mail as long as it serves one connection."""
    assert (await tried(server)).startswith("250 ")
    smarthost.on("CONNECT", "421 4.7.0 Too many connections")
    async with asyncio.TaskGroup() as tasks:
        mails = [tasks.create_task(tried(server)) for _ in range(8)]
    assert {mail.result()[:4] for mail in mails} == {"250 "}
    assert copies(smarthost) == [MAIL] * 9


def test_budgets() -> None:
    """R-E4: connect 10 s, a command 30 s, the dot 240 s; together under the client's 300 s."""
    budgets = Budgets()
    assert (budgets.connect_s, budgets.command_s, budgets.dot_s) == (10, 30, 240)
    assert budgets.connect_s + budgets.command_s + budgets.dot_s < 300


@pytest.mark.parametrize("flaw", ["no STARTTLS", "another name", "expired", "injected"])
async def test_flaws_of_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flaw: str) -> None:
    """R-E8: the client is told 451 4.4.1; no mail, no password has left, and there is an alarm."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    (tmp_path / "password").write_text("secret")
    name = "other.test" if flaw == "another name" else "localhost"
    tls = authority.server_context(name, expired=flaw == "expired")
    route = {"tls": "required", "user": "guard", "password_file": tmp_path / "password"}
    before = alarms()
    async with Smarthost(tls=None if flaw == "no STARTTLS" else tls) as smarthost:
        if flaw == "injected":
            smarthost.on("STARTTLS", b"220 Go\r\n250 evil\r\n")
        address = smarthost.address.replace("127.0.0.1", "localhost")
        async with pool_to(address, route=route) as pool:
            listen = (Listen(address="127.0.0.1:0"),)
            server = SubmissionServer(Settings(listen=listen), pool, pipeline().accept)
            await server.start()
            try:
                assert (await tried(server)).startswith("451 4.4.1 ")
            finally:
                await server.stop(0)
        assert smarthost.messages == []
        assert {line.split(" ")[0] for line in smarthost.commands} <= {"EHLO", "STARTTLS", "QUIT"}
    assert alarms() > before


def alarms() -> float:
    """How often TLS was not what it must be."""
    samples = [sample for metric in TLS_REFUSED.collect() for sample in metric.samples]
    return sum(sample.value for sample in samples if sample.name.endswith("_total"))
