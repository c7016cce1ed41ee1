"""Two names as `person` reads them: the same person's, confusable, or unrelated."""

from enum import StrEnum
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from guard.names.kanji import one_family
from guard.names.pairing import (
    EQUAL,
    INITIAL,
    NEAR,
    NICKNAME,
    PRONOUNCED,
    SOUNDS,
    Pair,
    chance_of,
    paired,
    resemblance,
)
from guard.names.person import Person


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
    ``near_name``, ``same_surname``, ``same_given``, ``shared_word``, ``same_local``,
    ``shared_box``, ``similar`` or ``unrelated``."""

    score: float
    """0.0 to 1.0; comparable across kinds."""


UNRELATED: Final = Comparison(Alike.UNRELATED, "unrelated", 0.0)

CONFUSABLE: Final = 0.5
"""Score from which names that share something are confusable."""

# What two names score that share one word, and by how much what is left of them adds to it.
_SURNAME: Final = (0.62, 0.16)
_GIVEN: Final = (0.2, 0.74)
_MIXED: Final = (0.22, 0.2)
_LEFT_UNKNOWN: Final = 0.5


def compare(a: Person, b: Person) -> Comparison:
    """Compare two names; the order of their words does not matter."""
    if not a.words or not b.words:
        return UNRELATED
    if a.folded == b.folded:
        return _folded_alike(a, b)
    pairs = paired(a.words, b.words)
    fewer, more = sorted((len(a.words), len(b.words)))
    if more > 1 and _run_together(a.joined, b.joined):
        return Comparison(Alike.SAME, "same_name", 0.96)
    if not pairs:
        return _resembling(a, b)
    if len(pairs) == fewer > 1:
        return _whole(a, b, pairs, more - fewer)
    if fewer == more == 1:
        return _single(a, b, pairs[0].grade)
    return _shared(a, b, pairs[0]) if pairs[0].grade >= NEAR else _resembling(a, b)


def _folded_alike(a: Person, b: Person) -> Comparison:
    if a.written != b.written and any(word.kanji for word in a.words):
        if not one_family(a.written, b.written):
            return Comparison(Alike.CONFUSABLE, "kanji_variant", 0.93)
        if len(a.written) == len(b.written):
            return Comparison(Alike.SAME, "kanji_variant", 0.97)
    whole = len(a.words) > 1 or len(a.folded) > 5 or a.words[0].kanji
    return Comparison(Alike.SAME, "same_name", 1.0 if whole else 0.9)


def _run_together(a: str, b: str) -> bool:
    """Whether two are one but for spaces and order: ``Anne Marie Bell``, ``Bell, Annemarie``."""
    return len(a) == len(b) and (a == b or (len(a) > 5 and a in b + b))


def _whole(a: Person, b: Person, pairs: list[Pair], surplus: int) -> Comparison:
    """Judge two names whose words all found a partner."""
    grades = [pair.grade for pair in pairs]
    worst, off = min(grades), 0.02 * surplus
    if worst == EQUAL:
        return Comparison(Alike.SAME, "same_name", 0.98 - off)
    if worst >= SOUNDS:
        return _sounding(a, b, pairs, off)
    if max(grades) < NEAR:  # initials alone
        return Comparison(Alike.UNRELATED, "similar", 0.35)
    if NEAR in grades:
        near = 0.88 if INITIAL not in grades else 0.72
        sure = sum(grade >= SOUNDS for grade in grades)
        return Comparison(Alike.CONFUSABLE, "near_name", near - off - (0 if sure else 0.12))
    if worst == NICKNAME:
        return Comparison(Alike.SAME, "nickname", 0.93 - off)
    if worst == PRONOUNCED:
        return Comparison(Alike.SAME, "same_reading", 0.9 - off)
    return Comparison(Alike.SAME, "initials", 0.86 - off)


def _sounding(a: Person, b: Person, pairs: list[Pair], off: float) -> Comparison:
    """Judge two names that may be read alike; in other kanji, they are two people's."""
    chance = 1.0
    other_kanji = False
    for pair in pairs:
        chance *= chance_of(pair.grade) if pair.grade < EQUAL else 1.0
        both = a.words[pair.i].kanji and b.words[pair.j].kanji
        other_kanji |= both and pair.grade < EQUAL
    if other_kanji:
        return Comparison(Alike.CONFUSABLE, "same_reading", 0.72 + 0.2 * chance**0.4 - off)
    return Comparison(Alike.SAME, "same_reading", 0.78 + 0.18 * chance**0.4 - off)


