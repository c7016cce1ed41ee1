"""Invented customers, and the forms in which rows of them leave a company."""

# ruff: noqa: E501, S311 -- rows of invented data, each best read on one line

import csv
import io
import random
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from guard.lists.build import Imported, build
from guard.lists.columns import assign
from guard.lists.hits import RowHit
from guard.lists.index import ListIndex
from guard.lists.paths import index_path
from guard.lists.prepared import Prepared
from guard.lists.scan import Search
from guard.model.extract import Passage

KEY: Final = bytes(range(32))
NOW: Final = datetime(2026, 11, 23, tzinfo=UTC)

SURNAMES: Final = [
    "佐藤",
    "鈴木",
    "高橋",
    "田中",
    "伊藤",
    "渡辺",
    "山本",
    "中村",
    "小林",
    "加藤",
    "吉田",
    "山田",
    "斎藤",
    "山崎",
    "浜田",
    "林",
    "森",
    "長谷川",
    "佐々木",
    "五十嵐",
]
GIVEN: Final = [
    "太郎",
    "花子",
    "一郎",
    "健",
    "美咲",
    "翔太",
    "陽菜",
    "大輔",
    "直美",
    "さくら",
    "恵",
    "裕之",
    "千恵子",
    "隆",
    "誠",
]
KANA_LAST: Final = [
    "サトウ",
    "スズキ",
    "タカハシ",
    "タナカ",
    "イトウ",
    "ワタナベ",
    "ヤマモト",
    "ナカムラ",
    "コバヤシ",
    "カトウ",
    "ヨシダ",
    "ヤマダ",
    "サイトウ",
    "ヤマザキ",
    "ハマダ",
    "ハヤシ",
    "モリ",
    "ハセガワ",
    "ササキ",
    "イガラシ",
]
KANA_FIRST: Final = [
    "タロウ",
    "ハナコ",
    "イチロウ",
    "ケン",
    "ミサキ",
    "ショウタ",
    "ハルナ",
    "ダイスケ",
    "ナオミ",
    "サクラ",
    "メグミ",
    "ヒロユキ",
    "チエコ",
    "タカシ",
    "マコト",
]
LAST: Final = [
    "Smith",
    "Johnson",
    "Miller",
    "Brown",
    "Garcia",
    "O'Brien",
    "Müller",
    "Dubois",
    "Rossi",
    "Novak",
    "Taylor",
    "Wilson",
]
FIRST: Final = [
    "John",
    "Mary",
    "Peter",
    "Anna",
    "Luis",
    "Zoë",
    "Karl",
    "Jean",
    "Paolo",
    "Eva",
    "Sarah",
    "David",
    "Laura",
    "James",
]
ROMAJI: Final = ["sato", "suzuki", "tanaka", "ito", "mori", "kato", "abe", "ono", "ueda", "hara"]
TOWNS: Final = ["丸の内", "銀座", "神田", "大手町", "本町", "栄", "中之島", "天神"]
STREETS: Final = ["Oak Street", "Mill Lane", "High Street", "Station Road", "Elm Avenue"]
VARIANT: Final = str.maketrans("高崎浜辺斎", "髙﨑濱邊齋")


@dataclass(frozen=True, slots=True)
class Person:
    """One row."""

    id: str
    last: str
    first: str
    kana: str
    company: str
    email: str
    phone: str
    postcode: str
    address: str
    born: date

    @property
    def japanese(self) -> bool:
        return not self.last.isascii() and bool(self.kana)

    @property
    def name(self) -> str:
        return f"{self.last} {self.first}" if self.japanese else f"{self.first} {self.last}"


@cache
def japanese(seed: int, count: int, *, prefix: str = "C") -> list[Person]:
    r = random.Random(seed)
    people = []
    for n in range(count):
        last, first = r.randrange(len(SURNAMES)), r.randrange(len(GIVEN))
        people.append(
            Person(
                id=f"{prefix}{seed % 10}{n:05}",
                last=SURNAMES[last],
                first=GIVEN[first],
                kana=f"{KANA_LAST[last]} {KANA_FIRST[first]}",
                company=f"株式会社{r.choice('北南東西中')}{r.choice(['商事', '工業', '電機', '物産'])}{n % 90 or ''}",
                email=f"{r.choice(ROMAJI)}.{seed}x{n}@{r.choice(ROMAJI)}{r.randrange(400)}.example",
                phone=r.choice(
                    [
                        f"0{r.choice([70, 80, 90])}-{r.randrange(1000, 10000)}-{r.randrange(10000):04}",
                        f"03-{r.randrange(3000, 7000)}-{r.randrange(10000):04}",
                        f"0{r.randrange(42, 99)}-{r.randrange(200, 999)}-{r.randrange(10000):04}",
                    ]
                ),
                postcode=f"{r.randrange(1, 999):03}-{r.randrange(10000):04}",
                address=f"東京都千代田区{r.choice(TOWNS)}{r.randrange(1, 9)}-{r.randrange(1, 40)}-{r.randrange(1, 30)}",
                born=date(1945, 1, 1) + timedelta(days=r.randrange(22000)),
            )
        )
    return people


