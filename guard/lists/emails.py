"""E-mail addresses, as a list has them and as a text may hold them."""

import re
from collections.abc import Iterator
from typing import Final

import idna

from guard.lists.fold import fold
from guard.lists.steps import Check, go_on

_LOCAL_BYTES: Final = 64  # RFC 5321 §4.5.3.1.1
_DOMAIN_BYTES: Final = 255  # RFC 5321 §4.5.3.1.2

# Read backwards from the @: so that a megabyte of letters without one costs nothing.
_LOCAL_BACKWARDS: Final = (re.compile(r"[a-z0-9._%+\-&=#!/]+"), re.compile(r"[\w.%+\-&=#!/]+"))
_DOMAIN: Final = (
    re.compile(r"[a-z0-9\-]+(?:\.[a-z0-9\-]+)+"),
    re.compile(r"[\w\-]+(?:\.[\w\-]+)+"),
)
_WHOLE: Final = re.compile(r"(?:mailto:)?<?([^\s@<>]{1,64}@[^\s@<>]{3,255})>?")


def emails_in(folded: str, check: Check = go_on) -> Iterator[tuple[int, int, str]]:
    """
    Give every address that a folded text can be read to hold: start, end, key.

    Each @ is read with ASCII letters alone, as Japanese text stands right beside an address;
    with any letters (RFC 6531); and with one line break within.
    """
    at = folded.find("@")
    while at >= 0:
        check()
        before = folded[max(0, at - _LOCAL_BYTES - 1) : at][::-1]
        after = folded[at + 1 : at + 1 + _DOMAIN_BYTES]
        for local in _readings(_LOCAL_BACKWARDS, before):
            for domain in _readings(_DOMAIN, after):
                key = f"{local[::-1].lstrip('.')}@{_domain(domain)}"
                yield at - len(local), at + 1 + len(domain), key
        at = folded.find("@", at + 1)


def email_keys(value: str) -> tuple[str, ...]:
    """Give what the list keeps of a cell: each address in it."""
    folded = fold(value).strip()
    whole = _WHOLE.fullmatch(folded)
    if whole:
        local, _, domain = whole[1].rpartition("@")
        return (f"{local}@{_domain(domain)}",) if "." in domain.strip(".") else ()
    return tuple(dict.fromkeys(key for _, _, key in emails_in(folded)))


def email_key(value: str) -> str | None:
    """Give the first address of a cell as the list keeps it; `None` where none stands in it."""
    return next(iter(email_keys(value)), None)


def _readings(patterns: tuple[re.Pattern[str], ...], text: str) -> list[str]:
    """Read the beginning of *text* in each way, also with its first line break taken out."""
    found = []
    broken = text.find("\n")
    whole = text.replace("\n", "", 1)
    for pattern in patterns:
        match = pattern.match(text)
        if match:
            found.append(match.group())
        if broken >= 0:
            joined = pattern.match(whole)
            if joined and joined.end() > broken:
                found.append(joined.group())
    return list(dict.fromkeys(found))


def _domain(domain: str) -> str:
    """Give a domain in U-labels (RFC 5890), folded as the rest."""
    domain = domain.strip(".-")
    if "xn--" not in domain:
        return domain
    try:
        return fold(idna.decode(domain, uts46=True))
    except idna.IDNAError:
        return domain
