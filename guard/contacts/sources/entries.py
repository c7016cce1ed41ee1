"""Contacts from entries of a directory: OpenLDAP, Active Directory and their like."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from guard.contacts.sources.changes import Broken
from guard.contacts.sources.table import address_in, shortened
from guard.model.address import Address, AddressError
from guard.model.contact import Contact

ATTRIBUTES: Final = (
    "mail", "proxyAddresses", "displayName", "cn", "sn", "givenName", "company", "o",
)  # fmt: skip
"""All that is asked for."""

FILTER: Final = "(|(mail=*)(proxyAddresses=smtp:*))"
"""Entries that can be written to; to a directory that does not know the second it is no match."""


def read_entry(
    dn: str, attributes: Mapping[str, Sequence[bytes]], source: str
) -> Iterator[Contact | Broken]:
    """
    Give a contact for every address of an entry, the main one first.

    Of `proxyAddresses` only those of mail count; they begin with ``SMTP:`` or ``smtp:``.
    """
    values = {name.lower(): list(map(_text, found)) for name, found in attributes.items()}
    name = _first(values, "displayname", "cn") or " ".join(
        filter(None, (_first(values, "sn"), _first(values, "givenname")))
    )
    company = _first(values, "company", "o")
    seen: set[Address] = set()
    for text in (*values.get("mail", ()), *_proxies(values.get("proxyaddresses", ()))):
        try:
            address = address_in(text)
        except AddressError as error:
            yield Broken(f"{source}: {dn}: {shortened(text)} is not an e-mail address ({error})")
            continue
        if address not in seen:
            seen.add(address)
            yield Contact(address=address, name=name, company=company)


def _proxies(values: Sequence[str]) -> Iterator[str]:
    """Give the mail addresses, the main one, which is in capitals, first."""
    for value in sorted(values, key=lambda value: not value.startswith("SMTP:")):
        kind, colon, address = value.partition(":")
        if colon and kind.lower() == "smtp":
            yield address


def _first(values: Mapping[str, Sequence[str]], *names: str) -> str:
    return next((value for name in names for value in values.get(name, ()) if value), "")


def _text(value: bytes) -> str:
    return " ".join(value.decode("utf-8", errors="replace").split())
