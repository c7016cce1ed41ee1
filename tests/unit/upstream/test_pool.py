"""Connections that are kept, shared, called back and given up."""

import asyncio
from base64 import b64encode
from pathlib import Path

import pytest
from certificates import Authority
from front import pool_to
from smarthost import EXTENSIONS, HANG, Smarthost

from guard.model.address import Address
from guard.model.envelope import Recipient
from guard.model.errors import UpstreamError
from guard.ports import Fate
from guard.upstream import Budgets, UpstreamPool
from guard.upstream import pool as pool_module

ANN = Address.parse("ann@example.com")
BOB = Recipient(address=Address.parse("bob@example.net"), params=("NOTIFY=NEVER",))
OCTETS = b"Subject: a\r\n\r\n"


async def begun(pool: UpstreamPool):
    transaction = await pool.transaction()
    assert (await transaction.mail(ANN, ())).is_positive
    assert (await transaction.rcpt(BOB)).is_positive
    return transaction


async def test_connections_are_capped() -> None:
    """Above the cap one waits until another is done; nobody is refused for it."""
    async with Smarthost() as smarthost, pool_to(smarthost.address, size=2) as pool:

        async def send() -> Fate:
            (fate,) = (await (await begun(pool)).data(OCTETS)).fates
            return fate

        assert await asyncio.gather(*(send() for _ in range(9))) == [Fate.TAKEN] * 9
        assert smarthost.connections == 2


async def test_all_at_work_for_too_long() -> None:
    """R-E4: who waits in vain for a connection is told in time."""
    async with Smarthost() as smarthost:
        smarthost.on("DOT", HANG)
        budgets = Budgets(command_s=0.3, dot_s=5)
        async with pool_to(smarthost.address, size=1, budgets=budgets) as pool:
            hanging = asyncio.create_task((await begun(pool)).data(OCTETS))
            await smarthost.wait_until(lambda: "DATA" in smarthost.commands)
            with pytest.raises(UpstreamError):
                await pool.transaction()
            hanging.cancel()


