"""Headers that people write."""

# ruff: noqa: E501 -- rows of data, each best read on one line

import pytest

from guard.lists.columns import assign
from guard.lists.exports import exported_by
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


# Fields as the programs' own help pages name them, and their labels.
EXPORTS = {
    "Sansan": (
        "名刺ID,名刺交換日,名刺所有者,会社名,部署,役職,姓,名,姓カナ,名カナ,TEL1,TEL2,携帯番号,Fax,email1,URL1,住所1,郵便番号,都道府県,市区町村,町域・番地,ビル名,タグ,メモ",
        "id company last first last_kana first_kana phone phone phone phone email address postcode address",
    ),
    "Salesforce": (
        "Id,AccountId,LastName,FirstName,Salutation,MailingStreet,MailingCity,MailingPostalCode,Phone,MobilePhone,HomePhone,Email,Title,Birthdate,OwnerId,CreatedById,LastModifiedById",
        "id id last first address postcode phone phone phone email birthday",
    ),
    "Salesforce ": (
        "取引先責任者 ID,取引先 ID,取引先名,姓,名,郵送先(町名・番地),郵送先(郵便番号),電話,携帯,メール,誕生日,取引先責任者 所有者",
        "id id company last first address postcode phone phone email birthday",
    ),
    "HubSpot": (
        "Record ID - Contact,First Name,Last Name,Email,Phone Number,Mobile Phone Number,Contact owner,Company name,Street Address,City,Postal Code,Lifecycle Stage,Lead Status",
        "id first last email phone phone company address postcode",
    ),
    "HubSpot ": (
        "レコードID,名,姓,Eメール,電話番号,携帯電話番号,コンタクト担当者,会社名,番地,郵便番号,ライフサイクルステージ",
        "id first last email phone phone company address postcode",
    ),
    "kintone": (
        "レコード番号,会社名,部署名,担当者名,郵便番号,住所,TEL,FAX,メールアドレス,作成者,更新者,作成日時",
        "id company name postcode address phone phone email",
    ),
    "": (
        "氏名[姓],氏名[名],よみ(姓),よみ(名),E-mail,営業担当",
        "last first last_kana first_kana email",
    ),
}


@pytest.mark.parametrize("program", EXPORTS)
def test_exports(program: str) -> None:
    """Columns of the usual programs are known; who of our own people looks after a row is none."""
    titles, kinds = EXPORTS[program]
    headers = titles.split(",")
    columns = assign(headers, [], {}, "list.csv")
    assert [column.kind.value for column in columns] == kinds.split()
    assert exported_by(headers) == program.strip()


def test_our_own_people_are_no_columns() -> None:
    """Their addresses stand in every row, and would be found in every mail of theirs."""
    rows = [["Ann Lee", f"ann{n}@delta.example", "sato@ours.example"] for n in range(9)]
    columns = assign(["Name", "Email", "Contact owner"], rows, {}, "list.csv")
    assert [column.header for column in columns] == ["Name", "Email"]
