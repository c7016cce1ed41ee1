"""One spelling for list and text."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.lists.chunk import Chunk
from guard.lists.columns import Column
from guard.lists.fold import fold, squeeze
from guard.lists.hashing import Hashing
from guard.lists.kinds import ANCHORS, Kind
from guard.lists.letters import Letters
from guard.lists.names import LONGEST, PAIR, Words, companies, hidden_labels, people
from guard.lists.prepared import Piece
from guard.lists.values import Values

HASHING = Hashing(bytes(range(32)))
LENGTHS = tuple(range(LONGEST + 1))


def listed(kind: Kind, cell: str) -> set[int]:
    """Give what the list keeps of a cell."""
    batch = Values([Column(place=0, header="x", kind=kind)], HASHING).of([[cell]])
    return {value for anchors in batch.anchors for value in anchors.value.tolist()}


def offered(kind: Kind, text: str) -> set[int]:
    """Give all that a text can be read to hold."""
    return set(Piece(text, 0, HASHING).candidates(kind).value.tolist())


def names_in(text: str) -> set[int]:
    """Give all that could be a name, or a company, in a text."""
    chunk = Chunk(text, HASHING)
    words = Words(chunk, ~hidden_labels(chunk))
    found = (words.of_lengths(LENGTHS), words.turned(LENGTHS), words.pairs())
    return {value for spans in found for value in spans.value.tolist()}


@settings(deadline=None)
@given(st.text(), st.text())
def test_characters_fold_by_themselves(one: str, two: str) -> None:
    """What a value folds to does not hang on what stands beside it."""
    assert fold(one + two) == fold(one) + fold(two)


@settings(deadline=None)
@given(st.text())
def test_folding_is_done_once(text: str) -> None:
    """Folding twice changes nothing, and keeps every line and no more."""
    assert fold(fold(text)) == fold(text)
    assert fold(text).count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ タロウ"),
        ("やまだ", "ヤマダ"),
        ("髙橋", "高橋"),
        ("山﨑", "山崎"),
        ("渡邊", "渡辺"),
        ("Zoë Müller", "ZOE MULLER"),
        ("キャノン", "キヤノン"),
        ("サーバー", "サ-バ-"),
        ("㈱北", "(株)北"),
        ("O’Brien", "obrien"),
        ("a\u200bb\u00ad", "ab"),
    ],
)
def test_same_to_a_reader(one: str, other: str) -> None:
    """Width, case, accents, kana and variants of kanji fold away."""
    assert squeeze(fold(one)) == squeeze(fold(other))


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="丁番号年月日")))
def test_arrays_fold_as_text(text: str) -> None:
    """A text as an array of letters is the folded text, and every letter knows its place."""
    letters = Letters(text)
    assert letters.text(0, len(letters)) == fold(text)
    for place in range(len(letters)):
        assert letters.text(place, place + 1) in fold(text[letters.at(place)])


def test_every_character_folds_alike() -> None:
    """No character of Unicode is another one in an array than in a text."""
    codes = (*range(0x3400), *range(0x3400, 0x110000, 97), *range(0xF900, 0x20000))
    text = "".join(chr(code) for code in codes if chr(code) not in "丁番号年月日")
    letters = Letters(text)
    assert letters.text(0, len(letters)) == fold(text)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("二丁目", "2丁目"),
        ("十二番", "12番"),
        ("二十号", "20号"),
        ("三十五番", "035番"),
        ("昭和六十年十一月三十一日", "昭和60年11月031日"),
        ("一九八五年三月", "1985年3月"),
        ("山田三月", "山田三月"),
        ("十年一日", "十年一日"),
        ("百二十三番", "百023番"),
    ],
)
def test_kanji_count(typed: str, folded: str) -> None:
    """Numbers of blocks and houses are numbers, in place; none is so high that it has three."""
    letters = Letters(typed)
    assert letters.text(0, len(letters)) == fold(folded)


PHONES = [
    ("03-1234-5678", "312345678"),
    ("(03) 1234-5678", "312345678"),
    ("０３−１２３４−５６７８", "312345678"),
    ("03ー1234ー5678", "312345678"),
    ("+81-3-1234-5678", "312345678"),
    ("+81 (0)3-1234-5678", "312345678"),
    ("0081 3 1234 5678", "312345678"),
    ("010-81-3-1234-5678", "312345678"),
    ("81312345678", "312345678"),
    ("312345678", "312345678"),
    ("03.1234.5678", "312345678"),
    ("03 1234 5678", "312345678"),
    ("03 - 1234 - 5678", "312345678"),
    ("090-1234-5678", "9012345678"),
    ("9012345678", "9012345678"),
    ("+44 (0)20 7946 0000", "2079460000"),
    ("020 7946 0000", "2079460000"),
    ("0044-20-7946-0000", "2079460000"),
    ("+1 (212) 555-0123", "2125550123"),
    ("(212) 555-0123", "2125550123"),
    ("1-212-555-0123", "2125550123"),
]


@pytest.mark.parametrize(("typed", "national"), PHONES)
def test_phones(typed: str, national: str) -> None:
    """Every way of typing a number has the same national digits, in the list and in a text."""
    (wanted,) = offered(Kind.PHONE, f"0{national}")
    assert wanted in listed(Kind.PHONE, typed)
    assert wanted in offered(Kind.PHONE, f"電話は{typed}です、tel {typed}.")


@pytest.mark.parametrize(
    "text",
    [
        "佐藤様 090-1234-\n5678",
        "> 担当の佐藤さんにご連絡をお願いいたします。お電話の番号は090-12\n> 34-5678です。",
        "Please call Mr Smith back this afternoon on 090\r\n>> 1234 5678, he said.",
    ],
)
def test_phones_over_two_lines(text: str) -> None:
    """A number that a program broke between two lines is whole, be it quoted."""
    assert listed(Kind.PHONE, "090-1234-5678") <= offered(Kind.PHONE, text)


@pytest.mark.parametrize(
    "text", ["090\n1234\n5678", "090-1234\n\n5678", "x" * 40 + "090-1234\n円5678"]
)
def test_numbers_below_each_other_are_no_phone(text: str) -> None:
    """Short lines end where their writers ended them."""
    assert not listed(Kind.PHONE, "090-1234-5678") & offered(Kind.PHONE, text)


def test_several_phones_in_a_cell() -> None:
    """A cell with two numbers or an extension gives each number."""
    one, two = (listed(Kind.PHONE, phone) for phone in ("03-1234-5678", "090-1111-2222"))
    assert listed(Kind.PHONE, "03-1234-5678/090-1111-2222") == one | two
    assert listed(Kind.PHONE, "03-1234-5678(内線12)") == one
    assert listed(Kind.PHONE, "なし") == set()


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("2026-11-23", "20261123"),
        ("2026/11/23", "20261123"),
        ("２０２６年１１月２３日", "20261123"),
        ("20261123", "20261123"),
        ("令和8年11月23日", "20261123"),
        ("R8.11.23", "20261123"),
        ("昭和60年1月2日", "19850102"),
        ("S60/1/2", "19850102"),
        ("平成元年3月4日", "19890304"),
        ("昭和六十年一月二日", "19850102"),
        ("一九八五年十二月三十一日", "19851231"),
        ("23 November 2026", "20261123"),
        ("23rd Nov. 2026", "20261123"),
        ("November 23, 2026", "20261123"),
        ("11/23/2026", "20261123"),
        ("23.11.2026", "20261123"),
        ("5/4/1985", "19850405"),
        ("4/5/1985", "19850405"),
        ("99-1234", None),
        ("2026/13/40", None),
    ],
)
def test_dates(typed: str, key: str | None) -> None:
    """Every way of writing a date has one form, with the smaller of month and day first."""
    assert listed(Kind.BIRTHDAY, typed) == ({int(key)} if key else set())
    if key:
        assert int(key) in offered(Kind.BIRTHDAY, f"生年月日:{typed}、born {typed}.")


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Taro.Yamada@Kita.Example", "taro.yamada@kita.example"),
        ("ｔａｒｏ＠ｋｉｔａ．ｅｘａｍｐｌｅ", "taro@kita.example"),
        ("mailto:taro@kita.example", "taro@kita.example"),
        ("<taro@kita.example>", "taro@kita.example"),
        ("山田 <taro@kita.example>", "taro@kita.example"),
        ("o'brien@kita.example", "obrien@kita.example"),
        ("taro@例え.example", "taro@例え.example"),
        ("taro@xn--r8jz45g.example", "taro@例え.example"),
        ("taro at kita", None),
        ("@", None),
    ],
)
def test_emails(typed: str, key: str | None) -> None:
    """Case, width and brackets fold away; text without an address has none."""
    assert listed(Kind.EMAIL, typed) == (listed(Kind.EMAIL, key) if key else set())
    assert bool(key) == bool(listed(Kind.EMAIL, typed))


@pytest.mark.parametrize(
    "text",
    [
        "メールはtaro@kita.exampleです",
        "taro@kita.example.",
        "taro@\nkita.example",
        "taro\n@kita.example",
        "taro@kita.\nexample",
        "cc:taro@kita.example,hanako@kita.example",
        "mail=taro@kita.example",
        "http://x.example/taro@kita.example",
        "taro@kita.example.Next",
    ],
)
def test_emails_in_text(text: str) -> None:
    """An address is found right beside Japanese, before a full stop and across a line's end."""
    assert listed(Kind.EMAIL, "taro@kita.example") <= offered(Kind.EMAIL, text)


