"""Innocent business papers: threads, tables without people, legal texts; all invented."""

# ruff: noqa: E501, S311 -- invented data, each best read on one line

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from guard.contacts.acquaintance import Acquaintance
from guard.detect.inspection import Inspection
from guard.model.address import Address, Mailbox
from guard.model.contact import Exchange
from guard.model.envelope import Envelope, Recipient
from guard.model.extract import Extract, Passage, ReadState
from guard.model.message import Body, Message
from tests.unit.lists import crowd

SENDER: Final = Address.parse("yamada@example.co.jp")

LEGAL: Final = (
    "This e-mail is confidential and may be privileged. If you are not the intended recipient, delete it.",
    "CONFIDENTIAL: This message and any attachments are intended solely for the addressee.",
    "CONFIDENTIALITY NOTICE: This communication may contain confidential information. If received in error, notify the sender.",
    "This e-mail and any files transmitted with it are strictly confidential and intended solely for\nthe use of the individual or entity to whom they are addressed. If you have received this email\nin error please notify the system manager.",
    "*** CONFIDENTIAL ***\n\nThis message is intended for the named recipient only. Any unauthorised disclosure is prohibited.",
    "The information in this transmission is private and confidential. It is intended only for the addressee. Do not forward or disclose it.",
    "Diese E-Mail ist vertraulich. Falls Sie nicht der richtige Adressat sind, bitte löschen.",
    "本メールには機密情報が含まれている場合があります。誤って受信された場合は、削除をお願いいたします。",
    "このメールおよび添付ファイルには、社外秘の情報が含まれている可能性があります。\n宛先以外の方の閲覧、転送、複製は固くお断りします。\n誤って受信された方は破棄してください。",
    "【機密情報】\n本電子メールは、名宛人のみを対象としております。お心当たりのない場合は、ご連絡のうえ削除願います。",
    "※本メールに記載された内容は秘密情報です。受信者以外への開示を禁じます。",
    "本メッセージに含まれる情報は、特定の受信者の方のみに宛てたもので、秘密扱いの情報を含むことがあります。",
)


def thread(seed: int) -> str:
    """Five mails, each quoted by the next, with the headers that mail programs write."""
    r = random.Random(seed)
    people = crowd.japanese(seed, 6) if r.random() < 0.5 else crowd.western(seed, 6)
    mails = crowd.innocent(seed, 5)
    text = ""
    for number, mail in enumerate(mails):
        if number:
            others = "; ".join(f"{p.name} <{p.email}>" for p in people[1:])
            text += f"\n-----Original Message-----\nFrom: {people[0].name} <{people[0].email}>\nSent: Friday\nTo: {others}\nSubject: Re\n\n"
        text += mail + "\n" + (r.choice(LEGAL) + "\n" if r.random() < 0.5 else "")
    return text


def goods(r: random.Random, rows: int) -> str:
    """Goods with thirteen digits of JAN, which begin as old card numbers do."""
    lines = ["商品コード,品名,単価,数量,備考"]
    lines += [
        f"{r.choice(('45', '49'))}{r.randrange(10**11):011},部品{n},{r.randrange(100, 90000)},{r.randrange(99)},"
        for n in range(rows)
    ]
    return "\n".join(lines)


def parcels(r: random.Random, rows: int) -> str:
    """Twelve digits for each parcel."""
    lines = ["出荷日\t送り状番号\t届け先\t個数"]
    for n in range(rows):
        code = f"{r.randrange(10**12):012}"
        shown = f"{code[:4]}-{code[4:8]}-{code[8:]}" if r.random() < 0.5 else code
        lines.append(
            f"{date(2026, 1, 1) + timedelta(n)}\t{shown}\t{r.choice(('東京', '大阪', '福岡'))}支店\t{r.randrange(9)}"
        )
    return "\n".join(lines)


def invoices(r: random.Random, rows: int) -> str:
    """Sixteen digits for each invoice, of which some are a card's by chance."""
    return "\n".join(
        f"請求書 {r.randrange(10**16):016}  {r.randrange(10**6):,}円  2026/{r.randrange(1, 13):02}/{r.randrange(1, 29):02} {r.randrange(24):02}:{r.randrange(60):02}"
        for _ in range(rows)
    )


def shifts(r: random.Random, rows: int) -> str:
    """Who does what when."""
    lines = ["日付,時間,担当者,内容,場所"]
    lines += [
        f"{r.randrange(1, 13)}/{r.randrange(1, 29)},{r.randrange(24)}:00-{r.randrange(24)}:30,{r.choice(crowd.SURNAMES)},点検{n},本社{r.randrange(9)}階"
        for n in range(rows)
    ]
    return "\n".join(lines)


def measurements(r: random.Random, rows: int) -> str:
    """Numbers, times and addresses of machines."""
    return "\n".join(
        f"2026-11-{r.randrange(1, 29):02}T{r.randrange(24):02}:{r.randrange(60):02}:00Z 192.0.2.{r.randrange(255)} {r.random():.12f} {r.randrange(10**9)} GET /a/{r.randrange(10**8)}"
        for _ in range(rows)
    )


def report(r: random.Random, rows: int) -> str:
    """A text about secrets, contacts and addresses that has none."""
    said = (
        "秘書室より、機密保持契約の更新についてご連絡します。",
        "メール、電話、住所の変更があれば、担当者までお知らせください。",
        "名前, 電話, 住所 の欄は空欄のままで結構です。",
        "Please keep the figures confidential until Friday, and mail me, call me or write.",
        "The secretary restricted access to the internal network, a sensitive matter.",
        "ワレモノにつき取扱注意と箱に書きました。神秘的な色合いの秘伝のたれです。",
        "Name, phone and address are optional; e-mail is enough.",
    )
    return "\n".join(r.choice(said) for _ in range(rows))


PAPERS: Final = (goods, parcels, invoices, shifts, measurements, report)


def paper(seed: int) -> str:
    """One of these, of ten to a hundred lines."""
    r = random.Random(seed)
    return PAPERS[seed % len(PAPERS)](r, r.randrange(10, 100))


def inspection(
    text: str = "",
    *,
    subject: str = "",
    files: dict[str, tuple[Passage, ...]] | None = None,
    to: tuple[str, ...] = (),
    **more: Any,
) -> Inspection:
    """A mail from yamada with this text and these files, and nothing known of anybody."""
    people = tuple(Address.parse(each) for each in to)
    return Inspection(
        envelope=Envelope(
            sender=SENDER, recipients=tuple(Recipient(address=each) for each in people)
        ),
        message=Message(
            subject=subject,
            bodies=(Body(part="1", text=text),) if text else (),
            to=tuple(Mailbox(address=each) for each in people),
        ),
        exchange=Exchange(
            sender=Mailbox(address=SENDER), recipients=(), at=datetime(2026, 11, 23, tzinfo=UTC)
        ),
        acquaintance=Acquaintance(),
        extracts=tuple(
            Extract(file=name, state=ReadState.READ, passages=passages)
            for name, passages in (files or {}).items()
        ),
        **more,
    )


def passage(text: str, place: str = "", first_row: int = 1) -> Passage:
    """A stretch of a file."""
    return Passage(place=place, text=text, first_row=first_row)
