"""
One spelling for what is the same value, whoever typed it.

Each character folds by itself, whatever stands beside it. So a value folds within a text as it
folds alone, and what the list holds is what the text is searched for.
"""

import re
import unicodedata
from typing import Final

from guard.names.kanji import VARIANTS

CJK: Final = (
    r"\u1100-\u11ff\u3005-\u3007\u3040-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3131-\u318e\u3400-\u9fff\uf900-\ufaff"
    r"\U00020000-\U0003ffff"
)
"""Characters that are written without spaces between words, for a class of `re`."""

_LONG_MARKS: Final = "ー−─━〜～~"
_APOSTROPHES: Final = "'’‘`´"
_SMALL_KANA: Final = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_NO_LETTER: Final = re.compile(r"[\W_]+")
_IS_CJK: Final = re.compile(rf"[{CJK}]")


class _Table(dict[int, str]):
    """Fills itself as characters turn up; all of Unicode at most."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


def _fold_character(char: str) -> str:
    if char in "\n\t":
        return char
    if char in _LONG_MARKS:
        return "-"
    if char in _APOSTROPHES:
        return ""
    if unicodedata.category(char) == "No":
        return " "  # ①090-… is no number with a 1 in front
    decomposed = unicodedata.normalize("NFKD", char)
    decomposed = unicodedata.normalize("NFKD", decomposed.casefold())
    return "".join(_simplify(part) for part in decomposed)


def _simplify(char: str) -> str:
    """Fold one character of a compatibility decomposition."""
    category = unicodedata.category(char)
    if category in {"Mn", "Me", "Cf"}:
        return ""  # accents and the two marks of voiced kana; joiners and other invisible ones
    if category == "Pd" or char in _LONG_MARKS:
        return "-"
    if category in {"Zs", "Zl", "Zp", "Cc"}:
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if char in _APOSTROPHES:
        return ""
    if "ぁ" <= char <= "ゖ":
        char = chr(ord(char) + 0x60)
    return VARIANTS.get(ord(char), char).translate(_SMALL_KANA)


_TABLE: Final = _Table()


def fold(text: str) -> str:
    """
    Fold width, case, accents, kana script and size, variants of kanji, dashes and spaces.

    Line feeds and tabs stay what they are, and none is made. ガ folds like カ: half-width kana
    keep their mark apart, and names are read both ways (ヤマザキ, ヤマサキ).
    """
    return text.translate(_TABLE)


def squeeze(folded: str) -> str:
    """Keep letters and digits only."""
    return _NO_LETTER.sub("", folded)


def is_cjk(unit: str) -> bool:
    """Whether the text has a character that is written without spaces."""
    return _IS_CJK.search(unit) is not None
