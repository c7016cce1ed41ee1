"""Who checks logins, and whose mail address a login is."""

from pathlib import Path

import pytest
from front import pool_to

from guard.config import Listen, Settings
from guard.config.mail import Logins, Upstream
from guard.model.address import Address
from guard.model.errors import LoginRefusedError, SettingsError
from guard.ports import Credentials
from guard.submission.login.authenticators import Passwords, authenticator_of
from guard.submission.login.names import address_by_name
from guard.submission.login.users import User, hashed, write_users

ANN = Address.parse("ann@example.com")
OTHER = Address.parse("ann.other@example.org")
WITH_LOGINS = Listen(tls="starttls", certificate=Path("x.pem"), auth="required")


class Store:
    """Knows that ann's password is pw; perhaps her address too."""

    def __init__(self, address: Address | None) -> None:
        self.address = address

    async def check(self, name: str, password: str) -> Address | None:
        if (name.partition("@")[0], password) != ("ann", "pw"):
            raise LoginRefusedError
        return self.address


def settings(*, listen: Listen = WITH_LOGINS, by: str = "upstream", **more) -> Settings:
    upstream = Upstream(**more.pop("upstream", {}))
    return Settings(listen=(listen,), upstream=upstream, logins=Logins(by=by, **more))


def credentials(mechanism: str = "PLAIN", identity: str = "ann") -> Credentials:
    secret = "" if mechanism == "EXTERNAL" else "pw"
    return Credentials(mechanism=mechanism, identity=identity, secret=secret)


@pytest.mark.parametrize(
    ("known", "name", "domain", "address"),
    [
        pytest.param(OTHER, "ann@example.com", "example.com", OTHER, id="the store knows it"),
        pytest.param(None, "ann@example.com", "other.test", ANN, id="the login is one"),
        pytest.param(None, "ann", "example.com", ANN, id="with the domain"),
        pytest.param(None, "ann", None, None, id="nobody knows"),
        pytest.param(None, "ann@-", "example.com", None, id="neither way"),
    ],
)
async def test_address(
    known: Address | None, name: str, domain: str | None, address: Address | None
) -> None:
    """What the directory says goes first, then the login itself, then the login at our domain."""
    checks = Passwords(Store(known), lambda login: address_by_name(login, domain=domain))
    login = await checks.log_in(credentials(identity=name))

    assert (login.name, login.address, login.upstream) == (name, address, None)


async def test_by_file(tmp_path: Path) -> None:
    """PLAIN and LOGIN; a certificate speaks for itself, and nobody is asked about it."""
    file = tmp_path / "users.toml"
    write_users(file, {"ann": User(hash=hashed("pw"))})
    async with pool_to("127.0.0.1:9") as pool:
        checks = authenticator_of(settings(by="file", users=file, domain="example.com"), pool)

    assert checks.mechanisms(certificate=False) == ("PLAIN", "LOGIN")
    assert checks.mechanisms(certificate=True) == ("EXTERNAL", "PLAIN", "LOGIN")
    assert (await checks.log_in(credentials())).address == ANN
    assert (await checks.log_in(credentials("EXTERNAL", "carol"))).name == "carol"
    with pytest.raises(LoginRefusedError):
        await checks.log_in(credentials(identity="bob"))


async def test_by_upstream() -> None:
    """What cannot succeed is not offered: the upstream was never reached."""
    async with pool_to("127.0.0.1:9") as pool:
        checks = authenticator_of(settings(), pool)

    assert checks.mechanisms(certificate=False) == ()
    assert checks.mechanisms(certificate=True) == ("EXTERNAL",)


@pytest.mark.parametrize(
    ("upstream", "allowed"),
    [
        ({"address": "mail.example:25"}, False),
        ({"address": "192.0.2.1:25", "tls": "none"}, False),
        ({"address": "mail.example:25", "tls": "opportunistic"}, False),
        ({"address": "mail.example:25", "tls": "required"}, True),
        ({"address": "mail.example:465", "tls": "implicit"}, True),
        ({"address": "127.0.0.1:25"}, True),
        ({"address": "[::1]:25"}, True),
        ({"address": "localhost:25"}, True),
    ],
)
async def test_logins_that_could_be_overheard(upstream: dict, allowed: bool) -> None:
    """T21, T22: passing logins on in clear, or to anybody, is refused at the start."""
    async with pool_to("127.0.0.1:9") as pool:
        if allowed:
            authenticator_of(settings(upstream=upstream), pool)
        else:
            with pytest.raises(SettingsError, match="overheard"):
                authenticator_of(settings(upstream=upstream), pool)


async def test_nobody_logs_in(tmp_path: Path) -> None:
    """Where no listener has logins, nothing needs to be there for them."""
    no_logins = settings(listen=Listen(), by="file", users=tmp_path / "missing")
    async with pool_to("127.0.0.1:9") as pool:
        assert authenticator_of(no_logins, pool) is None
