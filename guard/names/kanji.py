"""Kanji that are written in several ways in names of people, each mapped to one of them."""

from typing import Final

from guard.names.data import lines


def _variants(table: str) -> dict[int, str]:
    return {ord(other): group[0] for group in lines(table) for other in group[1:]}


VARIANTS: Final[dict[int, str]] = _variants("kanji")
"""
For `str.translate`: the rarer glyph to the common one.

Customer lists hold fingerprints of what this gave when they were built: whoever adds to it has all
of them built anew. What only the comparing of names needs is in `GLYPHS`.
"""

GLYPHS: Final[dict[int, str]] = VARIANTS | _variants("glyphs")
"""More of them, and all of `VARIANTS`."""

SIMILAR: Final[dict[int, str]] = _variants("similar_kanji")
"""Kanji to the one that they are mistaken for by the eye; other words all the same."""

_FAMILIES: Final = {char: family for family in ("斎齋", "斉齊", "坂", "阪") for char in family}
"""Characters that are folded to one in order to be found, yet two: 斎藤 and 斉藤, 坂本 and 阪本."""


def one_family(a: str, b: str) -> bool:
    """Whether two texts that fold to one differ by glyphs of the same characters only."""
    return _families(a) == _families(b)


def _families(text: str) -> list[str]:
    return [_FAMILIES[char] for char in text if char in _FAMILIES]
