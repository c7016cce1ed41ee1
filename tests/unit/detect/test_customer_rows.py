"""Customer rows, as one finding for each list and file."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from guard.detect.customer_rows import customer_rows
from guard.detect.inspection import Inspection, Searched
from guard.detect.places import MAX_PLACES
from guard.lists.hits import RowHit
from guard.model.address import Address, Mailbox
from guard.model.contact import Exchange
from guard.model.envelope import Envelope
from guard.model.message import Message

SENDER = Address.parse("yamada@example.co.jp")


def hit(row: int, number: int, **more: Any) -> RowHit:
    plain = RowHit(
        list_name="customers",
        list_version="v1",
        row=row,
        line=number,
        fields=("email", "name"),
        sample=f"山田○○ {row}***@m***.example",
        number=number,
    )
    return replace(plain, **more)


def inspection(*searched: Searched) -> Inspection:
    return Inspection(
        envelope=Envelope(sender=SENDER, recipients=()),
        message=Message(),
        exchange=Exchange(
            sender=Mailbox(address=SENDER), recipients=(), at=datetime(2026, 11, 23, tzinfo=UTC)
        ),
        acquaintance=cast("Any", None),
        searched=searched,
    )


def searched(*hits: RowHit, file: str = "list.xlsx", list_name: str = "customers") -> Searched:
    return Searched(list_name=list_name, file=file, hits=hits)


def test_nothing_found() -> None:
    """No hit, no finding."""
    assert list(customer_rows(inspection())) == []
    assert list(customer_rows(inspection(searched()))) == []


def test_rows_places_and_samples() -> None:
    """Rows rise, consecutive places join, and three samples are enough."""
    hits = [hit(n, n - 28, place="sheet “顧客”") for n in range(59, 29, -1)]
    (finding,) = customer_rows(inspection(searched(*hits)))
    assert finding.rows == tuple(range(30, 60))
    assert finding.places == ("sheet “顧客”, rows 2–31",)
    assert finding.samples == tuple(f"山田○○ {n}***@m***.example" for n in (30, 31, 32))
    assert (finding.list_name, finding.list_version, finding.file) == (
        "customers",
        "v1",
        "list.xlsx",
    )


@pytest.mark.parametrize("place", ["hidden sheet “裏”", "list.zip/a.xlsx, sheet “顧客”"])
def test_rows_of_any_sheet(place: str) -> None:
    """Lines of a sheet are rows, also where it is hidden or stands in an archive."""
    (finding,) = customer_rows(inspection(searched(hit(1, 1, place=place), hit(2, 2, place=place))))
    assert finding.places == (f"{place}, rows 1–2",)


def test_body() -> None:
    """The bodies are the file without a name, and have lines."""
    (finding,) = customer_rows(inspection(searched(hit(7, 4), hit(8, 9), hit(9, 10), file="")))
    assert finding.file == ""
    assert finding.places == ("line 4", "lines 9–10")


def test_one_finding_for_each_list_and_file() -> None:
    """Lists and files are kept apart."""
    found = customer_rows(
        inspection(
            searched(hit(1, 1), file=""),
            searched(hit(1, 1)),
            searched(hit(1, 1, list_name="staff"), list_name="staff"),
        )
    )
    assert [(finding.list_name, finding.file) for finding in found] == [
        ("customers", ""), ("customers", "list.xlsx"), ("staff", "list.xlsx")
    ]  # fmt: skip


def test_a_row_read_twice_counts_once() -> None:
    """Several readings of one file (text and HTML, two encodings) are one file."""
    hits = [hit(5, 3), hit(6, 4), hit(5, 12, place="part 1.2"), hit(6, 13, place="part 1.2")]
    (finding,) = customer_rows(inspection(searched(*hits)))
    assert finding.rows == (5, 6)
    assert finding.places == ("lines 3–4",)


def test_own_rows() -> None:
    """For each recipient the rows of the own person or company are counted, each once."""
    kita, minami = "a@kita.example", "b@minami.example"
    hits = [
        hit(1, 1, belongs_to=frozenset({kita})),
        hit(2, 2, belongs_to=frozenset({kita, minami})),
        hit(2, 8, belongs_to=frozenset({kita, minami})),
        hit(3, 3),
    ]
    (finding,) = customer_rows(inspection(searched(*hits)))
    assert finding.rows == (1, 2, 3)
    assert finding.own_rows == ((kita, 2), (minami, 1))


def test_samples_with_names_come_first() -> None:
    """People know a row by its name."""
    hits = [hit(n, n, fields=("email",), sample=f"{n}***@m***.example") for n in range(1, 5)]
    (finding,) = customer_rows(inspection(searched(*hits, hit(9, 9))))
    assert finding.samples[0] == "山田○○ 9***@m***.example"
    assert len(finding.samples) == 3


def test_scattered_places_end() -> None:
    """Rows here and there do not fill the page."""
    hits = [hit(n, n * 2) for n in range(1, 40)]
    (finding,) = customer_rows(inspection(searched(*hits)))
    assert len(finding.places) == MAX_PLACES + 1
    assert finding.places[-1] == f"and {39 - MAX_PLACES} other places"


def test_limit_is_told() -> None:
    """If the search ended at its limit, the finding says that there may be more."""
    (finding,) = customer_rows(inspection(searched(hit(1, 1), hit(2, 2, more=True))))
    assert finding.places == ("lines 1–2", "and more rows, not counted")
