"""Two words, graded by how they agree; and the words of two names, each given a partner."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from guard.names.nicknames import same_family
from guard.names.word import Word

EQUAL: Final = 1.0
SOUNDS: Final = 0.9
"""From here: they may be read alike, and the surer the more, up to 0.99."""

NICKNAME: Final = 0.88
PRONOUNCED: Final = 0.86
"""Two spellings of one Western name: Steven and Stephen."""

NEAR: Final = 0.8
"""One letter off."""

INITIAL: Final = 0.5

_ALSO: Final = {"z": "zj", "t": "tc", "h": "hf", "s": "s"}
"""First letters that one who writes Hepburn gives for one of ours."""

_SEEN: Final = 0.9
"""How alike two words are at most whose kanji agree in part."""


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
    one, two = a.text, b.text
    if a.initial or b.initial:
        if a.initial and b.initial:
            return INITIAL if one == two or not first_letters(a).isdisjoint(first_letters(b)) else 0
        return INITIAL if not first_letters(a).isdisjoint(first_letters(b)) else 0
    if one == two:
        return EQUAL
    if chance := read_alike(a, b):
        return SOUNDS + 0.09 * chance
    if same_family(one, two):
        return NICKNAME
    if a.odds[-1][0][0] == "~" or b.odds[-1][0][0] == "~" or len(a.odds) > 1 or len(b.odds) > 1:
        spelled = {key for key, _ in a.odds if key[0] == "~"}
        if any(key in spelled for key, _ in b.odds):
            return PRONOUNCED
    return NEAR if _near(a, b) else 0


def first_letters(word: Word) -> frozenset[str]:
    """Give the letters that may stand for a word as its initial."""
    letters = {word.text[0]} if word.text.isascii() else set()
    for key in word.keys:
        if key.isascii():
            letters.update(_ALSO.get(key[0], key[0]) if key[0] in "zth" else key[0])
    return frozenset(letters)


def read_alike(a: Word, b: Word) -> float:
    """Give the probability that two words are read alike, 0 to 1."""
    if len(a.odds) == 1 and len(b.odds) == 1:
        return 1.0 if a.odds[0][0] == b.odds[0][0] else 0.0
    theirs = dict(b.odds)
    return min(
        1.0,
        sum(
            chance * theirs[reading]
            for reading, chance in a.odds
            if reading in theirs and reading[0] != "~"
        ),
    )


def resemblance(a: Word, b: Word) -> float:
    """Say how alike two words look or sound, 0 to 1, whatever the way."""
    sounds: float = OSA.normalized_similarity(a.sound, b.sound)
    if a.kanji and b.kanji:
        longer = max(len(a.text), len(b.text))
        common = sum(x == y for x, y in zip(a.text, b.text, strict=False))
        tail = sum(x == y for x, y in zip(reversed(a.text), reversed(b.text), strict=False))
        return max(sounds, _SEEN * max(common, tail) / longer)
    return sounds


def _near(a: Word, b: Word) -> bool:
    """Whether one letter is off in what is written in letters, or in how it sounds."""
    one, two = (a.sound, b.sound) if a.kanji or b.kanji else (a.text, b.text)
    if len(one) < 4 or len(two) < 4 or not -2 < len(one) - len(two) < 2:
        return False
    if OSA.distance(one, two, score_cutoff=1) <= 1:
        return True
    return _loose(one) == _loose(two)


def _loose(sound: str) -> str:
    """Fold what Japanese ears take as one: l and r, v and b."""
    return sound.translate(_ONE_TO_THEM)


_ONE_TO_THEM: Final = str.maketrans({"l": "r", "v": "b"})
