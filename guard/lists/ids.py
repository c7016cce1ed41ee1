"""Customer numbers: digits, with the letters and signs that a company puts around them."""

import re
from collections.abc import Iterator
from typing import Final

from guard.lists.fold import fold, squeeze

# A digit stands early in a customer number: most words are passed over by this alone.
_ID: Final = re.compile(r"(?<![a-z0-9])(?=[a-z\-_./]{0,20}\d)[a-z0-9]+(?:[-_./][a-z0-9]+)*")
_ID_PART: Final = re.compile(r"[a-z0-9]*\d[a-z0-9]*")
ID_LONGEST: Final = 40


def ids_in(folded: str, lengths: frozenset[int]) -> Iterator[tuple[int, int, str]]:
    """Give all that could be a customer number of one of these lengths: start, end, key."""
    shortest = min(lengths, default=ID_LONGEST + 1)
    for match in _ID.finditer(folded):
        text = match.group()
        if len(text) < shortest:
            continue
        # C-00123 is one number, and of No.123 the second part is one.
        for part in (text, *_ID_PART.findall(text)) if not text.isalnum() else (text,):
            key = _id(part)
            if len(key) in lengths and not key.isalpha():
                yield match.start(), match.end(), key


def id_key(value: str) -> str | None:
    """Give what the list keeps of a customer number; `None` where it has no digit."""
    key = _id(fold(value))
    has_digit = any(char.isdigit() for char in key)
    return key if has_digit and 1 <= len(key) <= ID_LONGEST else None


def _id(folded: str) -> str:
    # Most are letters and digits alone, and of those nothing is squeezed out.
    key = folded if folded.isascii() and folded.isalnum() else squeeze(folded)
    return key.lstrip("0") if key.isdigit() else key
