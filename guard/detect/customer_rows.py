"""Rows of a customer list in the text, or in a file."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from guard.detect.inspection import Inspection
from guard.detect.places import shortened, stretch
from guard.lists.hits import RowHit
from guard.model.finding import CustomerRows
from guard.model.stretches import stretches

MAX_SAMPLES: Final = 3


def customer_rows(inspection: Inspection) -> Iterator[CustomerRows]:
    """
    Report the rows of each list in each file, and whose they are.

    What the search of several readings of one file found is counted once. Rows that belong to a
    recipient are reported like the rest: whether they count is for the policy to say.
    """
    found: dict[tuple[str, str], list[RowHit]] = {}
    for searched in inspection.searched:
        if searched.hits:
            found.setdefault((searched.list_name, searched.file), []).extend(searched.hits)
    for (list_name, file), all_hits in found.items():
        hits = [hit for hit in all_hits if hit.certain]
        if not hits:
            continue
        possible = {hit.row for hit in all_hits if not hit.certain}
        first = {hit.row: hit for hit in reversed(hits)}
        owners = _owners(hits)
        own = Counter(owner for row in first for owner in owners[row])
        yield CustomerRows(
            list_name=list_name,
            list_version=hits[0].list_version,
            file=file,
            rows=tuple(sorted(first)),
            places=_places([hit for hit in hits if first[hit.row] is hit], hits),
            samples=tuple(dict.fromkeys(_samples(first.values())))[:MAX_SAMPLES],
            possible=len(possible - first.keys()),
            own_rows=tuple(sorted(own.items())),
        )


def _owners(hits: Sequence[RowHit]) -> dict[int, frozenset[str]]:
    owners: dict[int, frozenset[str]] = {}
    for hit in hits:
        owners[hit.row] = owners.get(hit.row, frozenset()) | hit.belongs_to
    return owners


def _samples(hits: Iterable[RowHit]) -> Iterator[str]:
    """Give samples that show a name before those that do not."""
    for hit in sorted(hits, key=lambda hit: ("name" not in hit.fields, hit.place, hit.number)):
        if hit.sample:
            yield hit.sample


def _places(firsts: Sequence[RowHit], hits: Sequence[RowHit]) -> tuple[str, ...]:
    """Say where the rows stand: ``sheet “顧客”, rows 2–31``."""
    places = []
    for place, at_place in groupby(sorted(firsts, key=_where), key=lambda hit: hit.place):
        numbers = sorted({hit.number for hit in at_place})
        places += [stretch(place, start, end) for start, end in stretches(numbers)]
    if any(hit.more for hit in hits):
        return (*shortened(places), "and more rows, not counted")
    return shortened(places)


def _where(hit: RowHit) -> tuple[str, int]:
    return hit.place, hit.number
