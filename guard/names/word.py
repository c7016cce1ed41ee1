"""One word of a name, with all that it may sound like."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from guard.names.kanji import SIMILAR
from guard.names.nicknames import NICKNAMES
from guard.names.readings import Odds
from guard.names.spelling import KANA, KANJI, looks_japanese, plain, romaji

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

_LONG_O: Final = re.compile(r"oh(?=[aiueoy])")
"""An h that may only make the vowel long: Ohe is Oe, but Ohara is not Oara."""

_HEPBURN: Final = {"z": "zj", "t": "tc", "h": "hf"}
"""First letters that those who write Hepburn have for one of ours."""

_ONE_TO_JAPANESE: Final = str.maketrans({"l": "r", "v": "b"})

_NO_FAMILY: Final[frozenset[int]] = frozenset()

_PRONOUNCED: Final = (
    (r"^(?:ye|je)(?=[^aeiou])", "e"),
    (r"^(?:mac|mc)(?=[^aeiouhk])", "mc"),
    (r"^o(?=brien|connor|neill|neal|sullivan|hara|reilly)", ""),
    (r"tch", "ch"),
    (r"kh|gh(?=[aeiou])", "h"),
    (r"ph", "f"),
    (r"sch|sh|zh|cz|sz|ch(?=[aeiou])", "s"),
    (r"th", "t"),
    (r"c(?=[eiy])", "s"),
    (r"ck|ch|c|q", "k"),
    (r"x", "ks"),
    (r"(?<=[a-z])[iy]+a", "a"),
    (r"y[aeiou]?(?=[iy])|[eiy]+[yij]|[iye]?ij|ee|ie$|[iyj]", "i"),
    (r"w", "v"),
    (r"(?<=[a-z])h", ""),
    (r"([a-z])\1+", r"\1"),
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

    sound: str
    """What it sounds like most likely."""

    heard: frozenset[str]
    """What is in `odds`: two words with nothing in common here never sound alike."""

    spelled: str
    """What a slip of the keys changes: the letters, or of kanji and kana their sound."""

    shape: str
    """`text` with kanji that look alike made one: equal for 荻原 and 萩原."""

    kana: bool
    """Whether it is in kana alone."""

    initial: bool
    """Whether it is one Latin letter; one kanji is a whole name."""

    letters: frozenset[str]
    """The initials that may stand for it."""

    families: frozenset[int]
    """Of which Western names it is a form, as `nicknames` numbers them."""


@lru_cache(maxsize=8192)
def japanese_word(text: str, odds: Odds) -> Word:
    """Make a word of *text* in kanji or kana, folded; of kanji whose readings are not known too."""
    if not KANJI.search(text):
        key = romaji(text)
        return _word(text, frozenset((key,)), ((key, 1.0),), kanji=False)
    if not odds:
        return _word(text, frozenset((text,)), ((text, 1.0),), kanji=True)
    likely = [reading for reading, chance in odds[:MOST_KEYS] if chance >= KEY_FROM]
    return _word(text, frozenset((text, *likely)), odds, kanji=True)


@lru_cache(maxsize=8192)
def latin_word(written: str, last: str = "") -> Word:
    """
    Make a word of what is *written* in Latin, Cyrillic or Greek letters, all of them one name.

    *last* is the part of it that may stand alone: ``Berg`` of ``van der Berg``. Parts that hyphens
    join may too.
    """
    lowered = written.lower()
    if _FOREIGN.search(lowered):
        bare = unicodedata.normalize("NFD", lowered.replace("й", "i").replace("ου", "ou"))
        lowered = re.sub(r"[\u0300-\u036f]", "", bare).translate(_TRANSLITERATED)
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
        if looks_japanese(heard := key.translate(_ONE_TO_JAPANESE)):
            odds.setdefault(heard, 0.7)
    if (without := _LONG_O.sub("o", key)) != key:
        odds.setdefault(without, 0.6)
    if last:
        odds.setdefault(romaji(last), 0.8)
    if len(parts) > 1:
        for part in parts:
            if len(part) > 2:
                odds.setdefault(romaji(part), 0.6)
    return _word(text, keys, tuple(odds.items()), kanji=False)


def _word(text: str, keys: frozenset[str], odds: Odds, *, kanji: bool) -> Word:
    sound, heard = odds[0][0], frozenset(reading for reading, _ in odds)
    return Word(
        text=text,
        keys=keys,
        odds=odds,
        kanji=kanji,
        sound=sound,
        heard=keys if heard == keys else heard,
        spelled=text if text.isascii() else sound,
        shape=text.translate(SIMILAR) if kanji else text,
        kana=not kanji and KANA.search(text) is not None,
        initial=len(text) == 1 and text.isascii(),
        letters=_first_letters(text[:1] if text.isascii() else "", *_initials(keys)),
        families=NICKNAMES.get(text, _NO_FAMILY),
    )


def _initials(keys: frozenset[str]) -> list[str]:
    return sorted({key[:1] for key in keys if key.isascii()})


@lru_cache(maxsize=4096)
def _first_letters(*initials: str) -> frozenset[str]:
    """Give the letters that may stand for words that begin so; words share them."""
    return frozenset("".join(_HEPBURN.get(one, one) for one in initials))


def pronounced(text: str) -> str:
    """Give what folded Latin letters sound like, marked so that it equals its like only."""
    for pattern, instead in _PRONOUNCED:
        text = re.sub(pattern, instead, text)  # `re` keeps what it compiled
    return f"~{text}"
