"""
One spelling for what a reader takes as one.

`plain` undoes width, case, accents, kana script and kanji variants; `romaji` further undoes the
ways in which Japanese sounds are written in Latin letters. `person` reads a display name.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import jaconv

from guard.names.data import lines
from guard.names.kanji import VARIANTS
from guard.names.readings import GIVEN, GIVEN_READINGS, SURNAME_READINGS, SURNAMES

_LETTERS: Final = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
)

# Towards Kunrei, whose spellings are the shorter ones; the order matters.
_ROMAJI: Final = (
    (re.compile(r"tch"), "cch"),
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
    (re.compile(r"([a-z])\1"), r"\1"),
)

TITLES: Final = frozenset(lines("titles"))

_HONORIFIC: Final = re.compile(r"(?:様|さま|さん|殿|御中|先生|氏|各位)$")
_POST: Final = re.compile(
    r"(?:株式会社|有限会社|合同会社|\(株\)|\(有\))|\S*(?:部|課|室|係|支店|営業所|事業部|本部|センター)$"
)
_WORDS: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_KANJI: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff々〆\U00020000-\U0003ffff]")
_KANA: Final = re.compile(r"[\u3041-\u309f\u30a0-\u30ff]")


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """Fold width, case, accents, kana (to hiragana) and variants of kanji; length may change."""
    if text.isascii():
        return text.lower()
    text = jaconv.kata2hira(unicodedata.normalize("NFKC", text).translate(VARIANTS))
    text = text.casefold().translate(_LETTERS)
    # Accents only go where they stand on Latin letters: が is not か.
    parts = unicodedata.normalize("NFD", text)
    stripped = re.sub(r"(?<=[a-z])[\u0300-\u036f]+", "", parts)
    return unicodedata.normalize("NFC", stripped)


@lru_cache(maxsize=65536)
def romaji(text: str) -> str:
    """Fold the ways to write one Japanese sound in Latin letters; kana become letters too."""
    text = plain(text)
    if _KANA.search(text):
        text = plain(jaconv.kana2alphabet(text).replace("ー", ""))
    for pattern, instead in _ROMAJI:
        text = pattern.sub(instead, text)
    return text


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a name."""

    text: str
    """As `plain` gives it."""

    keys: frozenset[str]
    """All that it may sound like, as `romaji` gives it; the word as written where nobody knows."""


@dataclass(frozen=True, slots=True)
class Person:
    """A display name, read."""

    words: tuple[Word, ...]
    """In the order written, without titles, posts and remarks."""

    surname: int | None
    """Which of `words` is the surname, where that is sure enough."""

    folded: str
    """All words, sorted and joined: equal for one name in any order."""

    written: str
    """As `folded`, with the kanji that were written: 髙橋 is not 高橋 here."""

    sounded: str
    """One key of each word, sorted and joined: how the whole name sounds."""

    keys: frozenset[str]
    """The keys of all words of more than one letter: for finding, and for a first quick look."""


NOBODY: Final = Person((), None, "", "", "", frozenset())


@lru_cache(maxsize=65536)
def person(name: str) -> Person:
    """Read a display name. One that is an address, or no name at all, is `NOBODY`."""
    name = unicodedata.normalize("NFKC", name).strip().strip("\"'")
    if "@" in name:
        return NOBODY
    name = re.sub(r"\([^)]*\)|\[[^\]]*\]|<[^>]*>|【[^】]*】|「[^」]*」", " ", name)
    name = re.split(r"[/|／＠]", name)[0]
    surname_first = "," in name
    if _KANJI.search(name) or _KANA.search(name):
        return _japanese(name)
    words = [word for word in _WORDS.findall(plain(name)) if word not in TITLES]
    words = [word for word in words if not word.isdigit()][:5]
    if not words:
        return NOBODY
    surname: int | None = None
    if len(words) > 1:
        surname = 0 if surname_first or _leads_with_surname(words) else len(words) - 1
    elif romaji(words[0]) in _SURNAME_KEYS:
        surname = 0
    return _person([Word(word, frozenset((romaji(word),))) for word in words], surname)


def untagged(local: str) -> str:
    """Give a local part without its sub-address (RFC 5233): ``sato+news`` is the box ``sato``."""
    return local.partition("+")[0] or local


def split_words(text: str) -> list[str]:
    """Part a local part or a label at dots, hyphens, underscores, digits: ``t.yamada2``."""
    return [word for word in re.split(r"[\W\d_]+", text) if word]


def _person(words: list[Word], surname: int | None, written: str = "") -> Person:
    folded = " ".join(sorted(word.text for word in words))
    return Person(
        words=tuple(words),
        surname=surname,
        folded=folded,
        written=written or folded,
        sounded=" ".join(sorted(min(word.keys) for word in words)),
        keys=frozenset(key for word in words for key in word.keys if len(key) > 1),
    )


def _leads_with_surname(words: list[str]) -> bool:
    """Whether a romanised Japanese name stands surname first; the known names decide."""
    first, last = romaji(words[0]), romaji(words[-1])
    return (first in _SURNAME_KEYS and first not in _GIVEN_KEYS) and (
        last in _GIVEN_KEYS or last not in _SURNAME_KEYS
    )


def _japanese(name: str) -> Person:
    words = [_HONORIFIC.sub("", word) for word in re.split(r"[\s・、,]+", name)]
    words = [word for word in words if word and not _POST.search(word)]
    if len(words) > 2:  # a company or a post stands before the name
        words = words[-2:]
    written = "".join(words)
    words = [plain(word) for word in words]
    if len(words) == 1:
        words = _parted(words[0])
    if not words:
        return NOBODY
    surname, *given = words
    # "Taro 山田" and the like: what the table knows as a given name does not lead.
    swapped = bool(given) and surname in GIVEN and given[0] in SURNAMES
    tables = (GIVEN, SURNAMES) if swapped else (SURNAMES, GIVEN)
    read = [Word(surname, _readings(surname, tables[0]))]
    read += [Word(word, _readings(word, tables[1])) for word in given]
    return _person(read, 1 if swapped else 0, written)


def _parted(word: str) -> list[str]:
    """Part surname and given name that stand together, by the longest known surname."""
    if not _KANJI.search(word) or len(word) < 3:
        return [word]
    for length in (3, 2, 1):
        if word[:length] in SURNAMES and length < len(word):
            return [word[:length], word[length:]]
    return [word[:2], word[2:]] if len(word) > 3 else [word]


def _readings(word: str, table: dict[str, tuple[str, ...]]) -> frozenset[str]:
    if word in table:
        return frozenset({word, *map(romaji, table[word])})
    return frozenset((word if _KANJI.search(word) else romaji(word),))


_SURNAME_KEYS: Final = frozenset(map(romaji, SURNAME_READINGS))
_GIVEN_KEYS: Final = frozenset(map(romaji, GIVEN_READINGS))
