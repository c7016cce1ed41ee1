"""
Contacts in a directory: OpenLDAP, Active Directory (RFC 4511), page by page (RFC 2696).

The library, python-ldap, is an extra of ours: imported when the directory is asked.
"""

import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from guard.config.sources import LdapSource
from guard.contacts.sources.changes import Change, Mark
from guard.contacts.sources.entries import ATTRIBUTES, read_entry
from guard.host.directory import prepared
from guard.host.loopback import is_loopback
from guard.model.errors import SourceAwayError, SourceError
from guard.sources.secret import password_in


class Directory:
    """All entries below one place, each time: directories of all makers can be asked so."""

    def __init__(self, its: LdapSource) -> None:
        self._its = its
        self._bound = False

    def changes(self, since: str, *, now: datetime) -> Iterator[Change]:  # noqa: ARG002
        """Give every contact; as `Source` says."""
        try:
            import ldap
        except ImportError:
            raise SourceError(
                f'{self._its.name}: kind = "ldap" needs a library: pip install "guard-relay[ldap]"'
            ) from None
        return self._contacts(ldap)

    def _contacts(self, ldap: Any) -> Iterator[Change]:
        self._reach()
        try:
            connection = self._connection(ldap)
            try:
                self._bind(ldap, connection)
                for dn, attributes in self._entries(connection):
                    yield from read_entry(dn, attributes, self._its.name)
            finally:
                with suppress(ldap.LDAPError):
                    connection.unbind_s()
        except ldap.LDAPError as error:
            raise self._meaning(ldap, error) from None
        yield Mark("")

    def _reach(self) -> None:
        """
        See that a server is there and, where TLS comes first, that it speaks it.

        The library waits for ever for a server that is silent then, and has one word for all that
        can go wrong. What certificates are worth is left to it.
        """
        its = self._its
        parts = urlsplit(its.url)
        if parts.scheme == "ldapi":
            return
        encrypted = parts.scheme == "ldaps"
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            where = (parts.hostname or "", parts.port or (636 if encrypted else 389))
            with socket.create_connection(where, timeout=its.patience_s) as connected:
                if encrypted:
                    context.wrap_socket(connected, server_hostname=parts.hostname).close()
        except OSError as error:  # SSLError is one
            reason = error.strerror or str(error)
            raise SourceAwayError(f"{its.name}: {its.url} does not answer ({reason})") from None

    def _connection(self, ldap: Any) -> Any:
        """Prepare a connection; nothing is sent yet."""
        its = self._its
        try:
            return prepared(ldap, its.url, ca=its.ca, patience_s=its.patience_s)
        except ValueError:  # the library's word for a file that it cannot use
            raise SourceError(f"{its.name}: ca {its.ca}: cannot be used") from None

    def _bind(self, ldap: Any, connection: Any) -> None:
        its = self._its
        parts = urlsplit(its.url)
        if parts.scheme == "ldap" and not is_loopback(parts.hostname or ""):
            try:
                connection.start_tls_s()
            except ldap.SERVER_DOWN:
                raise
            except ldap.LDAPError as error:
                raise SourceError(
                    f"{its.name}: {its.url} does not encrypt ({_said(error)}); check its "
                    "certificate and `ca`, or write ldaps://"
                ) from None
        if its.bind_dn is not None and its.password_file is not None:
            connection.simple_bind_s(its.bind_dn, password_in(its.password_file))
        else:
            connection.simple_bind_s()
        self._bound = True

    def _entries(self, connection: Any) -> Iterator[tuple[str, dict[str, list[bytes]]]]:
        """Give every entry that the directory shows, page by page; references are passed over."""
        import ldap
        from ldap.controls import SimplePagedResultsControl

        its = self._its
        page = SimplePagedResultsControl(criticality=False, size=its.page, cookie="")
        while True:
            number = connection.search_ext(
                its.base,
                ldap.SCOPE_SUBTREE,
                its.filter,
                attrlist=list(ATTRIBUTES),
                serverctrls=[page],
            )
            _, found, _, controls = connection.result3(number, timeout=its.patience_s)
            yield from ((dn, entry) for dn, entry, *_ in found if dn is not None)
            cookies = [each.cookie for each in controls if each.controlType == page.controlType]
            if not cookies or not cookies[0]:
                return
            page.cookie = cookies[0]

    def _meaning(self, ldap: Any, error: Exception) -> SourceError:
        """Say what an error of the library means for whoever looks after the settings."""
        its = self._its
        match error:
            case ldap.INVALID_CREDENTIALS() | ldap.INAPPROPRIATE_AUTH():
                return SourceError(f"{its.name}: {its.url} refuses bind_dn or its password")
            case ldap.INVALID_DN_SYNTAX():
                return SourceError(f"{its.name}: bind_dn or base is no name of an entry")
            case ldap.NO_SUCH_OBJECT():
                return SourceError(
                    f"{its.name}: {its.url} has nothing at base “{its.base}”, or does not show it "
                    "to bind_dn"
                )
            case ldap.FILTER_ERROR():
                return SourceError(f"{its.name}: filter “{its.filter}” cannot be read (RFC 4515)")
            case ldap.SIZELIMIT_EXCEEDED():
                return SourceError(
                    f"{its.name}: {its.url} does not give all entries; let bind_dn have more, or "
                    "narrow `filter`"
                )
            case ldap.SERVER_DOWN() if its.url.startswith("ldaps:") and not self._bound:
                # It does answer: that was seen.
                return SourceError(
                    f"{its.name}: {its.url} shows a certificate that is not trusted, or that is "
                    "for another name; check the name in `url`, and `ca`"
                )
            case (
                ldap.SERVER_DOWN()
                | ldap.CONNECT_ERROR()
                | ldap.TIMEOUT()
                | ldap.TIMELIMIT_EXCEEDED()
                | ldap.BUSY()
                | ldap.UNAVAILABLE()
            ):
                return SourceAwayError(f"{its.name}: {its.url} does not answer ({_said(error)})")
            case _:
                return SourceError(f"{its.name}: {its.url} says: {_said(error)}")


def _said(error: Exception) -> str:
    """Give the words of an error of the library: what went wrong, then in detail."""
    facts = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    words = [str(facts[key]) for key in ("desc", "info") if facts.get(key)]
    return ": ".join(words)[:200] or type(error).__name__
