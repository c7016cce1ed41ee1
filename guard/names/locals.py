"""Local parts of addresses as names: parted at their dots, joined, cut to initials."""

import re
from functools import lru_cache
from itertools import product
from typing import Final

from guard.names.freemail import SHARED_BOXES
from guard.names.nicknames import NICKNAMES
from guard.names.person import NOBODY, Person, person_of
from guard.names.readings import UNKNOWN, spoken_costs
from guard.names.spelling import looks_japanese, plain, romaji, split_words, untagged

_INITIAL_BESIDE_SURNAME: Final = 9_000
_INITIAL_BESIDE_GIVEN: Final = 10_500
_GIVEN_FIRST: Final = 500
_ALONE: Final = (4_000, 5_500)
_SHORTEST: Final = 4
_LONGEST: Final = 24
_MOST_PARTINGS: Final = 4
_AS_LIKELY: Final = 7_000
"""How much rarer than the likeliest a way to part may be in order to be thought of too."""

_LEAST_LATIN: Final = 4
"""Letters from which a Western surname is told from what it is joined to."""


@lru_cache(maxsize=8192)
def local_person(local: str) -> Person:
    """Read a local part as a name, where it has two words or more: ``taro.yamada``."""
    words = split_words(plain(untagged(local)))
    return person_of(words) if len(words) > 1 else NOBODY


@lru_cache(maxsize=8192)
def box_person(local: str) -> Person:
    """Read a local part as a name, also where Japanese words or an initial are joined to it."""
    words = split_words(plain(untagged(local)))
    if len(words) != 1 or words[0] in SHARED_BOXES:
        return local_person(local)
    parts = _japanese_partings(words[0])
    return person_of(parts[0]) if parts and len(parts[0]) > 1 else NOBODY


@lru_cache(maxsize=8192)
def local_forms(who: Person) -> frozenset[str]:
    """Give the joined local parts made of a name: ``tyamada``, ``yamadat``, ``taroy``."""
    if len(who.words) < 2:
        return frozenset()
    forms: set[str] = set()
    one, two = who.words[0], who.words[-1]
    for first, last in product(one.keys, two.keys):
        if first.isascii() and last.isascii():
            forms |= {first + last, last + first}
    for whole, short in ((one, two), (two, one)):
        for name, letter in product(whole.keys, short.letters):
            if name.isascii():
                forms |= {letter + name, name + letter}
    return frozenset(map(romaji, forms))


@lru_cache(maxsize=8192)
def joined(local: str) -> str:
    """Give a local part as `local_forms` would have it, or nothing where it is too short to say."""
    letters = romaji("".join(split_words(untagged(local))))
    return letters if len(letters) > 3 else ""


@lru_cache(maxsize=8192)
def local_readings(local: str) -> tuple[Person, ...]:
    """Give what a local part may say as a name: as it stands, and parted where it is joined."""
    words = split_words(plain(untagged(local)))
    if not words:
        return ()
    if len(words) > 1:
        return (person_of(words),)
    word = words[0]
    return (person_of(words), *(person_of(parts) for parts in _parted(word)))


def _parted(word: str) -> list[list[str]]:
    """Part what is joined: ``yamadat``, ``satoken``, ``johnsmith``, ``jsmith``."""
    japanese = _japanese_partings(word)
    if japanese or not word.isascii() or not _SHORTEST <= len(word) <= _LONGEST:
        return [parts for parts in japanese if len(parts) > 1]
    return _latin_parted(word)


def _japanese_partings(word: str) -> list[list[str]]:
    """Give the likeliest ways to part a word into Japanese names, or to leave it whole."""
    if not word.isascii() or not _SHORTEST <= len(word) <= _LONGEST:
        return []
    costs = [(_as_one_word(word), 0)]
    costs += [(_cost(word[:place], word[place:]), place) for place in range(1, len(word))]
    costs.sort()
    least = costs[0][0]
    if least >= 2 * UNKNOWN:
        return []
    likely = [place for cost, place in costs[:_MOST_PARTINGS] if cost < least + _AS_LIKELY]
    return [[word[:place], word[place:]] if place else [word] for place in likely]


def _as_one_word(word: str) -> int:
    sound = romaji(word)
    if not looks_japanese(sound):
        return 2 * UNKNOWN
    surname, given = spoken_costs(sound)
    costs = [2 * UNKNOWN]
    if surname < UNKNOWN:
        costs.append(surname + _ALONE[0])
    if given < UNKNOWN:
        costs.append(given + _ALONE[1])
    return min(costs)


def _cost(left: str, right: str) -> int:
    """Say how unlikely it is that these two are a name, or a name and an initial."""
    one, two = romaji(left), romaji(right)
    if len(left) == 1 or len(right) == 1:
        name = two if len(left) == 1 else one
        if len(name) < 3 or not looks_japanese(name):
            return 2 * UNKNOWN
        surname, given = spoken_costs(name)
        costs = [surname + _INITIAL_BESIDE_SURNAME] if surname < UNKNOWN else []
        if given < UNKNOWN:
            costs.append(given + _INITIAL_BESIDE_GIVEN)
        return min(costs, default=2 * UNKNOWN)
    if not (looks_japanese(one) and looks_japanese(two)):
        return 2 * UNKNOWN
    (surname_one, given_one), (surname_two, given_two) = spoken_costs(one), spoken_costs(two)
    return min(
        surname_one + given_two if max(surname_one, given_two) < UNKNOWN else 2 * UNKNOWN,
        surname_two + given_one + _GIVEN_FIRST
        if max(surname_two, given_one) < UNKNOWN
        else 2 * UNKNOWN,
    )


def _latin_parted(word: str) -> list[list[str]]:
    found = [
        parts
        for place in range(3, len(word) - _LEAST_LATIN + 1)
        for parts in ([word[:place], word[place:]], [word[:-place], word[-place:]])
        if (parts[0] if len(parts[0]) == place else parts[1]) in NICKNAMES
    ]
    if len(word) > _LEAST_LATIN:
        found += [[word[0], word[1:]], [word[:-1], word[-1]]]
    return found


def digits(local: str) -> list[str]:
    """Give the numbers of a local part."""
    return re.findall(r"\d+", local)
