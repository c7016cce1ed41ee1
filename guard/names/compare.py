"""Two names: the same person's, confusable, or unrelated; and two local parts the same way."""

from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler

from guard.names.fold import Person, Word, person, plain, romaji, split_words, untagged
from guard.names.nicknames import same_family


class Alike(StrEnum):
    """What a reader makes of two names."""

    SAME = "same"
    CONFUSABLE = "confusable"
    UNRELATED = "unrelated"


class Comparison(NamedTuple):
    """How alike two names are, and in what way."""

    alike: Alike
    kind: str
    """``same_name``, ``kanji_variant``, ``same_reading``, ``initials``, ``nickname``,
    ``near_name``, ``same_surname``, ``same_given``, ``shared_word``, ``similar`` or
    ``unrelated``."""

    score: float
    """0.0 to 1.0; comparable across kinds."""


_UNRELATED: Final = Comparison(Alike.UNRELATED, "unrelated", 0.0)


def compare(a: Person, b: Person) -> Comparison:
    """Compare two names as read by `person`; the order of their words does not matter."""
    if not a.words or not b.words:
        return _UNRELATED
    if a.folded == b.folded:
        if plain(a.written) == plain(b.written) and a.written != b.written:
            return Comparison(Alike.SAME, "kanji_variant", 0.97)
        whole = len(a.words) > 1 or len(a.folded) > 5
        return Comparison(Alike.SAME, "same_name", 1.0 if whole else 0.9)
    pairs = _paired(a.words, b.words)
    if not pairs:
        return _resembling(a, b)
    grades = sorted((grade for _, _, grade in pairs), reverse=True)
    fewer, more = sorted((len(a.words), len(b.words)))
    if len(grades) == fewer and fewer > 1:
        return _whole(grades, more - fewer)
    if fewer == 1:
        return _one_word(a, b, pairs[0], more)
    if grades[0] >= _NEAR:
        return _shared(a, b, max(pairs, key=lambda pair: pair[2]))
    return _resembling(a, b)


def _whole(grades: list[float], surplus: int) -> Comparison:
    """Judge two names whose words all found a partner."""
    worst = grades[-1]
    off = 0.02 * surplus
    if worst == _EQUAL:
        return Comparison(Alike.SAME, "same_name", 0.98 - off)
    if worst == _SOUNDS:
        return Comparison(Alike.SAME, "same_reading", 0.96 - off)
    if grades[0] < _NEAR:  # initials alone
        return Comparison(Alike.UNRELATED, "similar", 0.4)
    if worst == _NICKNAME:
        return Comparison(Alike.SAME, "nickname", 0.93 - off)
    if _NEAR in grades:
        return Comparison(Alike.CONFUSABLE, "near_name", 0.88 - off)
    return Comparison(Alike.SAME, "initials", 0.86 - off)


def _one_word(a: Person, b: Person, pair: tuple[int, int, float], more: int) -> Comparison:
    """Judge a name of one word against any."""
    _, _, grade = pair
    if more == 1:
        if grade == _SOUNDS:
            return Comparison(Alike.SAME, "same_reading", 0.9)
        if grade == _NICKNAME:
            return Comparison(Alike.SAME, "nickname", 0.85)
        if grade == _NEAR:
            return Comparison(Alike.CONFUSABLE, "near_name", 0.75)
        return _UNRELATED
    return _shared(a, b, pair) if grade >= _NEAR else _resembling(a, b)


def _shared(a: Person, b: Person, pair: tuple[int, int, float]) -> Comparison:
    """Judge two names that share one word; the rest tells how near they are."""
    i, j, grade = pair
    rest_a = "".join(word.text for k, word in enumerate(a.words) if k != i)
    rest_b = "".join(word.text for k, word in enumerate(b.words) if k != j)
    rest = JaroWinkler.similarity(romaji(rest_a), romaji(rest_b)) if rest_a and rest_b else 0.5
    if grade == _NEAR:
        rest *= 0.7
    surnames = a.surname == i, b.surname == j
    if all(surnames):
        return Comparison(Alike.CONFUSABLE, "same_surname", 0.6 + 0.2 * rest)
    if not any(surnames):
        kind = Alike.CONFUSABLE if rest > 0.75 else Alike.UNRELATED
        return Comparison(kind, "same_given", 0.3 + 0.3 * rest)
    return Comparison(Alike.UNRELATED, "shared_word", 0.3 + 0.2 * rest)


