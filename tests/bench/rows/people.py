"""
Invented customers, as many as wanted: drawn in blocks, so that a list of millions needs no memory.

Names come as they do in life: the commonest first, the n-th about 1/n as often (Zipf), from a pool
of thousands. Person *i* of a seed is always the same, and any block can be made by itself.
"""
# ruff: noqa: E501 -- tables, each best read on one line

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final

import numpy as np

from guard.names.dictionary import dictionary
from guard.names.readings import GIVEN, SURNAMES
from guard.names.spelling import KANJI
from tests.bench import people as latin

BLOCK: Final = 10_000
"""People made at once."""

FIRST_BORN: Final = date(1936, 1, 1)
BORN_DAYS: Final = 25_500
"""Days after the first birthday in which all the others are: until 2005."""

EXPONENT: Final = 0.95
SURNAMES_FLAT: Final = 3.0
GIVEN_FLAT: Final = 20.0
"""
The n-th name has the weight (n + this) ** -0.95. The first of 10,000 surnames is then 3 % of all,
which is more than the 1.5 % of 佐藤 and of Smith: common names make rows harder to tell apart.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One row, in pieces from which any form can be put together."""

    number: int
    """1 for the first of the list."""

    id: str
    last: str
    first: str
    last_kana: str
    """As the surname is read, in katakana; in a Western list empty."""

    first_kana: str
    last_roman: str
    first_roman: str
    email: str
    phone: tuple[str, str, str]
    """National, with trunk 0, in its usual groups."""

    country: str
    """Country code of the phone, digits only."""

    postcode: str
    region: str
    """Prefecture; in a Western list empty."""

    town: str
    """City and quarter, or the Western city."""

    block: tuple[int, int, int]
    """Numbers of a Japanese address; in a Western one only the first, the house's, counts."""

    street: str
    born: date

    @property
    def name(self) -> str:
        """Surname and given name in the order of the language."""
        return f"{self.last} {self.first}" if self.last_kana else f"{self.first} {self.last}"

    @property
    def kana(self) -> str:
        """The reading of the name."""
        return f"{self.last_kana} {self.first_kana}"

    @property
    def tel(self) -> str:
        """The phone number in its country's usual form."""
        return "-".join(self.phone) if self.last_kana else " ".join(filter(None, self.phone))

    @property
    def address(self) -> str:
        """The address in one line, without the postal code."""
        if self.last_kana:
            return f"{self.region}{self.town}{'-'.join(map(str, self.block))}"
        return f"{self.block[0]} {self.street}, {self.town}"


Entry = tuple[str, str, str]
"""As it is written, in katakana, in Latin letters."""

HEADERS: Final = {
    "ja": (
        "顧客番号",
        "氏名",
        "フリガナ",
        "メールアドレス",
        "電話番号",
        "郵便番号",
        "住所",
        "生年月日",
    ),
    "en": ("Customer ID", "Name", "E-mail", "Phone", "Address", "Postcode", "Birthday"),
}


def cells(person: Person) -> list[str]:
    """Give the row of the list, under `HEADERS`."""
    born = person.born
    if person.last_kana:
        return [
            person.id,
            person.name,
            person.kana,
            person.email,
            person.tel,
            person.postcode,
            person.address,
            f"{born:%Y/%m/%d}",
        ]
    return [
        person.id,
        person.name,
        person.email,
        person.tel,
        person.address,
        person.postcode,
        born.isoformat(),
    ]


