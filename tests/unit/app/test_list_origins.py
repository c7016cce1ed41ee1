"""What a list was made of, said in few words however often it was added to."""

from pathlib import Path

import pytest

from guard.app.list_origins import (
    MOST_PARTS,
    added_origin,
    paths_origin,
    put_together,
    told_part,
)
from guard.lists.gathered import Part


def test_origin_of_paths() -> None:
    """The first by its name, the others by their number."""
    assert paths_origin([Path("/x/a.csv")]) == "a.csv"
    assert paths_origin([Path("a.csv"), Path("b.csv"), Path("c.csv")]) == "a.csv and 2 more"


def test_origin_does_not_grow() -> None:
    """After whatever number of updates the first and the last are named."""
    origin = "crm.csv"
    for number in range(100):
        origin = added_origin(origin, f"new{number}.csv")
    assert origin == "crm.csv, and last new99.csv"
    assert added_origin("", "new.csv") == "new.csv"


def test_few_parts_stay() -> None:
    """Up to the limit each file is named with its rows."""
    parts = tuple(
        told_part(Part(name="n.csv", first=1, last=5), behind=5 * n) for n in range(MOST_PARTS)
    )
    assert put_together(parts) == parts
    assert parts[1] == "n.csv: 6-10"


@pytest.mark.parametrize("step", [1, 3, 7])
def test_parts_do_not_grow(step: int) -> None:
    """The oldest are put together, their rows without a gap and their number right."""
    parts: tuple[str, ...] = ("crm: all.csv: 1-10",)
    row = 10
    for _ in range(60):
        more = [f"new.csv: {row + 2 * n + 1}-{row + 2 * n + 2}" for n in range(step)]
        row += 2 * step
        parts = put_together((*parts, *more))
        assert len(parts) <= MOST_PARTS
    files = 1 + 60 * step
    end = 10 + 2 * (files - MOST_PARTS)
    assert parts[0] == f"crm: all.csv and {files - MOST_PARTS} more: 1-{end}"
    assert parts[1] == f"new.csv: {end + 1}-{end + 2}"
    assert parts[-1] == f"new.csv: {row - 1}-{row}"
