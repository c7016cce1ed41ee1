# ruff: noqa: SIM117 -- the client inside the server inside the smarthost: in this order
"""When a session takes AUTH, and what a login changes."""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import structlog
from certificates import Authority
from front import PASSWORD, PLAIN, Client, OnlyAnn, deliver, front, pool_to
from smarthost import Smarthost

from guard.model.envelope import Submission, Submitter
from guard.model.errors import UpstreamError
from guard.model.reply import Reply
from guard.ports import Credentials, Login, Transaction, Upstream
from guard.submission import SubmissionServer
from guard.submission.login.authentication import Authentication

MAIL = b"Subject: a\r\n\r\nb\r\n"


class OwnWay:
    """An `OwnUpstream` on the way that all share, which can be lost."""

    def __init__(self, pool: Upstream) -> None:
        self._pool = pool
        self.extensions = {"SIZE": "777"}
        self.lost = False
        self.closed = asyncio.Event()

    async def probe(self) -> None:
        """Nothing is left to learn."""

    async def transaction(self) -> Transaction:
        """Open one, or be lost."""
        if self.lost:
            raise UpstreamError
        return await self._pool.transaction()

    async def close(self) -> None:
        """Be closed."""
        self.closed.set()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@asynccontextmanager
async def house(
    authority: Authority, authenticator: object, tls: str = "implicit", **options
) -> AsyncIterator[tuple[SubmissionServer, ssl.SSLContext]]:
    """A server that wants logins, and the TLS settings of its clients."""
    listen = {"tls": tls, "certificate": authority.issue(), "auth": "required", "trusted": ()}
    async with Smarthost() as smarthost:
        async with front(
            smarthost.address, listen=listen, authenticator=authenticator, **options
        ) as server:
            yield server, authority.client_context()


async def test_login(authority: Authority) -> None:
    """The submission names the login and its address; AUTH is offered no more."""
    seen: list[Submitter] = []

    async def accept(
        submission: Submission, transaction: Transaction, gone: Callable[[], bool]
    ) -> Reply:
        seen.append(submission.submitter)
        return await deliver(submission, transaction, gone)

    async with house(authority, OnlyAnn(), accept=accept) as (server, tls):
        async with await Client.greeted(server, tls) as client:
            assert (await client.ask(f"auth plain {PLAIN}")).startswith("235 ")
            client.send("EHLO client.test")
            assert not any("AUTH" in line for line in await client.reply())
            assert (await client.mail(MAIL)).startswith("250 ")
    assert [(each.login, str(each.address)) for each in seen] == [("ann", "ann@example.com")]


@pytest.mark.parametrize(
    ("before", "code"),
    [
        pytest.param((), "503 5.5.1 Send EHLO first", id="before EHLO"),
        pytest.param(("HELO c.test",), "503 5.5.1 Send EHLO first", id="after HELO"),
        pytest.param(("EHLO c.test", f"AUTH PLAIN {PLAIN}"), "503 5.5.1 You are", id="twice"),
        pytest.param(
            ("EHLO c.test", f"AUTH PLAIN {PLAIN}", "MAIL FROM:<a@b.test>"),
            "503 5.5.1 A mail transaction",
            id="in a transaction",
        ),
    ],
)
async def test_auth_at_the_wrong_time(
    before: tuple[str, ...], code: str, authority: Authority
) -> None:
    """R-B12: after EHLO, before MAIL, once a session; the session goes on."""
    async with house(authority, OnlyAnn()) as (server, tls):
        async with await Client.connect(server, tls) as client:
            await client.reply()
            for line in before:
                assert (await client.ask(line))[0] == "2"
            assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith(code)
            assert (await client.ask("NOOP")).startswith("250 ")


async def test_auth_in_clear(authority: Authority) -> None:
    """R-B10: a login in clear is never looked at, right or wrong."""
    async with house(authority, OnlyAnn(), "starttls") as (server, _):
        async with await Client.greeted(server) as client:
            for argument in (f" PLAIN {PLAIN}", " PLAIN AGEAYg==", ""):
                assert (await client.ask(f"AUTH{argument}")) == (
                    "530 5.7.0 Must issue a STARTTLS command first"
                )


@pytest.mark.parametrize("argument", ["", " "])
async def test_auth_without_a_mechanism(argument: str, authority: Authority) -> None:
    """R-B12: 501."""
    async with house(authority, OnlyAnn()) as (server, tls):
        async with await Client.greeted(server, tls) as client:
            assert (await client.ask(f"AUTH{argument}")).startswith("501 ")


async def test_starttls_is_a_new_start(authority: Authority) -> None:
    """R-B10: only the login under TLS counts."""
    async with house(authority, OnlyAnn(), "starttls") as (server, tls):
        async with await Client.greeted(server) as client:
            await client.ask("STARTTLS")
            await client.start_tls(tls)
            assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("503 ")
            await client.ask("EHLO c.test")
            assert (await client.ask("MAIL FROM:<a@b.test>")).startswith("530 ")
            assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("235 ")
            assert (await client.ask("MAIL FROM:<a@b.test>")).startswith("250 ")