@cache
def western(seed: int, count: int) -> list[Person]:
    r = random.Random(seed)
    return [
        Person(
            id=f"K-{seed % 10}{n:05}",
            last=r.choice(LAST),
            first=r.choice(FIRST),
            kana="",
            company=f"{r.choice(['Acme', 'Northern', 'Blue River', 'Delta'])} {r.choice(['Tools', 'Foods', 'Optics'])} {r.choice(['Ltd.', 'GmbH', 'Inc.', 'S.A.'])}",
            email=f"{r.choice('abcdefgh')}.{seed}q{n}@{r.choice(['acme', 'delta', 'blue'])}{r.randrange(300)}.example",
            phone=r.choice(
                [
                    f"+44 20 7{r.randrange(100, 999)} {r.randrange(10000):04}",
                    f"+1 {r.randrange(201, 989)} {r.randrange(200, 999)} {r.randrange(10000):04}",
                    f"+49 30 {r.randrange(1000000, 9999999)}",
                ]
            ),
            postcode=r.choice(
                [f"SW{r.randrange(1, 9)}A {r.randrange(1, 9)}AA", f"{r.randrange(10000, 99999)}"]
            ),
            address=f"{r.randrange(1, 200)} {r.choice(STREETS)}",
            born=date(1945, 1, 1) + timedelta(days=r.randrange(22000)),
        )
        for n in range(count)
    ]


JAPANESE_HEADERS: Final = [
    "顧客番号",
    "会社名",
    "氏名",
    "フリガナ",
    "メール",
    "電話",
    "郵便番号",
    "住所",
    "生年月日",
]
ENGLISH_HEADERS: Final = [
    "customer id",
    "first",
    "last",
    "email",
    "phone",
    "company",
    "street",
    "postcode",
    "birthday",
]


def cells(person: Person) -> list[str]:
    if person.japanese:
        born = person.born.strftime("%Y/%m/%d")
        return [
            person.id, person.company, person.name, person.kana, person.email,
            person.phone, person.postcode, person.address, born,
        ]  # fmt: skip
    return [
        person.id, person.first, person.last, person.email, person.phone,
        person.company, person.address, person.postcode, person.born.isoformat(),
    ]  # fmt: skip


def make_index(
    folder: Path, people: Sequence[Person], *, name: str = "customers", key: bytes = KEY
) -> tuple[ListIndex, Imported]:
    headers = JAPANESE_HEADERS if people[0].japanese else ENGLISH_HEADERS
    columns = assign(headers, [], {}, "test.csv")
    rows = enumerate(map(cells, people), start=1)
    result = build(rows, columns, folder=folder, name=name, key=key, key_id="k1", now=NOW)
    return ListIndex.open(index_path(folder, name), key, "k1"), result


def found(index: ListIndex, text: str, **more: Any) -> tuple[RowHit, ...]:
    """Search one text for rows that are certain."""
    hits = Search(index, **more).hits(Prepared(Passage(place="", text=text)))
    return tuple(hit for hit in hits if hit.certain)


