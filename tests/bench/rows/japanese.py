"""Forms in which Japanese rows leak, beside those that programs write."""
# ruff: noqa: E501 -- forms and tables, each best read on one line

from random import Random
from typing import Final
from unicodedata import normalize

import jaconv

from tests.bench.rows.forms import ERAS, Form, each, made_up, shared, torn
from tests.bench.rows.people import Person

KANJI_DIGITS: Final = "〇一二三四五六七八九"
IN_KANJI: Final = str.maketrans("0123456789", KANJI_DIGITS)
VARIANTS: Final = str.maketrans("高崎浜辺斎斉島沢広国桜渡", "髙﨑濱邊齋齊嶋澤廣國櫻渡")


def wide(text: str) -> str:
    """Write in full-width letters."""
    return jaconv.h2z(text, ascii=True, digit=True)


def kanji_number(number: int) -> str:
    """Write 1 to 99 in kanji."""
    tens, ones = divmod(number, 10)
    many = "" if tens == 0 else "十" if tens == 1 else KANJI_DIGITS[tens] + "十"
    return many + (KANJI_DIGITS[ones] if ones else "")


def era(person: Person, *, short: bool = False) -> str:
    """Write the birthday by the emperor's years."""
    born = person.born
    for first, name, letter in ERAS:
        if born.year >= first + (first == 1989 and born.timetuple().tm_yday < 8):
            year = born.year - first + 1
            if short:
                return f"{letter}{year}.{born.month}.{born.day}"
            return f"{name}{'元' if year == 1 else year}年{born.month}月{born.day}日"
    raise ValueError(born)


def prose(p: Person, rng: Random) -> str:
    """Write a sentence about somebody."""
    return (
        f"先ほど{p.last}{p.first}様から{made_up(rng, 'お電話', '折返しのご依頼', 'ご連絡')}がありました。"
        f"番号は{p.tel}とのことです。"
    )


def label(p: Person, _: Random) -> str:
    """Write an address label over three lines."""
    return f"〒{p.postcode}\n{p.region}{p.town}\n{'-'.join(map(str, p.block))}\n{p.last} {p.first} 様\n"


def chome(p: Person, _: Random) -> str:
    """Write an address with its words, and with a building."""
    one, two, three = p.block
    return (
        f"〒{p.postcode} {p.region}{p.town}{one}丁目{two}番{three}号 グリーンハイツ{two}0{one}号室  "
        f"{p.last}{p.first}様"
    )


def chome_kanji(p: Person, _: Random) -> str:
    """The same, numbers in kanji."""
    one, two, three = map(kanji_number, p.block)
    return f"{p.postcode} {p.region}{p.town}{one}丁目{two}番{three}号 {p.name}"


def signature(p: Person, rng: Random) -> str:
    """Write a signature below a mail."""
    return (
        f"―――――――――――――――\n{made_up(rng, '営業部', '総務課', '開発本部')}\n{p.last} {p.first}（{p.kana}）\n"
        f"TEL：{p.tel}　FAX：03-0000-{rng.randrange(10_000):04}\nMail：{p.email}\n―――――――――――――――"
    )


def spread(p: Person, _: Random) -> str:
    """Write a name with a space between all its letters."""
    return f"{'　'.join(p.last + p.first)}　様　　電話　{p.tel}"


def columns_apart(people: list[Person], rng: Random) -> str:
    """First all names, then all phone numbers: who is whose is lost."""
    del rng
    return "\n".join(p.name for p in people) + "\n\n" + "\n".join(p.tel for p in people)


def _international(p: Person) -> str:
    return f"+81-{p.phone[0][1:]}-{p.phone[1]}-{p.phone[2]}"


def _half(text: str) -> str:
    return jaconv.z2h(text, kana=True)


