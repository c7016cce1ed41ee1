"""MAIL and RCPT as they are said to the upstream, and what it may lack for them."""

from collections.abc import Mapping, Sequence
from typing import Final

from guard.model.address import Address
from guard.model.reply import Reply
from guard.upstream.connection import Connection

NO_8BIT: Final = Reply(554, "5.6.3", "The mail server behind this one takes no 8-bit mail")
NO_UTF8: Final = Reply(
    550, "5.6.7", "The mail server behind this one takes no addresses beyond ASCII"
)
NO_TLS: Final = Reply(
    550, "5.7.30", "The mail server behind this one cannot promise TLS all the way"
)

EXTENSION_OF: Final = {
    "SIZE": "SIZE",
    "RET": "DSN",
    "ENVID": "DSN",
    "NOTIFY": "DSN",
    "ORCPT": "DSN",
    "BODY": "8BITMIME",
    "SMTPUTF8": "SMTPUTF8",
    "REQUIRETLS": "REQUIRETLS",
}
"""Parameter → the extension that it belongs to (RFC 1870, 3461, 6152, 6531, 8689)."""


def command_line(
    verb: str, path: Address | None, params: Sequence[str], extensions: Mapping[str, str]
) -> bytes:
    """Put a MAIL or RCPT line together; what the upstream has no extension for is left out."""
    known = [param for param in params if _extension(param) in extensions]
    return " ".join((f"{verb}:<{path.text if path else ''}>", *known)).encode()


def lacking_for(
    connection: Connection, sender: Address | None, params: Sequence[str]
) -> Reply | None:
    """Refuse what could only be sent by changing it (RFC 6152 §3, RFC 6531 §3.5, RFC 8689 §4.2)."""
    extensions = connection.extensions
    wanted = {param.upper() for param in params}
    if "8BITMIME" not in extensions and "BODY=8BITMIME" in wanted:
        return NO_8BIT
    is_utf8 = "SMTPUTF8" in wanted or not (sender is None or sender.is_ascii)
    if "SMTPUTF8" not in extensions and is_utf8:
        return NO_UTF8
    if "REQUIRETLS" in wanted and not (connection.verified_tls and "REQUIRETLS" in extensions):
        return NO_TLS
    return None


def _extension(param: str) -> str:
    return EXTENSION_OF.get(param.partition("=")[0].upper(), "")
