# ruff: noqa: SIM117 -- the client inside the server inside the smarthost: in this order
"""TLS with clients: what is forgotten, what is dropped, and who may mail before and after."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from certificates import Authority
from front import PLAIN, Client, OnlyAnn, deliver, front
from smarthost import Smarthost

from guard.model.envelope import Submission
from guard.model.reply import Reply
from guard.ports import Transaction
from guard.submission import SubmissionServer
from guard.submission.entry.listener import Listener
from guard.submission.entry.tls import CURRENT, FAILED

MAIL = b"Subject: a\r\n\r\nb\r\n"


class Recorder:
    """An `Accept` that keeps who handed in what, and delivers it."""

    def __init__(self) -> None:
        self.submissions: list[Submission] = []

    async def __call__(
        self, submission: Submission, transaction: Transaction, gone: Callable[[], bool]
    ) -> Reply:
        self.submissions.append(submission)
        return await deliver(submission, transaction, gone)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def trusting(authority: Authority) -> ssl.SSLContext:
    """TLS settings of a client that trusts our certificate."""
    return authority.client_context()


def listener(authority: Authority, tls: str = "starttls", **more) -> dict:
    return {"tls": tls, "certificate": authority.issue(), **more}


async def announced(client: Client) -> set[str]:
    client.send("EHLO client.test")
    return {line[4:].split(" ")[0] for line in await client.reply()}


async def encrypted(server: SubmissionServer, tls: ssl.SSLContext) -> Client:
    """Connect and say STARTTLS; EHLO is the client's affair."""
    client = await Client.greeted(server)
    assert (await client.ask("STARTTLS")).startswith("220 ")
    await client.start_tls(tls)
    return client


async def test_starttls(authority: Authority, trusting: ssl.SSLContext) -> None:
    """R-B10: announced in clear, AUTH only under TLS; mail then comes encrypted, and says so."""
    recorder = Recorder()
    listen = listener(authority, auth="optional")
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, accept=recorder, listen=listen, authenticator=OnlyAnn()) as server,
    ):
        async with await Client.greeted(server) as client:
            before = await announced(client)
            assert "STARTTLS" in before
            assert "AUTH" not in before
            assert (await client.ask("STARTTLS")).startswith("220 ")
            await client.start_tls(trusting)
            after = await announced(client)
            assert "STARTTLS" not in after
            assert "AUTH" in after
            assert (await client.mail(MAIL)).startswith("250 ")
            assert (await client.ask("QUIT")).startswith("221 ")
    (submission,) = recorder.submissions
    assert submission.submitter.tls
    assert submission.submitter.peer == "127.0.0.1"


async def test_what_was_said_in_clear_is_forgotten(
    authority: Authority, trusting: ssl.SSLContext
) -> None:
    """R-B10: after the handshake the client has not even said hello (RFC 3207 §4.2)."""
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, listen=listener(authority)) as server,
        await encrypted(server, trusting) as client,
    ):
        assert await client.ask("MAIL FROM:<a@b.test>") == "503 5.5.1 Send EHLO first"
        assert (await client.ask("HELO client.test")).startswith("250 ")
        assert (await client.ask("MAIL FROM:<a@b.test>")).startswith("250 ")


async def test_starttls_at_the_wrong_time(authority: Authority, trusting: ssl.SSLContext) -> None:
    """R-B10: not twice, not with an argument, not in a transaction; the session goes on."""
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, listen=listener(authority)) as server,
        await Client.greeted(server) as client,
    ):
        assert (await client.ask("STARTTLS now")).startswith("501 ")
        assert (await client.ask("MAIL FROM:<a@b.test>")).startswith("250 ")
        assert (await client.ask("STARTTLS")).startswith("503 ")
        assert (await client.ask("RSET")).startswith("250 ")
        assert (await client.ask("STARTTLS")).startswith("220 ")
        await client.start_tls(trusting)
        assert (await client.ask("STARTTLS")).startswith("503 ")
        assert "STARTTLS" not in await announced(client)
        assert (await client.ask("NOOP")).startswith("250 ")


