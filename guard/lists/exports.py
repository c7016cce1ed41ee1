"""Which program a list was exported from, by headers that no other has."""

from collections.abc import Mapping, Sequence
from typing import Final

from guard.lists.headers import header_key

_TELLING: Final[Mapping[str, tuple[str, str]]] = {
    "kintone": (
        "レコード番号 レコードの開始行",
        "作成者 更新者 作成日時 更新日時 作業者 ステータス",
    ),
    "Salesforce": (
        """
        取引先責任者id 取引先所有者 取引先責任者所有者 郵送先町名番地 郵送先郵便番号 mailingstreet
        mailingpostalcode lastmodifiedbyid systemmodstamp accountid
        """,
        """
        取引先id 取引先名 郵送先市区郡 郵送先都道府県 ownerid contactid isdeleted salutation
        mobilephone
        """,
    ),
    "HubSpot": (
        """
        コンタクト担当者 コンタクト所有者 ライフサイクルステージ recordidcontact contactowner
        lifecyclestage associatedcompanyidsprimary primaryassociatedcompanyid
        """,
        """
        レコードid リードステータス recordid leadstatus createdate associatedcompany
        mobilephonenumber
        """,
    ),
    "Sansan": (
        "名刺id 名刺交換日 名刺所有者 名刺所有者ユーザid デジタル名刺",
        "町域番地 ビル名 url1 email1 tel1 携帯番号 姓カナ",
    ),
}
"""Headers that the program alone writes, and others that it writes, too; without their signs."""

_KEYS: Final = {
    program: tuple(frozenset(map(header_key, words.split())) for words in both)
    for program, both in _TELLING.items()
}

_ENOUGH: Final = 2
"""Headers from which a program is named, one of its own among them."""


def exported_by(headers: Sequence[str]) -> str:
    """Name the program that wrote a file with these headers; empty where none is sure."""
    keys = {header_key(header) for header in headers if header.strip()}
    found = {
        program: len(keys & (own | others)) if keys & own else 0
        for program, (own, others) in _KEYS.items()
    }
    best = max(found, key=lambda program: found[program])
    sure = found[best] >= _ENOUGH and sorted(found.values())[-2] < found[best]
    return best if sure else ""
