"""
Logins that a directory checks, by a simple bind (RFC 4513 §5.1), over TLS or on this machine.

The library, python-ldap, is an extra of ours: imported when the settings ask for it.
"""

import asyncio
from typing import Any, Final
from urllib.parse import urlsplit

import structlog

from guard.config.mail import Ldap
from guard.host.directory import prepared
from guard.host.loopback import is_loopback
from guard.model.address import Address, AddressError
from guard.model.errors import LoginRefusedError, SettingsError, UpstreamError
from guard.problems import Problem
from guard.upstream.turns import Turns

log = structlog.get_logger()

PATIENCE_S: Final = 5
"""Seconds for each step: connection, TLS, bind, search."""

AT_ONCE: Final = 3
"""Binds at the same time. Each keeps a thread, and of these large mail needs some, too."""


class Directory:
    """
    Checks passwords by binding as their owner; nobody else's right to read is needed.

    A connection serves one bind: what one person may see is never shown to the next.
    """

    def __init__(self, settings: Ldap) -> None:
        """
        Make ready; the directory is not asked yet.

        Raises:
            SettingsError: The library is not installed, or the address is none of a directory.
        """
        try:
            import ldap
        except ImportError:
            raise _wrong(
                'logins.by = "ldap" needs a library', 'pip install "guard-relay[ldap]"'
            ) from None
        parts = urlsplit(settings.url)
        if parts.scheme not in {"ldap", "ldaps", "ldapi"}:
            raise _wrong("logins.ldap.url is no address", 'write one like "ldaps://ldap.example"')
        self._needs_start_tls = parts.scheme == "ldap" and not is_loopback(parts.hostname or "")
        self._ldap: Any = ldap
        self._settings = settings
        self._turns = Turns(AT_ONCE)

    async def check(self, name: str, password: str) -> Address | None:
        """
        Check a password, and give the mail address that the directory has for *name*.

        Raises:
            LoginRefusedError: Name or password are wrong.
            UpstreamError: The directory does not answer, or could not be trusted with a password;
                or too many others wait for the same.
        """
        if not name or not password:
            raise LoginRefusedError  # a bind without a password succeeds (RFC 4513 §5.1.2)
        async with self._turns.mine():
            return await asyncio.to_thread(self._bind, name, password)

    def _bind(self, name: str, password: str) -> Address | None:
        """Bind, read the address, take leave. Runs in a thread."""
        ldap = self._ldap
        try:
            connection = prepared(
                ldap, self._settings.url, ca=self._settings.ca, patience_s=PATIENCE_S
            )
            try:
                if self._needs_start_tls:
                    connection.start_tls_s()
                who = self._settings.bind_dn.replace("{user}", _escaped(ldap, name))
                connection.simple_bind_s(who, password)
                return self._address(connection, who)
            finally:
                connection.unbind_s()
        except (
            ldap.INVALID_CREDENTIALS,
            ldap.INVALID_DN_SYNTAX,
            ldap.NO_SUCH_OBJECT,
            ldap.INAPPROPRIATE_AUTH,  # the entry has no password
        ):
            # Without its cause: that one's words are the directory's.
            raise LoginRefusedError from None
        except ldap.LDAPError as error:
            log.warning("logins.unanswered", error=type(error).__name__)
            raise UpstreamError("the directory did not answer") from None

    def _address(self, connection: Any, who: str) -> Address | None:
        """Read the mail address of the entry that is bound; `None`: it shows none."""
        ldap = self._ldap
        if "=" not in who:  # no distinguished name: Active Directory takes user@domain, too
            return None
        try:
            found = connection.search_ext_s(
                who,
                ldap.SCOPE_BASE,
                attrlist=[self._settings.mail_attribute],
                timeout=PATIENCE_S,
                sizelimit=1,
            )
            values = [value for _, entry in found for each in entry.values() for value in each]
            return Address.parse(values[0].decode()) if values else None
        except (ldap.LDAPError, AddressError, UnicodeDecodeError) as error:
            log.info("logins.no_address", error=type(error).__name__)
            return None


def _escaped(ldap: Any, name: str) -> str:
    """Escape a login, so that it stays one value of a distinguished name (RFC 4514 §2.4)."""
    return str(ldap.dn.escape_dn_chars(name))


def _wrong(message: str, hint: str) -> SettingsError:
    return SettingsError([Problem(file="guard.toml", line=0, message=message, hint=hint)], {})
