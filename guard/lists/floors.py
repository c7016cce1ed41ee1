"""What fields of a row say at least, whatever the list says: it may be a small one."""

from typing import Final

import numpy as np

from guard.lists.arrays import Ints, true_at
from guard.lists.kinds import STRONG, Kind
from guard.lists.pairs import GROUPS, ORDER
from guard.lists.score import FEW, FLOOR, HOUSE, Floats

NAMES_ONE: Final = sum(1 << list(GROUPS).index(kind) for kind in STRONG)
"""Fields, as bits by `ORDER`, each of which names one person."""

NAMES_HOUSE: Final = sum(1 << list(GROUPS).index(kind) for kind in (Kind.POSTCODE, Kind.ADDRESS))
"""Those that together name one house."""

_FLOORS: Final = tuple(
    (number, GROUPS[Kind(one)], FLOOR[one]) for number, one in enumerate(ORDER) if one in FLOOR
)


def raise_to_floors(worth: Floats, fields: Ints, kept: int) -> None:
    """Raise what the groups of fields say, a row of *worth* for each row of a list of *kept*."""
    few = np.log2(max(kept, 1) / FEW)
    strong = true_at((fields & NAMES_ONE) != 0)
    if len(strong):
        agrees = fields[strong, None] >> np.arange(len(ORDER)) & 1
        for number, group, floor in _FLOORS:
            listed = worth[strong, group]
            # What several rows have is as common as the list says.
            rare = (listed >= few) | (number < len(STRONG))
            worth[strong, group] = np.maximum(listed, agrees[:, number] * rare * floor)
    group = GROUPS[Kind.ADDRESS]
    house = ((fields & NAMES_HOUSE) == NAMES_HOUSE) & (worth[:, group] >= few)
    worth[house, group] = np.maximum(worth[house, group], HOUSE)
