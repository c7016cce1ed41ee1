"""Names in Latin letters: which words are the name, and which of them the surname."""

import re
from collections.abc import Sequence
from functools import lru_cache
from math import exp, log
from typing import Final

from guard.names.data import lines
from guard.names.readings import spoken_costs
from guard.names.spelling import looks_japanese, plain
from guard.names.titles import POSTS, SPOKEN_TITLES, TITLES, is_company
from guard.names.word import Word, latin_word

MOST_WORDS: Final = 5

_WORDS: Final = re.compile(r"[^\W\d_]+(?:['’ʼ‐‑-][^\W\d_]+)*")
_DEGREE: Final = re.compile(r"\b(?:ph|m|b)\.?\s?d\b\.?|\bb\.?sc\b\.?|\bm\.?sc\b\.?", re.IGNORECASE)

PARTICLES: Final = frozenset(lines("particles"))

SURNAMES_FIRST: Final = frozenset(lines("surnames_first"))
"""Surnames of those who write them first: Chinese, Korean, Vietnamese."""

_EVIDENCE: Final = 1_400
"""Rareness that makes one order of words e times likelier."""

_MOST: Final = 4.0
_INITIAL_COST: Final = 10_000
_AS_WRITTEN: Final = 0.12
"""Probability that the surname stands first where nothing says so."""


def read_latin(name: str) -> tuple[list[Word], float]:
    """Give the words of a name and the probability that the first is the surname."""
    segments: list[list[str]] = []
    for segment in _DEGREE.sub(" ", name).split(","):
        words = [word for word in _WORDS.findall(segment) if _kept(word)]
        folded = [plain(word) for word in words]
        if not words or (segments and all(word in POSTS for word in folded)):
            continue
        if segments and is_company(folded):
            continue
        segments.append(words)
    if not segments:
        return [], 0.5
    shouted = [word for segment in segments for word in segment if _shouted(word)]
    read: list[Word] = []
    written: list[str] = []
    for place, part in enumerate(segments[:2]):
        for whole, last in _joined(part, surname=len(segments) > 1 and place == 0):
            written.append(whole)
            read.append(latin_word(whole, last))
    read, written = read[:MOST_WORDS], written[:MOST_WORDS]
    if len(segments) > 1:
        return read, 0.97
    if len(shouted) == 1 and len(read) > 1:
        if shouted[0] == written[0]:
            return read, 0.95
        if shouted[0] == written[-1]:
            return read, 0.05
    return read, surname_first(read, prior=_AS_WRITTEN)


def from_parts(words: Sequence[str]) -> tuple[list[Word], float]:
    """Read the parts of a local part as the words of a name."""
    read = [latin_word(word) for word in words[:MOST_WORDS]]
    return read, surname_first(read, prior=0.15)


def surname_first(words: Sequence[Word], prior: float) -> float:
    """Give the probability that the first word is the surname; *prior* where they do not say."""
    if not words:
        return 0.5
    first, last = words[0], words[-1]
    if len(words) == 1:
        if not _japanese(first):
            return 0.4
        surname, given = spoken_costs(first.sound)
        return 1 / (1 + exp((surname - given) / _EVIDENCE))
    if first.initial != last.initial and not (_japanese(first) or _japanese(last)):
        return 0.08 if first.initial else 0.92
    if _japanese(first) and _japanese(last):
        (surname_a, given_a), (surname_b, given_b) = _costs(first), _costs(last)
        evidence = (surname_b + given_a - surname_a - given_b) / _EVIDENCE
        evidence = max(-_MOST, min(_MOST, evidence)) + log(prior / (1 - prior)) / 2
        return 1 / (1 + exp(-evidence))
    if first.text in SURNAMES_FIRST and last.text not in SURNAMES_FIRST:
        return 0.7
    if bool(first.families) != bool(last.families):
        return 0.05 if first.families else 0.4
    return prior


def _japanese(word: Word) -> bool:
    return word.initial or looks_japanese(word.sound)


def _costs(word: Word) -> tuple[int, int]:
    if word.initial:
        return _INITIAL_COST, _INITIAL_COST - 1_500
    return spoken_costs(word.sound)


@lru_cache(maxsize=8192)
def _kept(word: str) -> bool:
    return plain(word) not in TITLES


def _shouted(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def _joined(words: Sequence[str], *, surname: bool) -> list[tuple[str, str]]:
    """Join particles to the word behind them, and take off what hangs on a name by a hyphen."""
    joined: list[tuple[str, str]] = []
    waiting = ""
    for place, raw in enumerate(words):
        word = raw
        head, hyphen, tail = raw.rpartition("-")
        if hyphen and plain(tail) in SPOKEN_TITLES:
            word = head
        elif hyphen and plain(head) in PARTICLES:
            joined.append((word, tail))
            continue
        if plain(word) in PARTICLES and (place or surname) and place + 1 < len(words):
            waiting += word
            continue
        joined.append((waiting + word, word if waiting else ""))
        waiting = ""
    return joined
