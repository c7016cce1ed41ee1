"""Compound files whose pointers lie, and those that do not."""

import io
import struct

import olefile
import pytest
from compounds import FREE, SECTOR, compound
from hypothesis import given
from hypothesis import strategies as st
from samples import sample

from guard.extract.budget import Budget
from guard.extract.compound import Compound, walk
from guard.extract.kinds import Kind, kind_of
from guard.extract.pieces import UnreadError
from guard.model.extract import Reason

TREE = {"a": b"x" * 700, "b": {"c": b"y" * 5000, "d": {"Workbook": b"z"}}, "e": b""}


def test_streams_and_storages() -> None:
    """Everything is where it was put."""
    opened = Compound(compound(TREE))
    a = opened.root.stream("A")
    assert a
    assert opened.read(a, Budget()) == b"x" * 700
    assert [entry.name for entry in walk(opened.root)] == ["a", "b", "c", "d", "Workbook", "e"]
    assert not opened.damaged


@pytest.mark.parametrize("name", ["letter.doc", "book.xls", "deck.ppt"])
def test_like_another_reader(name: str) -> None:
    """In files of a real producer every stream has the octets that olefile gives."""
    octets = sample(name)
    opened = Compound(octets)
    other = olefile.OleFileIO(io.BytesIO(octets))
    streams = [entry for entry in walk(opened.root) if entry.is_stream]
    assert {entry.name for entry in streams} >= {name for (name,) in other.listdir()} - {
        "ObjectPool"  # a storage with nothing in it
    }
    for entry in streams:
        assert opened.read(entry, Budget()) == other.openstream(entry.name).read()
    assert not opened.damaged


def test_storage_as_a_file() -> None:
    """An embedded object becomes a file of its own, and what stands around it is not in there."""
    outer = Compound(compound(TREE))
    storage = next(entry for entry in walk(outer.root) if entry.name == "d")
    inner = outer.rerooted(storage)
    assert [entry.name for entry in walk(Compound(inner).root)] == ["Workbook"]
    assert not Compound(inner).damaged
    assert (kind_of(compound(TREE)), kind_of(inner)) == (Kind.COMPOUND, Kind.XLS)


def test_names_that_only_stand_somewhere() -> None:
    """A name in the text of a stream makes no workbook of the file."""
    octets = compound({"x": "Workbook\0".encode("utf-16-le"), "WordDocument": b"x"})
    assert kind_of(octets) is Kind.WORD


def patched(octets: bytes, at: int, value: int) -> bytes:
    """The octets with a number of four written over."""
    return octets[:at] + struct.pack("<I", value) + octets[at + 4 :]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(lambda o, fat, _: patched(o, fat, 0), id="a sector that follows itself"),
        pytest.param(lambda o, fat, _: patched(o, fat, 2), id="a sector of another stream"),
        pytest.param(lambda o, fat, _: patched(o, fat, 99_999), id="a sector behind the end"),
        pytest.param(lambda o, _, d: patched(o, d + 128 + 120, 0xFFFFFF), id="a size that lies"),
        pytest.param(lambda o, _, d: patched(o, d + 128 + 72, 1), id="its own sibling"),
        pytest.param(lambda o, _, d: patched(o, d + 128 + 72, FREE), id="names that hang nowhere"),
        pytest.param(lambda o, _, d: patched(o, d + 256 + 76, 0), id="the root as a child"),
    ],
)
def test_pointers_that_lie(changed) -> None:  # type: ignore[no-untyped-def]
    """Every one leaves its mark, and none leads into a circle."""
    octets = compound(TREE)
    start = struct.unpack_from("<I", octets, 48)[0]
    fat = struct.unpack_from("<I", octets, 76)[0]
    opened = Compound(changed(octets, (fat + 1) * SECTOR, (start + 1) * SECTOR))
    for entry in walk(opened.root):
        if entry.is_stream:
            assert len(opened.read(entry, Budget())) <= len(octets)
    assert opened.damaged


@pytest.mark.parametrize("at", [44, 68, 72, 80])
def test_header_that_lies(at: int) -> None:
    """Counts of the header are not believed."""
    opened = Compound(patched(compound(TREE), at, 0xFFFFFF00))
    assert len(opened.root.children) <= len(TREE)


def test_no_header() -> None:
    """What has no directory is corrupt."""
    with pytest.raises(UnreadError) as refused:
        Compound(compound(TREE)[:512])
    assert refused.value.reason is Reason.CORRUPT


@given(st.data())
def test_any_octets(data: st.DataObject) -> None:
    """Whatever stands in one, it is opened or refused, and gives no more than it has."""
    octets = bytearray(compound(TREE))
    for _ in range(data.draw(st.integers(0, 8))):
        octets[data.draw(st.integers(8, len(octets) - 1))] = data.draw(st.integers(0, 255))
    octets = octets[: data.draw(st.integers(0, len(octets)))]
    try:
        opened = Compound(bytes(octets))
    except UnreadError:
        return
    for entry in walk(opened.root):
        assert len(opened.read(entry, Budget())) <= len(octets)
