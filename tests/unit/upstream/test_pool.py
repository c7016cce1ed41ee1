"""Connections that are kept, shared, called back and given up."""

import asyncio
import ssl
from base64 import b64encode
from pathlib import Path

import pytest
from certificates import Authority
from front import QUICK, pool_to
from smarthost import CLOSE, EXTENSIONS, HANG, Smarthost
from structlog.testing import capture_logs

from guard.model.address import Address
from guard.model.envelope import Recipient
from guard.model.errors import UpstreamError
from guard.model.hold import Fate
from guard.upstream import Budgets, UpstreamPool
from guard.upstream import pool as pool_module
from guard.upstream.circuit import OPEN
from guard.upstream.tls import TLS_REFUSED

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


@pytest.mark.parametrize(
    ("greeting", "more", "mails", "connections"),
    [
        pytest.param("220 mx.test ESMTP Exim 4.96 Thu, 26 Nov 2026", (), 21, 3, id="Exim"),
        pytest.param("220 mx.test ESMTP", ("LIMITS RCPTMAX=50 MAILMAX=4",), 9, 3, id="says so"),
        pytest.param("220 mx.test ESMTP", ("LIMITS RCPTMAX=50",), 21, 1, id="no limit"),
        pytest.param("220 mx.test ESMTP", ("LIMITS MAILMAX=0",), 21, 1, id="nonsense"),
    ],
)
async def test_a_connection_wears_out(
    greeting: str, more: tuple[str, ...], mails: int, connections: int
) -> None:
    """R-E4: no more messages on one connection than the upstream takes gladly (RFC 9422)."""
    async with Smarthost(extensions=(*EXTENSIONS, *more)) as smarthost:
        smarthost.on("CONNECT", greeting)
        async with pool_to(smarthost.address) as pool:
            for _ in range(mails):
                assert (await (await begun(pool)).data(OCTETS)).fates == {Fate.TAKEN}
        assert smarthost.connections == connections
        assert smarthost.commands.count("QUIT") == connections


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


async def test_extensions_that_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is announced is asked again, mail or not; a change is told of."""
    monkeypatch.setattr(pool_module, "REPROBE_S", 0.02)
    async with Smarthost(extensions=("SIZE 99", "DSN")) as smarthost:
        async with pool_to(smarthost.address) as pool:
            await pool.probe()
            with capture_logs() as logs:
                smarthost.extensions = ("SIZE 100", "AUTH PLAIN")
                await smarthost.wait_until(lambda: "AUTH" in pool.extensions)
        changes = [line for line in logs if line["event"] == "upstream.extensions_changed"]
        assert [line["extensions"] for line in changes] == [["AUTH", "DSN", "SIZE"]]


async def test_an_idle_pool_goes_on_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was away when it was first asked is asked again, too."""
    monkeypatch.setattr(pool_module, "REPROBE_S", 0.02)
    smarthost = Smarthost()
    await smarthost.start()
    await smarthost.stop()
    async with pool_to(smarthost.address) as pool:
        await pool.probe()
        assert pool.extensions == {}
        async with smarthost:
            await smarthost.wait_until(lambda: pool.extensions != {})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("guard.example.com", "EHLO guard.example.com"),
        ("guard", "EHLO [127.0.0.1]"),
        ("", "EHLO [127.0.0.1]"),
        ("gu\r\nard.test", "EHLO [127.0.0.1]"),
    ],
)
async def test_our_name(name: str, said: str) -> None:
    """RFC 5321 §4.1.4: a full name, or our address."""
    async with Smarthost() as smarthost, pool_to(smarthost.address, name=name) as pool:
        await pool.probe()
        assert smarthost.commands[0] == said


async def test_dead_upstream_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-E4: after three failures nobody waits for it; once it answers, all is as before."""
    monkeypatch.setattr("guard.upstream.circuit.PAUSE_S", 0.05)
    async with Smarthost() as smarthost:
        smarthost.on("CONNECT", CLOSE, times=3)
        async with pool_to(smarthost.address) as pool:
            for _ in range(5):
                with pytest.raises(UpstreamError):
                    await pool.transaction()
            assert smarthost.connections == 3
            assert OPEN._value.get() == 1
            async with asyncio.timeout(10):
                while pool.dialer.circuit.is_open:
                    await pool.probe()
            assert smarthost.connections == 4
            assert (await (await begun(pool)).data(OCTETS)).fates == {Fate.TAKEN}
        assert OPEN._value.get() == 0


async def test_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-E4: an upstream that takes no more connections serves all mail on those that it took."""
    monkeypatch.setattr(pool_module, "SLOW_S", 0.01)
    async with Smarthost() as smarthost, pool_to(smarthost.address) as pool:
        first = await begun(pool)
        smarthost.on("CONNECT", "421 4.7.0 Too many connections")
        others = [asyncio.create_task(begun(pool)) for _ in range(5)]
        await smarthost.wait_until(lambda: smarthost.connections > 1)
        assert (await first.data(OCTETS)).fates == {Fate.TAKEN}
        for other in others:
            assert (await (await other).data(OCTETS)).fates == {Fate.TAKEN}
        assert not pool.dialer.circuit.is_open
        assert smarthost.connections <= 6  # each was tried once at most


