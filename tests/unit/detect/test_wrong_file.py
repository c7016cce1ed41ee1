"""Files that are another company's than those that the mail goes to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from factories import box

from guard.contacts.history import History
from guard.contacts.travels import carried
from guard.detect.clues import asked, clues_of
from guard.detect.inspection import Inspection
from guard.detect.wrong_file import LIKELY, wrong_file
from guard.model.contact import Contact, Exchange
from guard.model.envelope import Envelope, Recipient
from guard.model.extract import Extract, Passage, ReadState
from guard.model.finding import WrongFile
from guard.model.message import Attachment, Body, Message
from guard.names.domains import company_domain

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ME = box("山田 太郎 <yamada@ours.example>")
SATO = "佐藤 一郎 <sato@kita-shoji.example>"
TANAKA = "田中 恵子 <tanaka@minato.example>"
REED = "Olivia Reed <reed@acme-tools.example>"
FREE = "somebody@gmail.com"
OURS = "鈴木 花 <suzuki@ours.example>"
COMPANIES = {SATO: "株式会社北商事", TANAKA: "港物産", REED: "", OURS: "例示株式会社"}

QUOTE = "御見積書\n株式会社 北商事 御中\n合計 120,000円"
INVOICE = "INVOICE\nBill to: Acme Tools Ltd.\nTotal 4,310.00"


def known() -> History:
    """An office that writes to three companies; of one no name is known."""
    history = History()
    for person, company in COMPANIES.items():
        who = box(person)
        history.add_contact(Contact(address=who.address, name=who.name, company=company))
        history.learn(Exchange(sender=ME, recipients=(who,), at=NOW - timedelta(days=3)))
    return history


def message(text: str, *, name: str, content: str, subject: str = "資料") -> Message:
    """Give a mail with one file."""
    octets = content.encode() + b" " * 300
    file = Attachment(part="2", name=name, content_type="text/plain", octets=octets)
    return Message(subject=subject, bodies=(Body(part="1", text=text),), attachments=(file,))


def found(
    content: str,
    *to: str,
    name: str = "資料.txt",
    text: str = "お世話になっております。\n資料をお送りします。",
    place: str = "",
    history: History | None = None,
    subject: str = "資料",
    properties: str = "",
) -> list[WrongFile]:
    """Say what is found in a mail to *to*, with a file of that name and content."""
    history = history or known()
    mail = message(text, name=name, content=content, subject=subject)
    passages = [Passage(place=place, text=content)]
    if properties:
        passages.append(Passage(place="properties", text=properties))
    extract = Extract(file=name, state=ReadState.READ, passages=tuple(passages))
    clues = clues_of(mail.attachments, [extract])
    boxes = tuple(map(box, to))
    homes = [company_domain(one.address.domain) for one in boxes]
    exchange = Exchange(
        sender=ME,
        recipients=boxes,
        at=NOW,
        text=text,
        files=carried(mail),
        clues=asked(clues, homes),
    )
    envelope = Envelope(
        sender=ME.address, recipients=tuple(Recipient(address=one.address) for one in boxes)
    )
    inspection = Inspection(
        envelope=envelope,
        message=mail,
        exchange=exchange,
        acquaintance=history.acquaintance(exchange),
        extracts=(extract,),
        clues=clues,
        our_domains=frozenset({"ours.example"}),
    )
    return list(wrong_file(inspection))


@pytest.mark.parametrize(
    ("content", "to", "domain"),
    [
        pytest.param(QUOTE, TANAKA, "kita-shoji.example", id="addressed to a company"),
        pytest.param(
            "御見積書\n㈱北商事\n営業部 佐藤 一郎 様\n", TANAKA, "kita-shoji.example", id="above"
        ),
        pytest.param("宛先\t北商事\n合計\t12", TANAKA, "kita-shoji.example", id="in a cell"),
        pytest.param("北商事\t御中\n", TANAKA, "kita-shoji.example", id="in two cells"),
        pytest.param(
            "株式会社北商事 御 中   2026年11月20日\n",
            TANAKA,
            "kita-shoji.example",
            id="beside a date",
        ),
        pytest.param(INVOICE, SATO, "acme-tools.example", id="by the domain's label"),
        pytest.param(
            "QUOTATION\nPrepared for\nACME TOOLS, Inc.\n", SATO, "acme-tools.example", id="below"
        ),
    ],
)
def test_an_addressee_is_likely(content: str, to: str, domain: str) -> None:
    """Whom a file is addressed to says enough by itself."""
    (one,) = found(content, to)

    assert (one.domain, one.signs[0].whose) == (domain, "addressee")
    assert one.score >= LIKELY
    assert not one.against


@pytest.mark.parametrize(
    ("content", "to", "more"),
    [
        pytest.param(QUOTE, [SATO], {}, id="the recipient's"),
        pytest.param(QUOTE, [TANAKA, SATO], {}, id="one of the recipients'"),
        pytest.param(QUOTE, [OURS], {}, id="inside"),
        pytest.param(QUOTE, ["sales@kita-shoji-group.test"], {}, id="a domain of the same house"),
        pytest.param("御見積書\n南商会 御中\n", [TANAKA], {}, id="nobody known"),
        pytest.param("御見積書\n例示株式会社 御中\n北商事 佐藤", [TANAKA], {}, id="for us"),
        pytest.param(
            "御見積書\n例示株式会社 御中\nsato@kita-shoji.example",
            [TANAKA],
            {},
            id="from a supplier",
        ),
        pytest.param(
            "北商事の倉庫を使う案が出た。北商事には様子を聞く。", [TANAKA], {}, id="prose"
        ),
        pytest.param(
            "議事録\n出席者\n北商事 佐藤 一郎 様\n当社 山田\n",
            [TANAKA],
            {},
            id="who was at a meeting",
        ),
        pytest.param(
            "株式会社北商事 御中\n港物産 御中\n", [TANAKA], {}, id="also for the recipient"
        ),
        pytest.param("品名", [TANAKA], {"name": "導入事例_北商事.pdf"}, id="about a company"),
        pytest.param("品名", [TANAKA], {"name": "見積書.pdf"}, id="a name that says nothing"),
        pytest.param(QUOTE, [TANAKA], {"name": "転送.eml"}, id="mail that is forwarded as a file"),
    ],
)
def test_innocent(content: str, to: list[str], more: dict[str, str]) -> None:
    """A file of the recipient, of us, of somebody unknown, or about others is left alone."""
    assert not found(content, *to, **more)


def test_many_companies_are_nobodys_own() -> None:
    """A list of addressees is no file of the first."""
    content = "北商事 御中\n港物産 御中\nBill to: Acme Tools Ltd\n"

    assert not found(content, "eve@elsewhere.test")


def test_a_file_name() -> None:
    """A company in the name of a file is likely; where it is addressed elsewhere, it is not."""
    (one,) = found("品名\t数量", TANAKA, name="請求書_北商事様_202611.xlsx")
    (two,) = found("例示株式会社 御中\n品名", TANAKA, name="請求書_北商事様_202611.xlsx")

    assert (one.company, one.signs[0].whose) == ("株式会社北商事", "file_name")
    assert one.score >= LIKELY > two.score


def test_a_file_name_without_a_purpose() -> None:
    """A company that only stands there may have made the file: a manual, a data sheet."""
    (one,) = found("品名\t数量", TANAKA, name="北商事_CX-20.xlsx")

    assert one.score < LIKELY


def test_where_goods_go_to() -> None:
    """A place of delivery is nobody's file."""
    assert not found("送り状\nお届け先\n株式会社北商事\n佐藤 一郎 様\n", TANAKA)


