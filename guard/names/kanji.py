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

_FAMILIES: Final = {ord("斉"): "斉", ord("齊"): "斉", ord("阪"): "阪"}
"""Folded to one in order to be found, yet two families: 斎藤 and 斉藤, 坂本 and 阪本."""

_STRICT: Final = GLYPHS | _FAMILIES


def one_character(a: str, b: str) -> bool:
    """Whether two texts that fold to one differ by glyphs of the same characters only."""
    return a.translate(_STRICT) == b.translate(_STRICT)