@pytest.mark.parametrize(
    "injected",
    [
        pytest.param(b"NOOP\r\n", id="a command"),
        pytest.param(b"MAIL FROM:<evil@b.test>\r\nRCPT TO:<c@d.test>\r\n", id="a mail"),
        pytest.param(b"x", id="half a command"),
    ],
)
async def test_octets_behind_starttls(authority: Authority, injected: bytes) -> None:
    """R-B10: what came in clear behind STARTTLS is never obeyed or answered; the session ends."""
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, listen=listener(authority)) as server,
    ):
        with structlog.testing.capture_logs() as logs:
            async with await Client.greeted(server) as client:
                client.send(b"STARTTLS\r\n" + injected)
                assert await client.reply() == [
                    "554 5.5.1 Nothing may follow STARTTLS before the handshake"
                ]
                assert await client.reply() == []
        assert [line["event"] for line in logs if line["event"] == "client.injected"]
    assert not [line for line in smarthost.commands if line.startswith("MAIL")]


async def test_octets_between_go_ahead_and_handshake(authority: Authority) -> None:
    """R-B10: what comes in clear after our 220 is no handshake; nothing is said in clear."""
    before = FAILED._value.get()
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, listen=listener(authority)) as server,
    ):
        async with await Client.greeted(server) as client:
            assert (await client.ask("STARTTLS")).startswith("220 ")
            client.send("NOOP", "MAIL FROM:<a@b.test>")
            said = await client.reader.read()
            assert b"250" not in said
    assert FAILED._value.get() == before + 1


async def test_a_client_that_leaves_in_the_handshake(authority: Authority) -> None:
    """The session ends, and nothing of it stays."""
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, listen=listener(authority)) as server,
    ):
        async with await Client.greeted(server) as client:
            assert (await client.ask("STARTTLS")).startswith("220 ")
            client.cut()
            async with asyncio.timeout(5):
                while server._visits:
                    await asyncio.wait(server._visits)
        assert server._crowd.sessions == {}


async def test_implicit_tls(authority: Authority, trusting: ssl.SSLContext) -> None:
    """R-B10: TLS from the first octet on (RFC 8314 §3.3); AUTH is offered, STARTTLS is not."""
    listen = listener(authority, "implicit", auth="required", trusted=())
    recorder = Recorder()
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, accept=recorder, listen=listen, authenticator=OnlyAnn()) as server,
    ):
        async with await Client.connect(server, trusting) as client:
            assert (await client.reply())[0].startswith("220 ")
            words = await announced(client)
            assert "AUTH" in words
            assert "STARTTLS" not in words
            assert (await client.ask("STARTTLS")).startswith("503 ")
            assert (await client.ask("MAIL FROM:<a@b.test>")).startswith("530 5.7.0 ")
            assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("235 ")
            assert (await client.mail(MAIL)).startswith("250 ")
    (submission,) = recorder.submissions
    assert (submission.submitter.tls, submission.submitter.login) == (True, "ann")


async def test_implicit_tls_and_no_handshake(authority: Authority) -> None:
    """Who speaks in clear where TLS comes first is told nothing, and counted."""
    before = FAILED._value.get()
    listen = listener(authority, "implicit")
    async with Smarthost() as smarthost, front(smarthost.address, listen=listen) as server:
        async with await Client.connect(server) as client:
            client.send("EHLO client.test")
            assert b"220" not in await client.reader.read()
        async with asyncio.timeout(5):
            while server._visits:
                await asyncio.wait(server._visits)
    assert FAILED._value.get() == before + 1


@pytest.mark.parametrize("limits", [{"per_address": 2}, {"connections": 2}])
async def test_handshakes_count_as_connections(limits: dict, authority: Authority) -> None:
    """R-B7: who opens connections and never shakes hands has used up its share of them."""
    listen = listener(authority, "implicit")
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, listen=listen, **limits) as server,
    ):
        clients = [await Client.connect(server) for _ in range(2)]
        async with asyncio.timeout(5):
            while len(server._crowd.sessions) < 2:
                await asyncio.sleep(0.001)
        async with await Client.connect(server) as third:
            assert await third.reader.read() == b""
        for client in clients:
            client.cut()
        async with asyncio.timeout(5):
            while server._visits:
                await asyncio.wait(server._visits)
        assert server._crowd.per_address == {}


