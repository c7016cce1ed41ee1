"""
Western names in kana: ``スミス`` is Smith.

Kana say what a name sounds like to Japanese ears, with vowels of their own. What is left is the
row of consonants, in the coarse classes that kana have. Two spellings with one row need not be one
name, so this counts only between kana and a word that cannot be Japanese.
"""

import re
from functools import lru_cache
from typing import Final

from guard.names.spelling import looks_japanese

LEAST: Final = 2
"""Consonants of the shortest row that says anything."""

_WRITTEN: Final = (
    (r"ph", "f"),
    (r"sch|sh", "s"),
    (r"tch|cz", "ch"),
    (r"x", "ks"),
    (r"q|ck", "k"),
    (r"c(?=[eiy])|g(?=[eiy])|j|z|dg", "s"),
    (r"(?<!^)(?:gh|h)", ""),
    (r"r(?![aeiouy])", ""),
    (r"(?<!^)w", ""),
    (r"dt", "t"),
    (r"m(?=[bp])", "n"),
)
_WAYS: Final = (("ch", "t"), ("ch", "k"), ("th", "s"), ("th", "t"))
_CLASSES: Final = str.maketrans("lvfzjc", "rbhssk")
_VOWELS: Final = re.compile(r"[aeiouy]")
_AGAIN: Final = re.compile(r"(.)\1+")


@lru_cache(maxsize=4096)
def kana_row(sound: str) -> frozenset[str]:
    """Give the row of consonants of kana, folded by `romaji`."""
    return _long_enough({_row(sound)})


@lru_cache(maxsize=4096)
def latin_rows(text: str) -> frozenset[str]:
    """Give the rows that kana may have for folded Latin letters; none for what looks Japanese."""
    if not text.isascii() or len(text) < 3 or looks_japanese(text):
        return frozenset()
    texts = {text}
    for letters, sound in _WAYS:
        texts |= {one.replace(letters, sound) for one in texts}
    rows = set()
    for one in texts:
        for pattern, instead in _WRITTEN:
            one = re.sub(pattern, instead, one)  # noqa: PLW2901 -- step by step
        rows.add(_row(one))
    return _long_enough(rows)


def _row(letters: str) -> str:
    consonants = _VOWELS.sub(" ", letters).translate(_CLASSES)
    return _AGAIN.sub(r"\1", consonants).replace(" ", "")


def _long_enough(rows: set[str]) -> frozenset[str]:
    return frozenset(row for row in rows if len(row) >= LEAST)
