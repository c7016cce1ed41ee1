"""Who checks a client's login, as the settings say, and whose mail address a login stands for."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from guard.config import Settings, host_port
from guard.model.address import Address, AddressError
from guard.model.errors import LoginRefusedError, SettingsError
from guard.ports import Authenticator, Credentials, Login
from guard.problems import Problem
from guard.submission.directory import Directory
from guard.submission.users import UserFile
from guard.upstream.login import is_loopback
from guard.upstream.own import PassThrough
from guard.upstream.pool import UpstreamPool
from guard.upstream.tls import CERTAIN


def authenticator_of(settings: Settings, upstream: UpstreamPool) -> Authenticator:
    """
    Give what checks logins; *upstream* is the shared way out, for logins that are passed on.

    Raises:
        SettingsError: Logins could not be checked that way, now or ever.
    """
    addresses = partial(address_of, domain=settings.logins.domain)
    if all(listen.auth == "none" for listen in settings.listen):
        return Nobody()
    match settings.logins.by:
        case "file":
            check: Authenticator = Passwords(UserFile(settings.logins.users), addresses)
        case "ldap":
            check = Passwords(Directory(settings.logins.ldap), addresses)
        case "upstream":
            _refuse_eavesdroppers(settings)
            check = PassThrough(upstream, addresses)
    return Certificates(check, addresses)


def address_of(name: str, *, domain: str | None) -> Address | None:
    """Give the mail address that a login is, by itself or with *domain* behind it."""
    for text in (name, f"{name}@{domain}" if domain else ""):
        try:
            return Address.parse(text)
        except AddressError:
            continue
    return None


class PasswordStore(Protocol):
    """Something that knows who has which password."""

    async def check(self, name: str, password: str) -> Address | None:
        """
        Check a password, and give the mail address that is known for *name*.

        Raises:
            LoginRefusedError: Name or password are wrong.
            UpstreamError: Nobody can say now.
        """


class Nobody:
    """`guard.ports.Authenticator` where no listener has logins."""

    def mechanisms(self, *, certificate: bool) -> tuple[str, ...]:  # noqa: ARG002
        """Give none."""
        return ()

    async def log_in(self, credentials: Credentials) -> Login:  # noqa: ARG002
        """Refuse."""
        raise LoginRefusedError


class Passwords:
    """`guard.ports.Authenticator` over passwords that are known here."""

    def __init__(self, store: PasswordStore, address_of: Callable[[str], Address | None]) -> None:
        """*address_of* speaks where *store* knows no address."""
        self._store = store
        self._address_of = address_of

    def mechanisms(self, *, certificate: bool) -> tuple[str, ...]:  # noqa: ARG002
        """Give those that carry a password."""
        return ("PLAIN", "LOGIN")

    async def log_in(self, credentials: Credentials) -> Login:
        """Check a password."""
        known = await self._store.check(credentials.identity, credentials.secret)
        return Login(
            name=credentials.identity, address=known or self._address_of(credentials.identity)
        )


class Certificates:
    """
    `guard.ports.Authenticator` that takes a verified certificate's word, and else asks another.

    Nothing could be passed on for such a login: its mail goes the way that all share.
    """

    def __init__(self, other: Authenticator, address_of: Callable[[str], Address | None]) -> None:
        """*other* checks what is no certificate."""
        self._other = other
        self._address_of = address_of

    def mechanisms(self, *, certificate: bool) -> tuple[str, ...]:
        """Give EXTERNAL, where there is a certificate, before all others."""
        others = self._other.mechanisms(certificate=certificate)
        return ("EXTERNAL", *others) if certificate else others

    async def log_in(self, credentials: Credentials) -> Login:
        """Check a login; that of a certificate was checked by TLS."""
        if credentials.mechanism == "EXTERNAL":
            name = credentials.identity
            return Login(name=name, address=self._address_of(name))
        return await self._other.log_in(credentials)


def _refuse_eavesdroppers(settings: Settings) -> None:
    """
    Refuse to hand logins on where they could be overheard.

    The connection is looked at again before each login; but better say so at the start.

    Raises:
        SettingsError: They could.
    """
    host, _ = host_port(settings.upstream.address)
    if settings.upstream.tls in CERTAIN or is_loopback(host):
        return
    message = "logins are passed on to [upstream], where they could be overheard"
    hint = 'set [upstream] tls = "required" or "implicit", or [logins] by = "file"'
    raise SettingsError([Problem(file="guard.toml", line=0, message=message, hint=hint)], {})
