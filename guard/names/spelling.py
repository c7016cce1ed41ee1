"""
One spelling for what a reader takes as one.

`plain` undoes width, case, accents, kana script and variants of kanji; `romaji` further undoes the
ways in which Japanese sounds are written in Latin letters. Both leave what they give as it is.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

import jaconv

from guard.names.kanji import GLYPHS

_LETTERS: Final = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
)

# Towards Kunrei, whose spellings are the shorter ones; the order matters.
_ROMAJI: Final = (
    (re.compile(r"['’ʼ]"), ""),
    (re.compile(r"[tc]ch"), "ch"),
    (re.compile(r"ssh"), "sh"),
    (re.compile(r"tts"), "ts"),
    (re.compile(r"sh(?=[aueo])"), "sy"),
    (re.compile(r"shi"), "si"),
    (re.compile(r"ch(?=[aueo])"), "ty"),
    (re.compile(r"chi"), "ti"),
    (re.compile(r"ts(?=u)"), "t"),
    (re.compile(r"fu"), "hu"),
    (re.compile(r"j(?:y?)(?=[auo])"), "zy"),
    (re.compile(r"ji"), "zi"),
    (re.compile(r"d[zj]?(?=u)"), "z"),
    (re.compile(r"m(?=[bpm])"), "n"),
    (re.compile(r"oh(?![aiueoy])|ou|oo"), "o"),
    (re.compile(r"uu"), "u"),
    (re.compile(r"([a-z])\1+"), r"\1"),
)
_SYLLABLES: Final = re.compile(r"(?:n(?![aiueoy])|(?:[kstnhmyrwgzdbp]y?)?[aiueo])+")
_LONG: Final = re.compile(r"o[uo]+|([a-z])\1+")

_HIDDEN: Final = re.compile(
    r"[\u00ad\u180b-\u180f\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]"
)
"""Selectors of variants, joiners, marks of direction: nobody sees them."""

_HAN: Final = r"\u3400-\u9fff\uf900-\ufaff々〆\U00020000-\U0003ffff"
KANJI: Final = re.compile(rf"[{_HAN}]")
KANA: Final = re.compile(r"[\u3041-\u309f\u30a0-\u30ff]")
_AGAIN: Final = re.compile(rf"([{_HAN.replace('々', '')}])々")
_NO: Final = re.compile(rf"(?<=[{_HAN}])[ノの之](?=[{_HAN}])")
_GA: Final = re.compile(rf"(?<=[{_HAN}])[ヶケヵゖゕけ](?=[{_HAN}])")

_ROWS: Final = {
    "": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの",
    "h": "はひふへほ", "m": "まみむめも", "r": "らりるれろ", "g": "がぎぐげご", "z": "ざじずぜぞ",
    "d": "だ　　でど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ",
}  # fmt: skip
_MORAE: Final = {
    kana: consonant + vowel
    for consonant, row in _ROWS.items()
    for kana, vowel in zip(row, "aiueo", strict=True)
} | {
    "や": "ya", "ゆ": "yu", "よ": "yo", "わ": "wa", "ゐ": "i", "ゑ": "e", "を": "o", "ん": "n",
    "ぢ": "zi", "づ": "zu", "ゔ": "bu", "ぁ": "a", "ぃ": "i", "ぅ": "u", "ぇ": "e", "ぉ": "o",
    "ゃ": "ya", "ゅ": "yu", "ょ": "yo", "ゎ": "wa", "ゕ": "ka", "ゖ": "ke", "っ": "", "ー": "",
    "ふぁ": "fa", "ふぃ": "fi", "ふぇ": "fe", "ふぉ": "fo", "てぃ": "ti", "でぃ": "di",
    "ゔぁ": "ba", "ゔぃ": "bi", "ゔぇ": "be", "ゔぉ": "bo",
    "うぃ": "wi", "うぇ": "we", "うぉ": "wo", "ゝ": "", "ゞ": "",
} | {
    i_row + small: consonant + "y" + vowel
    for consonant, row in _ROWS.items()
    if (i_row := row[1]) != "　" and consonant
    for small, vowel in zip("ゃゅぇょ", "aueo", strict=True)
}  # fmt: skip
_MORA: Final = re.compile(r"[ぁ-ゞー][ぁぃぇぉゃゅょ]?")


def _letters(mora: re.Match[str]) -> str:
    """Give the letters of one kana, with a small one behind it or two kana that are no mora."""
    found = _MORAE.get(mora[0])
    return "".join(_MORAE.get(kana, kana) for kana in mora[0]) if found is None else found


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Fold width, case, accents, kana (to hiragana) and variants of kanji; length may change."""
    while not text.isascii():
        folded = _folded(text)
        if folded == text:
            return folded
        text = folded
    return text.lower()


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", _HIDDEN.sub("", text)).translate(GLYPHS)
    if KANJI.search(text):
        text = _AGAIN.sub(r"\1\1", _GA.sub("が", _NO.sub("の", text)))
    text = jaconv.kata2hira(text).casefold().translate(_LETTERS)
    # Accents only go where they stand on Latin letters: が is not か.
    parts = unicodedata.normalize("NFD", text)
    stripped = re.sub(r"(?<=[a-z])[\u0300-\u036f]+", "", parts)
    return unicodedata.normalize("NFC", stripped)


@lru_cache(maxsize=8192)
def romaji(text: str) -> str:
    """Fold the ways to write one Japanese sound in Latin letters; kana become letters too."""
    text = plain(text)
    while True:
        # What something stood between are neighbours by now, and may fold once more.
        folded = plain(_MORA.sub(_letters, text) if KANA.search(text) else text)
        for pattern, instead in _ROMAJI:
            folded = pattern.sub(instead, folded)
        if folded == text:
            return text
        text = folded


def looks_japanese(sound: str) -> bool:
    """Whether a word, folded by `romaji`, consists of Japanese syllables."""
    return _SYLLABLES.fullmatch(sound) is not None


def seen(text: str) -> str:
    """Give *text* without what nobody sees: selectors of variants and the like."""
    return _HIDDEN.sub("", text)


def spoken(kana: str) -> str:
    """Give what `romaji` does for a text of nothing but kana, faster."""
    letters = _MORA.sub(_letters, jaconv.kata2hira(kana))
    return _LONG.sub(lambda long: "o" if long[1] is None else long[1], letters)


def untagged(local: str) -> str:
    """Give a local part without its sub-address (RFC 5233): ``sato+news`` is the box ``sato``."""
    return local.partition("+")[0] or local


def split_words(text: str) -> list[str]:
    """Part a local part or a label at dots, hyphens, underscores, digits: ``t.yamada2``."""
    return [word for word in re.split(r"[\W\d_]+", text) if word]
