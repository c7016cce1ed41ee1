"""Kanji that are written in several ways in names of people, each mapped to one of them."""

from typing import Final

from guard.names.data import lines

VARIANTS: Final[dict[int, str]] = {
    ord(other): group[0] for group in lines("kanji") for other in group[1:]
}
"""For `str.translate`: the rarer glyph to the common one."""
