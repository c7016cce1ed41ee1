"""Whose the rows are: their own person and company may get them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from guard.lists.arrays import U32, Bools, Ints
from guard.lists.chunk import Chunk
from guard.lists.emails import emails
from guard.lists.hits import Ours
from guard.lists.kinds import Kind
from guard.lists.names import companies
from guard.lists.segments import Segments
from guard.lists.values import DOMAIN, domain_values
from guard.model.address import Address
from guard.names.domains import company_domain


class Ownership:
    """Whose the rows are, among the recipients of the mail."""

    def __init__(
        self,
        segments: Segments,
        recipients: Sequence[Address],
        companies: Mapping[str, str],
        ours: Ours,
    ) -> None:
        self._ours = ours
        self._segments = segments
        self._people = recipients
        self._companies = companies
        self._everybody = frozenset(recipient.key for recipient in recipients)

    def of(self, row: int) -> frozenset[str]:
        """Give `Address.key` of each recipient whose own person or company a record is."""
        if not self._people:
            return frozenset()
        others = (self._recipients.get(field, ()) for field in self._fields(row))
        return frozenset(self._rows.get(row, ())).union(*others)

    def not_everybodys(self, rows: Collection[int]) -> int:
        """Count the records that are not every recipient's own."""
        if not self._people:
            return len(rows)
        return sum(not self.is_everybodys(self.of(row)) for row in rows)

    def is_everybodys(self, owners: frozenset[str]) -> bool:
        """Whether a row of these *owners* is every recipient's own."""
        return bool(owners) and owners == self._everybody

    def are_recipients(self, rows: Ints) -> Bools:
        """Say of each record whether its address is that of a recipient."""
        return np.isin(rows, list(self._rows)) if len(rows) else np.zeros(0, bool)

    def are_ours(self, rows: Ints) -> tuple[Bools, Bools]:
        """Say of each record whether it is the sender's, and whether one of our own people's."""
        mine, ours = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
        if not len(rows):
            return mine, ours
        if len(self._of_sender):
            mine = np.isin(rows, self._of_sender)
        if len(self._our_domains):
            records = self._segments.records(rows)
            for place, kind in enumerate(self._segments.columns):
                if kind == DOMAIN:
                    ours |= np.isin(records[:, place], self._our_domains)
        return mine, ours

    @cached_property
    def _rows(self) -> dict[int, set[str]]:
        """Whose addresses stand in which records; asked only where rows were found."""
        found: dict[int, set[str]] = {}
        for recipient in self._people:
            for row in self._with_address(recipient.key).tolist():
                found.setdefault(row, set()).add(recipient.key)
        return found

    def _with_address(self, address: str) -> U32:
        """Give the records that have an address; none where too many have it."""
        values = emails(Chunk(address, self._segments.hashing), whole=True).value
        ((wide, _),) = self._segments.keys.fingerprints([(Kind.EMAIL, values)])
        return self._segments.records_of(wide)

    @cached_property
    def _of_sender(self) -> U32:
        """Records that have the sender's address, the same for every text of a mail."""
        sender = self._ours.sender
        return self._with_address(sender.key) if sender else np.zeros(0, np.uint32)

    @cached_property
    def _our_domains(self) -> U32:
        """Tags of our domains, the same for every text of a mail."""
        domains = sorted({company_domain(domain) for domain in self._ours.domains} - {""})
        if not domains:
            return np.zeros(0, np.uint32)
        values = domain_values(domains, self._segments.hashing)
        ((_, tags),) = self._segments.keys.fingerprints([(DOMAIN, values)])
        return tags

    @cached_property
    def _recipients(self) -> dict[tuple[str, int], set[str]]:
        """Who has a field, by its kind and tag; asked only where rows were found."""
        found: dict[tuple[str, int], set[str]] = {}
        values: list[tuple[str, int, str]] = []
        for recipient in self._people:
            values += ((kind, value, recipient.key) for kind, value in self._values(recipient))
        tags = self._segments.keys.fingerprints(
            [(kind, np.array([value], np.uint64)) for kind, value, _ in values]
        )
        for (kind, _, key), (_, tag) in zip(values, tags, strict=True):
            found.setdefault((kind, int(tag[0])), set()).add(key)
        return found

    def _values(self, recipient: Address) -> Iterator[tuple[str, int]]:
        hashing = self._segments.hashing
        registrable = company_domain(recipient.key.rpartition("@")[2])
        for value in domain_values([registrable], hashing).tolist() if registrable else ():
            yield DOMAIN, value
        company = companies(self._companies.get(recipient.key, ""), 1, hashing)
        if company.good[0]:
            yield Kind.COMPANY, int(company.value[0])

    def _fields(self, row: int) -> Iterator[tuple[str, int]]:
        (record,) = self._segments.records(np.array([row])).tolist()
        return zip(self._segments.columns, record, strict=True)
