"""What comes before the first mail: greeting, EHLO, TLS and AUTH."""

import asyncio
import re
import ssl
import time
from collections.abc import Mapping
from typing import Final

import structlog

from guard.config import Route, host_port
from guard.model.errors import UpstreamError
from guard.model.reply import Reply
from guard.ports import Credentials
from guard.upstream.circuit import Circuit
from guard.upstream.connection import Budgets, Connection
from guard.upstream.login import AUTHENTICATED, log_in
from guard.upstream.tls import CERTAIN, Contexts, refused

log = structlog.get_logger()

READY: Final = 220

EXIM_MAILS: Final = 10

_EXIM = re.compile(r"\bExim\b")
_OLD_AUTH = re.compile(r"^AUTH=")
_KEYWORD = re.compile(r"[A-Z0-9][A-Z0-9-]*")
_FULL_NAME = re.compile(r"(?=.{1,255}$)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class TurnedAwayError(UpstreamError):
    """The upstream takes no further connection for now; it may well serve those that it has."""


class Dialer:
    """
    Opens connections along one route, and gives its server a rest when none comes about.

    Those for logins have a circuit of their own: whoever tries passwords cannot open that of mail.

    Whether the name of the server is the right one for a domain (MTA-STS, DANE) is no question
    here: the route names one server, and finding others is that server's business.
    """

    def __init__(self, route: Route, budgets: Budgets, *, name: str = "") -> None:
        """*name* is ours for EHLO; without a dot in it our address stands there instead."""
        self.extensions: Mapping[str, str] = {}
        """What the last EHLO announced; empty until there was one."""

        self.certain: Final = route.tls in CERTAIN
        """Whether a connection, once there is one, leads to nobody but the server meant."""

        self.circuit: Final = Circuit(time.monotonic)
        self._login_circuit = Circuit(time.monotonic)
        self._route = route
        self._budgets = budgets
        self._name = name
        self._contexts = Contexts(route)

    async def dial(self, *, as_ourselves: bool = True) -> Connection:
        """
        Open a connection that is ready for MAIL, or, not *as_ourselves*, for AUTH.

        Raises:
            UpstreamError: It cannot be reached, does not speak SMTP, or does not offer the TLS or
                the login that the route asks for. No mail and no password has been sent.
            TurnedAwayError: It takes none for now.
        """
        circuit = self.circuit if as_ourselves else self._login_circuit
        with circuit.attempt():
            try:
                return await self._dial(as_ourselves=as_ourselves)
            except UpstreamError as error:
                log.warning("upstream.unreachable", reason=str(error))
                raise

    def close(self) -> None:
        """Forget how things went."""
        self.circuit.close()
        self._login_circuit.close()

    async def _dial(self, *, as_ourselves: bool) -> Connection:
        connection = await self._connect()
        try:
            await self._shake_hands(connection)
            if as_ourselves and self._route.user is not None:
                await self._log_in(connection, self._route.user)
        except UpstreamError:
            connection.quit()
            raise
        except BaseException:
            connection.abort()
            raise
        self._learn(connection.extensions)
        return connection

    def _learn(self, extensions: Mapping[str, str]) -> None:
        """Keep what was announced, and tell when it is not what it was."""
        old, self.extensions = self.extensions, extensions
        if old and old != extensions:
            changed = sorted({name for name, _ in old.items() ^ extensions.items()})
            log.info("upstream.extensions_changed", extensions=changed)

    async def _connect(self) -> Connection:
        host, port = host_port(self._route.address)
        implicit = self._contexts.current() if self._route.tls == "implicit" else None
        try:
            async with asyncio.timeout(self._budgets.connect_s):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: Connection(self._budgets),
                    host,
                    port,
                    ssl=implicit,
                    server_hostname=host if implicit else None,
                )
        except ssl.SSLError as error:
            raise UpstreamError(refused(_reason(error))) from error
        except ConnectionError as error:
            raise TurnedAwayError(f"no connection: {type(error).__name__}") from error
        except (OSError, UnicodeError) as error:  # TimeoutError is an OSError
            raise UpstreamError(f"no connection: {type(error).__name__}") from error
        return connection

    async def _shake_hands(self, connection: Connection) -> None:
        greeting = await connection.greeting
        if greeting is not None and 400 <= greeting.code < 500:
            raise TurnedAwayError(f"{greeting.code} at the greeting")
        greeting = _expect(READY, greeting)
        await self._ehlo(connection)
        if self._route.tls in {"opportunistic", "required"}:
            if "STARTTLS" in connection.extensions:
                await self._start_tls(connection)
                await self._ehlo(connection)
            elif self._route.tls == "required":
                raise UpstreamError(refused("TLS is not offered"))
        connection.most_mails = most_mails(greeting, connection.extensions)

    async def _start_tls(self, connection: Connection) -> None:
        reply = await connection.command(b"STARTTLS")
        if reply is not None and reply.code != READY:
            raise UpstreamError(refused("STARTTLS is refused"))
        host, _ = host_port(self._route.address)
        context = self._contexts.current()
        try:
            await connection.start_tls(context, host)
        except UpstreamError as error:
            raise UpstreamError(refused(str(error))) from error
        except OSError as error:  # SSLError is one
            connection.abort()
            raise UpstreamError(refused(_reason(error))) from error

    async def _ehlo(self, connection: Connection) -> None:
        name = (self._name if _FULL_NAME.fullmatch(self._name) else _literal(connection)).encode()
        reply = await connection.command(b"EHLO " + name)
        if reply is not None and reply.is_permanent:  # RFC 5321 §3.2: then HELO
            _expect(250, await connection.command(b"HELO " + name))
            connection.extensions = {}
            return
        _, *lines = _expect(250, reply).text.split("\n")
        connection.extensions = extensions_of(lines)

    async def _log_in(self, connection: Connection, user: str) -> None:
        """Authenticate as the route says."""
        mine = Credentials(mechanism="PLAIN", identity=user, secret=self._password())
        _expect(AUTHENTICATED, await log_in(connection, mine, certain=self.certain))

    def _password(self) -> str:
        if self._route.password_file is None:
            return ""
        try:
            return self._route.password_file.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeError) as error:
            raise UpstreamError("the password file cannot be read") from error


