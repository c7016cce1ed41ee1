"""A login from the client to the upstream and back, with mail after it."""

import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
import structlog
from certificates import Authority
from front import Client, front, pool_to
from smarthost import CLOSE, EXTENSIONS, Smarthost

from guard import telemetry
from guard.config import Listen, Settings
from guard.config.mail import Upstream
from guard.submission import SubmissionServer
from guard.submission.login.authentication import Authentication
from guard.submission.login.authenticators import authenticator_of

CANARY = "canary-in-the-coal-mine"
PLAIN = b64encode(f"\0ann@example.com\0{CANARY}".encode()).decode()
MAIL = b"Subject: a\r\n\r\nb\r\n"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not make anybody wait for having been wrong."""

    async def at_once(_: float) -> None:
        pass

    monkeypatch.setattr(Authentication.__init__, "__kwdefaults__", {"pause": at_once})


@asynccontextmanager
async def passing(
    folder: Path, auth: str = "AUTH PLAIN LOGIN"
) -> AsyncIterator[tuple[Smarthost, SubmissionServer, ssl.SSLContext]]:
    """A smarthost behind verified TLS, and Guard with implicit TLS before it."""
    authority = Authority(folder)
    listener = Listen(
        address="127.0.0.1:0",
        tls="implicit",
        certificate=authority.issue(),
        auth="required",
        trusted=(),
    )
    async with Smarthost(
        extensions=(*EXTENSIONS, auth), tls=authority.server_context()
    ) as smarthost:
        address = smarthost.address.replace("127.0.0.1", "localhost")
        route = {"tls": "required", "ca": authority.file}
        settings = Settings(listen=(listener,), upstream=Upstream(address=address, **route))
        async with pool_to(address, route=route) as pool:
            await pool.probe()
            async with front(
                smarthost.address,
                listen=listener.model_dump(),
                authenticator=authenticator_of(settings, pool),
            ) as server:
                yield smarthost, server, authority.client_context()


async def test_mail_goes_the_clients_own_way(tmp_path: Path) -> None:
    """T21: the client's mail leaves on the connection that its own login opened."""
    async with passing(tmp_path) as (smarthost, server, tls):
        async with await Client.greeted(server, tls) as client:
            assert (await client.mail(MAIL)).startswith("530 ")
            assert (await client.ask(f"auth plain {PLAIN}")).startswith("235 2.7.0")
            assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("503 ")
            before = len(smarthost.commands)
            for _ in range(2):
                assert (await client.mail(MAIL)).startswith("250 ")
            assert (await client.ask("QUIT")).startswith("221 ")
        await smarthost.wait_until(lambda: smarthost.commands[-1] == "QUIT")
        said = [line.split(" ")[0] for line in smarthost.commands[before:]]
        assert said == ["MAIL", "RCPT", "DATA", "MAIL", "RCPT", "DATA", "QUIT"]
        assert len(smarthost.messages) == 2


async def test_login_in_steps(tmp_path: Path) -> None:
    """R-B12: LOGIN, word by word; an upstream that only has PLAIN is spoken to in PLAIN."""
    async with passing(tmp_path, "AUTH PLAIN") as (smarthost, server, tls):
        async with await Client.greeted(server, tls) as client:
            assert await client.ask("AUTH LOGIN") == "334 VXNlcm5hbWU6"
            name = b64encode(b"ann@example.com").decode()
            assert await client.ask(name) == "334 UGFzc3dvcmQ6"
            assert (await client.ask(b64encode(CANARY.encode()).decode())).startswith("235 ")
        assert f"AUTH PLAIN {PLAIN}" in smarthost.commands


async def test_three_wrong_ones(tmp_path: Path) -> None:
    """R-B12: the upstream's own words, then 421 and the end; nobody can go on from there."""
    async with passing(tmp_path) as (smarthost, server, tls):
        smarthost.on("AUTH", "535 5.7.8 Wrong, says the smarthost")
        async with await Client.greeted(server, tls) as client:
            for _ in range(2):
                said = await client.ask(f"AUTH PLAIN {PLAIN}")
                assert said == "535 5.7.8 Wrong, says the smarthost"
                assert (await client.ask("MAIL FROM:<a@b.test>")).startswith("530 ")
            assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("421 4.7.0")
            assert await client.reply() == []


async def test_temporary(tmp_path: Path) -> None:
    """An upstream that hangs up instead of answering is no wrong password."""
    async with passing(tmp_path) as (smarthost, server, tls):
        smarthost.on("AUTH", CLOSE, times=4)
        async with await Client.greeted(server, tls) as client:
            for _ in range(4):
                assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("454 4.7.0")
            assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("235 ")


