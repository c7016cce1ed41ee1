"""Short forms of given names that people write and greet with."""

from typing import Final

from guard.names.data import lines


def _families() -> dict[str, frozenset[int]]:
    numbers: dict[str, set[int]] = {}
    for number, family in enumerate(lines("nicknames")):
        for name in family.split():
            numbers.setdefault(name, set()).add(number)
    return {name: frozenset(of) for name, of in numbers.items()}


NICKNAMES: Final = _families()
"""For a given name, the numbers of the families that it belongs to."""
