"""The index file: whole, keyed, and silent about its values."""

import json
import stat
import struct
from pathlib import Path

import crowd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.lists.build import BATCH, build
from guard.lists.chunk import Chunk
from guard.lists.columns import assign
from guard.lists.draft import COMMON_ROWS
from guard.lists.emails import emails
from guard.lists.index import ListIndex
from guard.lists.keys import Keys
from guard.lists.layout import PREFIX, SCHEMA, read_header
from guard.lists.paths import index_path
from guard.model.errors import SourceError

OTHER_KEY = bytes(reversed(crowd.KEY))


def test_counts_and_header(tmp_path: Path) -> None:
    """The header says what was imported; blank, useless and repeated rows are told apart."""
    people = crowd.japanese(1, 50)
    columns = assign(crowd.JAPANESE_HEADERS, [], {}, "x.csv")
    rows = list(enumerate(map(crowd.cells, people), start=1))
    useless = ["", "株式会社北商事", "山田太郎", "", "", "", "", "", ""]
    rows += [(51, useless), (52, rows[3][1])]
    result = build(
        rows, columns, folder=tmp_path, name="顧客", key=crowd.KEY, key_id="k1", now=crowd.NOW
    )
    assert (result.read, result.kept, result.without, result.duplicates) == (52, 50, 1, 1)
    header = read_header(index_path(tmp_path, "顧客"))
    assert (header.name, header.rows, header.rows_read) == ("顧客", 50, 52)
    assert header.version == result.version
    assert header.imported == "2026-11-23T00:00:00+00:00"


def test_an_index_of_an_earlier_version(tmp_path: Path) -> None:
    """It says what to do: what is looked for is no longer what it keeps."""
    crowd.make_index(tmp_path, crowd.japanese(1, 5))
    path = index_path(tmp_path, "customers")
    now, before = (f'"schema_": {version}'.encode() for version in (SCHEMA, SCHEMA - 1))
    octets = path.read_bytes()
    assert now in octets
    path.write_bytes(octets.replace(now, before))
    for opened in (read_header, lambda it: ListIndex.open(it, crowd.KEY, "k1")):
        with pytest.raises(SourceError, match="no index of this version; import the list again"):
            opened(path)


def test_permissions(tmp_path: Path) -> None:
    """Nobody else on the machine reads the folder or the file, and nothing else is left there."""
    folder = tmp_path / "lists"
    crowd.make_index(folder, crowd.japanese(1, 5))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == ["customers.rows"]
    assert stat.S_IMODE((folder / "customers.rows").stat().st_mode) == 0o600


def test_every_import_has_its_own_version(tmp_path: Path) -> None:
    """The same list imported twice shares neither version nor a single fingerprint."""
    people = crowd.japanese(1, 20)
    first, _ = crowd.make_index(tmp_path, people)
    second, _ = crowd.make_index(tmp_path, people)
    assert first.header.version != second.header.version
    value = emails(Chunk(people[0].email, first.hashing), whole=True).value
    ((one, _),) = first.keys.fingerprints([("email", value)])
    ((two, _),) = second.keys.fingerprints([("email", value)])
    assert len(first.look_up(one)[0]) == len(second.look_up(two)[0]) == 1
    assert len(second.look_up(one)[0]) == 0
    assert not set(first.records.ravel().tolist()) & set(second.records.ravel().tolist()) - {0}


def test_no_value_is_readable(tmp_path: Path) -> None:
    """No value of the list, and no part of one, stands in the file, in any usual encoding."""
    people = crowd.japanese(3, 100)
    crowd.make_index(tmp_path, people)
    crowd.make_index(tmp_path, crowd.western(3, 100), name="west")
    octets = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for person in [*people, *crowd.western(3, 100)]:
        values = [
            *crowd.cells(person),
            person.last,
            person.phone.replace("-", ""),
            person.phone[1:],
        ]
        for value in values:
            if len(value) > 5:
                for encoding in ("utf-8", "utf-16-le", "cp932"):
                    assert value.encode(encoding, "replace") not in octets
        number = int("".join(filter(str.isdigit, person.phone)))
        assert struct.pack("<Q", number) not in octets


def test_wrong_key_is_refused(tmp_path: Path) -> None:
    """An index under another key, by its id or by its bytes, is not opened."""
    crowd.make_index(tmp_path, crowd.japanese(1, 5))
    path = index_path(tmp_path, "customers")
    with pytest.raises(SourceError, match="made with the key “k1”"):
        ListIndex.open(path, crowd.KEY, "k2")
    with pytest.raises(SourceError, match="another key"):
        ListIndex.open(path, OTHER_KEY, "k1")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> ListIndex:
    return crowd.make_index(tmp_path_factory.mktemp("index"), crowd.japanese(1, 8))[0]


@settings(deadline=None)
@given(key=st.binary(min_size=32, max_size=32), salt=st.binary(min_size=16, max_size=16))
def test_wrong_key_never_says_yes(small: ListIndex, key: bytes, salt: bytes) -> None:
    """Even unchecked, look-ups under another key find no row."""
    text = crowd.JAPANESE_FORMS["name and e-mail"](crowd.japanese(1, 8))
    assert len(crowd.found(small, text)) == 8
    for wrong in (Keys(key, bytes.fromhex(small.header.salt)), Keys(crowd.KEY, salt)):
        assert crowd.found(ListIndex(small.header, wrong, small.hashing, small._octets), text) == ()


