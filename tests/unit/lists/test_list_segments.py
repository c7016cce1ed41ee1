"""A list that is added to: what is new is found, what was replaced is not, and all in one again."""

from dataclasses import replace
from pathlib import Path

import crowd
import pytest

from guard.lists.build import Imported, extend, merge
from guard.lists.columns import assign
from guard.lists.index import ListIndex
from guard.lists.paths import MOST_SEGMENTS, index_path, segment_path
from guard.lists.segments import Segments
from guard.model.errors import SourceError
from guard.store.lists import ListFolder

COLUMNS = assign(crowd.JAPANESE_HEADERS, [], {}, "x.csv")
FORM = crowd.JAPANESE_FORMS["csv"]
OLD = crowd.japanese(1, 300)
NEW = crowd.japanese(2, 40)
MOVED = [replace(person, phone="03-9999-0001", email="moved@x.example") for person in OLD[:1]]


def opened(folder: Path) -> Segments:
    """Open a list as the store does."""
    return ListFolder(folder, crowd.KEY, "k1").segments("customers")


def added(folder: Path, people: list[crowd.Person], headers: list[str] | None = None) -> Imported:
    """Add rows to the list."""
    columns = COLUMNS if headers is None else assign(headers, [], {}, "x.csv")
    return extend(
        enumerate(map(crowd.cells, people), start=1),
        columns,
        onto=opened(folder),
        folder=folder,
        name="customers",
        key=crowd.KEY,
        key_id="k1",
        now=crowd.NOW,
    )


def rows(folder: Path, people: list[crowd.Person]) -> list[int]:
    """Give the rows that are found of some people."""
    return [hit.row for hit in crowd.found(opened(folder), FORM(people))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a list that was added to twice: new customers, and one who moved."""
    crowd.make_index(tmp_path, OLD)
    first = added(tmp_path, NEW)
    second = added(tmp_path, MOVED)
    assert (first.kept, first.replaced, second.kept, second.replaced) == (40, 0, 1, 1)
    return tmp_path


def test_old_and_new_are_found(folder: Path) -> None:
    """Rows are counted on, and one that was replaced is found by its new values alone."""
    assert rows(folder, NEW) == list(range(301, 341))
    assert rows(folder, OLD[1:]) == list(range(2, 301))
    assert rows(folder, MOVED) == [341]
    old = OLD[0]
    assert crowd.found(opened(folder), f"{old.email} {old.phone} {old.company}") == ()
    assert opened(folder).kept == 340


def test_all_in_one_again(folder: Path) -> None:
    """Put together without its source, the list finds the same under the same name of its state."""
    everybody = [*OLD, *NEW, *MOVED]
    before, state = rows(folder, everybody), opened(folder).version
    texts = [form(everybody[50:90]) for form in crowd.JAPANESE_FORMS.values()]
    found = [crowd.found(opened(folder), text) for text in texts]
    merge(opened(folder), folder=folder, name="customers")
    assert [path.name for path in folder.iterdir()] == ["customers.rows"]
    assert rows(folder, everybody) == before
    assert opened(folder).version == state
    for text, hits in zip(texts, found, strict=True):
        assert [(hit.row, hit.line) for hit in crowd.found(opened(folder), text)] == [
            (hit.row, hit.line) for hit in hits
        ]


def test_added_to_again(folder: Path) -> None:
    """What was put in one file can be added to, and its rows replaced, as before."""
    merge(opened(folder), folder=folder, name="customers")
    moved = [replace(NEW[0], phone="03-9999-0002")]
    assert added(folder, moved).replaced == 1
    assert rows(folder, moved) == [342]
    assert rows(folder, NEW[1:]) == list(range(302, 341))


def test_common_values_stay_common(tmp_path: Path) -> None:
    """A value that too many rows have starts no match after a merge either."""
    shared = [replace(p, phone="03-5555-0000") for p in crowd.japanese(3, 1025)]
    crowd.make_index(tmp_path, shared)
    added(tmp_path, [replace(p, phone="03-5555-0000") for p in NEW[:3]])
    merge(opened(tmp_path), folder=tmp_path, name="customers")
    person = shared[5]
    assert crowd.found(opened(tmp_path), f"{person.name} 03-5555-0000") == ()
    assert rows(tmp_path, [person]) == [6]


def test_rarity_is_that_of_the_whole_list(tmp_path: Path) -> None:
    """A name that is common in the list is as common in what is added to it."""
    crowd.make_index(tmp_path, OLD)
    added(tmp_path, NEW)
    parts = opened(tmp_path).parts
    place = parts[0].weighed.index(parts[0].header.columns.index("name"))
    assert parts[1].bits[:, place].max() <= parts[0].bits[:, place].max()


def test_an_import_ends_all_updates(folder: Path) -> None:
    """Imported whole, a list has none of what was added before."""
    crowd.make_index(folder, OLD)
    assert len(opened(folder).parts) == 1
    assert [path.name for path in folder.iterdir()] == ["customers.rows"]


def test_a_segment_of_another_index_is_left_out(folder: Path) -> None:
    """What was left over of an earlier index is none of this one's."""
    left = segment_path(folder, "customers", 1).read_bytes()
    crowd.make_index(folder, OLD)
    segment_path(folder, "customers", 1).write_bytes(left)
    assert len(opened(folder).parts) == 1


def test_a_damaged_segment_is_told(folder: Path) -> None:
    """A list of which a part is damaged is not searched as if that part were none."""
    path = segment_path(folder, "customers", 1)
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 1
    path.write_bytes(octets)
    with pytest.raises(SourceError, match="damaged"):
        opened(folder)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    """Rows that would be known by other fields cannot be added."""
    crowd.make_index(tmp_path, OLD)
    headers = [*crowd.JAPANESE_HEADERS[:-1], "備考"]
    with pytest.raises(SourceError, match="other columns"):
        added(tmp_path, NEW, headers)
    assert len(opened(tmp_path).parts) == 1


def test_no_more_updates_than_are_read(tmp_path: Path) -> None:
    """The number of updates that a list may have is that which the store opens."""
    crowd.make_index(tmp_path, OLD)
    for number in range(MOST_SEGMENTS):
        added(tmp_path, crowd.japanese(10 + number, 5))
    assert len(opened(tmp_path).parts) == MOST_SEGMENTS + 1
    with pytest.raises(SourceError, match="in one file"):
        added(tmp_path, NEW)


def test_no_value_is_readable_in_an_update(folder: Path) -> None:
    """Nor does an update hold any."""
    octets = b"".join(path.read_bytes() for path in folder.iterdir())
    for person in [*NEW, *MOVED]:
        for value in crowd.cells(person):
            if len(value) > 5:
                assert value.encode() not in octets


def test_an_index_opens_as_one(tmp_path: Path) -> None:
    """An index by itself is a list of one part."""
    crowd.make_index(tmp_path, OLD)
    index = ListIndex.open(index_path(tmp_path, "customers"), crowd.KEY, "k1")
    assert [hit.row for hit in crowd.found(index, FORM(OLD[:3]))] == [1, 2, 3]
