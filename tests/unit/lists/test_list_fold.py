"""One spelling for list and text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.lists.dates import date_key, dates_in
from guard.lists.emails import email_key, emails_in
from guard.lists.fold import fold, original, squeeze, units
from guard.lists.ids import id_key, ids_in
from guard.lists.names import companies_in, company_key, name_keys, names_in
from guard.lists.phones import phone_keys, phones_in
from guard.lists.places import address_key, addresses_in, postcode_key, postcodes_in


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
@given(st.text(), st.text(min_size=1, max_size=8))
def test_original_finds_what_was_typed(before: str, value: str) -> None:
    """The stretch that is found in a text folds to what was looked for."""
    wanted = squeeze(fold(value))
    typed = original(before + value, wanted)
    assert squeeze(fold(typed)) == wanted


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
    assert national in phone_keys(typed)
    assert national in {key for _, _, key in phones_in(fold(f"電話は{typed}です、tel {typed}."))}


def test_several_phones_in_a_cell() -> None:
    """A cell with two numbers or an extension gives each number."""
    assert set(phone_keys("03-1234-5678/090-1111-2222")) == {"312345678", "9011112222"}
    assert set(phone_keys("03-1234-5678(内線12)")) == {"312345678"}
    assert phone_keys("なし") == ()


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
    assert date_key(typed) == key
    if key:
        assert key in set(dates_in(fold(f"生年月日:{typed}、born {typed}.")))


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Taro.Yamada@Kita.Example", "taro.yamada@kita.example"),
        ("ｔａｒｏ＠ｋｉｔａ．ｅｘａｍｐｌｅ", "taro@kita.example"),
        ("mailto:taro@kita.example", "taro@kita.example"),
        ("<taro@kita.example>", "taro@kita.example"),
        ("山田 <taro@kita.example>", "taro@kita.example"),
        ("o'brien@kita.example", "obrien@kita.example"),
        ("taro@xn--r8jz45g.example", "taro@例え.example"),
        ("taro@例え.example", "taro@例え.example"),
        ("taro at kita", None),
        ("@", None),
    ],
)
def test_emails(typed: str, key: str | None) -> None:
    """Case, width and brackets fold away; text without an address has none."""
    assert email_key(typed) == (fold(key) if key else None)


@pytest.mark.parametrize(
    "text",
    [
        "メールはtaro@kita.exampleです",
        "taro@kita.example.",
        "taro@\nkita.example",
        "taro\n@kita.example",
        "taro@kita.\nexample",
        "cc:taro@kita.example,hanako@kita.example",
    ],
)
def test_emails_in_text(text: str) -> None:
    """An address is found right beside Japanese, before a full stop and across a line's end."""
    assert "taro@kita.example" in {key for _, _, key in emails_in(fold(text))}


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
    key = company_key(listed)
    assert key is not None
    assert key[0] in set(
        companies_in(fold(f"この度{typed}の件 about {typed} now"), frozenset({key[1]}))
    )


@pytest.mark.parametrize("listed", ["株式会社", "Inc.", "123", ""])
def test_no_company(listed: str) -> None:
    """A legal form or a number alone names no company."""
    assert company_key(listed) is None


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
    ],
)
def test_names(listed: str, typed: str) -> None:
    """A name is known with and without space, in both orders, between labels."""
    keys = name_keys(listed)
    texts = set(names_in(fold(f"担当は{typed}。"), frozenset(length for _, length in keys)))
    assert {key for key, _ in keys} & texts


@pytest.mark.parametrize(
    ("listed", "typed"),
    [
        ("123-4567", "〒1234567"),
        ("060-0001", "600001"),
        ("SW1A 1AA", "London sw1a 1aa"),
        ("90210", "CA 90210-1234"),
    ],
)
def test_postcodes(listed: str, typed: str) -> None:
    """A postal code is known with and without its mark, and without the zeros that get lost."""
    assert postcode_key(listed) in set(postcodes_in(fold(typed)))


@pytest.mark.parametrize(
    ("listed", "typed"),
    [
        ("東京都千代田区丸の内1-2-3", "丸の内一丁目2番3号"),
        ("東京都千代田区丸の内１丁目２番地３", "千代田区丸ノ内1-2-3 ビル4F"),
        ("12 Oak Street", "at 12 Oak St., London"),
        ("Hauptstraße 12", "hauptstrasse 12, Berlin"),
    ],
)
def test_addresses(listed: str, typed: str) -> None:
    """An address is known by its last part, however blocks and numbers are written."""
    assert address_key(listed) in set(addresses_in(fold(typed)))


@pytest.mark.parametrize(
    ("listed", "typed"), [("C-00123", "c00123"), ("00123", "No.123"), ("ＡＢ１２", "(ab-12)")]
)
def test_ids(listed: str, typed: str) -> None:
    """A customer number is known without hyphens and leading zeros."""
    key = id_key(listed)
    assert key is not None
    assert key in {found for _, _, found in ids_in(fold(typed), frozenset({len(key)}))}


@settings(deadline=None)
@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """No text is too odd for any reader."""
    folded = fold(text)
    lengths = frozenset({0, 1, 2, 5})
    for read in (emails_in, phones_in, dates_in, addresses_in, postcodes_in):
        list(read(folded))
    for read_lengths in (ids_in, names_in, companies_in):
        list(read_lengths(folded, lengths))
    for key in (email_key, phone_keys, date_key, address_key, postcode_key, id_key, company_key):
        key(text)
    name_keys(text)
    units(folded)


@settings(deadline=None)
@given(
    st.from_regex(r"[a-z][a-z0-9.]{0,10}@[a-z]{1,8}\.example", fullmatch=True), st.text(max_size=20)
)
def test_listed_email_is_found_in_text(email: str, after: str) -> None:
    """What the list keeps of an address is what a text around it gives."""
    assert email_key(email) in {key for _, _, key in emails_in(fold(f"宛先: {email} {after}"))}


@settings(deadline=None)
@given(st.from_regex(r"0[1-9]0?-[0-9]{4}-[0-9]{4}", fullmatch=True), st.text("あい、:", max_size=5))
def test_listed_phone_is_found_in_text(phone: str, around: str) -> None:
    """What the list keeps of a number is among what a text around it gives."""
    texts = {key for _, _, key in phones_in(fold(f"{around}{phone}{around}"))}
    assert set(phone_keys(phone)) <= texts
    assert phone_keys(phone)
