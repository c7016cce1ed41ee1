# ruff: noqa: SIM117 -- the client inside the server inside the smarthost: in this order
"""Clients that others speak for: the PROXY protocol and XCLIENT."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from certificates import Authority
from front import PLAIN, Client, OnlyAnn, deliver, front
from smarthost import Smarthost

from guard.model.envelope import Submission, Submitter
from guard.model.reply import Reply
from guard.ports import Transaction
from guard.submission import SubmissionServer
from guard.submission.entry.proxy import SIGNATURE
from guard.submission.server import UNPROXIED

MAIL = b"Subject: a\r\n\r\nb\r\n"
HERE = ("127.0.0.0/8",)
THERE = ("192.0.2.0/24",)
ALL = ("0.0.0.0/0", "::/0")
HEADER = b"PROXY TCP4 192.0.2.7 127.0.0.1 51000 587\r\n"
LOCAL = SIGNATURE + b"\x20\0\0\0"
UNSPECIFIED = SIGNATURE + b"\x21\0\0\0"


class Recorder:
    """An `Accept` that keeps who handed in what, and delivers it."""

    def __init__(self) -> None:
        self.submitters: list[Submitter] = []

    async def __call__(
        self, submission: Submission, transaction: Transaction, gone: Callable[[], bool]
    ) -> Reply:
        self.submitters.append(submission.submitter)
        return await deliver(submission, transaction, gone)


async def until_empty(server: SubmissionServer) -> None:
    async with asyncio.timeout(5):
        while server._visits:
            await asyncio.wait(server._visits)


# PROXY


@pytest.mark.parametrize(
    ("header", "trusted", "answer"),
    [
        pytest.param(HEADER, THERE, "250 ", id="the client is trusted"),
        pytest.param(HEADER, HERE, "554 5.7.1 ", id="only the proxy is"),
        pytest.param(LOCAL, HERE, "250 ", id="the proxy speaks for itself"),
        pytest.param(LOCAL, THERE, "554 5.7.1 ", id="and is not trusted"),
        pytest.param(b"PROXY UNKNOWN\r\n", ALL, "554 5.7.1 ", id="nobody knows the client"),
        pytest.param(UNSPECIFIED, ALL, "554 5.7.1 ", id="nobody knows it, version 2"),
    ],
)
async def test_trust_speaks_of_the_client(
    header: bytes, trusted: tuple[str, ...], answer: str
) -> None:
    """PROXY x trusted: who is trusted is the client that the proxy names."""
    listen = {"proxies": HERE, "proxy_protocol": "required", "trusted": trusted}
    async with Smarthost() as smarthost, front(smarthost.address, listen=listen) as server:
        async with await Client.connect(server) as client:
            client.send(header + b"EHLO client.test\r\n")
            assert (await client.reply())[0].startswith("220 ")
            await client.reply()
            assert (await client.ask("MAIL FROM:<a@b.test>")).startswith(answer)


async def test_the_client_behind_a_proxy_is_the_submitter() -> None:
    """PROXY: its address stands in the submission; the session is not the proxy's to lead."""
    recorder = Recorder()
    listen = {"proxies": HERE, "proxy_protocol": "required", "trusted": THERE}
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, accept=recorder, listen=listen) as server,
    ):
        async with await Client.connect(server) as client:
            client.send(HEADER, "EHLO client.test")
            await client.reply()
            assert "XCLIENT" not in " ".join(await client.reply())
            assert (await client.ask("XCLIENT ADDR=192.0.2.9")).startswith("550 ")
            assert (await client.mail(MAIL)).startswith("250 ")
    assert [submitter.peer for submitter in recorder.submitters] == ["192.0.2.7"]


