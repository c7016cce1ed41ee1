"""Logins that are passed on to the upstream, and the client's own connection there."""

import asyncio
import gc
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from certificates import Authority
from front import QUICK, pool_to
from smarthost import CLOSE, EXTENSIONS, HANG, Smarthost
from structlog.testing import capture_logs

from guard.model.address import Address
from guard.model.envelope import Recipient
from guard.model.errors import LoginRefusedError, UpstreamError
from guard.model.hold import Fate
from guard.ports import Credentials, Login
from guard.upstream.login import LINE_OCTETS, mechanisms_of
from guard.upstream.own import PassThrough

ANN = Address.parse("ann@example.com")
BOB = Recipient(address=Address.parse("bob@example.net"))
OCTETS = b"Subject: a\r\n\r\n"
PASSWORD, TOKEN = "pässword", "t0ken"
ALL = "AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER"


def b64(text: str) -> str:
    return b64encode(text.encode()).decode()


def password(secret: str = PASSWORD, mechanism: str = "PLAIN") -> Credentials:
    return Credentials(mechanism=mechanism, identity="ann", secret=secret)


def token(mechanism: str, secret: str = TOKEN) -> Credentials:
    """A token, in the response as a client would give it."""
    header = "n,a=ann," if mechanism == "OAUTHBEARER" else "user=ann"
    response = f"{header}\x01auth=Bearer {secret}\x01\x01".encode()
    return Credentials(mechanism=mechanism, identity="ann", secret=secret, response=response)


def logins(smarthost: Smarthost) -> list[str]:
    """What was said of AUTH and after it, until QUIT."""
    said = smarthost.commands
    starts = [place for place, line in enumerate(said) if line.startswith("AUTH")]
    return [line for line in said[starts[0] :] if line not in {"QUIT", "RSET"}] if starts else []


@asynccontextmanager
async def passing(
    auth: str = ALL, *, more: tuple[str, ...] = EXTENSIONS, **options
) -> AsyncIterator[tuple[Smarthost, PassThrough]]:
    """A smarthost with logins, and what passes them on."""
    async with (
        Smarthost(extensions=(*more, auth)) as smarthost,
        pool_to(smarthost.address, **options) as pool,
    ):
        await pool.probe()
        yield smarthost, PassThrough(pool, lambda name: ANN if name == "ann" else None)


@pytest.mark.parametrize(
    ("extensions", "offered"),
    [
        ({}, ()),
        ({"AUTH": ""}, ()),
        ({"AUTH": "CRAM-MD5 GSSAPI"}, ()),
        ({"AUTH": "LOGIN"}, ("PLAIN", "LOGIN")),
        ({"AUTH": "PLAIN"}, ("PLAIN", "LOGIN")),
        ({"AUTH": "XOAUTH2 PLAIN"}, ("PLAIN", "LOGIN", "XOAUTH2")),
        ({"AUTH": "OAUTHBEARER"}, ("OAUTHBEARER",)),
        ({"AUTH": "PLAIN-CLIENTTOKEN XOAUTH"}, ()),
    ],
)
def test_mechanisms(extensions: dict[str, str], offered: tuple[str, ...]) -> None:
    """PLAIN and LOGIN stand for each other; a token needs its very own mechanism."""
    assert mechanisms_of(extensions) == offered


@pytest.mark.parametrize(
    "auth",
    [("AUTH PLAIN",), ("AUTH=PLAIN",), ("AUTH PLAIN XOAUTH2", "AUTH=LOGIN"), ("auth=login",)],
)
async def test_both_forms_of_announcement(auth: tuple[str, ...]) -> None:
    """`AUTH` and the old `AUTH=` add up, in any case."""
    async with passing(auth[-1], more=auth[:-1]) as (_, passed):
        offered = passed.mechanisms(certificate=False)
    assert offered[:2] == ("PLAIN", "LOGIN")
    assert ("XOAUTH2" in offered) == ("XOAUTH2" in auth[0])


