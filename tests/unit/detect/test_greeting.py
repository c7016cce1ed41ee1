"""Texts that greet somebody who is not among the recipients."""

from datetime import UTC, datetime

import pytest
from factories import box

from guard.contacts.history import History
from guard.detect.greeting import BEARER, SEVERAL, STRANGER, greeting
from guard.detect.inspection import Inspection
from guard.model.contact import Exchange
from guard.model.envelope import Envelope, Recipient
from guard.model.finding import Greeting
from guard.model.message import Message

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


ME = box("花子 <hanako@ours.example>")
SATO = "佐藤 健 <sato@kita.example>"
ONO = "小野 恵 <ono@minami.example>"
ANN = "Ann Bell <ann@north.example>"


def found(text: str, *to: str, contacts: tuple[str, ...] = (SATO, ONO, ANN)) -> list[Greeting]:
    """Inspect a message to *to* with *text*, from somebody who writes to *contacts*."""
    history = History()
    for one in contacts:
        history.learn(Exchange(sender=ME, recipients=(box(one),), at=NOW))
    boxes = tuple(map(box, to))
    exchange = Exchange(sender=ME, recipients=boxes, at=NOW, text=text)
    return list(
        greeting(
            Inspection(
                envelope=Envelope(
                    sender=ME.address,
                    recipients=tuple(Recipient(address=one.address) for one in boxes),
                ),
                message=Message(),
                exchange=exchange,
                acquaintance=history.acquaintance(exchange),
            )
        )
    )


@pytest.mark.parametrize(
    ("text", "to", "meant"),
    [
        ("北商事 佐藤様\n", ONO, "sato@kita.example"),
        ("Dear Ann,\n", ONO, "ann@north.example"),
        ("Hello Mr Ono,\n", SATO, "ono@minami.example"),
        ("Bell様\n", SATO, "ann@north.example"),
    ],
)
def test_greets_another_contact(text: str, to: str, meant: str) -> None:
    """The one contact who bears the greeted name is told; a reading is as good as the kanji."""
    (finding,) = found(text, to)

    assert finding.score == BEARER
    assert finding.greeting == text.strip()
    assert finding.intended is not None
    assert finding.intended.address.text == meant


BOB = "Robert Smith <rsmith@north.example>"
KEN = "高橋 健太郎 <k.takahashi@kita.example>"
LUC = "Jean-Luc Picard <jean-luc@ship.example>"
ANNE = "Anne-Marie O'Neil <anne@west.example>"


@pytest.mark.parametrize(
    ("text", "to"),
    [
        *(("Dear Bob,", BOB), ("Hi Rob", BOB), ("Bob,", BOB), ("Dear Dr. Smith:", BOB)),
        *(("Mr. Smith,", BOB), ("Good morning Bob!", BOB), ("Dear Robert,", BOB)),
        *(("高橋部長", KEN), ("営業部 高橋 部長 様", KEN), ("健太郎さん", KEN), ("高橋先生", KEN)),
        *(("Dear Takahashi-san,", KEN), ("Dear Mr. Takahashi", KEN), ("高橋殿", KEN)),
        *(("Dear Jean-Luc,", LUC), ("Dear Jean Luc,", LUC), ("Hi Anne Marie,", ANNE)),
        *(("Dear Ms O’Neil,", ANNE), ("Dear O'Neil", ANNE)),
        *(("To all,", BOB), ("Dear Sirs", BOB), ("Hi both", BOB), ("> Dear Ann,", BOB)),
        *(("営業部長", KEN), ("関係者各位", KEN), ("ご担当者様", KEN)),
    ],
)
def test_as_people_greet(text: str, to: str) -> None:
    """Short forms, titles, posts, hyphens and apostrophes are the same person; all is nobody."""
    assert found(text, to, contacts=(SATO, ONO, ANN, BOB, KEN, LUC, ANNE)) == []


@pytest.mark.parametrize(
    ("text", "to", "meant"),
    [
        *(("佐藤部長", KEN, "sato"), ("佐藤課長 殿", KEN, "sato"), ("Dear Sato-san,", KEN, "sato")),
        *(("Bob,", LUC, "rsmith"), ("Hi Bob", LUC, "rsmith"), ("Dear Dr. Smith:", LUC, "rsmith")),
        ("Dear Ms. O'Neil,", BOB, "anne"),
    ],
)
def test_as_people_greet_somebody_else(text: str, to: str, meant: str) -> None:
    """The same ways, to another."""
    (finding,) = found(text, to, contacts=(SATO, ONO, ANN, BOB, KEN, LUC, ANNE))

    assert finding.intended is not None
    assert finding.intended.address.local == meant


def test_two_bearers() -> None:
    """Where two contacts bear the name, neither is told."""
    (finding,) = found("佐藤様", ONO, contacts=(SATO, "佐藤 花 <hana@nishi.example>", ONO))

    assert (finding.score, finding.intended) == (SEVERAL, None)


def test_stranger() -> None:
    """A name that no contact bears is most likely a spelling: the score says so."""
    (finding,) = found("Dear Zoe,", SATO)

    assert (finding.score, finding.intended) == (STRANGER, None)


@pytest.mark.parametrize(
    ("text", "to"),
    [
        pytest.param("佐藤様", (SATO,), id="right"),
        pytest.param("Dear Ken,", (SATO,), id="by reading"),
        pytest.param("佐藤様\n小野様\n", (SATO,), id="one of two is right"),
        pytest.param("Dear Ann,", (SATO, ANN), id="among several"),
        pytest.param("花子です。\n", (SATO,), id="no greeting"),
        pytest.param("各位", (SATO,), id="everybody"),
        pytest.param("Hello Ann,", ("<ann.bell@elsewhere.example>",), id="local part"),
        pytest.param("Dear Zoe,", ("<x17@elsewhere.example>",), id="nobody has a name"),
        pytest.param("花子様", (SATO,), id="the sender"),
    ],
)
def test_passes(text: str, to: tuple[str, ...]) -> None:
    """A greeting that fits, or cannot be compared, is nothing to report."""
    assert found(text, *to) == []
