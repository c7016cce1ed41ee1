"""
Readings of the commonest Japanese surnames and given names, in Hepburn without long vowels.

The commonest reading stands first. A dictionary with every reading and its frequency takes this
place later; a name that is missing here is compared as it is written.
"""

from typing import Final

from guard.names.data import lines


def _table(table: str) -> dict[str, tuple[str, ...]]:
    return {written: tuple(readings) for written, *readings in map(str.split, lines(table))}


SURNAMES: Final = _table("surnames")
GIVEN: Final = _table("given")
SURNAME_READINGS: Final = frozenset(reading for entry in SURNAMES.values() for reading in entry)
GIVEN_READINGS: Final = frozenset(reading for entry in GIVEN.values() for reading in entry)
