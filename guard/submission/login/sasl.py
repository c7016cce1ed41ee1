"""
The server's side of SASL (RFC 4422): what a client answers → `Credentials`, or a refusal.

Pure: each mechanism is a generator that yields challenges, is sent responses, both as octets
without Base64, and returns the credentials. Nothing is checked here but their form.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Generator
from typing import Final

from guard.model.errors import LoginRefusedError
from guard.ports import Credentials

AUTH_OCTETS: Final = 12_290
"""Longest line of an exchange: 12,288 octets of Base64 (RFC 4954 §4) and CRLF."""

Exchange = Generator[bytes, bytes, Credentials]

_GS2 = re.compile(r"[ny],(?:a=(?P<name>(?:[^,=]|=2C|=3D)+))?,")
_SHOWN_FALSELY = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Controls, line ends and what turns the direction of text: a log would show another name."""

_BEARER = re.compile(r"bearer +(?P<token>[A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)


class MalformedError(Exception):
    """What the client sent is not what its mechanism prescribes; nothing of it is repeated."""


def decoded(line: str) -> bytes:
    """
    Read one line of an exchange (RFC 4954 §4), Base64 with its padding and nothing else.

    Raises:
        MalformedError: It is none.
    """
    try:
        return b64decode(line.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise MalformedError from None


def initial_response(word: str) -> bytes | None:
    """
    Read the initial response of an AUTH command; `None`: it has none, ``=`` is an empty one.

    Raises:
        MalformedError: It is no Base64.
    """
    if not word:
        return None
    return b"" if word == "=" else decoded(word)


def begin(mechanism: str, *, certificate: str | None) -> Exchange:
    """
    Start an exchange; *certificate* is the identity that a verified client certificate gave.

    The generator raises `MalformedError` at a response that is none, and `LoginRefusedError` where
    somebody wants to act as somebody else, or has no certificate.

    Raises:
        KeyError: There is no such mechanism.
    """
    if mechanism == "EXTERNAL":
        return _external(certificate)
    return MECHANISMS[mechanism]()


def _plain() -> Exchange:
    """RFC 4616: ``[authzid] NUL authcid NUL passwd``."""
    response = yield b""
    try:
        acting_as, identity, secret = response.split(b"\0")
    except ValueError:
        raise MalformedError from None
    if acting_as not in {b"", identity}:
        raise LoginRefusedError
    return Credentials(
        mechanism="PLAIN", identity=_name(identity), secret=_text(secret), response=response
    )


def _login() -> Exchange:
    """No RFC; as every mail program speaks it. An initial response is the user name."""
    identity = _name((yield b"Username:"))
    return Credentials(mechanism="LOGIN", identity=identity, secret=_text((yield b"Password:")))


def _oauthbearer() -> Exchange:
    """
    RFC 7628 §3.1: a GS2 header with the user name, then ``key=value`` pairs, SOH behind each.

    Of keys that nobody has defined, or that come twice, whoever reads them next might make
    somebody else than we do.
    """
    response = yield b""
    header, *pairs = _pairs(response)
    match = _GS2.fullmatch(header)
    if match is None or match["name"] is None:  # a token alone does not tell us who it is
        raise MalformedError
    values = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    if len(values) < len(pairs) or values.keys() - {"auth", "host", "port"}:
        raise MalformedError
    return Credentials(
        mechanism="OAUTHBEARER",
        identity=_name(match["name"].replace("=2C", ",").replace("=3D", "=").encode()),
        secret=_token(values.get("auth", "")),
        response=response,
    )


def _xoauth2() -> Exchange:
    """As Google and Microsoft document it: ``user=…`` SOH ``auth=Bearer …`` SOH SOH."""
    response = yield b""
    match _pairs(response):
        case [user, auth] if user.startswith("user=") and auth.startswith("auth="):
            return Credentials(
                mechanism="XOAUTH2",
                identity=_name(user.removeprefix("user=").encode()),
                secret=_token(auth.removeprefix("auth=")),
                response=response,
            )
    raise MalformedError


def _external(certificate: str | None) -> Exchange:
    """RFC 4422 appendix A: who it is, the certificate says; the response may only repeat it."""
    response = yield b""
    if certificate is None or response not in {b"", certificate.encode()}:
        raise LoginRefusedError
    return Credentials(mechanism="EXTERNAL", identity=_name(certificate.encode()))


MECHANISMS: Final[dict[str, Callable[[], Exchange]]] = {
    "PLAIN": _plain,
    "LOGIN": _login,
    "XOAUTH2": _xoauth2,
    "OAUTHBEARER": _oauthbearer,
}
"""Those that need nothing but what the client sends."""


def _text(octets: bytes) -> str:
    """Read what is UTF-8, not empty, and has no NUL in it."""
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        raise MalformedError from None
    if not text or "\0" in text:
        raise MalformedError
    return text


def _name(octets: bytes) -> str:
    """Read a login name: printed anywhere, it shows as what it is."""
    name = _text(octets)
    if name != name.strip() or _SHOWN_FALSELY.search(name):
        raise MalformedError
    return name


def _pairs(response: bytes) -> list[str]:
    """Part an OAuth response at its SOHs; two of them end it."""
    head, end, rest = _text(response).partition("\x01\x01")
    if not end or rest:
        raise MalformedError
    return head.split("\x01")


def _token(auth: str) -> str:
    """Read a bearer token (RFC 6750 §2.1)."""
    match = _BEARER.fullmatch(auth)
    if match is None:
        raise MalformedError
    return match["token"]
