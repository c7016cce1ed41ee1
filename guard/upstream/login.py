"""The client's side of SASL (RFC 4422, RFC 4954): logging in at the upstream."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Final

from guard.host.loopback import is_loopback
from guard.model.errors import UpstreamError
from guard.model.reply import Reply
from guard.ports import Credentials
from guard.upstream.connection import Connection

AUTHENTICATED: Final = 235
CHALLENGE: Final = 334

LINE_OCTETS: Final = 12_288
"""Longest AUTH line with its CRLF (RFC 4954 §4); what is longer follows a challenge."""

PASSWORDS: Final = ("PLAIN", "LOGIN")
TOKENS: Final = ("OAUTHBEARER", "XOAUTH2")

DISMISSAL: Final[Mapping[str, bytes]] = {"OAUTHBEARER": b"\x01", "XOAUTH2": b""}
"""What is answered to the challenge that tells why a token is refused (RFC 7628 §3.2.3)."""


def mechanisms_of(extensions: Mapping[str, str]) -> tuple[str, ...]:
    """
    Give the mechanisms that a client may use before an upstream with these *extensions*.

    PLAIN and LOGIN carry the same and stand for each other; a token goes with its own mechanism.
    """
    announced = extensions.get("AUTH", "").split()
    passwords = PASSWORDS if any(name in announced for name in PASSWORDS) else ()
    return (*passwords, *(name for name in TOKENS if name in announced))


async def log_in(connection: Connection, credentials: Credentials, *, certain: bool) -> Reply:
    """
    Say AUTH and give the upstream's last word on it, 235 or a refusal.

    *certain* says whether its certificate was checked. A secret goes nowhere else, but to this
    machine itself.

    Raises:
        UpstreamError: No answer came, or none that makes sense; or the secret was not sent, for
            it could be overheard, or the mechanism is not offered.
    """
    if not certain and not is_loopback(connection.peer_address):
        raise UpstreamError("a login needs tls = required or implicit")
    announced = connection.extensions.get("AUTH", "").split()
    if credentials.mechanism in TOKENS and credentials.mechanism in announced:
        reply = await _respond(connection, credentials.mechanism, credentials.response)
        if reply.code == CHALLENGE:
            reply = await _say(connection, b64encode(DISMISSAL[credentials.mechanism]))
    elif credentials.mechanism in PASSWORDS and "PLAIN" in announced:
        words = f"\0{credentials.identity}\0{credentials.secret}"
        reply = await _respond(connection, "PLAIN", words.encode())
    elif credentials.mechanism in PASSWORDS and "LOGIN" in announced:
        reply = await _say(connection, b"AUTH LOGIN")
        for word in (credentials.identity, credentials.secret):
            if reply.code == CHALLENGE:
                reply = await _say(connection, b64encode(word.encode()))
    else:
        raise UpstreamError(f"AUTH {credentials.mechanism} is not offered")
    if reply.is_positive != (reply.code == AUTHENTICATED):
        raise UpstreamError(f"{reply.code} instead of {AUTHENTICATED}")
    return reply


async def _respond(connection: Connection, mechanism: str, response: bytes) -> Reply:
    """Say AUTH with its initial response, or, where the line would be too long, the two apart."""
    command = f"AUTH {mechanism}".encode("ascii")
    word = b64encode(response)
    if len(command) + len(word) + len(b" \r\n") <= LINE_OCTETS:
        return await _say(connection, command + b" " + word)
    reply = await _say(connection, command)
    return await _say(connection, word) if reply.code == CHALLENGE else reply


async def _say(connection: Connection, line: bytes) -> Reply:
    reply = await connection.command(line)
    if reply is None:
        raise UpstreamError("no reply to AUTH")
    return reply