async def test_slow_clients_shut_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-B7, R-E4: the connection of an idle transaction is called back, and both mails arrive."""
    monkeypatch.setattr(pool_module, "SLOW_S", 0.01)
    async with Smarthost() as smarthost, pool_to(smarthost.address, size=1) as pool:
        slow = await begun(pool)
        quick = await begun(pool)
        assert (await quick.data(OCTETS)).fates == {Fate.TAKEN}
        assert (await slow.data(OCTETS)).fates == {Fate.TAKEN}
        assert smarthost.connections == 1
        assert smarthost.commands.count("RSET") == 1


async def test_idle_connections_are_closed() -> None:
    """Before the upstream tires of them; politely."""
    async with Smarthost() as smarthost, pool_to(smarthost.address, idle_s=0.05) as pool:
        await (await begun(pool)).data(OCTETS)
        await smarthost.wait_until(lambda: smarthost.open_connections == 0)
        assert smarthost.commands[-1] == "QUIT"


async def test_close_says_goodbye() -> None:
    """A closed pool leaves no connection behind, and opens none."""
    async with Smarthost() as smarthost:
        async with pool_to(smarthost.address) as pool:
            await (await begun(pool)).data(OCTETS)
        await smarthost.wait_until(lambda: smarthost.open_connections == 0)
        assert smarthost.commands[-1] == "QUIT"
        with pytest.raises(UpstreamError):
            await pool.transaction()


async def test_unasked_421_on_an_idle_connection() -> None:
    """An upstream that takes leave is believed: the next message finds another connection."""
    async with Smarthost() as smarthost, pool_to(smarthost.address) as pool:
        smarthost.on("DOT", b"250 2.0.0 Ok\r\n421 4.3.2 Bye\r\n", times=1)
        await (await begun(pool)).data(OCTETS)
        assert (await (await begun(pool)).data(OCTETS)).fates == {Fate.TAKEN}
        assert smarthost.connections == 2


async def test_probe_learns_and_never_fails() -> None:
    """What EHLO announced is known after a probe; an upstream that is down is no error."""
    async with Smarthost(extensions=("SIZE 99", "auth=PLAIN", "?")) as smarthost:
        async with pool_to(smarthost.address) as pool:
            assert pool.extensions == {}
            await asyncio.gather(pool.probe(), pool.probe())
            assert pool.extensions == {"SIZE": "99", "AUTH": "PLAIN"}
            assert smarthost.connections == 1
        address = smarthost.address
    async with pool_to(address) as pool:
        await pool.probe()
        assert pool.extensions == {}


async def test_helo_for_an_old_upstream() -> None:
    """RFC 5321 §3.2: who does not know EHLO may know HELO."""
    async with Smarthost() as smarthost, pool_to(smarthost.address) as pool:
        smarthost.on("EHLO", "502 5.5.1 What?")
        smarthost.on("HELO", "250 smarthost.test")
        assert (await (await begun(pool)).data(OCTETS)).fates == {Fate.TAKEN}
        assert "RCPT TO:<bob@example.net>" in smarthost.commands


@pytest.mark.parametrize(
    ("lacking", "params", "octets", "reply"),
    [
        ("8BITMIME", ("BODY=8BITMIME",), OCTETS, "554 5.6.3"),
        ("8BITMIME", (), "花\r\n".encode(), "554 5.6.3"),
        ("SMTPUTF8", ("SMTPUTF8",), OCTETS, "550 5.6.7"),
        ("DSN", ("RET=HDRS", "ENVID=x"), OCTETS, "250 2.0.0"),
        ("SIZE", ("SIZE=10",), OCTETS, "250 2.0.0"),
        ("BOGUS", ("BODY=7BIT",), OCTETS, "250 2.0.0"),
    ],
)
async def test_what_the_upstream_cannot_take(
    lacking: str, params: tuple[str, ...], octets: bytes, reply: str
) -> None:
    """R-C5: refused, never rewritten; parameters that may be left out are left out."""
    offered = [line for line in EXTENSIONS if not line.startswith(lacking)]
    async with Smarthost(extensions=offered) as smarthost, pool_to(smarthost.address) as pool:
        transaction = await pool.transaction()
        said = await transaction.mail(ANN, params)
        if said.is_positive:
            await transaction.rcpt(BOB)
            said = (await transaction.data(octets)).reply
        await transaction.reset()
        assert str(said).startswith(reply)
        assert len(smarthost.messages) == said.is_positive
        assert not any(lacking in line for line in smarthost.commands)
        if lacking == "DSN":
            assert "RCPT TO:<bob@example.net>" in smarthost.commands


async def test_utf8_recipient_needs_smtputf8() -> None:
    """R-C5: for one recipient alone, too."""
    recipient = Recipient(address=Address.parse("花子@example.com"))
    async with Smarthost(extensions=()) as smarthost, pool_to(smarthost.address) as pool:
        transaction = await pool.transaction()
        await transaction.mail(ANN, ())
        assert str(await transaction.rcpt(recipient)).startswith("550 5.6.7")
        assert (await transaction.rcpt(BOB)).is_positive
        await transaction.reset()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def refused(smarthost: Smarthost, **route: object) -> None:
    """No transaction comes about, and neither mail nor password was sent."""
    address = smarthost.address.replace("127.0.0.1", "localhost")
    async with pool_to(address, route=route) as pool:
        with pytest.raises(UpstreamError):
            await pool.transaction()
    assert not any(line.startswith(("MAIL", "AUTH")) for line in smarthost.commands)


@pytest.mark.parametrize("implicit", [False, True], ids=["STARTTLS", "implicit"])
@pytest.mark.parametrize("flaw", ["wrong name", "expired", "unknown authority"])
async def test_certificates_are_checked(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, flaw: str, implicit: bool
) -> None:
    """R-E8: wrong name, expired or unknown: no mail, no credentials."""
    if flaw != "unknown authority":
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    name = "other.test" if flaw == "wrong name" else "localhost"
    context = authority.server_context(name, expired=flaw == "expired")
    async with Smarthost(tls=context, implicit_tls=implicit) as smarthost:
        await refused(smarthost, tls="implicit" if implicit else "required", user="u")


async def test_starttls_missing() -> None:
    """R-E8: no fallback to clear."""
    async with Smarthost() as smarthost:
        await refused(smarthost, tls="required", user="u")


async def test_starttls_refused(authority: Authority) -> None:
    """R-E8: not even when it was announced."""
    async with Smarthost(tls=authority.server_context()) as smarthost:
        smarthost.on("STARTTLS", "454 4.7.0 Not now")
        await refused(smarthost, tls="required")


@pytest.mark.parametrize(
    "injected", [b"220 Go\r\n250 evil\r\n", b"220 Go\r\n250-evil", b"220 Go\r\nx"]
)
async def test_octets_before_tls(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, injected: bytes
) -> None:
    """R-E8: what comes with the 220 was put there by somebody; the session is dropped."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with Smarthost(tls=authority.server_context()) as smarthost:
        smarthost.on("STARTTLS", injected)
        await refused(smarthost, tls="required")