@pytest.mark.parametrize(
    ("auth", "trusted", "clear", "under_tls"),
    [
        ("none", True, "250", "250"),
        ("none", False, "530 5.7.0 Must issue a STARTTLS command first", "554 5.7.1"),
        ("optional", True, "250", "250"),
        ("optional", False, "530 5.7.0 Must", "530 5.7.0 Authentication required"),
        ("required", True, "530 5.7.0 Must", "530 5.7.0 Authentication required"),
        ("required", False, "530 5.7.0 Must", "530 5.7.0 Authentication required"),
    ],
)
async def test_who_may_mail(
    auth: str,
    trusted: bool,
    clear: str,
    under_tls: str,
    authority: Authority,
    trusting: ssl.SSLContext,
) -> None:
    """R-B10: a trusted network may mail in clear, others log in, and that only under TLS."""
    listen = listener(authority, auth=auth, trusted=("127.0.0.0/8",) if trusted else ())
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, listen=listen, authenticator=OnlyAnn()) as server,
        await Client.greeted(server) as client,
    ):
        assert (await client.ask("MAIL FROM:<a@b.test>")).startswith(clear)
        await client.ask("RSET")
        await client.ask("STARTTLS")
        await client.start_tls(trusting)
        await client.ask("EHLO client.test")
        assert (await client.ask("MAIL FROM:<a@b.test>")).startswith(under_tls)
        await client.ask("RSET")
        if auth != "none":
            assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("235 ")
            assert (await client.ask("MAIL FROM:<a@b.test>")).startswith("250 ")


async def test_old_versions_of_tls(authority: Authority, trusting: ssl.SSLContext) -> None:
    """TLS 1.1 is refused."""
    before = FAILED._value.get()
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, listen=listener(authority)) as server,
    ):
        async with await Client.greeted(server) as client:
            assert (await client.ask("STARTTLS")).startswith("220 ")
            with pytest.warns(DeprecationWarning, match="TLSv1_1"):
                trusting.minimum_version = ssl.TLSVersion.TLSv1_1
            with pytest.warns(DeprecationWarning, match="TLSv1_1"):
                trusting.maximum_version = ssl.TLSVersion.TLSv1_1
            trusting.set_ciphers("ALL:@SECLEVEL=0")
            with contextlib.suppress(OSError):
                await client.start_tls(trusting)
    assert FAILED._value.get() == before + 1


async def test_pipelining_under_tls(authority: Authority, trusting: ssl.SSLContext) -> None:
    """R-B9: a client that sends with its handshake's last octets, and in one piece, is heard."""
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, listen=listener(authority)) as server,
        await encrypted(server, trusting) as client,
    ):
        client.send("EHLO c.test", *("MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>", "DATA"))
        for code in ("250", "250", "250", "354"):
            assert (await client.reply())[-1].startswith(code)
        body = MAIL + b"x" * 998 + b"\r\n"
        assert (await client.ask(body * 1000 + b".\r\n")).startswith("250 ")
        assert smarthost.messages[0].octets == body * 1000


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_a_new_certificate(tls: str, authority: Authority, trusting: ssl.SSLContext) -> None:
    """R-B11: running sessions keep the old one, new ones get the new; a broken file: no change."""
    listen = listener(authority, tls)

    async def come() -> tuple[Client, int]:
        if tls == "implicit":
            client = await Client.greeted(server, trusting)
        else:
            client = await encrypted(server, trusting)
            await client.ask("EHLO client.test")
        return client, client.writer.get_extra_info("peercert")["serialNumber"]

    async with Smarthost() as smarthost, front(smarthost.address, listen=listen) as server:
        first, old = await come()
        authority.issue()
        assert server.reload()
        second, new = await come()
        assert new != old
        listen["certificate"].write_bytes(b"broken")
        assert not server.reload()
        assert CURRENT.labels("127.0.0.1:0")._value.get() == 0
        third, same = await come()
        assert same == new
        for client in (first, second, third):
            async with client:
                assert (await client.mail(MAIL)).startswith("250 ")
    assert len(smarthost.messages) == 3