def test_files_of_one_name() -> None:
    """Each is judged, whichever comes first."""
    history = known()
    contents = (QUOTE, "御見積書\n港物産 御中\n")
    files = tuple(
        Attachment(part=str(n), name="見積書.txt", content_type="text/plain", octets=one.encode())
        for n, one in enumerate(contents)
    )
    extracts = [
        Extract(file="見積書.txt", state=ReadState.READ, passages=(Passage(place="", text=one),))
        for one in contents
    ]
    clues = clues_of(files, extracts)
    exchange = Exchange(
        sender=ME, recipients=(box(TANAKA),), at=NOW, clues=asked(clues, ["minato.example"])
    )
    inspection = Inspection(
        envelope=Envelope(sender=ME.address, recipients=(Recipient(address=box(TANAKA).address),)),
        message=Message(attachments=files),
        exchange=exchange,
        acquaintance=history.acquaintance(exchange),
        clues=clues,
    )

    assert [one.domain for one in wrong_file(inspection)] == ["kita-shoji.example"]


def test_a_file_in_an_archive() -> None:
    """Its own name counts, too."""
    (one,) = found("品名", TANAKA, name="a.zip", place="a.zip/請求書_北商事様.xlsx, sheet “S”")

    assert (one.file, one.signs[0].whose) == ("a.zip", "file_name")


