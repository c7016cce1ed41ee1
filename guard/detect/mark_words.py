"""The marks of confidentiality that are known, by how they must stand to be one."""

from typing import Final

CIRCLED: Final = "㊙"
"""Folds to 秘, which is a word of every day."""

STRONG: Final = (
    *("社外秘", "部外秘", "極秘", "厳秘", "マル秘", "丸秘", CIRCLED, "秘密情報区分", "関係者外秘"),
    *("関係者以外秘", "関係者限り", "関係者限", "社内限り", "社内限定", "取扱注意", "取り扱い注意"),
    *("取扱い注意", "取扱厳重注意", "持出禁止", "持ち出し禁止", "社外持出厳禁", "社外持ち出し厳禁"),
    *("転載禁止", "転送禁止", "複製禁止", "無断複製禁止", "社外提供禁止", "社外開示禁止"),
    *("STRICTLY CONFIDENTIAL", "HIGHLY CONFIDENTIAL", "COMPANY CONFIDENTIAL", "TOP SECRET"),
    *("COMPANY-CONFIDENTIAL", "CONFIDENTIAL AND PROPRIETARY", "PROPRIETARY AND CONFIDENTIAL"),
    *("COMMERCIAL IN CONFIDENCE", "INTERNAL USE ONLY", "COMPANY PRIVATE"),
    *("STRENG VERTRAULICH", "NUR FÜR DEN INTERNEN GEBRAUCH"),
)
"""Marks wherever they stand, but for the legal text of mails."""

SPOKEN: Final = (
    *("DO NOT DISTRIBUTE", "DO NOT FORWARD", "DO NOT DISCLOSE", "NOT FOR DISTRIBUTION"),
    *("NOT FOR EXTERNAL", "EYES ONLY", "NEED TO KNOW BASIS", "INTERNAL ONLY", "FOR INTERNAL USE"),
)
"""Marks in capitals, at the end of a sentence, or as `WEAK` ones stand: an object may follow."""

WEAK: Final = (
    *("機密", "秘", "内密", "秘密", "機密情報", "機密文書", "厳重管理", "内部資料", "社内資料"),
    *("機密性2", "機密性3", "CONFIDENTIAL", "SECRET", "RESTRICTED", "PROPRIETARY", "PRIVILEGED"),
    *("INTERNAL", "SENSITIVE", "CLASSIFIED", "VERTRAULICH", "CONFIDENTIEL"),
)
"""Ordinary words, which are marks by how they stand: alone in a line, in brackets, in a margin."""

MARKS: Final = (*STRONG, *SPOKEN, *WEAK)
"""All that may be asked for."""

TELLING: Final = frozenset(
    {"機密", "機密情報", "機密文書", "CONFIDENTIAL", "CONFIDENTIEL", "VERTRAULICH", "厳重管理"}
)
"""Of `WEAK`, the ones that are marks anywhere in a margin, a subject or a name."""

CAPITALS: Final = frozenset({"CONFIDENTIAL"})
"""A mark in a sentence, too, if it is typed so."""

ALSO: Final = {"FOR INTERNAL USE ONLY": "INTERNAL USE ONLY"}
"""Other spellings, which would be taken for less."""

NO_MARKS: Final = frozenset(
    {"機密保持", "機密性", "秘密保持", "秘密鍵", "NON-CONFIDENTIAL", "NOT CONFIDENTIAL"}
)
"""Words that begin like one."""