def test_each_flipped_bit_is_seen(tmp_path: Path) -> None:
    """Wherever a file is damaged or cut off, it is refused."""
    crowd.make_index(tmp_path, crowd.japanese(1, 5))
    path = index_path(tmp_path, "customers")
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(SourceError):
            ListIndex.open(path, crowd.KEY, "k1")
    for length in (0, 3, 50, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(SourceError):
            ListIndex.open(path, crowd.KEY, "k1")


@settings(deadline=None)
@given(octets=st.binary(max_size=300))
def test_any_octets_are_refused(octets: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Any other file is a `SourceError`."""
    path = tmp_path_factory.mktemp("index") / "x.rows"
    path.write_bytes(PREFIX.pack(b"GUARDROW", PREFIX.size, len(octets)) + octets)
    with pytest.raises(SourceError):
        ListIndex.open(path, crowd.KEY, "k1")


def test_broken_source_changes_nothing(tmp_path: Path) -> None:
    """A source that breaks half way leaves the old index, and no other file."""
    crowd.make_index(tmp_path, crowd.japanese(1, 5))
    before = index_path(tmp_path, "customers").read_bytes()

    def breaking():
        yield 1, crowd.cells(crowd.japanese(2, 1)[0])
        raise SourceError("list.csv:3: broken")

    columns = assign(crowd.JAPANESE_HEADERS, [], {}, "x.csv")
    with pytest.raises(SourceError, match=":3:"):
        build(
            breaking(),
            columns,
            folder=tmp_path,
            name="customers",
            key=crowd.KEY,
            key_id="k1",
            now=crowd.NOW,
        )
    assert index_path(tmp_path, "customers").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_no_usable_row_is_refused(tmp_path: Path) -> None:
    """A list of which no row could ever be found is not imported."""
    columns = assign(crowd.JAPANESE_HEADERS, [], {}, "x.csv")
    row = ["", "", "山田太郎", "", "", "", "", "", ""]
    with pytest.raises(SourceError, match="no row has"):
        build(
            [(1, row)],
            columns,
            folder=tmp_path,
            name="x",
            key=crowd.KEY,
            key_id="k1",
            now=crowd.NOW,
        )


def test_unwritable_folder(tmp_path: Path) -> None:
    """A folder that cannot be made is a source error."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SourceError, match="cannot be written"):
        crowd.make_index(tmp_path / "file", crowd.japanese(1, 5))


def test_progress_is_told(tmp_path: Path) -> None:
    """Whoever waits hears of the rows read, in rising numbers up to the last."""
    told: list[int] = []
    rows = enumerate(map(crowd.cells, crowd.japanese(1, 2 * BATCH + 500)), start=1)
    columns = assign(crowd.JAPANESE_HEADERS, [], {}, "x.csv")
    build(
        rows, columns, folder=tmp_path, name="x", key=crowd.KEY, key_id="k1", now=crowd.NOW,
        progress=told.append,
    )  # fmt: skip
    assert told == [BATCH, 2 * BATCH, 2 * BATCH + 500]


def test_open_index_survives_its_replacement(tmp_path: Path) -> None:
    """Who opened the old file goes on with it."""
    people = crowd.japanese(1, 20)
    index, _ = crowd.make_index(tmp_path, people)
    crowd.make_index(tmp_path, crowd.japanese(2, 20))
    assert len(crowd.found(index, crowd.JAPANESE_FORMS["csv"](people))) == 20


def test_very_common_values_start_no_match(tmp_path: Path) -> None:
    """A telephone number that more rows share than is sensible is not looked up."""
    from dataclasses import replace

    people = [replace(p, phone="03-5555-0000") for p in crowd.japanese(1, COMMON_ROWS + 1)]
    index, _ = crowd.make_index(tmp_path, people)
    assert crowd.found(index, f"{people[0].name} {people[0].phone}") == ()
    (hit,) = crowd.found(index, f"{people[0].name} {people[0].email}")
    assert hit.row == 1


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "-x", "x" * 101, "a b", "a\x00b"])
def test_names_that_are_no_file_names(tmp_path: Path, name: str) -> None:
    """A list's name stays within the folder."""
    with pytest.raises(SourceError, match=r"letters, digits|too long"):
        index_path(tmp_path, name)


@pytest.mark.parametrize("name", ["customers", "顧客", "crm-2026_a.b"])
def test_names_of_lists(tmp_path: Path, name: str) -> None:
    """Letters of any script name a list."""
    assert index_path(tmp_path, name).parent == tmp_path


def test_header_has_no_headers_of_the_source(tmp_path: Path) -> None:
    """What stands in clear are counts, kinds and lengths."""
    crowd.make_index(tmp_path, crowd.japanese(1, 5))
    path = index_path(tmp_path, "customers")
    _, start, length = PREFIX.unpack_from(path.read_bytes())
    header = json.loads(path.read_bytes()[start : start + length])
    assert set(header["columns"]) == {
        "domain", "name", "kana", "company", "postcode", "address", "birthday", "parts"
    }  # fmt: skip
