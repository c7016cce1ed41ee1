"""
People who do not exist: what is planted in the files of the corpus.

Telephone numbers are ones that nobody can have: in Japan no exchange begins with a zero, and
+44 7700 900xxx and 555-01xx are set aside for fiction. Addresses stand in domains of RFC 2606.
"""

import random
from dataclasses import dataclass
from typing import Final, Protocol

_SURNAMES: Final = (
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
    "佐々木",
    "山口",
    "松本",
    "井上",
    "木村",
    "林",
    "斎藤",
    "清水",
    "山崎",
    "森",
    "池田",
    "橋本",
    "阿部",
    "石川",
    "山下",
    "中島",
    "前田",
    "藤田",
    "小川",
    "後藤",
    "岡田",
    "長谷川",
    "村上",
    "近藤",
    "石井",
    "坂本",
    "遠藤",
    "青木",
    "髙木",
    "﨑山",
)
_GIVEN: Final = (
    "太郎",
    "花子",
    "健一",
    "美咲",
    "翔太",
    "陽子",
    "大輔",
    "直美",
    "誠",
    "恵子",
    "拓也",
    "さくら",
    "和也",
    "あゆみ",
    "剛",
    "由美",
    "浩二",
    "真由",
    "隆",
    "智子",
)
_KANA: Final = (
    "タロウ",
    "ハナコ",
    "ケンイチ",
    "ミサキ",
    "ショウタ",
    "ヨウコ",
    "ダイスケ",
    "ナオミ",
    "マコト",
    "ケイコ",
    "タクヤ",
    "サクラ",
)
_FIRST: Final = (
    "Olivia",
    "Jack",
    "Emily",
    "Harry",
    "Sophie",
    "Thomas",
    "Grace",
    "Oliver",
    "Chloe",
    "James",
    "Lucy",
    "Daniel",
    "Alice",
    "Peter",
)
_LAST: Final = (
    "Smith",
    "Jones",
    "Taylor",
    "Brown",
    "Wilson",
    "Evans",
    "Walker",
    "Wright",
    "Hughes",
    "Green",
    "Hall",
    "Clarke",
    "Turner",
    "Ward",
)
_DOMAINS: Final = ("example.com", "example.net", "example.org", "mail.example", "tokyo.example")
_PARTS: Final = ("ボルト", "ナット", "座金", "歯車", "軸受", "bolt", "washer", "bearing")


class Row(Protocol):
    """A line of a table, whatever it is about."""

    name: str
    kana: str
    email: str
    phone: str
    born: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whom a mail must not give away."""

    name: str
    kana: str
    email: str
    phone: str
    born: str
    """ISO 8601."""
    number: int
    """The telephone number as a spreadsheet keeps it: without its leading zero."""

    @property
    def cells(self) -> list[str]:
        """As a row of a table."""
        return [self.name, self.kana, self.email, self.phone]

    @property
    def line(self) -> str:
        """As one line of text."""
        return " ".join((self.name, self.email, self.phone))


def person(key: str, number: int) -> Person:
    """Make up somebody; the same for the same *key* and *number*, in every run."""
    draw = random.Random(f"{key}/{number}")  # noqa: S311 -- to be repeated, not to be secret
    tail = draw.randrange(10_000)
    if draw.random() < 0.7:
        name = f"{draw.choice(_SURNAMES)} {draw.choice(_GIVEN)}"
        local = f"k{draw.randrange(10**6):06}"
        area = draw.choice(("03-0", "06-0", "090-0", "080-0"))
        phone = f"{area}{draw.randrange(1000):03}-{tail:04}"
    else:
        first, last = draw.choice(_FIRST), draw.choice(_LAST)
        name = f"{first} {last}"
        local = f"{first}.{last}{draw.randrange(10**4):04}".lower()
        phone = f"07700 900{tail % 1000:03}"
    return Person(
        name=name,
        kana=draw.choice(_KANA),
        email=f"{local}@{draw.choice(_DOMAINS)}",
        phone=phone,
        born=f"{draw.randrange(1950, 2005)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}",
        number=int("".join(filter(str.isdecimal, phone))),
    )


def goods(key: str, number: int) -> Person:
    """Make up a line of a stock list, which gives nobody away: what clean twins are full of."""
    draw = random.Random(f"clean/{key}/{number}")  # noqa: S311
    return Person(
        name=f"{draw.choice(_PARTS)} M{draw.randrange(3, 30)}",
        kana=draw.choice(("箱", "袋", "本", "枚")),
        email=f"棚 {draw.choice('ABCDEF')}{draw.randrange(1, 40)}",
        phone=f"{draw.randrange(1, 900)} 個",
        born="2026-04-01",
        number=draw.randrange(1, 900),
    )
