"""Plain text in columns, by display width: full-width characters count two."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

COLUMNS: Final = 72

_NOT_FIRST: Final = frozenset(
    "、。，．・：；？！）」』】〕］｝〉》’”…ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ"  # full width
    ",.:;?!)]}%"
)
"""No line begins with these (JIS X 4051)."""

_NOT_LAST: Final = frozenset("（「『【〔［｛〈《‘“([{")
"""No line ends with these."""

_PIECE: Final = re.compile(r"[!-~\u00a1-\u02ff]+|\s+|.", re.DOTALL)
"""A run of Western letters (a word, an address, a URL), a run of blanks, or one other character."""


def width(text: str) -> int:
    """Give the columns that *text* takes on a terminal with a Japanese font."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def wrap(text: str, columns: int = COLUMNS) -> list[str]:
    """
    Break *text* into lines of at most *columns*; addresses, URLs and words are never broken.

    A piece that is wider than a line gets a line of its own.
    """
    lines: list[str] = []
    line, used = "", 0
    for piece in _pieces(text):
        if line and used + width(piece.rstrip()) > columns:
            lines.append(line.rstrip())
            line, used = "", 0
        more = piece if line else piece.lstrip()
        line, used = line + more, used + width(more)
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _pieces(text: str) -> Iterator[str]:
    """Give what stays on one line: marks stick to what is before them, brackets to what follows."""
    piece = ""
    for part in _PIECE.findall(text):
        sticks = part[0] in _NOT_FIRST or unicodedata.combining(part[0]) or piece[-1:] in _NOT_LAST
        if piece and not sticks:
            yield piece
            piece = ""
        piece += part
    if piece:
        yield piece