@pytest.mark.parametrize(
    ("listed", "typed"),
    [
        ("株式会社北商事", "(株)北商事"),
        ("㈱北商事", "北商事株式会社"),
        ("有限会社 みなみ", "ミナミ"),
        ("Acme Tools Inc.", "ACME TOOLS"),
        ("Acme Tools Co., Ltd.", "The Acme-Tools company"),
        ("Acme Tools S.A.", "acme tools"),
    ],
)
def test_companies(listed: str, typed: str) -> None:
    """A company is known without its legal form."""
    kept = companies(listed, 1, HASHING)
    assert kept.good[0]
    assert int(kept.value[0]) in names_in(f"この度{typed}の件 about {typed} now")


@pytest.mark.parametrize("listed", ["株式会社", "Inc.", "123", ""])
def test_no_company(listed: str) -> None:
    """A legal form or a number alone names no company."""
    assert not companies(listed, 1, HASHING).good[0]


@pytest.mark.parametrize(
    ("listed", "typed"),
    [
        ("山田 太郎", "山田太郎様"),
        ("山田太郎", "山田\n太郎"),
        ("山田 太郎", "太郎 山田"),
        ("山田 太郎", "姓:山田 名:太郎"),
        ("スミス ジョン", "ジョン・スミス"),
        ("John Smith", "Smith, John"),
        ("Dr. John A. Smith", "SMITH John"),
        ("John Smith", "Last name: Smith\nFirst name: John"),
        ("Zoë Müller", "Muller Zoe"),
        ("Zoë Müller", "Zoe Mueller"),
        ("Joerg Groß-Koenig", "König-Jörg"),
        ("Michael Sue", "SUE, MICHAEL"),
    ],
)
def test_names(listed: str, typed: str) -> None:
    """A name is known with and without space, in both orders, between labels."""
    kept = people(listed, 1, HASHING)
    assert kept.good[0]
    assert int(kept.value[0]) in names_in(f"担当は、{typed}。")


