"""Whose mail address a login is, as far as its name tells."""

from guard.model.address import Address, AddressError


def address_by_name(name: str, *, domain: str | None) -> Address | None:
    """Give the mail address that a login is, by itself or with *domain* behind it."""
    for text in (name, f"{name}@{domain}" if domain else ""):
        try:
            return Address.parse(text)
        except AddressError:
            continue
    return None