FORMS: Final[tuple[Form, ...]] = (
    *shared("ja"),
    each("address label, three lines", label),
    each("丁目番号 and a building", chome),
    each("丁目番号 in kanji", chome_kanji),
    each(
        "no prefecture",
        lambda p, _: f"{p.postcode}\t{p.town}{'-'.join(map(str, p.block))}\t{p.name}",
    ),
    each("signature", signature, between="\n\n"),
    each("和暦 birthday, name, phone", lambda p, _: f"{p.name}　{era(p)}生　{p.tel}"),
    each("S33.4.5 birthday, name, phone", lambda p, _: f"{p.name},{era(p, short=True)},{p.tel}"),
    each(
        "phone with an extension",
        lambda p, rng: f"{p.name} {p.tel}（内線{rng.randrange(100, 9999)}）",
    ),
    each("running text, 様", prose, between=""),
    each("quoted, broken every 35 letters", lambda p, rng: torn(prose(p, rng), 35)),
    each("surname 様 <e-mail>", lambda p, _: f"{p.last}様 <{p.email}>"),
    each("surname さん and phone", lambda p, _: f"・{p.last}さん（{p.tel}）：折返し済み"),
    each(
        "TEL: FAX:",
        lambda p, rng: f"{p.last}{p.first} TEL:{p.tel} FAX:03-1{rng.randrange(100)}-0000",
    ),
    each("+81", lambda p, _: f"{p.name} {_international(p)}"),
    each("(03) 1234", lambda p, _: f"{p.name} ({p.phone[0]}){p.phone[1]}-{p.phone[2]}"),
    each("phone without separators", lambda p, _: f"{p.last}{p.first},{''.join(p.phone)}"),
    each("phone that lost its 0", lambda p, _: f"{p.last} {p.first}\t{int(''.join(p.phone))}"),
    each(
        "phone over two lines", lambda p, _: f"{p.name}様 {p.phone[0]}-{p.phone[1]}-\n{p.phone[2]}"
    ),
    each("full width throughout", lambda p, _: wide(f"{p.name}，{p.email}，{p.tel}")),
    each("half-width kana and phone", lambda p, _: f"{_half(p.kana)} {p.tel}"),
    each("hiragana and phone", lambda p, _: f"{jaconv.kata2hira(p.kana)}　{p.tel}"),
    each(
        "variants of kanji and phone",
        lambda p, _: f"{p.name.translate(VARIANTS)} {p.tel}",
        only=lambda p: p.name.translate(VARIANTS) != p.name,
    ),
    each(
        "furigana in brackets",
        lambda p, _: f"{p.last}（{p.last_kana}）{p.first}（{p.first_kana}）{p.tel}",
    ),
    each("letters spread", spread),
    each("phone in kanji digits", lambda p, _: f"{p.name}　{p.tel.translate(IN_KANJI)}"),
    each("03の1234の5678", lambda p, _: f"{p.name}様は{p.tel.replace('-', 'の')}です"),
    each("maiden name in brackets", lambda p, _: f"{p.last}（旧姓 渡良瀬）{p.first} {p.tel}"),
    each(
        "name and birthday", lambda p, _: f"{p.name}　{p.born.year}年{p.born.month}月{p.born.day}日"
    ),
    each("kana and birthday", lambda p, _: f"{p.kana},{p.born:%Y%m%d}"),
    each("id and surname", lambda p, _: f"{p.id} {p.last}様"),
    each("id and birthday", lambda p, _: f"{p.id}：{p.born.month}/{p.born.day}/{p.born.year}"),
    each("postal code, name, phone", lambda p, _: f"{p.postcode} {p.name} {p.tel}"),
    each("address and birthday, no name", lambda p, _: f"{p.address}／{p.born:%Y.%m.%d}"),
    each(
        'To: "name" <e-mail>', lambda p, _: f'"{p.name}" <{p.email}>', between=",\n ", before="To: "
    ),
    each("full-width at sign", lambda p, _: f"{p.name}　{p.email.replace('@', '＠')}"),
    each("decomposed (NFD), as a Mac writes", lambda p, _: normalize("NFD", f"{p.kana} {p.tel}")),
    Form(
        name="names first, then phones", write=lambda people, rng: columns_apart(list(people), rng)
    ),
    each(
        "romaji and town",
        lambda p, _: (
            f"{p.last_roman.title()} {p.first_roman.title()}, "
            f"{jaconv.kata2alphabet(p.last_kana)} {p.born.year}"
        ),
        expected="nothing",
    ),
)
