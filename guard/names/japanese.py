"""Names in kanji and kana: parted into surname and given name, each with its readings."""

from collections.abc import Callable
from functools import lru_cache
from math import exp
from typing import Final

import jaconv

from guard.names.readings import (
    UNKNOWN,
    Odds,
    given_cost,
    given_odds,
    spoken_costs,
    surname_cost,
    surname_odds,
)
from guard.names.spelling import KANA, KANJI, plain, romaji
from guard.names.titles import japanese_words
from guard.names.word import Word, japanese_word, latin_word

_EVIDENCE: Final = 1_400
_SURNAME_FIRST: Final = 4_200
"""Rareness that the order of words is worth: a Japanese name stands surname first."""

_ALONE: Final = {"surname": 2_500, "given": 7_500}
"""How much rarer a name is that stands alone than one beside another."""

_UNKNOWN_ALONE: Final = {1: 9_000, 2: 15_000, 3: 20_500}
_NEVER: Final = 40_000
_ODD_LENGTH: Final = 1_200
_SCRIPT_CHANGES: Final = 3_000
_KNOWN: Final = 18_000
_LONGEST: Final = 12
"""Characters from which a word is no name that stands together."""


def read_japanese(name: str) -> tuple[list[Word], str, float]:
    """Give the words of a name, how it is written, and how likely the first is the surname."""
    words = japanese_words(name)
    written = jaconv.kata2hira("".join(words))
    folded = [plain(word) for word in words]
    if len(folded) == 1:
        folded = parted(folded[0])
    if not folded:
        return [], "", 0.5
    if len(folded) == 1:
        word = folded[0]
        surname, given = _surname(word), _given(word)
        first = 1 / (1 + exp((surname - given - 1_000) / _EVIDENCE))
        odds = surname_odds(word) if surname <= given else given_odds(word)
        return [_word(word, odds)], written, first
    first_word, last_word = folded[0], folded[-1]
    straight = _surname(first_word) + _given(last_word)
    crossed = _surname(last_word) + _given(first_word)
    # With a dot between them, it is a foreigner's name, given name first.
    habit = -_SURNAME_FIRST if "・" in name and not KANJI.search(name) else _SURNAME_FIRST
    first = 1 / (1 + exp(max(-20.0, min(20.0, (straight - crossed - habit) / _EVIDENCE))))
    as_surname: Callable[[str], Odds] = lambda word: surname_odds(word) or given_odds(word)  # noqa: E731
    as_given: Callable[[str], Odds] = lambda word: given_odds(word) or surname_odds(word)  # noqa: E731
    kinds = (as_surname, as_given) if first >= 0.5 else (as_given, as_surname)
    read = [_word(first_word, kinds[0](first_word))]
    read += [_word(word, kinds[1](word)) for word in folded[1:]]
    return read, written, first


@lru_cache(maxsize=8192)
def parted(word: str) -> list[str]:
    """Part surname and given name that stand together where they are likelier than one name."""
    if not 2 <= len(word) <= _LONGEST or not (KANJI.search(word) or KANA.search(word)):
        return [word]
    if not KANJI.search(word):
        return _best(word, thorough=True)[1] if len(word) > 3 else [word]
    cost, parts = _best(word, thorough=False)
    # Dearer than any two names that are known: perhaps they are known by a rarer glyph.
    return _best(word, thorough=True)[1] if cost > _KNOWN else parts


def _best(word: str, *, thorough: bool) -> tuple[int, list[str]]:
    best, parts = _alone(word, thorough=thorough), [word]
    for place in range(1, len(word)):
        left, right = word[:place], word[place:]
        if right[0] in "ーっゃゅょぁぃぅぇぉ":
            continue
        cost = _surname(left, thorough=thorough) + _given(right, thorough=thorough)
        if KANJI.search(left[-1]) and KANA.search(right[0]) and right[0] not in "のが":
            cost -= _SCRIPT_CHANGES
        if cost < best:
            best, parts = cost, [left, right]
    return best, parts


def _alone(word: str, *, thorough: bool) -> int:
    surname, given = _surname(word, thorough=thorough), _given(word, thorough=thorough)
    costs = []
    if surname < UNKNOWN:
        costs.append(surname + _ALONE["surname"])
    if given < UNKNOWN:
        costs.append(given + _ALONE["given"])
    if not costs and not KANJI.search(word):
        return _UNKNOWN_ALONE[2] if len(word) < 5 else _UNKNOWN_ALONE[3]
    return min(costs) if costs else _UNKNOWN_ALONE.get(len(word), _NEVER)


def _surname(word: str, *, thorough: bool = True) -> int:
    if not KANJI.search(word):
        return spoken_costs(romaji(word))[0]
    cost = surname_cost(word, thorough=thorough)
    return cost if cost < UNKNOWN else UNKNOWN + _ODD_LENGTH * abs(len(word) - 2)


def _given(word: str, *, thorough: bool = True) -> int:
    if not KANJI.search(word):
        return spoken_costs(romaji(word))[1]
    cost = given_cost(word, thorough=thorough)
    return cost if cost < UNKNOWN else UNKNOWN + _ODD_LENGTH * abs(len(word) - 2)


def _word(text: str, odds: Odds) -> Word:
    if KANJI.search(text) or KANA.search(text):
        return japanese_word(text, odds)
    return latin_word(text)