async def test_the_way_is_lost(tmp_path: Path) -> None:
    """The login cannot be made again: the client is sent away, to come back and log in anew."""
    async with passing(tmp_path) as (smarthost, server, tls):
        async with await Client.greeted(server, tls) as client:
            await client.ask(f"AUTH PLAIN {PLAIN}")
            smarthost.hang_up()
            await smarthost.wait_until(lambda: smarthost.open_connections == 0)
            # What it is told may come at once or with its next mail.
            assert (await client.ask("MAIL FROM:<ann@example.com>")).startswith("421 ")
            assert await client.reply() == []
        async with await Client.greeted(server, tls) as client:
            assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("235 ")
            assert (await client.mail(MAIL)).startswith("250 ")


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
@pytest.mark.parametrize("fault", [CLOSE, "421 4.3.2 Going down"])
async def test_the_way_is_lost_amid_mail(tmp_path: Path, command: str, fault: object) -> None:
    """T21: the session ends with 421 at once, not with the next mail."""
    async with (
        passing(tmp_path) as (smarthost, server, tls),
        await Client.greeted(server, tls) as client,
    ):
        await client.ask(f"AUTH PLAIN {PLAIN}")
        smarthost.on(command, fault)
        assert (await client.mail(MAIL)).startswith("451 ")
        assert (await client.reply())[0].startswith("421 4.4.1 ")
        assert await client.reply() == []


@pytest.mark.parametrize("refused", ["MAIL", "RCPT"])
async def test_refused_mail_loses_no_way(tmp_path: Path, refused: str) -> None:
    """T21: a refusal is no loss; the same login goes on."""
    async with (
        passing(tmp_path) as (smarthost, server, tls),
        await Client.greeted(server, tls) as client,
    ):
        await client.ask(f"AUTH PLAIN {PLAIN}")
        smarthost.on(refused, "451 4.7.1 Later", times=1)
        assert await client.mail(MAIL) == "451 4.7.1 Later"
        assert (await client.ask("RSET")).startswith("250 ")
        assert (await client.mail(MAIL)).startswith("250 ")


async def test_the_longest_response(tmp_path: Path) -> None:
    """R-B12: responses of 12,288 octets are taken and passed on, longer ones refused."""
    response = b"user=ann\x01auth=Bearer " + b"t" * 9191 + b"\x01\x01"
    longest = b64encode(response).decode()
    assert len(longest) == 12_288
    async with passing(tmp_path, "AUTH XOAUTH2") as (smarthost, server, tls):
        smarthost.on("AUTH", "334 ")
        smarthost.on(longest[:4].upper(), "235 2.7.0 Welcome", match=longest)
        async with await Client.greeted(server, tls) as client:
            assert (await client.ask(f"AUTH XOAUTH2 {longest}{'A' * 64}")).startswith("500 ")
            assert await client.ask("AUTH XOAUTH2") == "334 "
            assert (await client.ask(f"{longest}AAAA")).startswith("500 5.5.6")
            assert await client.ask("AUTH XOAUTH2") == "334 "
            assert (await client.ask(longest)).startswith("235 ")
        async with await Client.greeted(server, tls) as client:
            assert (await client.ask(f"AUTH XOAUTH2 {longest}")).startswith("235 ")


@contextmanager
def whole_log(file: Path) -> Iterator[None]:
    """Write the log as a running guard does, all of it."""
    with file.open("w") as stream:
        telemetry.configure(level="debug", stream=stream)
        try:
            yield
        finally:
            structlog.reset_defaults()


async def test_nothing_is_written_about_the_password(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-B12, R-J1: right, wrong, malformed, broken off, or in a crash of ours: in no output."""
    with whole_log(tmp_path / "log"):
        async with passing(tmp_path) as (smarthost, server, tls):
            async with await Client.greeted(server, tls) as client:
                smarthost.on("AUTH", "535 5.7.8 No", times=1)
                said = [
                    await client.ask(f"AUTH PLAIN {PLAIN}"),
                    await client.ask(f"AUTH PLAIN {CANARY}"),
                    await client.ask(f"AUTH {CANARY} {PLAIN}"),
                    await client.ask(f"{CANARY} {PLAIN}"),
                ]
                with monkeypatch.context() as crashing:
                    crashing.setattr(
                        "guard.upstream.own.mechanisms_of", lambda _: ("PLAIN", "LOGIN")
                    )
                    crashing.setattr("guard.upstream.own.log_in", _crash)
                    said.append(await client.ask(f"AUTH PLAIN {PLAIN}"))
                said.append(await client.ask(f"AUTH PLAIN {PLAIN}"))
                said.append(await client.mail(MAIL))
            async with await Client.greeted(server, tls) as client:
                await client.ask("AUTH LOGIN")
                client.send(f"{b64encode(CANARY.encode()).decode()}")
                client.cut()
    codes = [reply[:3] for reply in said]
    assert codes == ["535", "501", "504", "500", "451", "235", "250"]
    written = capfd.readouterr()
    seen = f"{said} {(tmp_path / 'log').read_text()} {written.out} {written.err}"
    for secret in (CANARY, PLAIN, b64encode(CANARY.encode()).decode()):
        assert secret not in seen


async def _crash(*_: object, **__: object) -> None:
    """Fail as a bug would."""
    raise ValueError(CANARY)
