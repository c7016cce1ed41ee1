"""What a list was made of, for people: the files that were given, and which rows each has."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from guard.lists.gathered import Part

MOST_PARTS: Final = 20
"""Files that are named apart once updates of a list are put in one; the audit log has all."""

_PART: Final = re.compile(r"(?P<name>.*): (?P<first>\d+)-(?P<last>\d+)", re.DOTALL)
_TOGETHER: Final = re.compile(r"(?P<name>.*) and (?P<more>\d+) more", re.DOTALL)


def paths_origin(paths: Sequence[Path]) -> str:
    """Say for people which files a list was made of."""
    return _and_more(paths[0].name, len(paths) - 1)


def added_origin(before: str, added: str) -> str:
    """Say what a list was made of first and, of all that was added since, last."""
    first = before.split(_THEN, maxsplit=1)[0]
    return f"{first}{_THEN}{added}" if first else added


_THEN: Final = ", and last "


def told_part(part: Part, *, behind: int = 0) -> str:
    """Say which rows of a list a file has, where its rows are counted on from *behind*."""
    return f"{part.name}: {part.first + behind}-{part.last + behind}"


def put_together(parts: Sequence[str]) -> tuple[str, ...]:
    """
    Give the last `MOST_PARTS` of *parts*, the first of them standing for all before it, too.

    ``a.csv: 1-20`` and ``b.csv: 21-30`` become ``a.csv and 1 more: 1-30``.
    """
    over = len(parts) - MOST_PARTS
    if over <= 0:
        return tuple(parts)
    first, *others = (_PART.fullmatch(part) for part in parts[: over + 1])
    last = others[-1]
    if first is None or last is None:
        return tuple(parts[over:])
    known = _TOGETHER.fullmatch(first["name"])
    name, more = (known["name"], int(known["more"])) if known else (first["name"], 0)
    told = f"{_and_more(name, more + len(others))}: {first['first']}-{last['last']}"
    return (told, *parts[over + 1 :])


def _and_more(name: str, more: int) -> str:
    return f"{name} and {more} more" if more else name
