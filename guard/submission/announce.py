"""What EHLO announces (RFC 5321 §4.1.1.1): never more than the upstream keeps."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from guard.config.mail import Limits

HANDED_ON: Final = ("8BITMIME", "SMTPUTF8", "DSN", "CHUNKING")
"""What we offer where the upstream does: it is the upstream that has to keep it."""


def announced(
    extensions: Mapping[str, str],
    limits: Limits,
    *,
    tls: bool,
    starttls: bool,
    mechanisms: Sequence[str],
) -> Iterator[str]:
    """
    Give the lines of the reply to EHLO behind our name.

    Args:
        extensions: The upstream's: keyword in upper case → its parameters.
        limits: What clients may ask for.
        tls: Whether the session is encrypted.
        starttls: Whether it can be.
        mechanisms: Those of AUTH that may be used now.
    """
    yield "PIPELINING"
    sizes = (limits.message_bytes, _number(extensions.get("SIZE", "")))
    yield f"SIZE {min(filter(None, sizes))}"
    yield from (keyword for keyword in HANDED_ON if keyword in extensions)
    yield "ENHANCEDSTATUSCODES"
    if starttls and not tls:
        yield "STARTTLS"
    if tls and mechanisms:
        yield " ".join(("AUTH", *mechanisms))
    if tls and "REQUIRETLS" in extensions:  # RFC 8689 §2
        yield "REQUIRETLS"
    yield " ".join(("LIMITS", *_limits(extensions.get("LIMITS", ""), limits)))


def _limits(theirs: str, limits: Limits) -> Iterator[str]:
    """Give the items of LIMITS (RFC 9422 §3): ours, or the upstream's where they are narrower."""
    found = {name: int(value) for name, value in re.findall(r"(RCPT\w+)[= ](\d{1,6})", theirs)}
    yield f"RCPTMAX={min(limits.recipients, found.get('RCPTMAX') or limits.recipients)}"
    if domains := found.get("RCPTDOMAINMAX"):
        yield f"RCPTDOMAINMAX={domains}"


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0