async def test_long_responses(authority: Authority) -> None:
    """R-B12: an initial response may have 12,288 octets; no other command may."""
    seen: list[Credentials] = []

    class Noting(OnlyAnn):
        async def log_in(self, credentials: Credentials) -> Login:
            seen.append(credentials)
            return await super().log_in(credentials)

    longest = b64encode(b"\0ann\0" + b"x" * (9216 - 5)).decode()
    assert len(longest) == 12_288
    async with house(authority, Noting()) as (server, tls):
        async with await Client.greeted(server, tls) as client:
            assert (await client.ask(f"AUTH PLAIN {longest}")).startswith("535 ")
            assert (await client.ask(f"NOOP {longest}")).startswith("500 ")
            assert (await client.ask(f"AUTH PLAIN {longest * 2}")).startswith("500 ")
            assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("235 ")
    assert len(seen[0].secret) == 9211


async def test_the_password_is_in_no_log(authority: Authority) -> None:
    """R-B12: neither right nor wrong, nor in a reply."""
    with structlog.testing.capture_logs() as logs:
        async with house(authority, OnlyAnn()) as (server, tls):
            async with await Client.greeted(server, tls) as client:
                replies = [await client.ask(f"AUTH PLAIN {PLAIN}")]
                replies.append(await client.ask(f"FNORD {PLAIN}"))
                replies.append(await client.ask(f"AUTH PLAIN {PLAIN} {PLAIN}"))
    for secret in (PASSWORD, PLAIN):
        assert secret not in repr(logs)
        assert secret not in repr(replies)


@pytest.mark.parametrize("end", ["QUIT", "", "421"])
async def test_an_upstream_of_its_own(end: str, authority: Authority) -> None:
    """A login that was passed on mails by a way of its own, which closes with the session."""
    async with Smarthost() as smarthost, pool_to(smarthost.address) as pool:
        own = OwnWay(pool)
        async with house(authority, OnlyAnn(own)) as (server, tls):
            async with await Client.greeted(server, tls) as client:
                assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("235 ")
                client.send("EHLO c.test")
                assert "250-SIZE 777" in await client.reply()
                assert (await client.mail(MAIL)).startswith("250 ")
                assert len(smarthost.messages) == 1
                assert not own.closed.is_set()
                if end == "421":
                    own.lost = True
                    assert (await client.ask("MAIL FROM:<a@b.test>")).startswith("421 4.4.1 ")
                    assert await client.reply() == []
                elif end:
                    assert (await client.ask(end)).startswith("221 ")
                else:
                    client.cut()
                async with asyncio.timeout(5):
                    await own.closed.wait()


async def test_drain_closes_the_way_out(authority: Authority) -> None:
    """R-A8: an idle client gets 421, and its own upstream a QUIT."""
    async with Smarthost() as smarthost, pool_to(smarthost.address) as pool:
        own = OwnWay(pool)
        async with house(authority, OnlyAnn(own)) as (server, tls):
            client = await Client.greeted(server, tls)
            assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("235 ")
            stopping = asyncio.create_task(server.stop(10))
            assert (await client.reply())[0].startswith("421 4.3.2")
            assert await client.reply() == []
            client.writer.close()
            await stopping
            assert own.closed.is_set()


@pytest.mark.parametrize("step", ["response", "check"])
async def test_drain_during_a_login(step: str, authority: Authority) -> None:
    """R-A8: who is asked for a response hears 421; a login that is checked hears its end first."""
    checking, go_on = asyncio.Event(), asyncio.Event()

    class Slow(OnlyAnn):
        async def log_in(self, credentials: Credentials) -> Login:
            checking.set()
            await go_on.wait()
            return await super().log_in(credentials)

    async with house(authority, Slow()) as (server, tls):
        client = await Client.greeted(server, tls)
        if step == "response":
            assert (await client.ask("AUTH PLAIN")).startswith("334 ")
        else:
            client.send(f"AUTH PLAIN {PLAIN}")
            await checking.wait()
        stopping = asyncio.create_task(server.stop(10))
        if step == "check":
            await asyncio.sleep(0)
            go_on.set()
            assert (await client.reply())[0].startswith("235 ")
        assert (await client.reply())[0].startswith("421 4.3.2")
        assert await client.reply() == []
        client.writer.close()
        await stopping


async def test_three_wrong_logins(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-B12: then 421, and the session is over."""

    async def at_once(_: float) -> None:
        """The pauses have tests of their own."""

    monkeypatch.setattr(
        "guard.submission.house.Authentication", partial(Authentication, pause=at_once)
    )
    wrong = b64encode(b"\0ann\0wrong").decode()
    async with house(authority, OnlyAnn()) as (server, tls):
        async with await Client.greeted(server, tls) as client:
            replies = [await client.ask(f"AUTH PLAIN {wrong}") for _ in range(3)]
            assert [reply[:3] for reply in replies] == ["535", "535", "421"]
            assert await client.reply() == []
