"""Mail addresses as they stand in an SMTP envelope (RFC 5321 §4.1.2)."""

import ipaddress
import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import idna

LOCAL_PART_BYTES: Final = 64  # RFC 5321 §4.5.3.1.1
DOMAIN_BYTES: Final = 255  # RFC 5321 §4.5.3.1.2

# RFC 5321 §4.1.2 with the UTF-8 of RFC 6531 §3.3. An encoded word (RFC 2047) may be a legal atom,
# but mail software after us has been seen to decode it, so it is refused below.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u00a0-\U0010ffff]+"
_DOT_STRING = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_QUOTED_STRING = re.compile(r'"(?:[ !#-\[\]-~\u00a0-\U0010ffff]|\\[ -~])*"')
_LABEL = re.compile(
    r"[A-Za-z0-9\u00a0-\U0010ffff](?:[A-Za-z0-9\-_\u00a0-\U0010ffff]*[A-Za-z0-9\u00a0-\U0010ffff])?"
)
_LITERAL = re.compile(r"\[(?:(?P<v4>[0-9.]{7,15})|IPv6:(?P<v6>[0-9A-Fa-f:.]{2,45}))\]")
_ENCODED_WORD = re.compile(r"=\?.*\?=")
_SPECIALS = frozenset('@<>()[],;:\\"')


class AddressError(ValueError):
    """The text is no mailbox; the message says why, without repeating the text."""


@dataclass(frozen=True, slots=True)
class Address:
    """
    One mailbox. Two are equal when the same person would get the mail.

    Equality folds case in both parts, although RFC 5321 §2.4 lets a host tell
    the local part's cases apart: none that people write to does.
    """

    text: str = field(compare=False)
    """As it was given, quoting and case kept; this is what goes to the upstream."""

    local: str
    """Local part for comparing: unquoted, NFC, case folded."""

    domain: str
    """Domain for comparing: lower case, U-labels (RFC 5890), or a literal in brackets."""

    @classmethod
    def parse(cls, text: str) -> "Address":
        """
        Read one mailbox, strictly.

        Raises:
            AddressError: It is not a Mailbox of RFC 5321 §4.1.2 (or RFC 6531 §3.3), or carries
                something that a later program could read as a different address.
        """
        quoted = _QUOTED_STRING.match(text)
        local = quoted.group() if quoted else text.rpartition("@")[0]
        domain = text[len(local) + 1 :]
        if text[len(local) : len(local) + 1] != "@" or not local:
            raise AddressError("no @ between local part and domain")
        if not quoted and not _DOT_STRING.fullmatch(local):
            raise AddressError("local part is not a dot-string")
        if _ENCODED_WORD.search(text):
            raise AddressError("encoded words have no place in an envelope")
        if len(local.encode(errors="replace")) > LOCAL_PART_BYTES:
            raise AddressError("local part is longer than 64 octets")
        if not text.isascii() and not _is_plain(text):
            raise AddressError("character that is not seen, or that is read as another")
        unquoted = re.sub(r"\\(.)", r"\1", local[1:-1]) if quoted else local
        return cls(
            text=text,
            local=unicodedata.normalize("NFC", unquoted).casefold(),
            domain=_domain(domain),
        )

    @property
    def key(self) -> str:
        """The address for look-ups: equal addresses, and only they, have equal keys."""
        return f"{self.local}@{self.domain}"

    @property
    def is_ascii(self) -> bool:
        """Whether a server without SMTPUTF8 (RFC 6531) can be given this address."""
        return self.text.isascii()

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A display name and an address, as in a header field (RFC 5322 §3.4)."""

    address: Address
    name: str = ""
    """Display name, decoded; empty where there is none."""


@lru_cache(maxsize=8192)
def _domain(text: str) -> str:
    """Check a domain and fold it to lower-case U-labels."""
    if text.startswith("["):
        return _literal(text)
    if len(text.encode(errors="replace")) > DOMAIN_BYTES:
        raise AddressError("domain is longer than 255 octets")
    labels = text.split(".")
    if not all(_LABEL.fullmatch(label) and len(label) <= 63 for label in labels):
        raise AddressError("domain has an empty or impossible label")
    if text.isascii() and "xn--" not in text.lower():
        return text.lower()
    try:
        return idna.decode(idna.encode(text, uts46=True))
    except idna.IDNAError as error:
        raise AddressError("domain is no internationalised name (RFC 5891)") from error


def _literal(text: str) -> str:
    """Check an address literal (RFC 5321 §4.1.3)."""
    match = _LITERAL.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        if match["v4"]:
            ipaddress.IPv4Address(match["v4"])
        else:
            ipaddress.IPv6Address(match["v6"])
    except ValueError:
        raise AddressError("no address stands in the brackets") from None
    return text.lower()


def _is_plain(text: str) -> bool:
    """
    Whether nobody is misled by characters beyond ASCII, neither people nor programs.

    Spaces, controls and format characters are not seen. A server that normalises (NFKC) takes a
    full-width ＠ for the real one, and sends the mail somewhere else.
    """
    odd = [char for char in text if not char.isascii()]
    return not any(
        unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"}
        or not _SPECIALS.isdisjoint(unicodedata.normalize("NFKC", char))
        for char in odd
    )