def _single(a: Person, b: Person, grade: float) -> Comparison:
    """Judge two names of one word each."""
    if grade >= SOUNDS:
        other_kanji = a.words[0].kanji and b.words[0].kanji
        sure = chance_of(grade) ** 0.4
        if other_kanji:
            return Comparison(Alike.CONFUSABLE, "same_reading", 0.62 + 0.2 * sure)
        return Comparison(Alike.SAME, "same_reading", 0.7 + 0.2 * sure)
    if grade == NICKNAME:
        return Comparison(Alike.SAME, "nickname", 0.85)
    if grade >= NEAR:  # PRONOUNCED too: of one word that says little
        return Comparison(Alike.CONFUSABLE, "near_name", 0.65)
    return UNRELATED


def _shared(a: Person, b: Person, pair: Pair) -> Comparison:
    """Judge two names that share one word; what it is to them, and the rest, tell how near."""
    if pair.grade >= SOUNDS and len(a.words) == len(b.words) == 2:
        one, two = a.words[1 - pair.i].spelled, b.words[1 - pair.j].spelled
        if min(len(one), len(two)) > 1 and OSA.distance(one, two, score_cutoff=1) <= 1:
            return Comparison(Alike.CONFUSABLE, "near_name", 0.66)
    left = _left(a, b, pair)
    if pair.grade < SOUNDS:
        left *= 0.7
    chance_a, chance_b = _is_surname(a, pair.i), _is_surname(b, pair.j)
    surname, given = chance_a * chance_b, (1 - chance_a) * (1 - chance_b)
    mixed = 1 - surname - given
    score = (
        surname * (_SURNAME[0] + _SURNAME[1] * left)
        + given * (_GIVEN[0] + _GIVEN[1] * left**2)
        + mixed * (_MIXED[0] + _MIXED[1] * left)
    )
    if pair.grade < SOUNDS:
        score *= 0.6
    elif pair.grade < EQUAL:
        score *= 0.75 + 0.25 * chance_of(pair.grade)
    kind = max((surname, "same_surname"), (given, "same_given"), (mixed, "shared_word"))[1]
    alike = Alike.CONFUSABLE if score >= CONFUSABLE else Alike.UNRELATED
    return Comparison(alike, kind, score)


def _is_surname(who: Person, place: int) -> float:
    """Give the probability that the word at *place* is the surname."""
    if place == 0:
        return who.first
    return 1 - who.first if place == len(who.words) - 1 else 0.0


def _left(a: Person, b: Person, pair: Pair) -> float:
    """Say how alike the rest of two names is that share a word."""
    rest_a = [word for k, word in enumerate(a.words) if k != pair.i]
    rest_b = [word for k, word in enumerate(b.words) if k != pair.j]
    if not rest_a or not rest_b:
        return _LEFT_UNKNOWN
    return max(resemblance(one, two) for one in rest_a for two in rest_b)


def _resembling(a: Person, b: Person) -> Comparison:
    """Fall back on how alike the whole names look, or sound where the readings are known."""
    if len(a.words) == len(b.words) == 2:
        (a1, a2), (b1, b2) = a.words, b.words
        likeness = max(
            resemblance(a1, b1) * resemblance(a2, b2), resemblance(a1, b2) * resemblance(a2, b1)
        )
        if likeness >= 0.6:
            return Comparison(Alike.CONFUSABLE, "near_name", 0.3 + 0.4 * likeness)
        return Comparison(Alike.UNRELATED, "similar", 0.1 + 0.5 * likeness)
    likeness = max(
        OSA.normalized_similarity(a.folded, b.folded),
        OSA.normalized_similarity(a.sounded, b.sounded),
    )
    if likeness >= 0.8:
        return Comparison(Alike.CONFUSABLE, "near_name", 0.2 + 0.4 * likeness)
    return Comparison(Alike.UNRELATED, "similar", 0.4 * likeness)
