"""E-mail addresses, as a list has them and as a text may hold them."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import idna

from guard.lists.fold import fold
from guard.lists.steps import Check, go_on

_LOCAL_BYTES: Final = 64  # RFC 5321 §4.5.3.1.1
_DOMAIN_BYTES: Final = 255  # RFC 5321 §4.5.3.1.2

# Read backwards from the @: so that a megabyte of letters without one costs nothing. Beside each
# pattern is the class of what it may match: how far a reading could go at most.
_LOCAL_BACKWARDS: Final = tuple(
    (re.compile(rf"[{letters}]+"), re.compile(rf"[{letters}]*"))
    for letters in (r"a-z0-9._%+\-&=#!/", r"\w.%+\-&=#!/")
)
_DOMAIN: Final = tuple(
    (re.compile(rf"[{letters}]+(?:\.[{letters}]+)+"), re.compile(rf"[{letters}.]*"))
    for letters in (r"a-z0-9\-", r"\w\-")
)
_WHOLE: Final = re.compile(r"(?:mailto:)?<?([^\s@<>]{1,64}@[^\s@<>]{3,255})>?")


def emails_in(text: str, check: Check = go_on) -> Iterator[tuple[int, int, str]]:
    """
    Give every address that a text, folded or in outline, can be read to hold: start, end, key.

    Each @ is read with ASCII letters alone, as Japanese text stands right beside an address;
    with any letters (RFC 6531); and with one line break within.
    """
    at = text.find("@")
    while at >= 0:
        check()
        after = text[at + 1 : at + 1 + _DOMAIN_BYTES]
        domains = [(domain, _domain(_folded(domain))) for domain in _readings(_DOMAIN, after)]
        if domains:
            before = text[max(0, at - _LOCAL_BYTES - 1) : at][::-1]
            for local in _readings(_LOCAL_BACKWARDS, before):
                key = _folded(local[::-1]).lstrip(".")
                for domain, domain_key in domains:
                    yield at - len(local), at + 1 + len(domain), f"{key}@{domain_key}"
        at = text.find("@", at + 1)


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


def _readings(
    patterns: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...], text: str
) -> Iterable[str]:
    """Read the beginning of *text* in each way, also with its first line break taken out."""
    found: dict[str, None] = {}
    broken = text.find("\n")
    for pattern, reach in patterns:
        match = pattern.match(text)
        if match:
            found[match.group()] = None
        if broken >= 0 and reach.fullmatch(text, 0, broken):
            joined = pattern.match(text.replace("\n", "", 1))
            if joined and joined.end() > broken:
                found[joined.group()] = None
    return found


def _folded(text: str) -> str:
    """Fold the letters that an outline leaves as they stand."""
    return text if text.isascii() else fold(text)


def _domain(domain: str) -> str:
    """Give a domain in U-labels (RFC 5890), folded as the rest."""
    domain = domain.strip(".-")
    if "xn--" not in domain:
        return domain
    try:
        return fold(idna.decode(domain, uts46=True))
    except idna.IDNAError:
        return domain