@pytest.mark.parametrize(
    ("cells", "lengths"),
    [
        (["山田太郎", "", "John Smith", "様"], [4, 0, PAIR, 0]),
        (["Dr.", "Madonna", "X", "山田 様"], [2, 7, 0, 2]),
    ],
)
def test_names_cell_by_cell(cells: list[str], lengths: list[int]) -> None:
    """Each line has its own name, whatever stands in the others."""
    kept = people("\n".join(cells), len(cells), HASHING)
    assert np.where(kept.good, kept.length, 0).tolist() == lengths


@pytest.mark.parametrize(
    ("cell", "typed"),
    [
        ("123-4567", "〒1234567"),
        ("060-0001", "600001"),
        ("SW1A 1AA", "London sw1a 1aa"),
        ("90210", "CA 90210-1234"),
    ],
)
def test_postcodes(cell: str, typed: str) -> None:
    """A postal code is known with and without its mark, and without the zeros that get lost."""
    (wanted,) = listed(Kind.POSTCODE, cell)
    assert wanted in offered(Kind.POSTCODE, typed)


@pytest.mark.parametrize(
    ("cell", "typed"),
    [
        ("東京都千代田区丸の内1-2-3", "丸の内一丁目2番3号"),
        ("東京都千代田区丸の内１丁目２番地３", "千代田区丸ノ内1-2-3 ビル4F"),
        ("東京都千代田区丸の内1-2-3", "〒100-0005\n東京都千代田区丸の内\n1-2-3\n山田 太郎 様"),
        ("12 Oak Street", "at 12 Oak St., London"),
        ("Hauptstraße 12", "hauptstrasse 12, Berlin"),
    ],
)
def test_addresses(cell: str, typed: str) -> None:
    """An address is known by its last part, however blocks and numbers are written."""
    (wanted,) = listed(Kind.ADDRESS, cell)
    assert wanted in offered(Kind.ADDRESS, typed)


