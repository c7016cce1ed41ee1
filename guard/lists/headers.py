"""
The headers that columns are known by, Japanese and English.

Also those that exports of kintone, Salesforce, HubSpot and Sansan have: names of fields, and their
labels in both languages.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from guard.lists.fold import fold, squeeze
from guard.lists.kinds import Kind

_WORDS: Final[Mapping[Kind, str]] = {
    Kind.EMAIL: """
        メール メールアドレス メアド eメール eメールアドレス 電子メール 電子メールアドレス
        連絡先メール 会社メール email emailaddress mail mailaddress emailid workemail businessemail
        primaryemail email1 courriel correo correoelectronico emailadresse 担当者メール 代表メール
        otheremail personemail assistantemail
    """,
    Kind.PHONE: """
        電話 電話番号 tel 固定電話 会社電話 自宅電話 代表電話 直通 連絡先 連絡先電話番号 連絡先電話
        日中連絡先 携帯 携帯電話 携帯番号 携帯電話番号 モバイル fax ファックス ファクス fax番号
        ファックス番号 phone phoneno phonenumber telephone telno telephonenumber mobile mobileno
        mobilephone mobilenumber cell cellphone cellnumber workphone businessphone homephone
        contactnumber telefon handy telefono telnumber 会社電話番号 電話1 会社携帯番号 個人携帯番号
        会社代表番号 代表番号 その他の電話 mobilephonenumber otherphone assistantphone
        personmobilephone directphone companyphone mainphone
    """,
    Kind.ID: """
        顧客番号 顧客id 顧客コード 顧客no 会員番号 会員id 会員no 会員コード お客様番号 客番
        得意先コード 得意先番号 取引先コード 取引先番号 取引先id 契約番号 契約id 口座番号 管理番号
        ユーザーid ユーザid 利用者番号 カードno カード番号 customerid customerno customernumber
        customercode custid custno clientid clientno clientnumber memberid memberno membernumber
        membershipno accountid accountno accountnumber userid contactid recordid kundennummer
        contractno contractnumber code id レコード番号 レコードid 名刺id 会社コード 企業コード
        お客様コード 取引先責任者id リードid コンタクトid 社外連絡先識別番号 leadid
        recordidcontact
    """,
    Kind.NAME: """
        氏名 名前 お名前 姓名 顧客名 会員名 担当者 担当者名 ご担当者 ご担当者名 担当 契約者
        契約者名 氏名漢字 漢字氏名 患者名 利用者名 代表者 代表者名 宛名 名義 名義人 name fullname
        customername contactname contact contactperson membername clientname personname displayname
        nombre nom 取引先責任者 取引先責任者名 顧客担当者 顧客担当者名 先方担当者 先方担当者名
        コンタクト名
    """,
    Kind.LAST: """
        姓 苗字 名字 氏 姓漢字 漢字姓 lastname last surname familyname sn nachname apellido 氏名姓
        名前姓 お名前姓 ご担当者姓 personlastname
    """,
    Kind.FIRST: """
        名 下の名前 名漢字 漢字名 firstname first givenname forename vorname prenom 氏名名 名前名
        お名前名 personfirstname
    """,
    Kind.KANA: """
        フリガナ カナ 氏名カナ カナ氏名 氏名フリガナ ヨミ 読み 読み仮名 ヨミガナ 名前カナ 氏名ヨミ
        お名前カナ お名前フリガナ 氏名かな kana furigana namekana reading phoneticname yomi よみ
        よみがな 氏名よみ 担当者カナ 担当者フリガナ
    """,
    Kind.LAST_KANA: """
        セイ 姓カナ カナ姓 姓フリガナ 姓ヨミ lastnamekana lastkana phoneticlastname familynamekana
        氏名セイ 姓よみ よみ姓 フリガナ姓 氏名カナ姓 氏名フリガナ姓 lastnamephonetic lastnamelocal
    """,
    Kind.FIRST_KANA: """
        メイ 名カナ カナ名 名フリガナ 名ヨミ firstnamekana firstkana phoneticfirstname
        givennamekana 氏名メイ 名よみ よみ名 フリガナ名 氏名カナ名 氏名フリガナ名 firstnamephonetic
        firstnamelocal
    """,
    Kind.COMPANY: """
        会社 会社名 企業名 企業 法人名 法人 勤務先 勤務先名 勤務先会社名 取引先 取引先名 得意先
        得意先名 顧客企業名 組織 組織名 団体名 所属 所属会社 貴社名 御社名 屋号 店名 店舗名 company
        companyname organization organisation organizationname organisationname org account
        accountname employer business businessname firm corporation firma empresa societe 社名
        お取引先名 お客様会社名 companyororganization associatedcompany primaryassociatedcompany
    """,
    Kind.POSTCODE: """
        郵便番号 〒 郵便 郵便no zip zipcode postcode postalcode postal zippostalcode plz
        postleitzahl codepostal 会社郵便番号 郵送先郵便番号 mailingpostalcode billingpostalcode
        otherpostalcode mailingzippostalcode mailingzip
    """,
    Kind.ADDRESS: """
        住所 ご住所 住所1 現住所 所在地 自宅住所 会社住所 勤務先住所 住所市区町村 番地 address
        address1 addressline1 street streetaddress street1 homeaddress mailingaddress mailingstreet
        billingstreet billingaddress strasse adresse direccion 町名番地 町域番地 番地以下
        郵送先町名番地 会社住所1 companyaddress otherstreet shippingstreet mailingaddressline1
        personmailingstreet
    """,
    Kind.BIRTHDAY: """
        生年月日 誕生日 出生日 生まれ birthday birthdate dateofbirth dob born geburtsdatum
        生年月日西暦 personbirthdate
    """,
    # Who of our own people looks after a row: with them each row would be found in their mail.
    Kind.IGNORE: """
        作成者 更新者 作業者 所有者 名刺所有者 名刺所有者ユーザid 所有者id 所有者名 所有者アドレス
        取引先所有者 取引先責任者所有者 リード所有者 コンタクト所有者 コンタクト担当者 最終更新者
        自社担当 自社担当者 自社担当者名 当社担当 当社担当者 弊社担当 弊社担当者 営業担当
        営業担当者 営業担当者名 担当営業 owner ownerid ownername owneremail createdby createdbyid
        lastmodifiedby lastmodifiedbyid contactowner contactowneralias accountowner leadowner
        recordowner companyowner salesrep assignedto
    """,
}


LONGEST: Final = 256
"""Characters of a header that are looked at: a cell may hold anything, and be very long."""


def header_key(header: str) -> str:
    """Fold a header for comparing; of a long one the beginning."""
    header = header[:LONGEST]
    return squeeze(fold(header)) or fold(header).strip()


_KINDS: Final[Mapping[str, Kind]] = {
    header_key(word): kind for kind, words in _WORDS.items() for word in words.split()
}
_AROUND: Final = re.compile(
    fold(r"^(?:お客様|顧客|会員|契約者|担当者|customer|contact|client|member)(.+)$")
)
_NUMBERED: Final = re.compile(r"^(.*[^\d])\d{1,2}$")


def kind_of(header: str) -> Kind | None:
    """Recognise a header, Japanese or English: ``お客様番号``, ``E-Mail (work)``, ``TEL2``."""
    header = header[:LONGEST]
    plain = re.sub(r"[((\[【].*?[))\]】]", "", header)
    for form in dict.fromkeys((header_key(header), header_key(plain))):
        numbered = _NUMBERED.match(form)
        for word in (form, numbered[1] if numbered else form):
            if word in _KINDS:
                return _KINDS[word]
            around = _AROUND.match(word)
            if around and around[1] in _KINDS:
                return _KINDS[around[1]]
    return None


def recognised(row: Sequence[str]) -> int:
    """Count the cells of a row that are headers which we know."""
    return sum(kind_of(cell) is not None for cell in row)
