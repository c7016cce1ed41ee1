"""Customer numbers: digits, with the letters and signs that a company puts around them."""

import re
from collections.abc import Iterator
from typing import Final

from guard.lists.fold import fold, squeeze
from guard.lists.steps import Check, each, go_on

# A digit stands early in a customer number: most words are passed over by this alone.
_ID: Final = re.compile(r"(?<![a-z0-9])(?=[a-z\-_./]{0,20}\d)[a-z0-9]+(?:[-_./][a-z0-9]+)*+")
_ID_PART: Final = re.compile(r"[a-z0-9]+")
ID_LONGEST: Final = 40
_TYPED_LONGEST: Final = 4 * ID_LONGEST
"""Characters of one as it is typed, with signs and leading zeros."""


def ids_in(
    folded: str, lengths: frozenset[int], check: Check = go_on
) -> Iterator[tuple[int, int, str]]:
    """Give all that could be a customer number of one of these lengths: start, end, key."""
    shortest = min(lengths, default=ID_LONGEST + 1)
    for match in each(_ID, folded, check):
        start, end = match.span()
        if end - start < shortest:
            continue
        for part in _parts(folded, start, end, check):
            key = _id(part)
            if len(key) in lengths and not key.isalpha():
                yield start, end, key


def _parts(folded: str, start: int, end: int, check: Check) -> Iterator[str]:
    """Give the whole and its parts: C-00123 is one number, and of No.123 the second part is."""
    if end - start <= _TYPED_LONGEST:
        yield (whole := folded[start:end])
        if whole.isalnum():
            return
    for part in each(_ID_PART, folded, check, start=start, end=end):
        if part.end() - part.start() <= _TYPED_LONGEST:
            yield part.group()


def id_key(value: str) -> str | None:
    """Give what the list keeps of a customer number; `None` where it has no digit."""
    key = _id(fold(value))
    has_digit = any(char.isdigit() for char in key)
    return key if has_digit and 1 <= len(key) <= ID_LONGEST else None


def _id(folded: str) -> str:
    # Most are letters and digits alone, and of those nothing is squeezed out.
    key = folded if folded.isascii() and folded.isalnum() else squeeze(folded)
    return key.lstrip("0") if key.isdigit() else key