def people(language: str, seed: int, count: int) -> Iterator[Person]:
    """Give *count* people, one after the other."""
    for block in range(-(-count // BLOCK)):
        yield from block_of(language, seed, block)[: count - block * BLOCK]


def block_of(language: str, seed: int, block: int) -> Sequence[Person]:
    """Give the people ``block * BLOCK + 1`` and on of a list."""
    rng = np.random.default_rng([seed, block])
    return (_japanese if language == "ja" else _western)(rng, block * BLOCK + 1)


def drawn(rng: np.random.Generator, pool: Sequence[Entry], flat: float) -> list[Entry]:
    """Draw a block of names, the common ones more often."""
    weights = _weights(len(pool), flat)
    return [pool[place] for place in np.searchsorted(weights, rng.random(BLOCK)).tolist()]


@cache
def _weights(count: int, flat: float) -> np.ndarray:
    weights = (np.arange(count) + flat) ** -EXPONENT
    whole: np.ndarray = np.cumsum(weights) / weights.sum()
    return whole


def _integers(rng: np.random.Generator, low: int, high: int) -> list[int]:
    """Draw a block of numbers of [low, high)."""
    numbers: list[int] = rng.integers(low, high, BLOCK).tolist()
    return numbers


# --- Japanese -----------------------------------------------------------------------------------

TOWNS: Final = latin.words(
    """
    東京都/千代田区/100 東京都/新宿区/160 東京都/世田谷区/154 東京都/足立区/120 東京都/八王子市/192
    東京都/江東区/135 東京都/練馬区/176 東京都/町田市/194 神奈川県/横浜市港北区/222
    神奈川県/川崎市中原区/211 神奈川県/藤沢市/251 神奈川県/相模原市南区/252 千葉県/船橋市/273
    千葉県/柏市/277 千葉県/市川市/272 埼玉県/さいたま市浦和区/330 埼玉県/川越市/350 埼玉県/越谷市/343
    大阪府/大阪市北区/530 大阪府/堺市堺区/590 大阪府/豊中市/560 大阪府/東大阪市/577 京都府/京都市左京区/606
    京都府/宇治市/611 兵庫県/神戸市中央区/650 兵庫県/西宮市/662 兵庫県/姫路市/670 愛知県/名古屋市中区/460
    愛知県/豊田市/471 愛知県/岡崎市/444 静岡県/浜松市中央区/430 静岡県/静岡市葵区/420 福岡県/福岡市博多区/812
    福岡県/北九州市小倉北区/802 福岡県/久留米市/830 北海道/札幌市中央区/060 北海道/旭川市/070
    北海道/函館市/040 宮城県/仙台市青葉区/980 広島県/広島市中区/730 岡山県/岡山市北区/700
    新潟県/新潟市中央区/950 長野県/長野市/380 石川県/金沢市/920 熊本県/熊本市中央区/860 鹿児島県/鹿児島市/890
    沖縄県/那覇市/900 茨城県/水戸市/310 栃木県/宇都宮市/320 群馬県/前橋市/371 岐阜県/岐阜市/500 三重県/津市/514
    滋賀県/大津市/520 奈良県/奈良市/630 和歌山県/和歌山市/640 愛媛県/松山市/790 香川県/高松市/760
    """
)
QUARTERS: Final = (
    latin.words(
        "桜 緑 旭 栄 本 新 東 西 南 北 元 若葉 松 梅 竹 山手 大和 千代 常盤 弥生 錦 清水 泉"
    ),
    latin.words("町 台 丘 ケ丘 が原 野 崎 島 橋 浜 谷 山"),
)
HOSTS_JA: Final = latin.words("co.jp co.jp jp ne.jp or.jp com com net")
FREE_JA: Final = latin.words("gmail.com yahoo.co.jp docomo.ne.jp ezweb.ne.jp icloud.com outlook.jp")


def _japanese(rng: np.random.Generator, start: int) -> list[Person]:
    surnames, given = _pools_ja()
    last, first = drawn(rng, surnames, SURNAMES_FLAT), drawn(rng, given, GIVEN_FLAT)
    kinds, serials, groups = (_integers(rng, 0, 1 << 30) for _ in range(3))
    blocks, days = _integers(rng, 0, 1 << 30), _integers(rng, 0, BORN_DAYS)
    found = []
    for n in range(BLOCK):
        kind, serial, group, place = kinds[n], serials[n], groups[n], blocks[n]
        region, city, code = TOWNS[place % len(TOWNS)].split("/")
        part = (place >> 7) % (len(QUARTERS[0]) * len(QUARTERS[1]))
        quarter = QUARTERS[0][part % len(QUARTERS[0])] + QUARTERS[1][part // len(QUARTERS[0])]
        phone = (
            (("090", "080", "070")[kind % 3], f"{1000 + serial % 9000}", f"{group % 10_000:04}")
            if kind % 10 < 7
            else ("03", f"{3000 + serial % 4000}", f"{group % 10_000:04}")
            if kind % 10 < 9
            else (f"0{45 + serial % 40}", f"{200 + (serial >> 8) % 700}", f"{group % 10_000:04}")
        )
        found.append(
            Person(
                number=start + n,
                id=f"C{start + n:08}",
                last=last[n][0],
                first=first[n][0],
                last_kana=last[n][1],
                first_kana=first[n][1],
                last_roman=last[n][2],
                first_roman=first[n][2],
                email=_email(kind, serial, start + n, last[n][2], first[n][2], FREE_JA, HOSTS_JA),
                phone=phone,
                country="81",
                postcode=f"{code}-{part * 7 % 1000:04}",
                region=region,
                town=city + quarter,
                block=(1 + (place >> 9) % 8, 1 + (place >> 12) % 30, 1 + (place >> 17) % 25),
                street="",
                born=FIRST_BORN + timedelta(days=days[n]),
            )
        )
    return found


@cache
def _pools_ja() -> tuple[list[Entry], list[Entry]]:
    """Give surnames and given names: ours in their order, then the dictionary's by how rare."""
    found: tuple[dict[str, Entry], dict[str, Entry]] = ({}, {})
    known = dictionary()
    names = sorted(known.every_name(), key=lambda name: name.cost) if known else []
    kana: dict[tuple[bool, str], str] = {}
    for name in names:
        kana.setdefault((name.surname, name.written), name.kana)
    for pool, ours, surname in zip(found, (SURNAMES, GIVEN), (True, False), strict=True):
        for written, readings in ours.items():
            if (surname, written) in kana:
                pool[written] = (written, kana[surname, written], readings[0])
        for name in names:
            if (
                name.surname == surname
                and len(name.written) <= 3
                and all(KANJI.match(char) for char in name.written)
            ):
                pool.setdefault(name.written, (name.written, name.kana, name.reading))
    return list(found[0].values()), list(found[1].values())


# --- Western ------------------------------------------------------------------------------------

CITIES: Final = latin.words(
    """
    London Manchester Leeds Bristol Sheffield Norwich Exeter Cardiff Glasgow Oxford Reading Derby
    Chicago Boston Denver Austin Portland Seattle Dayton Albany Tucson Omaha Raleigh Boise Tampa
    Berlin Hamburg Köln Bremen Dresden Leipzig Bonn Mainz Dublin Cork Toronto Ottawa Calgary
    """
)
STREETS: Final = (
    latin.words(
        """
        Oak Maple High Church Station Mill Park King Queen Victoria Albert North South West Elm
        Cedar Pine Lake River Hill Green Spring Meadow Orchard Bridge Garden Market Castle Grove
        Chapel Walnut Chestnut Willow Birch Sunset Lincoln Franklin Madison Adams Jackson
        """
    ),
    latin.words("Street Road Lane Avenue Drive Close Way Court Place Crescent Terrace"),
)
UNITS: Final = "ABDEFGHJLNPQRSTUWXYZ"
"""Letters with which a British postal code ends."""

UMLAUTS: Final = latin.words(
    "Müller Jäger Schröder Krüger Köhler König Böhm Größe Weiß Jürgens Häußler Günther Schäfer"
)
HOSTS_EN: Final = latin.words("com com com net org co.uk de io")
FREE_EN: Final = latin.words("gmail.com outlook.com yahoo.com icloud.com gmx.de hotmail.com")


def _western(rng: np.random.Generator, start: int) -> list[Person]:
    surnames, given = _pools_en()
    last, first = drawn(rng, surnames, SURNAMES_FLAT), drawn(rng, given, GIVEN_FLAT)
    kinds, serials, groups = (_integers(rng, 0, 1 << 30) for _ in range(3))
    blocks, days = _integers(rng, 0, 1 << 30), _integers(rng, 0, BORN_DAYS)
    found = []
    for n in range(BLOCK):
        kind, serial, group, place = kinds[n], serials[n], groups[n], blocks[n]
        country, phone = _phone_en(kind, serial, group)
        found.append(
            Person(
                number=start + n,
                id=f"K-{start + n:07}",
                last=last[n][0],
                first=first[n][0],
                last_kana="",
                first_kana="",
                last_roman=last[n][2],
                first_roman=first[n][2],
                email=_email(kind, serial, start + n, last[n][2], first[n][2], FREE_EN, HOSTS_EN),
                phone=phone,
                country=country,
                postcode=_postcode_en(country, place),
                region="",
                town=CITIES[(place >> 4) % len(CITIES)],
                block=(1 + (place >> 9) % 240, 0, 0),
                street=f"{STREETS[0][(place >> 16) % len(STREETS[0])]} "
                f"{STREETS[1][(place >> 22) % len(STREETS[1])]}",
                born=FIRST_BORN + timedelta(days=days[n]),
            )
        )
    return found


def _postcode_en(country: str, place: int) -> str:
    if country != "44":
        return f"{10_000 + place % 6_000 * 13}"
    area = ("SW", "M", "LS", "BS", "S", "NR", "EX", "OX", "RG", "DE", "G", "CF")[place % 12]
    ending = UNITS[(place >> 5) % 20] + UNITS[(place >> 10) % 20]
    return f"{area}{1 + (place >> 4) % 20} {(place >> 15) % 10}{ending}"


def _phone_en(kind: int, serial: int, group: int) -> tuple[str, tuple[str, str, str]]:
    if kind % 3 == 0:
        return "44", ("07" + f"{100 + serial % 900}", f"{group % 1_000_000:06}", "")
    if kind % 3 == 1:
        return "49", ("0" + f"{151 + serial % 29}", f"{10_000_000 + group % 89_999_999}", "")
    return "44", ("020", f"{7000 + serial % 1999}", f"{group % 10_000:04}")


@cache
def _pools_en() -> tuple[list[Entry], list[Entry]]:
    """Give surnames, every tenth of the rare ones with a hyphen or an umlaut, and given names."""
    rng = np.random.default_rng(20)
    surnames = [name.title() for name in latin.SURNAMES_LATIN]
    rare = sorted({"".join(map(str, map(rng.choice, latin.RARE_LATIN))) for _ in range(9_000)})
    rng.shuffle(rare)
    for n, name in enumerate(rare):
        other = surnames[n % 190]
        surnames.append(
            f"{name.title()}-{other}"
            if n % 20 == 7
            else UMLAUTS[n // 20 % len(UMLAUTS)] + ("" if n < 260 else name[-3:])
            if n % 20 == 13
            else name.title()
        )
    given = [name.title() for name in latin.GIVEN_LATIN]
    given += [f"{one}{two}" for one in given[:90] for two in ("ette", "ina", "son", "a")]
    return [(name, "", plain(name)) for name in dict.fromkeys(surnames)], [
        (name, "", name.lower()) for name in dict.fromkeys(given)
    ]


EXPANDED: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def plain(name: str) -> str:
    """Write a name as an address has it."""
    return name.lower().translate(EXPANDED).replace("-", ".")


def _email(
    kind: int,
    serial: int,
    number: int,
    last: str,
    first: str,
    free: Sequence[str],
    hosts: Sequence[str],
) -> str:
    """Make an address that nobody else has: with a number, as so many at free mailers have."""
    mark = f"{number % 100_000:x}" if kind % 7 < 3 else f"{number}"
    local = (
        f"{first}.{last}{mark}",
        f"{last}{mark}",
        f"{first[0]}.{last}{mark}",
        f"{first}_{last}{mark}",
    )[kind % 4]
    if kind % 5 < 2:
        return f"{local}@{free[serial % len(free)]}"
    stem = latin.STEMS[serial % len(latin.STEMS)]
    tail = latin.TAILS_EN[(serial >> 8) % len(latin.TAILS_EN)]
    return f"{local}@{stem}{tail}.{hosts[(serial >> 13) % len(hosts)]}"
