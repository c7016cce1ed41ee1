"""Whose the rows are: their own person and company may get them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from guard.lists.index import ListIndex
from guard.lists.kinds import Kind
from guard.lists.names import company_key
from guard.lists.values import DOMAIN, company_domain, own_email
from guard.model.address import Address


class Ownership:
    """Whose the rows are, among the recipients of the mail."""

    def __init__(
        self, index: ListIndex, recipients: Sequence[Address], companies: Mapping[str, str]
    ) -> None:
        self._index = index
        self._people = recipients
        self._companies = companies
        self._everybody = frozenset(recipient.key for recipient in recipients)

    @cached_property
    def _recipients(self) -> dict[tuple[str, int], set[str]]:
        """Who has a field, by its kind and tag; asked only where rows were found."""
        keys = self._index.keys
        tag = {kind: keys.tag(kind) for kind in (Kind.EMAIL, DOMAIN, Kind.COMPANY)}
        found: dict[tuple[str, int], set[str]] = {}
        for recipient in self._people:
            email = own_email(recipient)
            company = company_key(self._companies.get(recipient.key, ""))
            values = {
                Kind.EMAIL: email,
                DOMAIN: company_domain(email),
                Kind.COMPANY: company[0] if company else "",
            }
            for kind, value in values.items():
                if value:
                    found.setdefault((kind, tag[kind](value)), set()).add(recipient.key)
        return found

    def of(self, owner: int) -> frozenset[str]:
        """Give `Address.key` of each recipient whose own person or company the row is."""
        if not self._recipients:
            return frozenset()
        return frozenset().union(
            *(self._recipients.get(field, ()) for field in self._fields(owner))
        )

    def is_everybodys(self, owners: frozenset[str]) -> bool:
        """Whether a row of these *owners* is every recipient's own."""
        return bool(owners) and owners == self._everybody

    def is_recipient(self, owner: int) -> bool:
        """Whether the row's address is that of a recipient."""
        return any(
            kind == Kind.EMAIL and (kind, tag) in self._recipients
            for kind, tag in self._fields(owner)
        )

    def _fields(self, owner: int) -> Iterator[tuple[str, int]]:
        return zip(self._index.header.columns, self._index.record(owner), strict=True)