@pytest.mark.parametrize("offered", [True, False])
async def test_opportunistic(authority: Authority, offered: bool) -> None:
    """TLS where there is some, with any certificate; in clear else."""
    async with Smarthost(tls=authority.server_context() if offered else None) as smarthost:
        async with pool_to(smarthost.address, route={"tls": "opportunistic"}) as pool:
            assert (await (await begun(pool)).data(OCTETS)).fates == {Fate.TAKEN}
        assert ("STARTTLS" in smarthost.commands) == offered


@pytest.mark.parametrize("mechanisms", ["AUTH PLAIN LOGIN", "AUTH LOGIN"])
async def test_login(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mechanisms: str
) -> None:
    """The route's own login is used, after TLS; the line end of the password file is none of it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    secret = tmp_path / "secret"
    secret.write_text("pässword\n")
    route = {"tls": "required", "user": "guard", "password_file": secret}
    async with Smarthost(extensions=(mechanisms,), tls=authority.server_context()) as smarthost:
        if "PLAIN" not in mechanisms:
            smarthost.on("AUTH", "334 VXNlcm5hbWU6")
            for word, answer in (("guard", "334 UGFzc3dvcmQ6"), ("pässword", "235 2.7.0 Welcome")):
                line = b64encode(word.encode()).decode()
                smarthost.on(line[:4].upper(), answer, match=line)
        address = smarthost.address.replace("127.0.0.1", "localhost")
        async with pool_to(address, route=route) as pool:
            assert (await (await begun(pool)).data(OCTETS)).fates == {Fate.TAKEN}
        plain = "AUTH PLAIN " + b64encode("\0guard\0pässword".encode()).decode()
        logins = [line for line in smarthost.commands if line.startswith("AUTH")]
        assert logins == [plain if "PLAIN" in mechanisms else "AUTH LOGIN"]


@pytest.mark.parametrize(
    ("rule", "password"),
    [("535 5.7.8 Wrong", "x"), (None, None)],
    ids=["wrong password", "no password file"],
)
async def test_login_fails(tmp_path: Path, rule: str | None, password: str | None) -> None:
    """Without the login there is no transaction."""
    secret = tmp_path / "secret"
    if password:
        secret.write_text(password)
    async with Smarthost(extensions=("AUTH PLAIN",)) as smarthost:
        smarthost.on("AUTH", rule or "235 2.7.0 Welcome")
        route = {"user": "guard", "password_file": secret}
        async with pool_to(smarthost.address, route=route) as pool:
            with pytest.raises(UpstreamError):
                await pool.transaction()
        assert not any(line.startswith("MAIL") for line in smarthost.commands)


async def test_no_login_over_unverified_tls(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password goes to nobody whose certificate was not checked, unless it is this machine."""
    monkeypatch.setattr("guard.upstream.handshake._is_loopback", lambda _: False)
    async with Smarthost(extensions=("AUTH PLAIN",), tls=authority.server_context()) as smarthost:
        await refused(smarthost, tls="opportunistic", user="u")