def fullwidth(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def half_kana(text: str) -> str:
    table = {unicodedata.normalize("NFKC", chr(c)): chr(c) for c in range(0xFF66, 0xFF9E)}
    return "".join(
        table.get(part, {"\u3099": "ﾞ", "\u309a": "ﾟ"}.get(part, part))
        for part in unicodedata.normalize("NFD", text)
    )


def national(phone: str) -> str:
    return phone.replace("-", "")[1:]


def era(born: date) -> str:
    return (
        f"昭和{born.year - 1925}年{born.month}月{born.day}日"
        if born.year < 1989
        else (f"平成{born.year - 1988}年{born.month}月{born.day}日")
    )


def _csv(rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _lines(form: Callable[[Person], str]) -> Callable[[Sequence[Person]], str]:
    return lambda people: "\n".join(form(person) for person in people) + "\n"


Form = Callable[[Sequence[Person]], str]

JAPANESE_FORMS: Final[dict[str, Form]] = {
    "csv": lambda people: _csv([JAPANESE_HEADERS, *map(cells, people)]),
    "csv reordered, more columns": lambda people: _csv(
        [
            ["備考", "電話", "氏名", "ランク", "メール"],
            *([f"メモ{n}", p.phone, p.name, "A", p.email] for n, p in enumerate(people)),
        ]
    ),
    "tabs": lambda people: _csv([cells(p) for p in people], "\t"),
    "name and e-mail": _lines(lambda p: f"{p.name} <{p.email}>"),
    "name and phone": _lines(lambda p: f"{p.name} {p.phone}"),
    "id and name": _lines(lambda p: f"{p.id} {p.name}"),
    "company and e-mail": _lines(lambda p: f"{p.company},{p.email}"),
    "kana in brackets within the name, phone": _lines(
        lambda p: "{}（{}）{}（{}）{}".format(
            p.last, *p.kana.split()[:1], p.first, *p.kana.split()[1:], p.phone
        )
    ),
    "phone and kana": _lines(lambda p: f"{p.kana}\t{p.phone}"),
    "phone and birthday": _lines(lambda p: f"{p.phone}\t{p.born:%Y年%-m月%-d日}"),
    "e-mail and era birthday": _lines(lambda p: f"{p.email} {era(p.born)}"),
    "e-mail and postcode": _lines(lambda p: f"{p.email} 〒{p.postcode.replace('-', '')}"),
    "phone and address": _lines(lambda p: f"{p.phone} {p.address}"),
    "phone and address in words": _lines(
        lambda p: f"{p.phone} " + "{}丁目{}番{}号".format(*_split_address(p.address))
    ),
    "full width": _lines(lambda p: fullwidth(f"{p.phone},{p.email},") + p.name),
    "upper case": _lines(lambda p: f"{p.email.upper()},{p.name}"),
    "phone without hyphens": _lines(lambda p: f"{p.name},{p.phone.replace('-', '')}"),
    "phone with spaces": _lines(lambda p: f"{p.name},{p.phone.replace('-', ' ')}"),
    "phone with dots": _lines(lambda p: f"{p.name},{p.phone.replace('-', '.')}"),
    "phone with brackets": _lines(lambda p: f"{p.name},({p.phone.replace('-', ') ', 1)}"),
    "phone with long marks": _lines(lambda p: f"{p.name},{fullwidth(p.phone)}".replace("－", "ー")),
    "phone international": _lines(lambda p: f"{p.name},+81-{p.phone[1:]}"),
    "phone international with (0)": _lines(lambda p: f"{p.name},+81 (0){p.phone[1:]}"),
    "phone dialled abroad": _lines(lambda p: f"{p.name},0081 {p.phone[1:]}"),
    "phone that a spreadsheet stripped": _lines(lambda p: f"{p.name},{national(p.phone)}"),
    "no space in names": _lines(lambda p: f"{p.last}{p.first},{p.email}"),
    "wide space in names": _lines(lambda p: f"{p.last}\u3000{p.first},{p.email}"),
    "given name first": _lines(lambda p: f"{p.first} {p.last},{p.email}"),
    "name in two cells": _lines(lambda p: f"{p.last},{p.first},{p.email}"),
    "e-mail between the names": _lines(lambda p: f"{p.last},{p.email},{p.first}"),
    "kanji variants": _lines(lambda p: f"{p.name.translate(VARIANT)},{p.email}"),
    "half-width kana": _lines(lambda p: f"{half_kana(p.kana)},{p.email}"),
    "hiragana": _lines(
        lambda p: (
            "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in p.kana) + f",{p.email}"
        )
    ),
    "labels": _lines(lambda p: f"氏名: {p.name}\n会社: {p.company}\n電話: {p.phone}\n"),
    "labels for the name's parts": _lines(
        lambda p: f"姓:{p.last}\n名:{p.first}\nメール:{p.email}\n"
    ),
    "vertical": _lines(
        lambda p: f"{p.name}様\n{p.company}\n〒{p.postcode}\n{p.address}\nTEL {p.phone}\n"
    ),
    "form letter": _lines(
        lambda p: (
            f"{p.company}\n{p.name}様\n\n平素より大変お世話になっております。ご登録の電話番号({p.phone})"
            "について確認させていただきたく、ご連絡いたしました。何卒よろしくお願いいたします。\n"
        )
    ),
    "running text": _lines(
        lambda p: (
            f"先日ご契約いただいた{p.last}{p.first}さん(携帯は{p.phone})から解約の連絡がありました。"
        )
    ),
    "e-mail right beside Japanese": _lines(
        lambda p: f"{p.last}{p.first}様のメールは{p.email}です。"
    ),
    "vCard": _lines(
        lambda p: (
            f"BEGIN:VCARD\nVERSION:3.0\nN:{p.last};{p.first};;;\nFN:{p.name}\nTEL;TYPE=CELL:{p.phone}\nEND:VCARD"
        )
    ),
    "cells one below the other": lambda people: "\n".join(
        cell for p in people for cell in (p.id, p.name, p.company, p.phone)
    ),
    "JSON in one line": lambda people: ",".join(
        f'{{"name":"{p.name}","tel":"{p.phone}","mail":"{p.email}"}}' for p in people
    ),
    "broken lines": _lines(lambda p: f"{p.last}\n{p.first} {p.phone}"),
    "e-mail broken in two lines": _lines(lambda p: p.name + " " + p.email.replace("@", "@\n")),
    "invisible noise": _lines(
        lambda p: f"{p.last}\u200b{p.first}\u00a0" + p.phone.replace("-", "\u200b-")
    ),
    "e-mail and phone alone": _lines(lambda p: f"{p.email} {p.phone}"),
    "all e-mails, nothing else": _lines(lambda p: p.email),
}


def _split_address(address: str) -> tuple[str, str, str]:
    town, block, house = address.rsplit("-", 2)
    return town, block, house


WESTERN_FORMS: Final[dict[str, Form]] = {
    "csv": lambda people: _csv([ENGLISH_HEADERS, *map(cells, people)]),
    "name and e-mail": _lines(lambda p: f"{p.name} <{p.email}>"),
    "last name first": _lines(lambda p: f"{p.last}, {p.first}; {p.email}"),
    "middle initial": _lines(lambda p: f"{p.first} A. {p.last}; {p.email}"),
    "upper case": _lines(lambda p: f"{p.name.upper()}; {p.phone}"),
    "without accents": _lines(
        lambda p: (
            "".join(c for c in unicodedata.normalize("NFD", p.name) if c < "\u0300") + f" {p.email}"
        )
    ),
    "phone without spaces": _lines(lambda p: f"{p.name},{p.phone.replace(' ', '')}"),
    "phone with 00": _lines(lambda p: f"{p.name},{p.phone.replace('+', '00')}"),
    "phone with hyphens": _lines(lambda p: f"{p.name},{p.phone.replace(' ', '-')}"),
    "national phone": _lines(lambda p: f"{p.name},0{p.phone.split(' ', 1)[1]}"),
    "labels": _lines(lambda p: f"First name: {p.first}\nLast name: {p.last}\nPhone: {p.phone}\n"),
    "company and e-mail": _lines(lambda p: f"{p.company.rsplit(' ', 1)[0]}: {p.email}"),
    "id and name": _lines(lambda p: f"{p.id} {p.name}"),
    "phone and postcode": _lines(lambda p: f"{p.phone}, {p.postcode}"),
    "phone and street": _lines(lambda p: f"{p.phone}, {p.address}"),
    "e-mail and birthday, month first": _lines(lambda p: f"{p.email} {p.born:%m/%d/%Y}"),
    "e-mail and birthday, day first": _lines(lambda p: f"{p.email} {p.born:%d.%m.%Y}"),
    "e-mail and birthday, named month": _lines(lambda p: f"{p.email} {p.born:%B %-d, %Y}"),
    "running text": _lines(
        lambda p: f"Please call Mr {p.name} on {p.phone} before Friday, he asked twice."
    ),
    "all e-mails, nothing else": _lines(lambda p: p.email),
}


def innocent(seed: int, count: int) -> list[str]:
    """Business mails of other people, with names of the same pool."""
    r = random.Random(seed)
    mails = []
    for p in [*japanese(seed + 1, count // 2, prefix="Z"), *western(seed + 2, count - count // 2)]:
        address = p.email.replace("@", "@other")
        q = f"{r.choice(SURNAMES)}{r.choice(GIVEN)}"
        if p.japanese:
            mails.append(
                f"{p.company}\n{p.name}様\n\nお世話になっております。{q}です。{r.randrange(1, 12)}月{r.randrange(1, 28)}日の"
                f"打合せの件、資料{r.randrange(1, 99)}部とお見積り{r.randrange(1000, 999999):,}円をお送りします。伝票番号は"
                f"{r.randrange(10**6)}です。参加者は{r.choice(SURNAMES)}{r.choice(GIVEN)}さんと{r.choice(SURNAMES)}様です。\n\n"
                f"--\n{q}\n〒{p.postcode} {p.address}\nTEL {p.phone} / {address}\n"
            )
        else:
            mails.append(
                f"Dear {p.first} {p.last},\n\nthank you for order {r.randrange(10**6)} of {p.born:%d %B} 2026. "
                f"{r.choice(FIRST)} {r.choice(LAST)} will bring the {r.randrange(1, 99)} parts.\n\n"
                f"{r.choice(FIRST)} {r.choice(LAST)}\n{p.company}, {p.address}, {p.postcode}\n{p.phone}, {address}\n"
            )
    return mails