@pytest.mark.parametrize(
    ("cell", "typed"),
    [("C-00123", "c00123"), ("00123", "No.123"), ("ＡＢ１２", "(ab-12)"), ("A.1-2_3", "a123")],
)
def test_ids(cell: str, typed: str) -> None:
    """A customer number is known without hyphens and leading zeros."""
    (wanted,) = listed(Kind.ID, cell)
    assert wanted in offered(Kind.ID, typed)


@settings(deadline=None)
@given(st.text(), st.lists(st.text(), min_size=1, max_size=4))
def test_any_text_is_read(text: str, cells: list[str]) -> None:
    """No text is too odd for any reader, and none for a list."""
    for kind in ANCHORS:
        offered(kind, text)
    names_in(text)
    columns = [Column(place=n, header="x", kind=kind) for n, kind in enumerate(Kind)]
    Values(columns, HASHING).of([[cell] * len(columns) for cell in cells])


@settings(deadline=None)
@given(
    st.from_regex(r"[a-z][a-z0-9.]{0,10}@[a-z]{1,8}\.example", fullmatch=True), st.text(max_size=20)
)
def test_listed_email_is_found_in_text(email: str, after: str) -> None:
    """What the list keeps of an address is what a text around it gives."""
    assert listed(Kind.EMAIL, email) <= offered(Kind.EMAIL, f"宛先: {email} {after}")


@settings(deadline=None)
@given(st.from_regex(r"0[1-9]0?-[0-9]{4}-[0-9]{4}", fullmatch=True), st.text("あい、:", max_size=5))
def test_listed_phone_is_found_in_text(phone: str, around: str) -> None:
    """What the list keeps of a number is among what a text around it gives."""
    assert listed(Kind.PHONE, phone)
    assert listed(Kind.PHONE, phone) <= offered(Kind.PHONE, f"{around}{phone}{around}")


@settings(deadline=None)
@given(cells=st.lists(st.text(max_size=30), min_size=2, max_size=5), kind=st.sampled_from(Kind))
def test_a_cell_is_read_by_itself(cells: list[str], kind: Kind) -> None:
    """What the list keeps of a row does not hang on the rows beside it."""
    columns = [Column(place=0, header="x", kind=kind)]
    together = Values(columns, HASHING).of([[cell] for cell in cells])
    for row, cell in enumerate(cells):
        alone = Values(columns, HASHING).of([[cell]])
        whole = {value for one in together.anchors for value in one.value[one.row == row].tolist()}
        assert whole == {value for one in alone.anchors for value in one.value.tolist()}
        for (_, value, good), (_, one_value, one_good) in zip(
            together.record, alone.record, strict=True
        ):
            assert good[row] == one_good[0]
            assert not good[row] or value[row] == one_value[0]