@pytest.mark.parametrize(
    ("proxies", "octets"),
    [
        pytest.param(THERE, HEADER, id="a right header from elsewhere"),
        pytest.param(HERE, b"EHLO client.test\r\n", id="no header"),
        pytest.param(HERE, b"PROXY TCP4 1.2.3\r\n", id="a wrong one"),
        pytest.param(HERE, b"PROXY TCP4 192", id="half of one"),
        pytest.param(HERE, b"", id="nothing"),
    ],
)
async def test_without_a_header_nothing_is_said(
    proxies: tuple[str, ...], octets: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PROXY required: only from `proxies`, whole and in time; else the connection is closed."""
    monkeypatch.setattr("guard.submission.entry.listener.HEADER_S", 0.2)
    before = UNPROXIED._value.get()
    listen = {"proxies": proxies, "proxy_protocol": "required", "trusted": (*HERE, *THERE)}
    async with Smarthost() as smarthost, front(smarthost.address, listen=listen) as server:
        async with await Client.connect(server) as client:
            client.send(octets)
            with contextlib.suppress(ConnectionResetError):  # what it had sent was never read
                assert await client.reader.read() == b""
        await until_empty(server)
    assert UNPROXIED._value.get() == before + 1


@pytest.mark.parametrize("proxies", [HERE, ()])
async def test_refused_proxy_protocol(proxies: tuple[str, ...]) -> None:
    """PROXY refused: its line is a command that nobody knows."""
    listen = {"proxies": proxies}
    async with Smarthost() as smarthost, front(smarthost.address, listen=listen) as server:
        async with await Client.connect(server) as client:
            assert (await client.reply())[0].startswith("220 ")
            assert (await client.ask(HEADER)).startswith("500 ")
            assert (await client.ask("NOOP")).startswith("250 ")


async def test_a_header_in_single_octets() -> None:
    """PROXY: however it is cut."""
    listen = {"proxies": HERE, "proxy_protocol": "required", "trusted": THERE}
    async with Smarthost() as smarthost, front(smarthost.address, listen=listen) as server:
        async with await Client.connect(server) as client:
            for octet in HEADER:
                client.send(bytes([octet]))
                await asyncio.sleep(0)
            assert (await client.reply())[0].startswith("220 ")


async def test_header_before_the_handshake(tmp_path: Path) -> None:
    """PROXY with implicit TLS: the header comes first, in clear, and TLS right behind it."""
    authority = Authority(tmp_path)
    listen = {
        "tls": "implicit",
        "certificate": authority.issue(),
        "proxies": HERE,
        "proxy_protocol": "required",
        "trusted": THERE,
    }
    async with Smarthost() as smarthost, front(smarthost.address, listen=listen) as server:
        async with await Client.connect(server) as client:
            said = await in_one_segment(client, HEADER, authority.client_context())
            assert said.startswith(b"220 ")
            (session,) = server._crowd.sessions
            assert (session.tls, session.peer) == (True, "192.0.2.7")


async def in_one_segment(client: Client, header: bytes, context: ssl.SSLContext) -> bytes:
    """Send *header* and the first octets of the handshake together; give what is said then."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    prefix = header
    while True:
        try:
            tls.do_handshake()
            client.send(outgoing.read())
            return tls.read()
        except ssl.SSLWantReadError:
            client.send(prefix + outgoing.read())
            prefix = b""
            incoming.write(await client.reader.read(65536))


async def test_per_address_speaks_of_the_client() -> None:
    """R-B7 behind a proxy: one client cannot take the connections of all."""
    listen = {"proxies": HERE, "proxy_protocol": "required", "trusted": THERE}
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, listen=listen, per_address=2) as server,
    ):
        clients = []
        for number, code in ((7, "220"), (7, "220"), (7, "421"), (8, "220")):
            client = await Client.connect(server)
            client.send(f"PROXY TCP4 192.0.2.{number} 127.0.0.1 1 2")
            assert (await client.reply())[0].startswith(code)
            clients.append(client)
        for client in clients:
            client.writer.close()
        await until_empty(server)
        assert server._crowd.per_address == {}


async def test_nobody_knows_the_client(tmp_path: Path) -> None:
    """PROXY UNKNOWN: it may log in, cannot be the proxy, and shares no limit of an address."""
    authority, recorder = Authority(tmp_path), Recorder()
    listen = {
        "tls": "starttls",
        "certificate": authority.issue(),
        "auth": "optional",
        "proxies": ALL,
        "proxy_protocol": "required",
        "trusted": ALL,
    }
    async with (
        Smarthost() as smarthost,
        front(
            smarthost.address,
            accept=recorder,
            listen=listen,
            authenticator=OnlyAnn(),
            per_address=1,
        ) as server,
    ):
        clients = [await Client.connect(server) for _ in range(2)]
        for client in clients:
            client.send(b"PROXY UNKNOWN\r\n")
            assert (await client.reply())[0].startswith("220 ")
            await client.ask("STARTTLS")
            await client.start_tls(authority.client_context())
            client.send("EHLO client.test")
            assert "XCLIENT" not in " ".join(await client.reply())
            assert (await client.ask("XCLIENT ADDR=192.0.2.9")).startswith("550 ")
            assert (await client.ask("MAIL FROM:<a@b.test>")).startswith("530 ")
            assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("235 ")
            assert (await client.mail(MAIL)).startswith("250 ")
        for client in clients:
            client.writer.close()
        await until_empty(server)
        assert server._crowd.per_address == {}
    assert [submitter.peer for submitter in recorder.submitters] == ["", ""]


# XCLIENT