@pytest.mark.parametrize(
    ("credentials", "auth", "said"),
    [
        pytest.param(
            password(), "AUTH PLAIN LOGIN", ["AUTH PLAIN " + b64("\0ann\0pässword")], id="PLAIN"
        ),
        pytest.param(
            password(mechanism="LOGIN"),
            "AUTH PLAIN",
            ["AUTH PLAIN " + b64("\0ann\0pässword")],
            id="LOGIN as PLAIN",
        ),
        pytest.param(
            password(), "AUTH LOGIN", ["AUTH LOGIN", b64("ann"), b64("pässword")], id="as LOGIN"
        ),
        *(
            pytest.param(
                token(name), f"AUTH {name}", [f"AUTH {name} " + b64(token(name).response.decode())]
            )
            for name in ("XOAUTH2", "OAUTHBEARER")
        ),
        pytest.param(
            password("x" * LINE_OCTETS),
            "AUTH PLAIN",
            ["AUTH PLAIN", b64("\0ann\0" + "x" * LINE_OCTETS)],
            id="too long for one line",
        ),
    ],
)
async def test_logging_in(credentials: Credentials, auth: str, said: list[str]) -> None:
    """T21: the login is passed on as the upstream wants it, and mail then goes that way."""
    async with passing(auth) as (smarthost, passed):
        for line, answer in zip(said, ["334 ", "334 ", "235 2.7.0 Ok"][-len(said) :], strict=True):
            smarthost.on(line[:4].upper(), answer, match=line)
        login = await passed.log_in(credentials)

        assert logins(smarthost) == said
        assert (login.name, login.address) == ("ann", ANN)
        assert await mailed(login) == {Fate.TAKEN}
        assert smarthost.connections == 2  # the pool's own, and the client's
        await closed(login)


async def mailed(login: Login) -> set[Fate]:
    """Send a mail on the login's own way out."""
    assert login.upstream is not None
    transaction = await login.upstream.transaction()
    assert (await transaction.mail(ANN, ())).is_positive
    assert (await transaction.rcpt(BOB)).is_positive
    return (await transaction.data(OCTETS)).fates


async def closed(login: Login) -> None:
    assert login.upstream is not None
    await login.upstream.close()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("535 5.7.8 No", "535 5.7.8 No"),
        ("534 5.7.9 Use an app password", "534 5.7.9 Use an app password"),
        ("454 4.7.0 Later", "454 4.7.0 Later"),
        ("421 4.7.0 Bye", "454 4.7.0 Bye"),
        (b"535-5.7.8 a\r\n535 5.7.8 b\r\n", "535-5.7.8 a\r\n535 5.7.8 b"),
    ],
)
async def test_refused(answer: str | bytes, told: str) -> None:
    """R-E2: the upstream's own words; what is temporary stays so, and we do not hang up for it."""
    async with passing() as (smarthost, passed):
        smarthost.on("AUTH", answer)
        with pytest.raises(LoginRefusedError) as refused:
            await passed.log_in(password())
        assert str(refused.value.answer) == told
        await smarthost.wait_until(lambda: smarthost.open_connections == 1)


@pytest.mark.parametrize("answer", [CLOSE, HANG, "250 Ok", "354 Go", b"!\r\n"])
async def test_no_answer(answer: object) -> None:
    """An upstream that says nothing, or nonsense, has not let anybody in."""
    async with passing(budgets=QUICK) as (smarthost, passed):
        smarthost.on("AUTH", answer)
        with pytest.raises(UpstreamError):
            await passed.log_in(password())


@pytest.mark.parametrize(("mechanism", "dismissal"), [("OAUTHBEARER", "AQ=="), ("XOAUTH2", "")])
async def test_oauth_error(mechanism: str, dismissal: str) -> None:
    """RFC 7628 §3.2.3: the challenge that tells why is answered, and then comes the refusal."""
    async with passing() as (smarthost, passed):
        smarthost.on("AUTH", "334 " + b64('{"status":"401"}'))
        smarthost.on(dismissal, "535 5.7.8 No")
        with pytest.raises(LoginRefusedError) as refused:
            await passed.log_in(token(mechanism))
        assert logins(smarthost)[1:] == [dismissal]
    assert str(refused.value.answer) == "535 5.7.8 No"


