"""What makes two files the same, and what makes two names alike."""

from datetime import UTC, datetime

import pytest
from factories import box

from guard.contacts.travels import MOST_COMPANIES, Travels, carried, stem, went_to
from guard.model.contact import Exchange
from guard.model.message import Attachment, Message

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ME = box("hanako@ours.example")


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("御見積書_北商事様_20261120.xlsx", "北商事"),
        ("北商事 見積書 v2 (最終).pdf", "北商事"),
        ("Turbine_status-2026-11.XLSX", "turbine status"),
        ("turbine status 2026-12 (1).xlsx", "turbine status"),
        ("invoice_0012.pdf", ""),
        ("月次報告_2026年11月.docx", ""),
        ("IMG_1234.jpg", ""),
        ("", ""),
    ],
)
def test_stem(name: str, left: str) -> None:
    """Numbers, dates, versions and words of many documents are taken off."""
    assert stem(name) == left


def test_what_is_carried() -> None:
    """Pictures that a text shows are no files; of a tiny one only the name is known again."""
    files = [
        Attachment(part="2", name="図面.pdf", content_type="a/b", octets=b"x" * 300),
        Attachment(part="3", name="logo.png", content_type="a/b", octets=b"y" * 300, inline=True),
        Attachment(part="4", name="empty.txt", content_type="a/b", octets=b""),
    ]
    found = carried(Message(attachments=tuple(files)))

    assert [(one.name, len(one.digest)) for one in found] == [("図面.pdf", 32), ("empty.txt", 0)]


def test_companies_that_got_it() -> None:
    """Free providers are no company, and the sender's own house is not counted."""
    people = ("a@kita.example", "b@mail.kita.example", "c@gmail.com", "d@ours.example")
    exchange = Exchange(sender=ME, recipients=tuple(map(box, people)), at=NOW)

    assert went_to(exchange) == ("kita.example",)


def test_a_mailing_is_bounded() -> None:
    """Of a file that goes to everybody only the first companies are kept."""
    travels = Travels()
    octets = b"x" * 300
    file = Attachment(part="2", name="案内.pdf", content_type="a/b", octets=octets)
    files = carried(Message(attachments=(file,)))
    for number in range(30):
        to = (box(f"info@company{number}.example"),)
        travels.learn(Exchange(sender=ME, recipients=to, at=NOW, files=files))

    (one,) = travels.of(Exchange(sender=ME, recipients=(), at=NOW, files=files))
    assert len(one.same) == MOST_COMPANIES
