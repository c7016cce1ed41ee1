"""The arguments of MAIL, RCPT and BDAT, judged: who, with which parameters, how much."""

import re
from collections.abc import Mapping, Sequence, Set
from typing import Final

from guard.model.address import Address, AddressError
from guard.model.reply import Reply
from guard.submission.answers import (
    BAD_RECIPIENT,
    BAD_SENDER,
    NEEDS_UTF8,
    SYNTAX,
    TOO_BIG,
    UNKNOWN_PARAM,
    RefusedError,
)
from guard.submission.mail.addresses import ParamError, keyword, parse_path, value

POSTMASTER: Final = Reply(550, "5.1.3", "Name the domain, too: postmaster@ and your own")
"""
RFC 5321 §4.1.1.3 lets a postmaster stand alone. Whom that means only a mail server knows; one that
takes submissions hands on none but full addresses (RFC 6409 §4.2), and we judge none but these.
"""

MAIL_PARAMS: Final = frozenset({"SIZE", "BODY", "SMTPUTF8", "AUTH"})
DSN_MAIL_PARAMS: Final = frozenset({"RET", "ENVID"})
DSN_RCPT_PARAMS: Final = frozenset({"NOTIFY", "ORCPT"})
WITHOUT_VALUE: Final = frozenset({"SMTPUTF8", "REQUIRETLS"})

_CHUNK = re.compile(r"([0-9]{1,18})( +LAST)?", re.IGNORECASE | re.ASCII)


def reverse_path(
    argument: str, extensions: Mapping[str, str], message_bytes: int, *, tls: bool = False
) -> tuple[Address | None, tuple[str, ...]]:
    """
    Read the argument of MAIL; `None` is the null sender. AUTH= is dropped.

    REQUIRETLS is for clients whose own side is encrypted (*tls*; RFC 8689 §2).

    Raises:
        RefusedError: It is malformed, too big, or asks for what was not announced.
    """
    sender, params = _read("FROM:", argument, BAD_SENDER)
    known = MAIL_PARAMS
    if "DSN" in extensions:
        known |= DSN_MAIL_PARAMS
    if tls and "REQUIRETLS" in extensions:
        known |= {"REQUIRETLS"}
    _check(params, known, message_bytes)
    _check_utf8(sender, params)
    # Nobody's word for who wrote the mail is handed on (RFC 4954 §5).
    return sender, tuple(param for param in params if keyword(param) != "AUTH")


def forward_path(
    argument: str, extensions: Mapping[str, str], mail_params: Sequence[str]
) -> tuple[Address, tuple[str, ...]]:
    """
    Read the argument of RCPT; *mail_params* are those of MAIL.

    Raises:
        RefusedError: It is malformed, null, or asks for what was not announced.
    """
    if argument.upper().replace(" ", "").startswith("TO:<POSTMASTER>"):
        raise RefusedError(POSTMASTER)
    recipient, params = _read("TO:", argument, BAD_RECIPIENT)
    if recipient is None:
        raise RefusedError(BAD_RECIPIENT)
    _check(params, DSN_RCPT_PARAMS if "DSN" in extensions else frozenset(), 0)
    _check_utf8(recipient, mail_params)
    return recipient, params


def chunk_size(argument: str) -> tuple[int, bool]:
    """
    Read the argument of BDAT: the octets of the chunk, and whether it is the last.

    Raises:
        RefusedError: It is malformed.
    """
    match = _CHUNK.fullmatch(argument)
    if match is None:
        raise RefusedError(SYNTAX)
    return int(match[1]), match[2] is not None


def _check_utf8(address: Address | None, mail_params: Sequence[str]) -> None:
    """Refuse an address beyond ASCII in a transaction without SMTPUTF8 (RFC 6531 §3.4)."""
    if address is None or address.is_ascii:
        return
    if not any(keyword(param) == "SMTPUTF8" for param in mail_params):
        raise RefusedError(NEEDS_UTF8)


def _check(params: Sequence[str], known: Set[str], message_bytes: int) -> None:
    """Refuse what was not announced, and values that make no sense."""
    for param in params:
        name, given = keyword(param), value(param)
        if name not in known:
            raise RefusedError(UNKNOWN_PARAM)
        if name == "SIZE" and not (given.isdecimal() and len(given) <= 20):
            raise RefusedError(SYNTAX)
        if name == "SIZE" and int(given) > message_bytes:
            raise RefusedError(TOO_BIG)
        if name == "BODY" and given.upper() not in {"7BIT", "8BITMIME"}:
            raise RefusedError(SYNTAX)
        if (name in WITHOUT_VALUE) == bool(given):
            raise RefusedError(SYNTAX)


def _read(
    preposition: str, argument: str, malformed: Reply
) -> tuple[Address | None, tuple[str, ...]]:
    """Read the argument of MAIL or RCPT."""
    if argument[: len(preposition)].upper() != preposition:
        raise RefusedError(SYNTAX)
    try:
        return parse_path(argument[len(preposition) :])
    except AddressError:
        raise RefusedError(malformed) from None
    except ParamError:
        raise RefusedError(SYNTAX) from None
