"""
What names are read as, and how common they are: the dictionary, and tables of our own.

The tables have the commonest names, the commonest first, with readings in Hepburn without long
vowels, the commonest reading first. They come before the dictionary, which knows far more names
but is older than those that children get today. Rareness is counted as the dictionary does: 700
more for about e times rarer.
"""

import re
from functools import cache, lru_cache
from itertools import product
from math import exp, prod
from typing import Final

from guard.names.data import lines
from guard.names.dictionary import Name, dictionary
from guard.names.kanji import GLYPHS
from guard.names.spelling import plain, romaji

Odds = tuple[tuple[str, float], ...]
"""Readings, as `romaji` folds them, each with its probability; the likeliest first."""


def _table(table: str) -> dict[str, tuple[str, ...]]:
    return {written: tuple(readings) for written, *readings in map(str.split, lines(table))}


SURNAMES: Final = _table("surnames")
GIVEN: Final = _table("given")

UNKNOWN: Final = 12_500
"""How rare a name is that is not known: rarer than any that is."""

_TWICE: Final = re.compile(r"([\u3400-\u9fff])\1")
_RAREST: Final = 11_000
_SCALE: Final = 700
_LONGEST: Final = 5
_MOST_SPELLINGS: Final = 24
_OURS: Final = {True: 4_000, False: 5_000}
_A_RANK: Final = 12
_NEXT_READING: Final = 1_500
_NEXT_GUESS: Final = 500
_LONGEST_GUESSED: Final = 3
_UNLIKELY: Final = 0.015
"""A reading rarer than this among those of its word is left out: it finds strangers only."""


def surname_odds(word: str) -> Odds:
    """Give what *word*, folded by `plain`, may be read as in a surname; nothing if unknown."""
    return _odds(word, surname=True)


def given_odds(word: str) -> Odds:
    """Give what *word*, folded by `plain`, may be read as in a given name; nothing if unknown."""
    return _odds(word, surname=False)


def surname_cost(word: str, *, thorough: bool = True) -> int:
    """
    Say how rare a surname *word* is as it is written; `UNKNOWN` where nobody knows.

    Unless *thorough*, it is not looked for in other glyphs than those that `plain` gives.
    """
    return _cost(word, surname=True, thorough=thorough)


def given_cost(word: str, *, thorough: bool = True) -> int:
    """Say how rare a given name *word* is, as `surname_cost` does."""
    return _cost(word, surname=False, thorough=thorough)


@lru_cache(maxsize=8192)
def spoken_costs(sound: str) -> tuple[int, int]:
    """
    Say how rare names that sound like this are, as surname and as given name.

    *sound* is folded by `romaji`. The first call reads all names, which takes a third of a second.
    """
    surnames, given = _sounds()
    return surnames.get(sound, UNKNOWN), given.get(sound, UNKNOWN)


@lru_cache(maxsize=8192)
def _odds(word: str, *, surname: bool) -> Odds:
    costs = _known(word, surname=surname, thorough=True)
    ours = _ours(surname=surname).get(word, {})
    # Which reading is the commonest, our tables know; by how much, the dictionary.
    least = min(costs.values(), default=0)
    for place, reading in enumerate(ours):
        cost = least + _NEXT_READING * place
        costs[reading] = min(cost, costs.get(reading, cost))
    if not costs:
        costs = _composed(word)
    weights = {reading: exp((least - cost) / _SCALE) for reading, cost in costs.items()}
    whole = sum(weights.values())
    odds = [(reading, weight / whole) for reading, weight in weights.items()]
    odds.sort(key=lambda one: (-one[1], one[0]))
    return tuple(one for one in odds if one[1] >= _UNLIKELY)


@lru_cache(maxsize=8192)
def _cost(word: str, *, surname: bool, thorough: bool) -> int:
    known = _known(word, surname=surname, thorough=thorough).values()
    return min(*known, *_ours(surname=surname).get(word, {}).values(), UNKNOWN, UNKNOWN)


