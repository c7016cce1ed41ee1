"""
People's names, read: their words, which of them is the surname, and what they sound like.

A name keeps its doubts. Kanji have several readings, each with a probability, and which word is
the surname is a probability too: ``Ken Sato`` and ``Sato Ken`` are one man, and a dictionary of
names knows it, while of ``Dana Lior`` only the habits of those who write names can tell.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from guard.names.japanese import read_japanese
from guard.names.latin import from_parts, read_latin
from guard.names.spelling import KANA, KANJI, seen
from guard.names.titles import is_address, japanese_part, latin_part, without_remarks
from guard.names.word import Word

SURE: Final = 0.65
"""Probability from which a word is called the surname."""


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
    """With the kanji that were written: 髙橋 is not 高橋 here."""

    sounded: str
    """The likeliest sound of each word, sorted and joined: how the whole name sounds."""

    keys: frozenset[str]
    """The keys of all words of more than one letter: for finding, and for a first quick look."""

    first: float = 0.5
    """Probability that the first word is the surname; else the last is."""

    joined: str = ""
    """The words in the order written, without spaces."""


NOBODY: Final = Person((), None, "", "", "", frozenset())

_LONGEST: Final = 200
"""Characters that are read of a display name; what is longer is no name, and would take long."""

_APART: Final = re.compile(r"[/|／]")


@lru_cache(maxsize=8192)
def person(name: str) -> Person:
    """Read a display name. One that is an address, or no name at all, is `NOBODY`."""
    name = seen(unicodedata.normalize("NFKC", name[:_LONGEST])).strip().strip("\"'")
    if "@" in name:
        if is_address(name):
            return NOBODY
        name = name.partition("@")[0]
    name = without_remarks(name)
    if KANJI.search(name) or KANA.search(name):
        words, written, first = read_japanese(japanese_part(_APART.split(name)))
        return _person(words, first, written) if words else NOBODY
    words, first = read_latin(latin_part(re.split(r"[/|／]|\s[-–—]+\s", name)))
    return _person(words, first) if words else NOBODY


def person_of(words: Sequence[str]) -> Person:
    """Read *words* of a local part as a name."""
    read, first = from_parts(words)
    return _person(read, first) if read else NOBODY


def _person(words: Sequence[Word], first: float, written: str = "") -> Person:
    folded = " ".join(sorted(word.text for word in words))
    surname: int | None = None
    if first >= SURE:
        surname = 0
    elif first <= 1 - SURE and len(words) > 1:
        surname = len(words) - 1
    return Person(
        words=tuple(words),
        surname=surname,
        folded=folded,
        written=written or folded,
        sounded=" ".join(sorted(word.sound for word in words)),
        keys=frozenset(key for word in words for key in word.keys if len(key) > 1),
        first=first,
        joined="".join(word.text for word in words),
    )
