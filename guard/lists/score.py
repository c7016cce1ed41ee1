"""
How much a field that agrees says, in bits: the rarer its value, the less it is chance.

A match is worth the sum over independent fields of −log₂(share of people who have the value), less
log₂(rows): 2^−score is the number of rows that would agree by chance.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from guard.lists.arrays import U8, Ints
from guard.lists.kinds import Kind

Floats = NDArray[np.float64]

FLOOR: Final = {
    str(Kind.EMAIL): 40.0,
    str(Kind.PHONE): 28.0,
    str(Kind.NAME): 9.0,
    str(Kind.KANA): 7.0,
    str(Kind.COMPANY): 7.0,
    str(Kind.POSTCODE): 10.0,
    str(Kind.ADDRESS): 10.0,
    str(Kind.BIRTHDAY): 13.0,
    str(Kind.LAST): 5.0,
    str(Kind.FIRST): 3.0,
}
"""
What a value is worth however small the list is: of ten rows each value is a tenth, and yet few
people in the world have it. The commonest Japanese and English names are borne by one in 2⁹ to 2¹¹.
It holds beside an address, a telephone or customer number, which are nobody else's; of the rest
alone, people in one town have too much in common.
"""

HOUSE: Final = 20.0
"""
The same for an address together with its postal code: of some 2²⁵ there are, a block of 30 flats
is one.
"""

FEW: Final = 5
"""Rows that have a value, from which the list tells how common it is in the world."""

_DIGIT: Final = math.log2(10)
LETTER: Final = 4.0
"""Bits of a letter in a customer number: most stand in all of them."""

_USUAL: Final = {1: 8.0, 2: 8.0, 3: 8.0, 4: 8.0, 5: 3.0}
"""Bits less for short numbers: years, amounts, counts and dates are drawn from few."""

_UNSEEN: Final = 5.0
"""Bits more of a value that one row has, at most."""

_ID_MOST: Final = 34.0
QUARTERS: Final = 4
"""Bits are kept in quarters."""

CHANCE: Final = 256
"""Rows found for each that chance gives: 64 times as many, with 4 fields near a place."""

LADDER: Final = (8.0, 10.0, 11.0, 12.0, 14.0, 16.0, 18.0, 20.0, 24.0, 28.0)
"""Scores that may be asked for; more where more is looked up."""

ALONE: Final = 11.0
"""Score that is asked for of rows that are fewer than `TABLE`."""

TABLE: Final = 5

POSSIBLE: Final = 6.0
"""Score from which a row that is not certain is possible."""


def record_bits(rows: int, sharing: Ints) -> U8:
    """
    Give the quarters of bits of all values of a column, by how many of *rows* have each.

    Of values that one row has, the list itself tells how rare they are: where nearly all are such,
    a new one would be yet another, and hardly any of these again (I. J. Good, Biometrika 40, 1953).
    """
    bits = np.log2(np.maximum(rows, 1) / np.maximum(sharing, 1))
    alone = sharing == 1
    covered = 1 - np.count_nonzero(alone) / max(rows, 1)
    bits = np.where(alone, bits - math.log2(max(covered, 2.0**-_UNSEEN)), bits)
    return np.minimum(np.rint(bits * QUARTERS), 255).astype(np.uint8)


def part_bits(rows: int, sharing: Ints) -> U8:
    """Give the whole bits of surnames or given names, by how many of *rows* have each."""
    return np.log2(np.maximum(rows, 1) / np.maximum(sharing, 1)).astype(np.uint8)


def id_bits(digits: Ints, letters: Ints) -> Floats:
    """Give the bits of customer numbers by how many digits and other letters they have."""
    bits = digits * _DIGIT + letters * LETTER
    for width, less in _USUAL.items():
        bits = np.where((digits == width) & (letters == 0), bits - less, bits)
    return np.minimum(bits, _ID_MOST)


def asked(scores: Floats, looked_up: int) -> float:
    """
    Give the least score at which rows are certain, for the *scores* found among *looked_up* values.

    It is that at which 64 times as many rows are found as chance would give: one clear row is
    enough, and so are many of which each alone would not be.
    """
    for score in LADDER:
        found = np.count_nonzero(scores >= score)
        enough = score >= ALONE or found >= TABLE
        if enough and found >= CHANCE * looked_up * 2.0**-score:
            return score
    return LADDER[-1]


def told_by_others(others: Floats, hit: int) -> tuple[float, bool]:
    """
    Give the least bits that other fields must say where *hit* numbers are those of some row.

    Order numbers may be drawn from where customer numbers are: then numbers hit, and it is the
    names beside them that must be too many for chance, 16 times what it gives. *others* are those
    of the rows found. Also whether so many are that they are a table, whatever their numbers are
    worth.
    """
    for bits in (7.0, *LADDER):
        found = int(np.count_nonzero(others >= bits))
        if found and found >= CHANCE / 4 * hit * 2.0**-bits:
            return bits, found >= TABLE
    return LADDER[-1], False
