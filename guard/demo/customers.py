"""
Two hundred invented customers, the same in every run.

Nobody can have them: the addresses end in ``.example`` (RFC 2606), the telephone numbers are of
ranges that are given to nobody (Japan: no mobile number goes on with 0000; Britain: the regulator's
numbers for drama), and the towns exist on no map.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from itertools import product
from typing import Final

HEADER: Final = ("顧客番号", "会社名", "氏名", "フリガナ", "メール", "電話", "郵便番号", "住所")

_COMPANIES: Final = (
    # name, domain, town
    ("南工業", "minami", "みどり市南町"),
    ("西川商店", "nishikawa", "風見市西川"),
    ("東山精機", "higashiyama", "朝霧市東山"),
    ("港水産", "minato-suisan", "潮見市港"),
    ("花園堂", "hanazono", "花野市園"),
    ("つばめ交通", "tsubame", "白鳥市駅前"),
    ("山彦システム", "yamabiko", "木霊市中央"),
    ("月見製菓", "tsukimi", "秋名市月見台"),
    ("朝日ヶ丘クリニック", "asahigaoka", "丘見市朝日ヶ丘"),
    ("川端不動産", "kawabata", "水瀬市川端"),
    ("星空教育", "hoshizora", "夜見市星空"),
    ("竹林茶園", "takebayashi", "緑野市竹林"),
    ("Brightwater Ltd", "brightwater", "Millbrook"),
    ("Oak & Sons", "oak-sons", "Ashcombe"),
    ("Silverline Travel", "silverline", "Port Elmsea"),
    ("Redwood Clinics", "redwood", "Harrowdale"),
    ("Lantern Books", "lantern", "Wexbridge"),
    ("Blue Heron Foods", "blue-heron", "Eastmere"),
    ("Summit Cycles", "summit", "Highfell"),
    ("Clearview Optics", "clearview", "Stonebeck"),
)
_JAPANESE: Final = 12
"""The first so many companies are Japanese."""

_SURNAMES: Final = (
    ("相沢", "アイザワ", "aizawa"),
    ("石田", "イシダ", "ishida"),
    ("上原", "ウエハラ", "uehara"),
    ("榎本", "エノモト", "enomoto"),
    ("大塚", "オオツカ", "otsuka"),
    ("片山", "カタヤマ", "katayama"),
    ("北村", "キタムラ", "kitamura"),
    ("久保田", "クボタ", "kubota"),
    ("桜井", "サクライ", "sakurai"),
    ("島崎", "シマザキ", "shimazaki"),
    ("杉浦", "スギウラ", "sugiura"),
    ("関口", "セキグチ", "sekiguchi"),
)
_GIVEN: Final = (
    ("花子", "ハナコ"),
    ("一樹", "カズキ"),
    ("美穂", "ミホ"),
    ("大介", "ダイスケ"),
    ("千尋", "チヒロ"),
    ("直人", "ナオト"),
    ("結衣", "ユイ"),
    ("悠斗", "ユウト"),
    ("真央", "マオ"),
    ("浩平", "コウヘイ"),
)
_LAST: Final = ("Abbott", "Barlow", "Chandler", "Draper", "Ellison", "Farrow", "Goodwin", "Hartley")
_FIRST: Final = (
    "Alice",
    "Ben",
    "Clara",
    "David",
    "Eva",
    "Frank",
    "Georgia",
    "Hugo",
    "Iris",
    "Jack",
)


@dataclass(frozen=True, slots=True)
class Customer:
    """One row of the customer list."""

    number: str
    company: str
    name: str
    kana: str
    """Empty for Western names."""

    email: str
    phone: str
    postcode: str
    address: str


def customers() -> tuple[Customer, ...]:
    """Give all of them: ten of each company, 120 Japanese and 80 Western ones."""
    japanese = list(product(_GIVEN, _SURNAMES))
    western = list(product(_FIRST, _LAST))
    rows: list[Customer] = []
    for place in range(10 * len(_COMPANIES)):
        company, domain, town = _COMPANIES[place // 10]
        number, house = f"C-{10_001 + 37 * place}", place % 10 + 1
        if place // 10 < _JAPANESE:
            # A step without a common divisor meets everybody once, and no neighbours share a name.
            (given, given_kana), (surname, kana, romaji) = japanese[13 * place % len(japanese)]
            rows.append(
                Customer(
                    number=number,
                    company=company,
                    name=f"{surname} {given}",
                    kana=f"{kana} {given_kana}",
                    email=f"{romaji}{house}@{domain}.example",
                    phone=f"090-0000-{1000 + 41 * place}",
                    postcode=f"999-{1000 + 7 * place}",
                    address=f"{town}{house}-{place % 7 + 1}-{place % 11 + 1}",
                )
            )
        else:
            first, last = western[9 * place % len(western)]
            rows.append(
                Customer(
                    number=number,
                    company=company,
                    name=f"{first} {last}",
                    kana="",
                    email=f"{first}.{last}@{domain}.example".lower(),
                    phone=f"+44 20 7946 {place:04}",
                    postcode=f"ZZ{place % 9 + 1} {place % 8 + 1}XX",
                    address=f"{house} {last} Lane, {town}",
                )
            )
    return tuple(rows)


def table(rows: Sequence[Customer]) -> list[tuple[str, ...]]:
    """Give *rows* as a sheet: the header, then a line each."""
    return [HEADER, *(astuple(row) for row in rows)]


def as_csv(rows: Sequence[Customer]) -> str:
    """Give *rows* as CSV with a header, lines ended by CRLF (RFC 4180)."""
    text = io.StringIO()
    csv.writer(text).writerows(table(rows))
    return text.getvalue()