def extensions_of(lines: list[str]) -> dict[str, str]:
    """
    Read what an EHLO announces: keyword → parameters, both in upper case.

    ``AUTH=LOGIN``, an old form that still stands beside the right one, adds to it.
    """
    extensions: dict[str, str] = {}
    for line in lines:
        keyword, _, words = _OLD_AUTH.sub("AUTH ", line.upper()).partition(" ")
        if _KEYWORD.fullmatch(keyword):
            known = [extensions[keyword]] if keyword == "AUTH" and keyword in extensions else []
            extensions[keyword] = " ".join((*known, words.strip()))
    return extensions


def most_mails(greeting: Reply, extensions: Mapping[str, str]) -> int | None:
    """
    Give the messages that an upstream wants on one connection; `None` where it does not say.

    It may say so (``LIMITS MAILMAX``, RFC 9422). Exim does not, and only queues what comes after
    ten, until its next queue run half an hour later (``smtp_accept_queue_per_connection``).
    """
    limits = dict(word.partition("=")[::2] for word in extensions.get("LIMITS", "").split())
    said = limits.get("MAILMAX", "")
    most = [int(said)] if said.isdecimal() and len(said) < 10 and int(said) else []
    if _EXIM.search(greeting.text):
        most.append(EXIM_MAILS)
    return min(most, default=None)


def _literal(connection: Connection) -> str:
    """Give our address, for a host without a full name (RFC 5321 §4.1.4)."""
    address = connection.local_address or "127.0.0.1"
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _reason(error: OSError) -> str:
    """Say in few words, for the log and for a metric, why there is no TLS."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "the certificate is not trusted"
    return "the TLS handshake failed"


def _expect(code: int, reply: Reply | None) -> Reply:
    if reply is None:
        raise UpstreamError("no reply")
    if reply.code != code:
        raise UpstreamError(f"{reply.code} instead of {code}")
    return reply
