"""One word of a name, with all that it may sound like."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from guard.names.readings import Odds
from guard.names.spelling import KANJI, looks_japanese, plain, romaji

MOST_KEYS: Final = 3
"""Readings of one word that are keys: an index has a name under each pair of them."""

KEY_FROM: Final = 0.05
"""Probability from which a reading is a key."""

_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})

_FOREIGN: Final = re.compile(r"[\u0370-\u03ff\u0400-\u04ff\u1f00-\u1fff]")
_TRANSLITERATED: Final = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфыэіґ", "abvgdeziiklmnoprstufyeig", strict=True))
    | {"ё": "e", "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": ""}
    | {"ь": "", "ю": "yu", "я": "ya", "є": "ye", "ї": "yi", "ў": "u", "ј": "j"}
    | dict(zip("αβγδεζηικλμνξοπρσςτυφω", "avgdeziiklmnxoprsstyfo", strict=True))
    | {"θ": "th", "χ": "ch", "ψ": "ps"}
)

_PRONOUNCED: Final = (
    (re.compile(r"^(?:ye|je)(?=[^aeiou])"), "e"),
    (re.compile(r"^(?:mac|mc)(?=[^aeiouhk])"), "mc"),
    (re.compile(r"^o(?=brien|connor|neill|neal|sullivan|hara|reilly)"), ""),
    (re.compile(r"tch"), "ch"),
    (re.compile(r"kh|gh(?=[aeiou])"), "h"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"sch|sh|zh|cz|sz|ch(?=[aeiou])"), "s"),
    (re.compile(r"th"), "t"),
    (re.compile(r"c(?=[eiy])"), "s"),
    (re.compile(r"ck|ch|c|q"), "k"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"(?<=[a-z])[iy]+a"), "a"),
    (re.compile(r"y[aeiou]?(?=[iy])|[eiy]+[yij]|[iye]?ij|ee|ie$|[iyj]"), "i"),
    (re.compile(r"w"), "v"),
    (re.compile(r"(?<=[a-z])h"), ""),
    (re.compile(r"(?<=[a-z]{2})e$"), ""),
    (re.compile(r"([a-z])\1+"), r"\1"),
)
"""Towards what an English reader pronounces: Sergey and Sergei, Katharine and Catherine."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a name."""

    text: str
    """As `plain` gives it, other alphabets in Latin letters."""

    keys: frozenset[str]
    """What it may well sound like, as `romaji` gives it; kanji also as they are written."""

    odds: Odds
    """All that it may sound like, each with its probability, the likeliest first."""

    kanji: bool
    """Whether there are kanji in it."""

    @property
    def sound(self) -> str:
        """What it sounds like most likely."""
        return self.odds[0][0]

    @property
    def initial(self) -> bool:
        """Whether it is one Latin letter; one kanji is a whole name."""
        return len(self.text) == 1 and self.text.isascii()


def japanese_word(text: str, odds: Odds) -> Word:
    """Make a word of *text* in kanji or kana, folded; of kanji whose readings are not known too."""
    if not KANJI.search(text):
        key = romaji(text)
        return Word(text, frozenset((key,)), ((key, 1.0),), kanji=False)
    if not odds:
        return Word(text, frozenset((text,)), ((text, 1.0),), kanji=True)
    likely = [reading for reading, chance in odds[:MOST_KEYS] if chance >= KEY_FROM]
    return Word(text, frozenset((text, *likely)), odds, kanji=True)


@lru_cache(maxsize=65536)
def latin_word(written: str, last: str = "") -> Word:
    """
    Make a word of what is *written* in Latin, Cyrillic or Greek letters, all of them one name.

    *last* is the part of it that may stand alone: ``Berg`` of ``van der Berg``. Parts that hyphens
    join may too.
    """
    lowered = written.lower()
    if _FOREIGN.search(lowered):
        lowered = plain(lowered).translate(_TRANSLITERATED)
    parts = [part for part in re.split(r"[-‐‑–]", lowered) if part]
    whole = "".join(parts) or lowered
    text = plain(whole).replace("'", "").replace("’", "") or plain(whole)
    key = romaji(text) or text
    odds = {key: 1.0}
    if not whole.isascii():
        odds.setdefault(romaji(whole.translate(_UMLAUTS)), 1.0)
    keys = frozenset(odds)
    if len(text) > 2 and not looks_japanese(key):
        odds.setdefault(pronounced(text), 0.8)
    if last:
        odds.setdefault(romaji(last), 0.8)
    if len(parts) > 1:
        for part in parts:
            if len(part) > 2:
                odds.setdefault(romaji(part), 0.6)
    return Word(text, keys, tuple(odds.items()), kanji=False)


def pronounced(text: str) -> str:
    """Give what folded Latin letters sound like, marked so that it equals its like only."""
    for pattern, instead in _PRONOUNCED:
        text = pattern.sub(instead, text)
    return f"~{text}"