def _resembling(a: Person, b: Person) -> Comparison:
    """Fall back on how alike the whole names look, or sound where the readings are known."""
    likeness = max(
        JaroWinkler.similarity(a.folded, b.folded), JaroWinkler.similarity(a.sounded, b.sounded)
    )
    if likeness >= 0.9:
        return Comparison(Alike.CONFUSABLE, "near_name", 0.5 + 0.25 * likeness)
    return Comparison(Alike.UNRELATED, "similar", 0.5 * likeness)


_EQUAL: Final = 1.0
_SOUNDS: Final = 0.95
_NICKNAME: Final = 0.9
_NEAR: Final = 0.8
_INITIAL: Final = 0.5


def _paired(a: tuple[Word, ...], b: tuple[Word, ...]) -> list[tuple[int, int, float]]:
    """Give each word at most one partner, the surest pairs first."""
    graded = [
        (grade, i, j)
        for i, one in enumerate(a)
        for j, two in enumerate(b)
        if (grade := _grade(one, two))
    ]
    if len(graded) < 2:
        return [(i, j, grade) for grade, i, j in graded]
    graded.sort(key=lambda pair: (-pair[0], pair[1] != pair[2], pair[1]))
    pairs: list[tuple[int, int, float]] = []
    for grade, i, j in graded:
        if all(i != taken_i and j != taken_j for taken_i, taken_j, _ in pairs):
            pairs.append((i, j, grade))
    return pairs


def _grade(a: Word, b: Word) -> float:
    one, two = a.text, b.text
    if len(one) == 1 or len(two) == 1:
        if one == two:
            return _INITIAL if _is_initial(a) else _EQUAL
        if _is_initial(a) or _is_initial(b):
            shorter, longer = (a, b) if len(one) <= len(two) else (b, a)
            keys = {longer.text, *longer.keys}
            return _INITIAL if any(key.startswith(shorter.text) for key in keys) else 0.0
    if one == two:
        return _EQUAL
    if not a.keys.isdisjoint(b.keys):
        return _SOUNDS
    if same_family(one, two):
        return _NICKNAME
    if (
        -2 < len(one) - len(two) < 2
        and len(one) > 3
        and len(two) > 3
        and OSA.distance(one, two, score_cutoff=1) <= 1
    ):
        return _NEAR
    return 0.0


def _is_initial(word: Word) -> bool:
    """Whether a word is one Latin letter; one kanji is a whole name."""
    return len(word.text) == 1 and word.text.isascii()


@lru_cache(maxsize=65536)
def local_person(local: str) -> Person:
    """Read a local part as a name, where it has two words or more: ``taro.yamada``."""
    words = split_words(untagged(local))
    return person(" ".join(words)) if len(words) > 1 else person("")


@lru_cache(maxsize=65536)
def local_forms(who: Person) -> frozenset[str]:
    """Give the joined local parts made of a name: ``tyamada``, ``yamadat``, ``taroy``."""
    if len(who.words) < 2:
        return frozenset()
    forms: set[str] = set()
    for first in who.words[0].keys:
        for last in who.words[-1].keys:
            if first.isascii() and last.isascii():
                forms |= {first + last, last + first, first[0] + last, last + first[0]}
                forms |= {first + last[0], last[0] + first}
    return frozenset(forms)


@lru_cache(maxsize=65536)
def joined(local: str) -> str:
    """Give a local part as `local_forms` would have it, or nothing where it is too short to say."""
    letters = romaji("".join(split_words(untagged(local))))
    return letters if len(letters) > 3 else ""


def alike(a: str, b: str) -> Comparison:
    """Compare two texts that are each a name or a local part."""
    one, two = _read(a), _read(b)
    result = compare(one, two)
    if result.alike is not Alike.SAME and (_made_of(one, b) or _made_of(two, a)):
        return Comparison(Alike.SAME, "initials", 0.87)
    return result


def _read(text: str) -> Person:
    text = text.partition("@")[0] if "@" in text else text
    if " " not in text.strip() and text.isascii():
        return person(" ".join(split_words(text)))
    return person(text)


def _made_of(who: Person, text: str) -> bool:
    text = plain(text.partition("@")[0].strip())
    return " " not in text and text.isascii() and joined(text) in local_forms(who)