async def test_mechanism_that_is_gone() -> None:
    """The upstream does not offer any more what it did: no secret is sent in another way."""
    async with passing("AUTH XOAUTH2") as (smarthost, passed):
        for credentials in (password(), token("OAUTHBEARER")):
            with pytest.raises(UpstreamError):
                await passed.log_in(credentials)
        assert logins(smarthost) == []


async def test_one_connection_for_the_whole_session() -> None:
    """Mail after mail, with transactions given up in between, on one login."""
    for extensions in (EXTENSIONS, ("SIZE 99",)):
        async with passing(more=extensions) as (smarthost, passed):
            login = await passed.log_in(password())
            assert await mailed(login) == {Fate.TAKEN}
            given_up = await login.upstream.transaction()
            await given_up.mail(ANN, ())
            await given_up.reset()
            assert await mailed(login) == {Fate.TAKEN}
            assert set(login.upstream.extensions) == {e.split()[0] for e in (*extensions, "AUTH")}
            await closed(login)
            assert smarthost.connections == 2
            assert smarthost.commands[-1] == "QUIT"
            assert smarthost.violations == []


async def test_lost() -> None:
    """T21: nobody can log in again for the client: its next mail is put off."""
    async with passing() as (smarthost, passed):
        login = await passed.log_in(password())
        begun = await login.upstream.transaction()
        await begun.mail(ANN, ())
        smarthost.hang_up()
        await smarthost.wait_until(lambda: smarthost.open_connections == 0)

        assert (await begun.rcpt(BOB)).code == 451
        with pytest.raises(UpstreamError):
            await login.upstream.transaction()
        await closed(login)
        assert smarthost.connections == 2


async def test_our_own_login_is_not_theirs(tmp_path: Path) -> None:
    """Where we have a login of our own, a client's connection never has it."""
    secret = tmp_path / "secret"
    secret.write_text("ours")
    route = {"user": "guard", "password_file": secret}
    async with passing("AUTH PLAIN", route=route) as (smarthost, passed):
        await closed(await passed.log_in(password()))
        plain = [line for line in smarthost.commands if line.startswith("AUTH")]
    assert plain == ["AUTH PLAIN " + b64(words) for words in ("\0guard\0ours", "\0ann\0pässword")]


@pytest.mark.parametrize("tls", ["none", "opportunistic"])
async def test_no_secret_where_it_could_be_overheard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls: str
) -> None:
    """T21, T22: only over TLS to whom the certificate names, or on this machine."""
    monkeypatch.setattr("guard.upstream.login.is_loopback", lambda _: False)
    context = Authority(tmp_path).server_context()
    async with (
        Smarthost(extensions=(ALL,), tls=context) as smarthost,
        pool_to(smarthost.address, route={"tls": tls}) as pool,
    ):
        with pytest.raises(UpstreamError):
            await PassThrough(pool, lambda _: None).log_in(password())
        assert logins(smarthost) == []


@pytest.mark.parametrize("flaw", ["no STARTTLS", "wrong name", "expired", "unknown authority"])
async def test_no_secret_without_trust(tmp_path: Path, flaw: str) -> None:
    """R-E8: every flaw of TLS ends before AUTH."""
    authority = Authority(tmp_path)
    name = "other.test" if flaw == "wrong name" else "localhost"
    context = authority.server_context(name, expired=flaw == "expired")
    route = {"tls": "required", "ca": None if flaw == "unknown authority" else authority.file}
    async with Smarthost(
        extensions=(ALL,), tls=None if flaw == "no STARTTLS" else context
    ) as smarthost:
        address = smarthost.address.replace("127.0.0.1", "localhost")
        async with pool_to(address, route=route) as pool:
            with pytest.raises(UpstreamError):
                await PassThrough(pool, lambda _: None).log_in(password())
        assert logins(smarthost) == []


