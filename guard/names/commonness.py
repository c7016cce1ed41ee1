"""How common a Japanese surname is: two of the name of Sato may well have nothing in common."""

from functools import lru_cache
from typing import Final

from guard.names.person import Person
from guard.names.readings import spoken_costs, surname_cost
from guard.names.spelling import looks_japanese, romaji
from guard.names.word import Word

STEPS: Final = (7_000, 5_000)
"""Costs below which a surname is known to many, and below which each town has several of it."""


def of_surname(who: Person) -> int:
    """Say how common somebody's surname is: 0 (rare, or nobody knows) to 2."""
    if not who.words:
        return 0
    return _of(who.words[0] if who.first >= 0.5 else who.words[-1])


@lru_cache(maxsize=8192)
def of_local(local: str) -> int:
    """Say the same of a local part that is nothing but a surname: ``sato``."""
    sound = romaji(local)
    return _steps(spoken_costs(sound)[0]) if looks_japanese(sound) else 0


def _of(word: Word) -> int:
    if word.kanji:
        return _steps(surname_cost(word.text))
    return _steps(spoken_costs(word.sound)[0]) if looks_japanese(word.sound) else 0


def _steps(cost: int) -> int:
    return sum(cost < step for step in STEPS)
