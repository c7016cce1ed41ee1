"""Texts that are addressed to a company to which no recipient belongs."""

from datetime import UTC, datetime, timedelta

import pytest
from factories import box

from guard.contacts.history import History
from guard.detect.clues import asked, clues_of_text
from guard.detect.inspection import Inspection
from guard.detect.other_company import NAMED, UNKNOWN, other_company
from guard.model.contact import Contact, Exchange
from guard.model.envelope import Envelope, Recipient
from guard.model.finding import OtherCompany
from guard.model.message import Body, Message
from guard.names.domains import company_domain

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ME = box("山田 太郎 <yamada@ours.example>")
SATO = "佐藤 一郎 <sato@kita-shoji.example>"
OTHER_SATO = "佐藤 健 <sato@minato.example>"
REED = "Olivia Reed <reed@acme-tools.example>"
OURS = "鈴木 花 <suzuki@ours.example>"
COMPANIES = {SATO: "株式会社北商事", OTHER_SATO: "港物産", REED: "", OURS: "例示株式会社"}


def found(text: str, *to: str) -> list[OtherCompany]:
    """Say what is found in a mail to *to*, of an office that writes to three companies."""
    history = History()
    for person, company in COMPANIES.items():
        who = box(person)
        history.add_contact(Contact(address=who.address, name=who.name, company=company))
        history.learn(Exchange(sender=ME, recipients=(who,), at=NOW - timedelta(days=3)))
    boxes = tuple(map(box, to))
    greeted = clues_of_text(text)
    clues = asked([greeted], [company_domain(one.address.domain) for one in boxes])
    exchange = Exchange(sender=ME, recipients=boxes, at=NOW, text=text, clues=clues)
    return list(
        other_company(
            Inspection(
                envelope=Envelope(
                    sender=ME.address,
                    recipients=tuple(Recipient(address=one.address) for one in boxes),
                ),
                message=Message(bodies=(Body(part="1", text=text),)),
                exchange=exchange,
                acquaintance=history.acquaintance(exchange),
                greeted=greeted,
                our_domains=frozenset({"ours.example"}),
            )
        )
    )


@pytest.mark.parametrize(
    ("text", "to", "domain"),
    [
        pytest.param("北商事 佐藤様\n\n本文", OTHER_SATO, "kita-shoji.example", id="namesakes"),
        pytest.param("株式会社北商事\n営業部 佐藤様", OTHER_SATO, "kita-shoji.example", id="above"),
        pytest.param("㈱北商事 御中", REED, "kita-shoji.example", id="a company alone"),
        pytest.param("Dear Acme Tools team,", SATO, "acme-tools.example", id="by its domain"),
        pytest.param("\n\n港物産 御中\n", SATO, "minato.example", id="below empty lines"),
    ],
)
def test_another_company_is_addressed(text: str, to: str, domain: str) -> None:
    """The company is told, and the line."""
    (finding,) = found(text, to)

    assert (finding.domain, finding.score) == (domain, NAMED)
    assert finding.line in text


@pytest.mark.parametrize(
    ("text", "to"),
    [
        pytest.param("北商事 佐藤様", (SATO,), id="right"),
        pytest.param("北商事 佐藤様\n港物産 佐藤様", (SATO, OTHER_SATO), id="both"),
        pytest.param("北商事 佐藤様", (SATO, REED), id="one of two is theirs"),
        pytest.param("北商事 御中", ("new@kita-shoji.example",), id="somebody new of theirs"),
        pytest.param("北商事 佐藤様", ("佐藤 一郎 <ichiro@gmail.com>",), id="a private box"),
        pytest.param("南工業 御中", (SATO,), id="nobody knows that company"),
        pytest.param("例示株式会社 御中", (SATO,), id="our own"),
        pytest.param("北商事 佐藤様", (OURS,), id="stays inside"),
        pytest.param("港物産の件、ありがとうございます。", (SATO,), id="spoken of"),
        pytest.param("お客様各位", (SATO,), id="everybody"),
        pytest.param(
            "佐藤様\n\n転送します。\n\n-----Original Message-----\nFrom: a@minato.example\n"
            "To: b@ours.example\n\n港物産 御中\n",
            (SATO,),
            id="quoted",
        ),
    ],
)
def test_passes(text: str, to: tuple[str, ...]) -> None:
    """What fits, what is only spoken of and what others wrote are nothing to report."""
    assert found(text, *to) == []


def test_strangers_may_be_of_that_company() -> None:
    """Where nobody ever wrote to a domain, the finding is only possible."""
    (finding,) = found("北商事 御中", "info@holdings.test")

    assert finding.score == UNKNOWN