def canary() -> str:
    """Give a secret that stands nowhere before, not even in the code."""
    return "-".join(("nightingale", str(8 * 15)))


def holders() -> list[str]:
    """Name the types of all objects alive that hold the canary, in any form that it was sent in."""
    forms = [canary(), b64(canary()), b64(f"\0ann\0{canary()}")]
    forms += [b64(token(name, canary()).response.decode()) for name in ("OAUTHBEARER", "XOAUTH2")]
    octets = [form.encode() for form in forms]
    gc.collect()
    return [
        type(holder).__name__
        for holder in gc.get_objects()
        if holder is not forms and holder is not octets
        for held in gc.get_referents(holder)
        if (isinstance(held, str) and any(form in held for form in forms))
        or (isinstance(held, bytes | bytearray) and any(form in held for form in octets))
    ]


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "OAUTHBEARER"])
@pytest.mark.parametrize("right", [True, False])
async def test_the_secret_is_gone(mechanism: str, right: bool) -> None:
    """R-B12, T21: once the upstream has answered, no object alive has it, and no log line."""
    async with passing("AUTH LOGIN" if mechanism == "LOGIN" else ALL) as (smarthost, passed):
        answer = "235 2.7.0 Ok" if right else "535 5.7.8 No"
        smarthost.on("AUTH", "334 " if mechanism == "LOGIN" else answer)
        smarthost.on(b64("ann")[:4].upper(), "334 ")
        smarthost.on(b64(canary())[:4].upper(), answer)
        make = token if mechanism == "OAUTHBEARER" else password
        login, error = None, None
        with capture_logs() as logs:
            try:
                login = await passed.log_in(make(mechanism=mechanism, secret=canary()))
            except LoginRefusedError as refused:
                error = refused.with_traceback(None)
        assert (login is not None, error is None) == (right, right)

        # The smarthost heard it, and is in this process, too: so we see that we would find it.
        if login is not None:
            await mailed(login)
        else:
            await smarthost.wait_until(lambda: smarthost.open_connections == 1)
        assert holders() != []
        smarthost.commands.clear()
        smarthost._rules.clear()
        assert canary() not in f"{logs!r} {login!r} {error!r}"
        assert holders() == []
        if login is not None:
            await closed(login)


async def test_logins_have_a_circuit_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-E4: no login waits for an upstream known to be away; mail does not rest for their sake."""
    async with Smarthost() as smarthost:
        address = smarthost.address
    async with pool_to(address) as pool:
        passed = PassThrough(pool, lambda _: None)
        for _ in range(3):
            with pytest.raises(UpstreamError):
                await passed.log_in(password())
        assert not pool.dialer.circuit.is_open
        async with smarthost:
            await pool.transaction()
            monkeypatch.setattr("guard.upstream.handshake.Connection", None)  # nothing is opened
            with pytest.raises(UpstreamError):
                await passed.log_in(password())


async def test_logins_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-E4: strangers' logins, however many, take few connections; the next waits not for long."""
    monkeypatch.setattr("guard.upstream.own.AT_ONCE", 2)
    async with passing() as (smarthost, passed):
        smarthost.on("AUTH", HANG, times=2)
        hanging = [asyncio.create_task(passed.log_in(password())) for _ in range(2)]
        await smarthost.wait_until(lambda: len(logins(smarthost)) == 2)
        monkeypatch.setattr("guard.upstream.turns.TURN_S", 0.01)
        with pytest.raises(UpstreamError, match="too many logins"):
            await passed.log_in(password())
        assert smarthost.connections == 3  # the pool's own, and two

        smarthost.hang_up()
        assert {type(end) for end in await asyncio.gather(*hanging, return_exceptions=True)} == {
            UpstreamError
        }
        await closed(await passed.log_in(password()))
