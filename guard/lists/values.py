"""What a row of a list is known by: its strong fields, and what supports them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from guard.lists.columns import Column
from guard.lists.dates import date_key
from guard.lists.emails import email_key, email_keys
from guard.lists.ids import id_key
from guard.lists.kinds import STRONG, Kind
from guard.lists.names import company_key, name_keys
from guard.lists.phones import phone_keys
from guard.lists.places import address_key, postcode_key
from guard.model.address import Address
from guard.names.domains import domain

DOMAIN: Final = "domain"
"""A company by the domain of its addresses; tells only whose a row is."""

RECORDED: Final = (
    Kind.EMAIL, DOMAIN, Kind.NAME, Kind.KANA,
    Kind.COMPANY, Kind.POSTCODE, Kind.ADDRESS, Kind.BIRTHDAY,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row, folded."""

    strong: tuple[tuple[str, str], ...]
    """Kind and value of each field that a row is looked up by."""

    recorded: tuple[str, ...]
    """Values for the record, as `Values.recorded` names them; empty: none."""

    lengths: tuple[tuple[str, int], ...]
    """Kind and length in units of names and companies."""


class Values:
    """Folds rows of one list."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._places = {
            kind: [column.place for column in columns if column.kind is kind] for kind in Kind
        }
        self.strong: tuple[str, ...] = tuple(kind for kind in STRONG if self._places[kind])
        recorded = [Kind.EMAIL, DOMAIN] * len(self._places[Kind.EMAIL])
        if self._has(Kind.NAME, Kind.LAST, Kind.FIRST):
            recorded += [Kind.NAME, Kind.NAME]  # as it stands, and with its parts exchanged
        if self._has(Kind.KANA, Kind.LAST_KANA, Kind.FIRST_KANA):
            recorded += [Kind.KANA, Kind.KANA]
        recorded += [kind for kind in RECORDED[4:] if self._has(kind)]
        self.recorded: tuple[str, ...] = tuple(map(str, recorded))

    def _has(self, *kinds: str) -> bool:
        return any(self._places[Kind(kind)] for kind in kinds)

    def of(self, cells: Sequence[str]) -> Row:
        """Fold one row."""
        strong: list[tuple[str, str]] = []
        recorded: list[str] = []
        lengths: list[tuple[str, int]] = []
        for place in self._places[Kind.EMAIL]:
            emails = email_keys(cells[place])
            strong += ((Kind.EMAIL, email) for email in emails)
            first = emails[0] if emails else ""
            recorded += [first, company_domain(first)]
        for place in self._places[Kind.PHONE]:
            strong += ((Kind.PHONE, phone) for phone in phone_keys(cells[place]))
        for place in self._places[Kind.ID]:
            number = id_key(cells[place])
            if number:
                strong.append((Kind.ID, number))
        for kind, parts in (
            (Kind.NAME, (Kind.LAST, Kind.FIRST)),
            (Kind.KANA, (Kind.LAST_KANA, Kind.FIRST_KANA)),
        ):
            if self._has(kind, *parts):
                whole = self._first(cells, kind) or " ".join(
                    filter(None, (self._first(cells, part) for part in parts))
                )
                keys = name_keys(whole)
                recorded += [keys[n][0] if n < len(keys) else "" for n in range(2)]
                lengths += ((kind, length) for _, length in keys)
        company = company_key(self._first(cells, Kind.COMPANY))
        if company:
            lengths.append((Kind.COMPANY, company[1]))
        others = {
            Kind.COMPANY: company[0] if company else "",
            Kind.POSTCODE: postcode_key(self._first(cells, Kind.POSTCODE)),
            Kind.ADDRESS: address_key(self._first(cells, Kind.ADDRESS)),
            Kind.BIRTHDAY: date_key(self._first(cells, Kind.BIRTHDAY)),
        }
        recorded += [others[kind] or "" for kind in others if self._places[kind]]
        return Row(strong=tuple(strong), recorded=tuple(recorded), lengths=tuple(lengths))

    def _first(self, cells: Sequence[str], kind: Kind) -> str:
        """Give the first filled cell of a kind."""
        return next((text for place in self._places[kind] if (text := cells[place].strip())), "")


def company_domain(email: str) -> str:
    """Give the registrable domain of an address; empty where anybody can have an address there."""
    host = email.rpartition("@")[2]
    if not host:
        return ""
    parted = domain(host)
    return "" if parted.free else parted.registrable


def own_email(address: Address) -> str:
    """Give a recipient's address as the list keeps it."""
    return email_key(address.key) or address.key
