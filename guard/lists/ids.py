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

_SIGNS: Final = b"-_./"
_TWO_SIGNS: Final = re.compile(rb"[-_./][-_./]")
_NO_DIGITS: Final = b"abcdefghijklmnopqrstuvwxyz" + _SIGNS
_EARLY: Final = 21
_ZERO: Final = ord("0")
_RUNS: Final = bytes(
    sign if sign in b"0123456789" + _NO_DIGITS else ord(" ") for sign in range(256)
)
_APART: Final = bytes.maketrans(_SIGNS, b" " * len(_SIGNS))


def ids_in(
    folded: str,
    lengths: frozenset[int],
    check: Check = go_on,
    *,
    start: int = 0,
    end: int | None = None,
) -> Iterator[tuple[int, int, str]]:
    """
    Give all that could be a customer number of one of these lengths, from *start* to *end*.

    Its start, its end, and its key.
    """
    shortest = min(lengths, default=ID_LONGEST + 1)
    for match in each(_ID, folded, check, start=start, end=end):
        began, ended = match.span()
        if ended - began < shortest:
            continue
        for part in _parts(folded, began, ended, check):
            key = _id(part)
            if len(key) in lengths and not key.isalpha():
                yield began, ended, key


def ids_of(signs: bytes, lengths: frozenset[int]) -> Iterator[str]:
    """
    Give the keys that `ids_in` gives, and perhaps more, for the signs of a text (see `Prepared`).

    In no order and without their places, but soon: most texts have no number of a customer.
    """
    if not lengths:
        return
    shortest, longest = min(lengths), max(lengths)
    runs = [run for run in set(signs.translate(_RUNS).split()) if len(run) >= shortest]
    usual = [run for run in runs if run[:_EARLY].translate(None, _NO_DIGITS)]
    if len(usual) < len(runs):
        early = set(usual)
        late = [run for run in runs if run not in early and run.translate(None, _NO_DIGITS)]
        for run in late:
            yield from (key for _, _, key in ids_in(run.decode(), lengths))
    together = b" ".join(usual)
    for run in usual if _TWO_SIGNS.search(together) else ():
        if _TWO_SIGNS.search(run):
            yield from (key for _, _, key in ids_in(run.decode(), lengths))
    parts = {*together.translate(None, _SIGNS).split(), *together.translate(_APART).split()}
    for part in parts:
        if len(part) < shortest or (len(part) > longest and part[0] != _ZERO):
            continue
        key = part.lstrip(b"0") if part.isdigit() else part
        if len(key) in lengths and not key.isalpha():
            yield key.decode()


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
