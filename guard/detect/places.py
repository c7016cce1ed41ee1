"""Where in a file something stands, in the words that `guard.compose.places` translates."""

import re
from collections.abc import Iterable
from typing import Final

_ROWS: Final = re.compile(
    r"\b(?:sheet|table) “[^”]*”(?: with hidden columns [A-Z–, ]+)?(?:, hidden rows)?$"
)
"""The place of a passage whose lines are rows, not lines of a comment or a text box."""


def stretch(place: str, first: int, last: int) -> str:
    """Name lines or rows of a passage: ``sheet “顧客”, rows 2–31``, ``line 4``."""
    word = "row" if _ROWS.search(place) else "line"
    where = f"{word} {first}" if first == last else f"{word}s {first}–{last}"
    return f"{place}, {where}" if place else where


MAX_PLACES: Final = 20
"""Stretches of lines that are named; of a text with rows here and there nobody reads more."""


def shortened(places: Iterable[str]) -> tuple[str, ...]:
    """Give the first places, each once, and how many more there are."""
    told = list(dict.fromkeys(places))
    more = len(told) - MAX_PLACES
    if more > 0:
        told[MAX_PLACES:] = [f"and {more} other places"]
    return tuple(told)
