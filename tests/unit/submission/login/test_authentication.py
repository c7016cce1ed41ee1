"""AUTH (RFC 4954) from its argument to its reply, before a client that follows a script."""

from base64 import b64encode

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from guard.model.errors import LoginRefusedError, UpstreamError
from guard.model.reply import Reply
from guard.ports import Credentials, Login
from guard.submission.answers import ODD_OCTETS, TOO_LONG, RefusedError
from guard.submission.entry.connection import GoneError
from guard.submission.login.authentication import Authentication
from guard.submission.login.sasl import AUTH_OCTETS

CANARY = "canary-in-the-coal-mine"


def b64(text: str) -> str:
    return b64encode(text.encode()).decode()


PLAIN = b64(f"\0ann\0{CANARY}")


class Client:
    """Answers challenges with the lines of a script, and keeps what it is told."""

    def __init__(self, *lines: str | Reply) -> None:
        self.lines = list(lines)
        self.told: list[str] = []
        self.parted = False

    async def line(self, most: int | None = None) -> str | Reply:
        assert most == AUTH_OCTETS
        return self.lines.pop(0)

    def say(self, reply: Reply) -> None:
        assert not self.parted
        self.told.append(str(reply))

    def part(self, reply: Reply) -> None:
        self.say(reply)
        self.parted = True


class Checker:
    """Lets ann in; fails for others as it is told."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure or LoginRefusedError()
        self.asked = 0

    def mechanisms(self, *, certificate: bool) -> tuple[str, ...]:
        return (*(("EXTERNAL",) if certificate else ()), "PLAIN", "LOGIN", "XOAUTH2")

    async def log_in(self, credentials: Credentials) -> Login:
        self.asked += 1
        if credentials.identity != "ann":
            raise self.failure
        return Login(name=credentials.identity, address=None)


class Waits:
    """Takes note of the pauses instead of making them."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def authentication(client: Client, checker: Checker | None = None) -> Authentication:
    return Authentication(client, checker or Checker(), pause=Waits())


@pytest.mark.parametrize(
    ("argument", "lines", "told"),
    [
        pytest.param(f"PLAIN {PLAIN}", [], [], id="initial response"),
        pytest.param(f"plAin {PLAIN}", [], [], id="names in any case"),
        pytest.param("PLAIN", [PLAIN], ["334 "], id="response after a challenge"),
        pytest.param(
            "LOGIN",
            [b64("ann"), b64(CANARY)],
            ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"],
            id="LOGIN",
        ),
        pytest.param(
            f"LOGIN {b64('ann')}", [b64(CANARY)], ["334 UGFzc3dvcmQ6"], id="LOGIN, name at once"
        ),
        pytest.param(
            "XOAUTH2 " + b64(f"user=ann\x01auth=Bearer {CANARY}\x01\x01"), [], [], id="XOAUTH2"
        ),
        pytest.param("EXTERNAL =", [], [], id="EXTERNAL, empty response"),
        pytest.param("EXTERNAL", [""], ["334 "], id="EXTERNAL after a challenge"),
        pytest.param("PLAIN " + b64("\0ann\0" + "x" * 9000), [], [], id="12 KB at once"),
    ],
)
async def test_logging_in(argument: str, lines: list[str], told: list[str]) -> None:
    """R-B12: in every legal form; who logged in is known."""
    client = Client(*lines)
    auth = authentication(client)
    with capture_logs() as logs:
        login = await auth.auth(argument, certificate="ann")

    assert client.told == [*told, "235 2.7.0 Authentication successful"]
    assert login is not None
    assert login.name == "ann"
    mechanism = argument.partition(" ")[0].upper()
    assert logs == [{"event": "client.logged_in", "mechanism": mechanism, "log_level": "info"}]


def test_external_needs_a_certificate() -> None:
    """What is offered depends on whether the client showed a certificate."""
    auth = authentication(Client())
    assert "EXTERNAL" in auth.offered(certificate="ann")
    assert "EXTERNAL" not in auth.offered(certificate=None)


@pytest.mark.parametrize("argument", ["", "EXTERNAL =", "CRAM-MD5", "GSSAPI x", "P\u00adLAIN x"])
async def test_mechanism_not_offered(argument: str) -> None:
    """What was not announced is refused before a word of it is read."""
    auth = authentication(Client())
    with pytest.raises(RefusedError) as refused:
        await auth.auth(argument, certificate=None)
    assert str(refused.value.reply).startswith("504 5.5.4")


