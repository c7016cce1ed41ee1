"""
XCLIENT: what a proxy says of the client that it speaks for.

See Postfix's `XCLIENT_README`; attribute values are xtext (RFC 3461 §4).
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

XCLIENT: Final = "XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT"
"""The line that announces it."""

UNAVAILABLE: Final = frozenset({"[UNAVAILABLE]", "[TEMPUNAVAIL]"})

_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})+")
_HEX = re.compile(rb"\+([0-9A-F]{2})")


class XclientError(ValueError):
    """The argument of XCLIENT is malformed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """What a proxy says of its client; `None`: nothing, empty: that it does not know."""

    address: str | None = None
    """IP address."""

    helo: str | None = None
    """The name that the client gave, printable ASCII."""

    login: str | None = None
    """Who the client is, as the proxy has checked."""


def introduction(argument: str) -> Introduction:
    """
    Read the argument of XCLIENT. What we have no use for is judged, too, and dropped.

    Raises:
        XclientError: It is empty or malformed, an attribute is unknown or given twice.
    """
    said: dict[str, str] = {}
    for word in argument.split():
        name, equals, value = word.partition("=")
        name = name.upper()
        if not equals or name not in _READ or name in said:
            raise XclientError("no such attribute, or twice")
        said[name] = "" if value.upper() in UNAVAILABLE else _READ[name](_decoded(value))
    if not said:
        raise XclientError("no attribute")
    return Introduction(address=said.get("ADDR"), helo=said.get("HELO"), login=said.get("LOGIN"))


def _decoded(value: str) -> str:
    if not _XTEXT.fullmatch(value):
        raise XclientError("no xtext")
    octets = _HEX.sub(lambda found: bytes.fromhex(found[1].decode()), value.encode())
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        raise XclientError("no UTF-8") from None
    if not text.isprintable() or len(text) > 255:
        raise XclientError("not printable, or too long")
    return text


def _address(text: str) -> str:
    is_six = text[:5].upper() == "IPV6:"
    try:
        address = ipaddress.ip_address(text[5:] if is_six else text)
    except ValueError:
        raise XclientError("no address") from None
    if address.version != (6 if is_six else 4) or "%" in text:
        raise XclientError("no address")
    return str(address)


def _port(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65535:
        raise XclientError("no port")
    return text


def _protocol(text: str) -> str:
    if text.upper() not in {"SMTP", "ESMTP"}:
        raise XclientError("no protocol")
    return text


def _name(text: str) -> str:
    if not text.isascii() or " " in text:
        raise XclientError("no host name")
    return text


_READ: Final[Mapping[str, Callable[[str], str]]] = {
    "NAME": _name,
    "ADDR": _address,
    "PORT": _port,
    "PROTO": _protocol,
    "HELO": _name,
    "LOGIN": str,
    "DESTADDR": _address,
    "DESTPORT": _port,
}
"""How the value of each attribute is judged."""