async def test_certificates_are_looked_at_now_and_then(
    authority: Authority, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-B11: a new file needs no signal."""
    monkeypatch.setattr("guard.submission.server.CERTIFICATES_S", 0.01)
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, listen=listener(authority)) as server,
    ):
        (entry,) = server._listeners
        before = entry.certificates.context
        authority.issue()
        async with asyncio.timeout(5):
            while entry.certificates.context is before:
                await asyncio.sleep(0.005)
        async with await encrypted(server, trusting) as client:
            assert (await client.ask("EHLO client.test")).startswith("250 ")


async def test_a_disk_that_hangs_keeps_nobody(
    authority: Authority, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-B11: while the files are looked at, clients are served."""
    looked, go_on = threading.Event(), threading.Event()

    def hang(_: Listener) -> None:
        looked.set()
        assert go_on.wait(10)

    monkeypatch.setattr("guard.submission.server.CERTIFICATES_S", 0.01)
    monkeypatch.setattr(Listener, "reload_if_changed", hang)
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, listen=listener(authority)) as server,
    ):
        try:
            assert await asyncio.to_thread(looked.wait, 10)
            async with await encrypted(server, trusting) as client:
                assert (await client.ask("EHLO client.test")).startswith("250 ")
                assert not go_on.is_set()
        finally:
            go_on.set()


async def test_client_certificate(authority: Authority) -> None:
    """EXTERNAL is offered to who shows a certificate of `client_ca`; its name is the login."""
    recorder = Recorder()
    listen = listener(authority, auth="optional", trusted=(), client_ca=authority.file)
    own = authority.issue("Ann", file="ann.pem", emails=("ann@example.com",))
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, accept=recorder, listen=listen, authenticator=OnlyAnn()) as server,
    ):
        async with await encrypted(server, authority.client_context(own)) as client:
            client.send("EHLO client.test")
            assert "250-AUTH EXTERNAL PLAIN" in await client.reply()
            assert (await client.ask("AUTH EXTERNAL =")).startswith("235 ")
            assert (await client.mail(MAIL)).startswith("250 ")
        async with await encrypted(server, authority.client_context()) as client:
            client.send("EHLO client.test")
            assert "250-AUTH PLAIN" in await client.reply()
            assert (await client.ask("AUTH EXTERNAL =")).startswith("504 ")
    assert recorder.submissions[0].submitter.login == "ann@example.com"


async def test_foreign_client_certificate(authority: Authority, tmp_path: Path) -> None:
    """A certificate of anybody else's authority ends the handshake."""
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other").issue("Ann", emails=("ann@example.com",))
    listen = listener(authority, "implicit", auth="optional", client_ca=authority.file)
    context = authority.client_context(stranger)
    before = FAILED._value.get()
    async with Smarthost() as smarthost, front(smarthost.address, listen=listen) as server:
        async with await Client.connect(server, context) as client:
            with contextlib.suppress(OSError):
                assert await client.reader.read() == b""
    assert FAILED._value.get() == before + 1


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_stop_in_the_handshake(tls: str, authority: Authority) -> None:
    """R-A8: a client that never shakes hands does not hold up the end."""
    listen = listener(authority, tls)
    async with Smarthost() as smarthost, front(smarthost.address, listen=listen) as server:
        client = await Client.connect(server)
        if tls == "starttls":
            await client.reply()
            assert (await client.ask("STARTTLS")).startswith("220 ")
            (session,) = server._crowd.sessions
            assert session._shaking_hands
        else:
            async with asyncio.timeout(5):
                while not server._arriving:
                    await asyncio.sleep(0.001)
        async with asyncio.timeout(5):
            await server.stop(60)
        assert server._visits == set()
        client.writer.close()


async def test_drain_under_tls(authority: Authority, trusting: ssl.SSLContext) -> None:
    """R-A8: 421 reaches idle clients under TLS, too."""
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, listen=listener(authority)) as server,
    ):
        client = await encrypted(server, trusting)
        await client.ask("EHLO client.test")
        stopping = asyncio.create_task(server.stop(10))
        assert await client.reply() == ["421 4.3.2 Going down, try again later"]
        assert await client.reply() == []
        client.writer.close()
        await stopping