@pytest.mark.parametrize(
    ("argument", "lines", "reply"),
    [
        pytest.param("PLAIN", ["*"], "501 5.7.0", id="cancelled"),
        pytest.param("LOGIN", [b64("ann"), "*"], "501 5.7.0", id="cancelled late"),
        pytest.param("PLAIN !", [], "501 5.5.2", id="no Base64"),
        pytest.param("PLAIN", ["!"], "501 5.5.2", id="no Base64 after a challenge"),
        pytest.param("PLAIN", [ODD_OCTETS], "501 5.5.2", id="odd octets"),
        pytest.param("PLAIN", [TOO_LONG], "500 5.5.6", id="too long"),
        pytest.param("PLAIN =", [], "501 5.5.2", id="empty response"),
        pytest.param(f"PLAIN {b64('bob')}", [], "501 5.5.2", id="no PLAIN"),
        pytest.param(f"PLAIN {b64('eve' + chr(0) + 'ann' + chr(0) + 'x')}", [], "535 5.7.8"),
        pytest.param("PLAIN " + b64("\0bob\0x"), [], "535 5.7.8", id="wrong"),
    ],
)
async def test_failures(argument: str, lines: list[str | Reply], reply: str) -> None:
    """R-B12: each failure has its reply, and the client may try again."""
    client = Client(*lines)
    auth = authentication(client)

    assert await auth.auth(argument, certificate=None) is None
    assert client.told[-1].startswith(reply)
    assert await auth.auth(f"PLAIN {PLAIN}", certificate=None) is not None


async def test_three_failures() -> None:
    """R-B12: each is answered later than the one before; the third ends the session."""
    client, waits = Client(), Waits()
    auth = Authentication(client, Checker(), pause=waits)
    wrong = "PLAIN " + b64("\0bob\0x")
    await auth.auth(wrong, certificate=None)
    await auth.auth("PLAIN !", certificate=None)
    with pytest.raises(GoneError):
        await auth.auth(wrong, certificate=None)

    assert waits.seconds == [1, 2, 4]
    assert client.parted
    assert [told[:3] for told in client.told] == ["535", "501", "421"]
    assert client.told[-1].startswith("421 4.7.0")


@pytest.mark.parametrize(
    ("failure", "reply"),
    [
        pytest.param(UpstreamError("away"), "454 4.7.0", id="nobody can say"),
        pytest.param(
            LoginRefusedError(Reply(454, "4.7.0", "Later")), "454 4.7.0 Later", id="not now"
        ),
    ],
)
async def test_temporary_trouble(failure: Exception, reply: str) -> None:
    """R-B12: trouble that may not be the client's fault slows it, and never ends its session."""
    client, waits = Client(), Waits()
    auth = Authentication(client, Checker(failure), pause=waits)
    for _ in range(9):
        await auth.auth("PLAIN " + b64("\0bob\0x"), certificate=None)

    assert [told.startswith(reply) for told in client.told] == [True] * 9
    assert waits.seconds == [1, 2, 4, 8, 16, 16, 16, 16, 16]
    assert not client.parted


async def test_the_upstream_speaks_for_itself() -> None:
    """A refusal that came from the upstream is handed on in its own words."""
    client = Client()
    answer = Reply(534, "5.7.9", "Use an application password")
    await authentication(client, Checker(LoginRefusedError(answer))).auth(
        "PLAIN " + b64("\0bob\0x"), certificate=None
    )
    assert client.told == [str(answer)]


async def test_nothing_tells_the_password() -> None:
    """R-B12: neither log nor metrics nor replies, whether it was right or wrong."""
    client = Client(b64("bob.canary"), b64(CANARY))
    auth = authentication(client)
    before = REGISTRY.get_sample_value(
        "guard_smtp_auth_total", {"mechanism": "PLAIN", "result": "ok"}
    )
    with capture_logs() as logs:
        await auth.auth("LOGIN", certificate=None)
        await auth.auth(f"PLAIN {PLAIN}x", certificate=None)
        await auth.auth(f"PLAIN {PLAIN}", certificate=None)
    seen = f"{logs} {client.told} {[list(metric.samples) for metric in REGISTRY.collect()]}"

    assert len(client.told) == 5
    for secret in ("canary", b64(CANARY), b64("bob.canary"), PLAIN):
        assert secret not in seen
    after = REGISTRY.get_sample_value(
        "guard_smtp_auth_total", {"mechanism": "PLAIN", "result": "ok"}
    )
    assert after == (before or 0) + 1