def test_addresses_and_properties_are_only_possible() -> None:
    """Whoever wrote a file stands in it as well, so these two do not make it likely."""
    (one,) = found("連絡先 sato@kita-shoji.example", TANAKA, properties="株式会社北商事\nyamada")

    assert {sign.whose for sign in one.signs} == {"addresses", "properties"}
    assert one.score < LIKELY


@pytest.mark.parametrize(
    ("text", "knows"),
    [
        ("田中様\n\n北商事に出した見積の控えです。", True),
        ("From: Sato <sato@kita-shoji.example>\n以前の見積です。", True),
        ("株式会社北商事\n佐藤様\n\nお見積をお送りします。", False),
        ("港物産\n田中様\n\nお見積をお送りします。", False),
    ],
)
def test_mail_that_speaks_of_the_company(text: str, knows: bool) -> None:
    """Who writes about a company knows whose file it is; a greeting is no word about it."""
    (one,) = found(QUOTE, TANAKA, text=text, name="請求書_北商事様.txt")

    assert one.against == (("mail_names_it",) if knows else ())
    assert (one.score >= LIKELY) is not knows


def test_a_private_box() -> None:
    """Somebody at a free provider may well be of that company."""
    (one,) = found(QUOTE, FREE)

    assert one.against == ("recipient_unknown",)
    assert one.score < LIKELY


def sent(content: str, *to: str, name: str = "圧延機_図面.txt", times: int = 1) -> History:
    """Give an office from which a file went out before."""
    history = known()
    files = carried(message("", name=name, content=content))
    for number in range(times):
        for person in to:
            history.learn(
                Exchange(
                    sender=ME,
                    recipients=(box(person),),
                    at=NOW - timedelta(days=20 * number + 1),
                    files=files,
                )
            )
    return history


def test_a_file_that_went_elsewhere_before() -> None:
    """It is told how often, and when last; it may well be a second customer, so not likely."""
    (one,) = found("部材", TANAKA, name="x.txt", history=sent("部材", SATO, times=2))

    (sign,) = one.signs
    assert (sign.whose, sign.count) == ("sent_before", 2)
    assert sign.last_on == (NOW - timedelta(days=1)).date()
    assert (one.company, one.score < LIKELY) == ("株式会社北商事", True)


@pytest.mark.parametrize(
    "history",
    [
        pytest.param(sent("部材", SATO, TANAKA), id="the recipient had it"),
        pytest.param(sent("部材", SATO, REED, "x@nishi.example"), id="general"),
        pytest.param(sent("部材", OURS), id="only inside"),
        pytest.param(sent("部材", FREE), id="no company"),
        pytest.param(sent("別の", SATO), id="another file"),
    ],
)
def test_files_that_may_go_here(history: History) -> None:
    """What the recipient has, what three companies have, and what nobody outside has."""
    assert not found("部材", TANAKA, name="x.txt", history=history)


def test_a_name_that_usually_goes_elsewhere() -> None:
    """From the third file of one name on, where all went to one company."""
    name = "倉庫温度_2026年11月.txt"
    assert not found("十一月", TANAKA, name=name, history=sent("十月", SATO, name=name, times=2))
    history = sent("十月", SATO, name="倉庫温度_2026年10月.txt", times=3)
    (one,) = found("十一月", TANAKA, name=name, history=history)

    assert [sign.whose for sign in one.signs] == ["usual_name"]
    assert one.score < LIKELY

    (both,) = found("十月", TANAKA, name=name, history=history)
    assert both.score >= LIKELY


def test_nothing_is_kept_longer() -> None:
    """After half a year nobody knows any more."""
    history = known()
    files = carried(message("", name="x.txt", content="部材"))
    old = Exchange(sender=ME, recipients=(box(SATO),), at=NOW - timedelta(days=200), files=files)
    history.learn(old)
    history.learn(replace(old, recipients=(box(REED),), at=NOW - timedelta(days=170)))

    (one,) = found("部材", TANAKA, name="x.txt", history=history)
    assert one.domain == "acme-tools.example"
