"""Headers that people write."""

# ruff: noqa: E501 -- rows of data, each best read on one line

import pytest

from guard.lists.headers import kind_of
from guard.lists.kinds import Kind


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("メール メールアドレス E-mail E‐Mail ｅメール Email_Address mail e-mail(会社) お客様メールアドレス email2", Kind.EMAIL),
        ("電話 電話番号 TEL ＴＥＬ Tel. 携帯 携帯電話 携帯番号 Phone Mobile FAX 電話番号(携帯) TEL1 PhoneNumber", Kind.PHONE),
        ("顧客番号 顧客ID 顧客コード 会員番号 お客様番号 customer_id CustomerID ID Customer-No.", Kind.ID),
        ("氏名 お名前 名前 担当者名 ご担当者名 Name FullName 顧客名 氏名(漢字)", Kind.NAME),
        ("姓 last Last_Name Surname 苗字", Kind.LAST),
        ("名 first First_Name given-name", Kind.FIRST),
        ("フリガナ ふりがな ﾌﾘｶﾞﾅ カナ 氏名カナ カナ氏名 ヨミガナ", Kind.KANA),
        ("セイ 姓(カナ) 姓カナ", Kind.LAST_KANA),
        ("メイ 名(カナ) 名カナ", Kind.FIRST_KANA),
        ("会社 会社名 企業名 勤務先 取引先名 Company Company_Name Organization 会社名(正式)", Kind.COMPANY),
        ("郵便番号 〒 zip ZIP_code postcode Postal-Code", Kind.POSTCODE),
        ("住所 ご住所 address street 所在地 住所1", Kind.ADDRESS),
        ("生年月日 誕生日 birthday Date-of-birth DOB", Kind.BIRTHDAY),
    ],
)  # fmt: skip
def test_headers(headers: str, kind: Kind) -> None:
    """Width, case, spaces, numbers and brackets do not matter."""
    assert {header: kind_of(header) for header in headers.split()} == dict.fromkeys(
        headers.split(), kind
    )


@pytest.mark.parametrize(
    "header",
    ["", " ", "備考", "ランク", "notes", "amount", "山田太郎", "a@kita.example", "2026/11/23"],
)
def test_no_headers(header: str) -> None:
    """Other words, and values, are no headers."""
    assert kind_of(header) is None
