"""Two words, graded by how they agree; and the words of two names, each given a partner."""

from collections.abc import Sequence
from math import sqrt
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from guard.names.abroad import kana_row, latin_rows
from guard.names.word import Word

EQUAL: Final = 1.0
SOUNDS: Final = 0.9
"""From here: they may be read alike, and the surer the more, up to 0.99."""

NICKNAME: Final = 0.88
PRONOUNCED: Final = 0.86
"""Two spellings of one Western name: Sergey and Sergei, Smith and スミス."""

NEAR: Final = 0.8
"""One letter off."""

INITIAL: Final = 0.5

_SEEN: Final = 0.92
"""How alike two words are at most whose kanji agree in part."""


_SPREAD: Final = 0.09
"""From `SOUNDS` up: how likely it is that two words are read alike."""


def chance_of(grade: float) -> float:
    """Give how likely two words of a *grade* from `SOUNDS` up are read alike, 0 to 1."""
    return min(1.0, (grade - SOUNDS) / _SPREAD)


class Pair(NamedTuple):
    """Two words of two names that belong together."""

    grade: float
    i: int
    j: int


def paired(a: Sequence[Word], b: Sequence[Word]) -> list[Pair]:
    """Give each word at most one partner, the surest pairs first."""
    found = [
        Pair(value, i, j)
        for i, one in enumerate(a)
        for j, two in enumerate(b)
        if (value := grade(one, two))
    ]
    if len(found) < 2:
        return found
    found.sort(key=lambda pair: (-pair.grade, pair.i != pair.j, pair.i + pair.j))
    pairs: list[Pair] = []
    for pair in found:
        if all(pair.i != taken.i and pair.j != taken.j for taken in pairs):
            pairs.append(pair)
    return pairs


def grade(a: Word, b: Word) -> float:
    """Say how two words agree: from `EQUAL` down to `INITIAL`, or 0."""
    if a.initial or b.initial:
        return 0.0 if a.letters.isdisjoint(b.letters) else INITIAL
    if a.text == b.text:
        return EQUAL
    if not a.heard.isdisjoint(b.heard):
        chance = read_alike(a, b)
        return SOUNDS + _SPREAD * chance if chance else PRONOUNCED
    if not a.families.isdisjoint(b.families):
        return NICKNAME
    if a.kana != b.kana and not (a.kanji or b.kanji):
        kana, latin = (a, b) if a.kana else (b, a)
        if not kana_row(kana.sound).isdisjoint(latin_rows(latin.text)):
            return PRONOUNCED
    one, two = a.spelled, b.spelled
    if a.kanji != b.kanji:
        one, two = a.sound, b.sound
    elif a.shape == b.shape:
        return NEAR
    if (
        -2 < len(one) - len(two) < 2
        and len(one) > 3
        and len(two) > 3
        and OSA.distance(one, two, score_cutoff=1) <= 1
    ):
        return NEAR
    return 0.0


def read_alike(a: Word, b: Word) -> float:
    """Give the probability that two words are read alike, 0 to 1."""
    theirs = dict(b.odds)
    found = sum(
        chance * theirs[reading]
        for reading, chance in a.odds
        if reading in theirs and reading[0] != "~"
    )
    return min(1.0, found)


def resemblance(a: Word, b: Word) -> float:
    """Say how alike two words look or sound, 0 to 1, whatever the way."""
    sounds: float = OSA.normalized_similarity(a.sound, b.sound)
    if a.kanji and b.kanji:
        longer = max(len(a.text), len(b.text))
        common = sum(x == y for x, y in zip(a.text, b.text, strict=False))
        tail = sum(x == y for x, y in zip(reversed(a.text), reversed(b.text), strict=False))
        if sorted(a.text) == sorted(b.text):  # 田中, 中田
            return max(sounds, _SEEN * sqrt(0.5))
        return max(sounds, _SEEN * sqrt(max(common, tail) / longer))
    return sounds
