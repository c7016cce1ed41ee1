"""Names of people and companies: what the list keeps of one, and what a text offers."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from guard.lists.fold import CJK, fold, grams, is_cjk, units
from guard.names.fold import TITLES

PAIR: Final = 0
"""Instead of a length in units: two words in any order."""

MAX_NAME: Final = 12
MAX_COMPANY: Final = 16
"""Units of the longest value; of a longer one the beginning counts."""

_REPEATED: Final = 16_384
"""Values of a list that are remembered while it is read: companies and readings come again."""

REACH: Final = 3
"""How many words after a first name a last name may stand (``John A. van Dyke``)."""

_HONORIFIC: Final = re.compile(fold(r"(?:様|さま|さん|殿|御中|先生|氏)\s*$"))

_KANA: Final = re.compile(r"[ァ-ヺ]+(?:[ \t\n,;\"\u30fb-]{1,4}[ァ-ヺ]+)*")

# Labels between the parts of a name, as forms have them: 姓: 山田 / 名: 太郎
_LABEL: Final = re.compile(
    rf"(?<![{CJK}])(?:"
    + "|".join(
        fold(label) for label in ("姓", "名", "氏", "氏名", "名前", "セイ", "メイ", "フリガナ")
    )
    + r")\s*[:=]"
)

_LEGAL_CJK: Final = re.compile(
    fold(
        r"(?:株式|有限|合同|合資|合名|相互)会社|(?:一般|公益|特例)?(?:社団|財団)法人"
        r"|(?:医療|学校|宗教|社会福祉|特定非営利活動|独立行政|国立大学|税理士|弁護士)法人"
        r"|カブシキガイシャ|ユウゲンガイシャ|ゴウドウガイシャ"
    )
    + r"|\([株有同社財医学]\)|[股]?份?有限公司"
)
_LEGAL_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        """
        inc incorporated ltd limited co corp corporation company llc llp lp plc gmbh ag kg kgaa mbh
        ug se sa sas sarl srl spa sl nv bv ab oy oyj as aps kk gk pty pte the and
        """,
    )
)
_DOTTED: Final = re.compile(r"\b(?:[a-z]\.){2,}")


@lru_cache(maxsize=_REPEATED)
def name_keys(value: str) -> tuple[tuple[str, int], ...]:
    """
    Give what the list keeps of a person's name, each with its length in units or `PAIR`.

    In Latin letters and the like: first and last word, in either order, without titles and
    initials. Otherwise the characters in their order, spaces dropped; where a space shows two
    parts, also with these exchanged. Empty: nothing usable.
    """
    folded = _HONORIFIC.sub("", fold(value)).strip()
    if not is_cjk(folded):
        words = _words(folded)
        if len(words) < 2:
            return tuple((word, 1) for word in words)
        return ((_pair(words[0], words[-1]), PAIR),)
    parts = [unit for unit in units(folded) if not unit.isdigit()][:MAX_NAME]
    whole = "".join(parts)
    if len(whole) < 2:
        return ()
    last, _, first = folded.partition(" ")
    swapped = "".join(unit for unit in units(f"{first}{last}") if not unit.isdigit())
    if first and len(swapped) == len(whole) and swapped != whole:
        return (whole, len(parts)), (swapped, len(parts))
    return ((whole, len(parts)),)


def names_in(folded: str, lengths: frozenset[int]) -> Iterator[str]:
    """Give every stretch of a text that could be a name of one of these lengths."""
    parts = [unit for unit in units(_LABEL.sub(" ", folded)) if not unit.isdigit()]
    if PAIR in lengths:
        words = [word for word in parts if len(word) > 1 and not is_cjk(word)]
        for place, word in enumerate(words):
            for other in words[place + 1 : place + 1 + REACH]:
                yield _pair(word, other)
    yield from grams(parts, lengths - {PAIR})


def kana_in(folded: str, lengths: frozenset[int]) -> Iterator[str]:
    """Give every stretch of kana in a text that could be a reading of one of these lengths."""
    for run in _KANA.finditer(folded):
        yield from grams(units(run.group()), lengths)


@lru_cache(maxsize=_REPEATED)
def company_key(value: str) -> tuple[str, int] | None:
    """Give what the list keeps of a company, without 株式会社, Inc. and such, and its length."""
    folded = _DOTTED.sub(lambda dotted: dotted.group().replace(".", ""), fold(value))
    parts = [unit for unit in units(_LEGAL_CJK.sub(" ", folded)) if unit not in _LEGAL_WORDS][
        :MAX_COMPANY
    ]
    text = "".join(parts)
    long_enough = len(text) >= (2 if is_cjk(text) else 3)
    return (text, len(parts)) if long_enough and not text.isdigit() else None


def companies_in(folded: str, lengths: frozenset[int]) -> Iterator[str]:
    """Give every stretch of a text that could be a company of one of these lengths."""
    parts = [unit for unit in units(folded) if unit not in _LEGAL_WORDS]
    return grams(parts, lengths)


def _words(folded: str) -> list[str]:
    words = [word for word in units(folded) if len(word) > 1 and not word.isdigit()]
    return [word for word in words if word not in TITLES] or words


def _pair(one: str, other: str) -> str:
    return f"{one} {other}" if one < other else f"{other} {one}"
