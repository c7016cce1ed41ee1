"""Numbers that follow each other, told as first and last."""

from collections.abc import Iterable, Iterator
from itertools import groupby


def stretches(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Give first and last of each run of consecutive numbers; *numbers* rise."""
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        members = [number for _, number in run]
        yield members[0], members[-1]
