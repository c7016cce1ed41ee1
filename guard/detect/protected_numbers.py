"""My numbers (個人番号) and payment cards: how many, and where; never a number."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, get_args

import numpy as np

from guard.detect.inspection import Inspection
from guard.detect.places import shortened, stretch
from guard.detect.texts import texts
from guard.lists.arrays import Ints
from guard.lists.checked import SEVERAL, Checked, NumberKind, checked
from guard.lists.unkeyed import pieces
from guard.model.finding import ProtectedNumbers

_LONG_NUMBER: Final = re.compile(r"\d(?:[^\w\n]{0,3}\d){11}")
"""Twelve digits, however they are parted; most texts have none."""

_SHARE: Final = 2
"""Of the numbers of one shape, one in so many must be right; by chance it is one in ten."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """Numbers of one kind and shape in one piece of a passage, which itself is not kept."""

    place: str
    lines: Ints
    """As the program that made the file would count them."""

    numbers: Checked


def protected_numbers(inspection: Inspection) -> Iterator[ProtectedNumbers]:
    """
    Report, for each file and kind, numbers whose check digit is right and that are no chance.

    One counts by a word beside it that names its kind; by the groups of a card; or together with
    others. Of the last two, at least half of all numbers of that shape in the file must be right.
    """
    for file, passages in texts(inspection):
        seen: dict[NumberKind, list[_Seen]] = {kind: [] for kind in get_args(NumberKind)}
        for passage in passages:
            if not _LONG_NUMBER.search(passage.text):
                continue
            for piece in pieces(passage.text):
                first = passage.first_row + piece.line
                for one in checked(piece.chunk):
                    at = first + piece.chunk.line_of(one.spans.start)
                    seen[one.kind].append(_Seen(passage.place, at, one))
        for kind, several in seen.items():
            values, places = _counted(several)
            if values:
                yield ProtectedNumbers(
                    file=file, kind=kind, count=len(values), places=shortened(places)
                )


def _counted(seen: Sequence[_Seen]) -> tuple[set[int], list[str]]:
    """Give the different numbers that count, hashed, and the places of all of them."""
    trusted = {grouped: _trusted(seen, grouped=grouped) for grouped in (False, True)}
    values: set[int] = set()
    places: list[str] = []
    for one in seen:
        numbers = one.numbers
        good = numbers.right if trusted[numbers.grouped] else numbers.right & numbers.named
        values.update(numbers.spans.value[good].tolist())
        places += [stretch(one.place, at, at) for at in np.unique(one.lines[good]).tolist()]
    return values, places


def _trusted(seen: Sequence[_Seen], *, grouped: bool) -> bool:
    """Whether so many numbers of a shape are right that chance does not explain it."""
    every: set[int] = set()
    right: set[int] = set()
    for one in seen:
        if one.numbers.grouped is grouped:
            every.update(one.numbers.spans.value.tolist())
            right.update(one.numbers.spans.value[one.numbers.right].tolist())
    return len(right) >= (1 if grouped else SEVERAL) and len(right) * _SHARE >= len(every)
