"""What comes before the first mail: greeting, EHLO, TLS and AUTH."""

import asyncio
import ipaddress
import re
import socket
import ssl
from base64 import b64encode
from typing import Final

from guard.config import Route, host_port
from guard.model.errors import UpstreamError
from guard.model.reply import Reply
from guard.upstream.connection import Budgets, Connection

READY: Final = 220
AUTHENTICATED: Final = 235
CHALLENGE: Final = 334

_KEYWORD = re.compile(r"[A-Z0-9][A-Z0-9-]*")


async def connect(route: Route, budgets: Budgets) -> Connection:
    """
    Open a connection that is ready for MAIL.

    Raises:
        UpstreamError: It cannot be reached, does not speak SMTP, or does not offer the TLS or the
            login that *route* asks for. No mail and no password has been sent.
    """
    host, port = host_port(route.address)
    try:
        implicit = tls_context(route) if route.tls == "implicit" else None
        async with asyncio.timeout(budgets.connect_s):
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: Connection(budgets),
                host,
                port,
                ssl=implicit,
                server_hostname=host if implicit else None,
            )
    except (OSError, UnicodeError) as error:  # TimeoutError and SSLError are OSErrors
        raise UpstreamError(f"no connection: {type(error).__name__}") from error
    try:
        await _shake_hands(connection, route, host)
    except OSError as error:
        connection.abort()
        raise UpstreamError(f"no TLS: {type(error).__name__}") from error
    except BaseException:
        connection.close()
        raise
    return connection


def tls_context(route: Route) -> ssl.SSLContext:
    """Give the TLS settings of *route*; only opportunistic TLS takes any certificate."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if route.tls == "opportunistic":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if route.certificate is not None:
        context.load_cert_chain(route.certificate)
    return context


async def _shake_hands(connection: Connection, route: Route, host: str) -> None:
    _expect(READY, await connection.greeting)
    await _ehlo(connection)
    if route.tls in {"opportunistic", "required"}:
        if "STARTTLS" in connection.extensions:
            _expect(READY, await connection.command(b"STARTTLS"))
            await connection.start_tls(tls_context(route), host)
            await _ehlo(connection)
        elif route.tls == "required":
            raise UpstreamError("STARTTLS is not offered")
    if route.user is not None:
        await _log_in(connection, route, route.user)


async def _ehlo(connection: Connection) -> None:
    name = _our_name(connection).encode("ascii")
    reply = await connection.command(b"EHLO " + name)
    if reply is not None and reply.is_permanent:  # RFC 5321 §3.2: then HELO
        _expect(250, await connection.command(b"HELO " + name))
        connection.extensions = {}
        return
    _, *lines = _expect(250, reply).text.split("\n")
    keywords = (line.upper().replace("=", " ", 1).partition(" ") for line in lines)
    connection.extensions = {
        keyword: words.strip() for keyword, _, words in keywords if _KEYWORD.fullmatch(keyword)
    }


def _our_name(connection: Connection) -> str:
    """Give this host's name, or, where it has no full one, its address (RFC 5321 §4.1.4)."""
    name = socket.gethostname()
    if "." in name and re.fullmatch(r"[A-Za-z0-9.-]{1,255}", name):
        return name
    address = connection.local_address or "127.0.0.1"
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


async def _log_in(connection: Connection, route: Route, user: str) -> None:
    """Authenticate as *user* (RFC 4954); the password never goes where it could be overheard."""
    verified = route.tls in {"required", "implicit"}
    if not verified and not _is_loopback(connection.peer_address):
        raise UpstreamError("a login needs tls = required or implicit")
    password = _password(route)
    mechanisms = connection.extensions.get("AUTH", "").split()
    if "PLAIN" in mechanisms:
        secret = b64encode(f"\0{user}\0{password}".encode())
        _expect(AUTHENTICATED, await connection.command(b"AUTH PLAIN " + secret))
    elif "LOGIN" in mechanisms:
        _expect(CHALLENGE, await connection.command(b"AUTH LOGIN"))
        _expect(CHALLENGE, await connection.command(b64encode(user.encode())))
        _expect(AUTHENTICATED, await connection.command(b64encode(password.encode())))
    else:
        raise UpstreamError("neither AUTH PLAIN nor AUTH LOGIN is offered")


def _password(route: Route) -> str:
    if route.password_file is None:
        return ""
    try:
        return route.password_file.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeError) as error:
        raise UpstreamError("the password file cannot be read") from error


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _expect(code: int, reply: Reply | None) -> Reply:
    if reply is None:
        raise UpstreamError("no reply")
    if reply.code != code:
        raise UpstreamError(f"{reply.code} instead of {code}")
    return reply