@pytest.mark.parametrize("proxies", [HERE, THERE, ()], ids=["proxy", "others", "no proxies"])
@pytest.mark.parametrize("trusted", [HERE, (), THERE], ids=["trusted", "stranger", "client"])
async def test_who_may_introduce(proxies: tuple[str, ...], trusted: tuple[str, ...]) -> None:
    """XCLIENT is announced to and taken from `proxies`, whether they are trusted or not."""
    listen = {"proxies": proxies, "trusted": trusted}
    async with Smarthost() as smarthost, front(smarthost.address, listen=listen) as server:
        async with await Client.greeted(server) as client:
            client.send("EHLO proxy.test")
            offered = any(line[4:].startswith("XCLIENT ") for line in await client.reply())
            assert offered == (proxies == HERE)
            reply = await client.ask("XCLIENT ADDR=192.0.2.7 NAME=client.test")
            expected = "220 " if proxies == HERE else "550 5.7.1 " if proxies else "500 "
            assert reply.startswith(expected)
            await client.ask("EHLO proxy.test")
            speaker = THERE if proxies == HERE else HERE
            mail = await client.ask("MAIL FROM:<a@b.test>")
            assert mail.startswith("250 " if trusted == speaker else "554 5.7.1 ")


async def introduced(client: Client, said: str) -> Client:
    """Speak for another client, and greet."""
    assert (await client.ask(f"XCLIENT {said}")).startswith("220 ")
    assert (await client.ask("EHLO proxy.test")).startswith("250 ")
    return client


async def test_introduced_login() -> None:
    """XCLIENT LOGIN counts as a login; the address is the login's own, or with our domain."""
    recorder = Recorder()
    listen = {"proxies": HERE, "trusted": ()}
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, accept=recorder, listen=listen) as server,
        await Client.greeted(server) as client,
    ):
        for login in ("ann", "bob@example.net", "no+20address"):
            said = f"ADDR=192.0.2.7 HELO=pc.test LOGIN={login}"
            assert (await (await introduced(client, said)).mail(MAIL)).startswith("250 ")
        await introduced(client, "ADDR=192.0.2.8")
        assert (await client.ask("MAIL FROM:<a@b.test>")).startswith("554 ")
    assert [(each.login, str(each.address)) for each in recorder.submitters] == [
        ("ann", "ann@example.com"),
        ("bob@example.net", "bob@example.net"),
        ("no address", "None"),
    ]
    assert {(each.peer, each.helo) for each in recorder.submitters} == {("192.0.2.7", "pc.test")}


async def test_introductions_in_parts() -> None:
    """XCLIENT in several commands adds up, the address first; what is unknown is taken back."""
    recorder = Recorder()
    listen = {"proxies": HERE, "trusted": ()}
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, accept=recorder, listen=listen) as server,
        await Client.greeted(server) as client,
    ):
        await introduced(client, "ADDR=[UNAVAILABLE]")
        await introduced(client, "LOGIN=ann")
        assert (await client.mail(MAIL)).startswith("250 ")
        await introduced(client, "LOGIN=[UNAVAILABLE]")
        assert (await client.ask("MAIL FROM:<a@b.test>")).startswith("554 ")
    (submitter,) = recorder.submitters
    assert (submitter.peer, submitter.login, submitter.helo) == ("", "ann", "proxy.test")


async def test_introduced_client_logs_in_itself(tmp_path: Path) -> None:
    """XCLIENT without LOGIN leaves AUTH to the client; with it nobody logs in twice."""
    authority = Authority(tmp_path)
    listen = {
        "tls": "starttls",
        "certificate": authority.issue(),
        "auth": "required",
        "proxies": HERE,
    }
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, listen=listen, authenticator=OnlyAnn()) as server,
        await Client.greeted(server) as client,
    ):
        await client.ask("STARTTLS")
        await client.start_tls(authority.client_context())
        await introduced(client, "ADDR=192.0.2.7")
        assert (await client.ask("MAIL FROM:<a@b.test>")).startswith("530 5.7.0 ")
        await introduced(client, "LOGIN=ann")
        assert (await client.ask("AUTH PLAIN =")).startswith("503 ")
        assert (await client.ask("MAIL FROM:<a@b.test>")).startswith("250 ")


async def test_per_address_speaks_of_the_introduced_client() -> None:
    """R-B7 with XCLIENT: the proxy itself has no limit, the clients it names have."""
    listen = {"proxies": HERE, "trusted": ()}
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, listen=listen, per_address=1) as server,
    ):
        clients = [await Client.greeted(server) for _ in range(3)]
        for client, address, code in zip(clients, (7, 7, 8), ("220", "421", "220"), strict=True):
            reply = await client.ask(f"XCLIENT ADDR=192.0.2.{address}")
            assert reply.startswith(code)
        assert await clients[1].reply() == []
        for client in clients:
            client.writer.close()
        await until_empty(server)
        assert server._crowd.per_address == {}