async def test_turned_away_for_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-E4: who waits in vain is told in time, and the upstream not taken for dead."""
    monkeypatch.setattr(pool_module, "SLOW_S", 0.01)
    async with Smarthost() as smarthost:
        smarthost.on("DOT", HANG)
        budgets = Budgets(command_s=0.3, dot_s=5)
        async with pool_to(smarthost.address, budgets=budgets) as pool:
            hanging = asyncio.create_task((await begun(pool)).data(OCTETS))
            await smarthost.wait_until(lambda: "DATA" in smarthost.commands)
            smarthost.on("CONNECT", "421 4.7.0 Too many connections")
            tries = [pool.transaction() for _ in range(5)]
            results = await asyncio.gather(*tries, return_exceptions=True)
            assert {str(result) for result in results} == {"all connections are at work"}
            assert not pool.dialer.circuit.is_open
            hanging.cancel()


async def test_turned_away_with_nothing_open() -> None:
    """R-E4: then there is nothing to wait for, and the upstream gets its rest."""
    async with Smarthost() as smarthost, pool_to(smarthost.address) as pool:
        smarthost.on("CONNECT", "421 4.7.0 Too many connections")
        for _ in range(5):
            with pytest.raises(UpstreamError):
                await pool.transaction()
        assert pool.dialer.circuit.is_open
        assert smarthost.connections == 3


async def test_hanging_upstream_delays_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-E4: those who come while it is known to hang are answered without waiting."""
    async with Smarthost() as smarthost:
        smarthost.on("CONNECT", HANG)
        async with pool_to(smarthost.address, size=3, budgets=QUICK) as pool:
            tries = [pool.transaction() for _ in range(30)]
            results = await asyncio.gather(*tries, return_exceptions=True)
            assert {type(result) for result in results} == {UpstreamError}
            assert smarthost.connections == 3


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


def alarms() -> float:
    """How often TLS was not what it must be."""
    return sum(
        sample.value
        for metric in TLS_REFUSED.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    )


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def refused(smarthost: Smarthost, **route: object) -> None:
    """No transaction comes about, neither mail nor password was sent, and there is an alarm."""
    address = smarthost.address.replace("127.0.0.1", "localhost")
    before = alarms()
    async with pool_to(address, route=route) as pool:
        with pytest.raises(UpstreamError) as error:
            await pool.transaction()
    assert str(error.value.reply).startswith("451 4.4.1")
    assert alarms() == before + (route["tls"] != "opportunistic")
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


@pytest.mark.parametrize("implicit", [False, True], ids=["STARTTLS", "implicit"])
async def test_authorities_of_our_own(authority: Authority, implicit: bool) -> None:
    """`ca` stands for the system's authorities, in every kind of TLS that checks."""
    route = {"tls": "implicit" if implicit else "required", "ca": authority.file}
    async with Smarthost(tls=authority.server_context(), implicit_tls=implicit) as smarthost:
        address = smarthost.address.replace("127.0.0.1", "localhost")
        async with pool_to(address, route=route) as pool:
            assert (await (await begun(pool)).data(OCTETS)).fates == {Fate.TAKEN}


@pytest.mark.parametrize("shown", [True, False])
async def test_client_certificate(authority: Authority, shown: bool) -> None:
    """Where the upstream wants to know us by a certificate, it is shown the route's."""
    context = authority.server_context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.file)
    # With TLS 1.3 the client would learn of the refusal only after its own handshake.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    route = {"tls": "required", "ca": authority.file}
    if shown:
        route["certificate"] = authority.issue("guard.test", file="guard.pem")
    async with Smarthost(tls=context) as smarthost:
        address = smarthost.address.replace("127.0.0.1", "localhost")
        if not shown:
            await refused(smarthost, **route)
            return
        async with pool_to(address, route=route) as pool:
            assert (await (await begun(pool)).data(OCTETS)).fates == {Fate.TAKEN}


async def test_authorities_that_cannot_be_read(tmp_path: Path) -> None:
    """No TLS, then: no mail."""
    async with Smarthost() as smarthost:
        await refused(smarthost, tls="implicit", ca=tmp_path / "missing.pem")


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
    monkeypatch.setattr("guard.upstream.login.is_loopback", lambda _: False)
    async with Smarthost(extensions=("AUTH PLAIN",), tls=authority.server_context()) as smarthost:
        await refused(smarthost, tls="opportunistic", user="u")