def _known(word: str, *, surname: bool, thorough: bool) -> dict[str, int]:
    """Give the readings of *word* that the dictionary has, with how rare each is."""
    found = [name for name in _in_dictionary(word) if name.surname == surname]
    if not found and thorough:
        found = [name for name in _in_other_glyphs(word) if name.surname == surname]
    costs: dict[str, int] = {}
    for name in found:
        cost = min(name.cost, _RAREST)
        costs[name.reading] = min(cost, costs.get(name.reading, cost))
    return costs


def _composed(word: str) -> dict[str, int]:
    """Guess what a name is read as that nobody knows whole, by its kanji."""
    parts = [_kanji_readings().get(char) for char in word]
    if not 2 <= len(word) <= _LONGEST_GUESSED or not all(parts):
        return {}
    ways = product(*(enumerate(part) for part in parts if part))
    guessed: dict[str, int] = {}
    for way in ways:
        sound = romaji("".join(reading for _, reading in way))
        cost = _NEXT_GUESS * sum(place for place, _ in way)
        guessed[sound] = min(cost, guessed.get(sound, cost))
    return guessed


@cache
def _kanji_readings() -> dict[str, tuple[str, ...]]:
    return {plain(kanji): readings for kanji, readings in _table("kanji_readings").items()}


@lru_cache(maxsize=8192)
def _in_dictionary(word: str) -> tuple[Name, ...]:
    known = dictionary()
    if known is None:
        return ()
    return tuple(name for one in _spellings(word) for name in known.names(one))


@lru_cache(maxsize=8192)
def _in_other_glyphs(word: str) -> tuple[Name, ...]:
    """Find a name that the dictionary has by the rarer glyph only: 鐵本, folded to 鉄本."""
    known = dictionary()
    if known is None:
        return ()
    others = [other for one in _spellings(word) for other in _rarer(one)]
    return tuple(name for other in others for name in known.names(other))


def _rarer(word: str) -> list[str]:
    """Give *word* in all its other glyphs, where they are few."""
    ways = [(char, *_GLYPHS_OF.get(char, ())) for char in word]
    if len(word) > _LONGEST or prod(map(len, ways)) > _MOST_SPELLINGS:
        return []
    return ["".join(chars) for chars in product(*ways)][1:]


def _glyphs() -> dict[str, str]:
    glyphs: dict[str, str] = {}
    for rare, common in GLYPHS.items():
        glyphs[common] = glyphs.get(common, "") + chr(rare)
    return glyphs


_GLYPHS_OF: Final = _glyphs()


def _spellings(word: str) -> tuple[str, ...]:
    """Give how a dictionary may have *word*, in which `plain` made one of ノ and の, ヶ and が."""
    found = [word]
    if "の" in word:
        found += [word.replace("の", other) for other in "ノ之"]
    if "が" in word:
        found += [word.replace("が", other) for other in "ケヶ"]
    found += [again for one in found if (again := _TWICE.sub(r"\1々", one)) != one]
    return tuple(found)


@cache
def _ours(*, surname: bool) -> dict[str, dict[str, int]]:
    ours: dict[str, dict[str, int]] = {}
    for rank, (written, readings) in enumerate((SURNAMES if surname else GIVEN).items()):
        of_word = ours.setdefault(plain(written), {})
        for place, reading in enumerate(readings):
            cost = _OURS[surname] + _A_RANK * rank + _NEXT_READING * place
            of_word.setdefault(romaji(reading), cost)
    return ours


@cache
def _sounds() -> tuple[dict[str, int], dict[str, int]]:
    """For each sound, how rare the commonest surname and given name are that have it."""
    found: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for surname, costs in ((True, found[0]), (False, found[1])):
        for readings in _ours(surname=surname).values():
            for reading, cost in readings.items():
                costs[reading] = min(cost, costs.get(reading, cost))
    known = dictionary()
    if known is not None:
        for name in known.every_name():
            if not _foreign(name.written):
                costs = found[0] if name.surname else found[1]
                cost = min(name.cost, _RAREST)
                costs[name.reading] = min(cost, costs.get(name.reading, cost))
    return found


def _foreign(written: str) -> bool:
    """Whether a name is in katakana alone, as those of foreigners are."""
    return all("ァ" <= char <= "ー" for char in written)
