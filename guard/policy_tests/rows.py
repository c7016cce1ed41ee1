"""
The lists of a file of tests: the rows that are given, and rows that are invented beside them.

Invented people are those of the demo, whose addresses and numbers belong to nobody; each is used
once in a file, so that rows of two companies never share a value.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Final

from guard.demo.customers import Customer, customers
from guard.demo.files import workbook
from guard.lists.headers import kind_of
from guard.lists.kinds import Kind
from guard.policy_tests.schema import RowsOf, Suite

USUAL: Final = ("name", "company", "email", "phone")
"""Columns of a list of which no row is given."""

Row = tuple[str, ...]


class Table:
    """One list: a line of headers, and rows."""

    def __init__(self, rows: Sequence[Mapping[str, str]], people: "People") -> None:
        """Begin with the *rows* that are given."""
        self.headers: Final = tuple(dict.fromkeys(key for row in rows for key in row)) or USUAL
        self.rows: Final[list[Row]] = [
            tuple(row.get(header, "") for header in self.headers) for row in rows
        ]
        self._people = people
        self._kinds = tuple(kind_of(header) for header in self.headers)

    def of(self, company: str, count: int) -> list[Row]:
        """Give *count* rows of *company*, or of all companies; what is missing is invented."""
        place = self._place(Kind.COMPANY)
        found = [
            row for row in self.rows if not company or (place is not None and row[place] == company)
        ]
        home = self._home(found) if company else ""
        while len(found) < count:
            row = self._invented(company, home)
            self.rows.append(row)
            found.append(row)
        return found[:count]

    def _place(self, kind: Kind) -> int | None:
        return self._kinds.index(kind) if kind in self._kinds else None

    def _home(self, rows: Sequence[Row]) -> str:
        """Give the domain that a company has by its rows, or nothing."""
        place = self._place(Kind.EMAIL)
        emails = [row[place] for row in rows] if place is not None else []
        return next((email.rpartition("@")[2] for email in emails if email), "")

    def _invented(self, company: str, home: str) -> Row:
        number, person = self._people.next(western=company.isascii() and bool(company))
        local, _, domain = person.email.partition("@")
        family, _, given = person.name.partition(" ")
        if person.name.isascii():
            family, given = given, family
        values = {
            Kind.EMAIL: f"{local}{number}@{home or domain}",
            Kind.PHONE: person.phone,
            Kind.ID: f"{person.number}-{number}",
            Kind.NAME: person.name,
            Kind.LAST: family,
            Kind.FIRST: given,
            Kind.KANA: person.kana,
            Kind.LAST_KANA: person.kana.partition(" ")[0],
            Kind.FIRST_KANA: person.kana.partition(" ")[2],
            Kind.COMPANY: company or person.company,
            Kind.POSTCODE: person.postcode,
            Kind.ADDRESS: person.address,
            Kind.BIRTHDAY: f"{1940 + number % 60}-{number % 12 + 1:02}-{number % 28 + 1:02}",
        }
        return tuple(values.get(kind, "") if kind else "" for kind in self._kinds)


class People:
    """Invented people, each given once."""

    def __init__(self) -> None:
        self._japanese = [each for each in customers() if not each.name.isascii()]
        self._western = [each for each in customers() if each.name.isascii()]
        self._given = 0

    def next(self, *, western: bool) -> tuple[int, Customer]:
        """Give the next with a number of its own; once all were given, only numbers differ."""
        self._given += 1
        pool = self._western if western else self._japanese
        return self._given, pool[(self._given - 1) % len(pool)]


def tables(suite: Suite) -> dict[str, Table]:
    """Give every list of a file of tests, with all the rows that its tests will ask for."""
    people = People()
    found = {name: Table(rows, people) for name, rows in suite.given.lists.items()}
    for trial in suite.tests:
        for each in trial.mail.attach:
            if each.rows_of is not None:
                wanted = each.rows_of
                table = found.setdefault(wanted.list_, Table((), people))
                table.of(wanted.company, wanted.count)
    return found


def as_file(name: str, wanted: RowsOf, table: Table) -> bytes:
    """Put rows in a file of the kind that *name* ends in."""
    lines = [table.headers, *table.of(wanted.company, wanted.count)]
    if name.lower().endswith(".xlsx"):
        return workbook("Sheet1", lines)
    text = io.StringIO()
    csv.writer(text, delimiter="\t" if name.lower().endswith(".tsv") else ",").writerows(lines)
    return text.getvalue().encode()
