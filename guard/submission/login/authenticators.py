"""Who checks a client's login, as the settings say."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from guard.config import Settings, host_port
from guard.host.loopback import is_loopback
from guard.model.address import Address
from guard.model.errors import SettingsError
from guard.ports import Authenticator, Credentials, Login
from guard.problems import Problem
from guard.submission.login.directory import Directory
from guard.submission.login.names import address_by_name
from guard.submission.login.users import UserFile
from guard.upstream.own import PassThrough
from guard.upstream.pool import UpstreamPool
from guard.upstream.tls import CERTAIN


def authenticator_of(settings: Settings, upstream: UpstreamPool) -> Authenticator | None:
    """
    Give what checks logins; `None`: no listener has them.

    *upstream* is the shared way out, for logins that are passed on.

    Raises:
        SettingsError: Logins could not be checked that way, now or ever.
    """
    if all(listen.auth == "none" for listen in settings.listen):
        return None
    by_name = partial(address_by_name, domain=settings.logins.domain)
    match settings.logins.by:
        case "file":
            check: Authenticator = Passwords(UserFile(settings.logins.users), by_name)
        case "ldap":
            check = Passwords(Directory(settings.logins.ldap), by_name)
        case "upstream":
            _refuse_eavesdroppers(settings)
            check = PassThrough(upstream, by_name)
    return ByCertificate(check, by_name)


class PasswordStore(Protocol):
    """Something that knows who has which password."""

    async def check(self, name: str, password: str) -> Address | None:
        """
        Check a password, and give the mail address that is known for *name*.

        Raises:
            LoginRefusedError: Name or password are wrong.
            UpstreamError: Nobody can say now.
        """


class Passwords:
    """`guard.ports.Authenticator` over passwords that are known here."""

    def __init__(
        self, store: PasswordStore, address_by_name: Callable[[str], Address | None]
    ) -> None:
        """*address_by_name* speaks where *store* knows no address."""
        self._store = store
        self._address_by_name = address_by_name

    def mechanisms(self, *, certificate: bool) -> tuple[str, ...]:  # noqa: ARG002
        """Give those that carry a password."""
        return ("PLAIN", "LOGIN")

    async def log_in(self, credentials: Credentials) -> Login:
        """Check a password."""
        known = await self._store.check(credentials.identity, credentials.secret)
        return Login(
            name=credentials.identity, address=known or self._address_by_name(credentials.identity)
        )


class ByCertificate:
    """
    `guard.ports.Authenticator` that takes a verified certificate's word, and else asks another.

    Nothing could be passed on for such a login: its mail goes the way that all share.
    """

    def __init__(
        self, other: Authenticator, address_by_name: Callable[[str], Address | None]
    ) -> None:
        """*other* checks what is no certificate."""
        self._other = other
        self._address_by_name = address_by_name

    def mechanisms(self, *, certificate: bool) -> tuple[str, ...]:
        """Give EXTERNAL, where there is a certificate, before all others."""
        others = self._other.mechanisms(certificate=certificate)
        return ("EXTERNAL", *others) if certificate else others

    async def log_in(self, credentials: Credentials) -> Login:
        """Check a login; that of a certificate was checked by TLS."""
        if credentials.mechanism == "EXTERNAL":
            name = credentials.identity
            return Login(name=name, address=self._address_by_name(name))
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
