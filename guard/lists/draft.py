"""
The making of an index file, in bounded memory.

What rows are looked up by is spilled, by the leading bits of its fingerprint, to files without a
name; each of these is then sorted by itself.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, BinaryIO, Final

import numpy as np

from guard.lists.arrays import U8, U32, U64, Bools, Ints, firsts
from guard.lists.index import COMMON, SEVERAL, ListIndex, bucket_of, filter_place
from guard.lists.keys import Keys
from guard.lists.layout import ALIGN, MAGIC, PREFIX, SECTIONS, IndexHeader, Section, weighed_columns
from guard.lists.parts import HALVES, PARTS, half, packed_bits
from guard.lists.score import part_bits, record_bits
from guard.model.errors import SourceError

COMMON_ROWS: Final = 1024
"""Rows that one value may have; one that more have supports a match, but starts none."""

BUCKET: Final = 8
"""Fingerprints of a bucket, on average."""

FILTER_BITS: Final = 8
"""Bits of the filter for each fingerprint."""

_PARTS: Final = 32
_COPIED: Final = 1 << 16
"""Rows that are copied at once."""

_ENTRY: Final = np.dtype([("fingerprint", "<u8"), ("row", "<u4")])
_MARKS: Final = 24
"""Bits of a tag by which most that are not asked for are passed over."""


class Draft:
    """An index in the making. Rows are counted from 0 as they are taken in."""

    def __init__(self, width: int, folder: Path, files: ExitStack) -> None:
        """Spill to *folder*, until *files* are closed; records are *width* tags wide."""
        self.rows = 0
        self.kept = 0
        self._width = width
        # Files without a name: whatever happens, nothing of them is left.
        self._parts = [_spill(folder, files) for _ in range(_PARTS)]
        self._records = _spill(folder, files)
        self._numbers: list[U32] = []
        self._alive: Bools = np.zeros(0, bool)
        self._renumbered: U32 = np.zeros(0, np.uint32)

    def add(self, records: U32, numbers: U32) -> None:
        """
        Take some rows in: their tags, and what the source counts them as.

        Raises:
            SourceError: There are more than an index can hold.
        """
        self._records.write(records.tobytes())
        self._numbers.append(numbers)
        self.rows += len(records)
        if self.rows >= SEVERAL:
            raise SourceError(f"a list has {SEVERAL:,} rows at most")

    def lead(self, fingerprints: U64, rows: Ints) -> None:
        """Let fingerprints lead to rows; to row `COMMON`: to none, for too many have the value."""
        part = bucket_of(fingerprints, _PARTS)
        order = np.argsort(part, kind="stable")
        entries = np.empty(len(order), _ENTRY)
        entries["fingerprint"], entries["row"] = fingerprints[order], rows[order]
        edges = np.searchsorted(part[order], np.arange(_PARTS + 1))
        for number, file in enumerate(self._parts):
            file.write(entries[edges[number] : edges[number + 1]].tobytes())

    def settle(self, alive: Bools) -> None:
        """Keep the rows that are *alive*, and count these from 0."""
        self._alive = alive
        self._renumbered = (np.cumsum(alive) - 1).astype(np.uint32)
        self.kept = int(np.count_nonzero(alive))

    def left_out(self, most: int) -> tuple[int, ...]:
        """Give the data rows of the first records that are not kept."""
        if self.kept == self.rows:
            return ()
        numbers = np.concatenate(self._numbers)
        return tuple(numbers[np.flatnonzero(~self._alive)[:most]].tolist())

    def numbers(self) -> U32:
        """Give the data row of each record; nothing where they are counted from 1."""
        numbers = np.concatenate(self._numbers)[self._alive]
        counted = np.array_equal(numbers, np.arange(1, len(numbers) + 1))
        return numbers[:0] if counted else numbers

    def records(self) -> Iterator[U32]:
        """Give the records, some at a time."""
        self._records.seek(0)
        size = self._width * 4
        at = 0
        while octets := self._records.read(_COPIED * size):
            block = np.frombuffer(octets, np.uint32).reshape(-1, self._width)
            yield block[self._alive[at : at + len(block)]]
            at += len(block)

    def column(self, place: int) -> U32:
        """Give one tag of each record."""
        return np.concatenate([block[:, place] for block in self.records()])

    def entries(self) -> Iterator[tuple[U64, U32, U32]]:
        """
        Give what rows are looked up by, in the order of buckets.

        Fingerprints; the row of each or, with `SEVERAL`, its place in the posts that come with it;
        these posts.
        """
        for file in self._parts:
            file.seek(0)
            entries = np.frombuffer(file.read(), _ENTRY)
            nobody = entries["row"] == COMMON
            alive = nobody.copy()
            alive[~nobody] = self._alive[entries["row"][~nobody]]
            fingerprint, row = entries["fingerprint"][alive], entries["row"][alive]
            counts = row != COMMON
            row[counts] = self._renumbered[row[counts]]
            yield _grouped(fingerprint, row)


def _grouped(fingerprint: U64, row: U32) -> tuple[U64, U32, U32]:
    """Put the rows of each fingerprint together."""
    turned = (fingerprint << np.uint64(32)) | (fingerprint >> np.uint64(32))
    order = np.lexsort((row, turned))
    turned, row = turned[order], row[order]
    new = np.ones(len(turned), bool)
    new[1:] = (turned[1:] != turned[:-1]) | (row[1:] != row[:-1])
    turned, row = turned[new], row[new]
    first = firsts(turned.view(np.int64))
    count = np.diff(np.concatenate((first, np.full(1, len(turned)))))
    value = row[first]
    last = row[first + count - 1]
    value[(count > COMMON_ROWS) | (last == COMMON)] = COMMON
    shared = np.flatnonzero((count > 1) & (value != COMMON))
    many = count[shared]
    place = np.cumsum(many + 1) - (many + 1)
    value[shared] = (place | SEVERAL).astype(np.uint32)
    posts = np.empty(int((many + 1).sum()), np.uint32)
    posts[place] = many
    each = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
    posts[np.repeat(place + 1, many) + each] = row[np.repeat(first[shared], many) + each]
    unique = turned[first]
    return (unique << np.uint64(32)) | (unique >> np.uint64(32)), value, posts


def _spill(folder: Path, files: ExitStack) -> IO[bytes]:
    return files.enter_context(tempfile.TemporaryFile(dir=folder))


class _Writer:
    """Writes sections, and keeps where they are."""

    def __init__(self, file: BinaryIO, keys: Keys) -> None:
        self._file = file
        self._keys = keys
        self.at = PREFIX.size
        self.sections: dict[str, Section] = {}
        file.write(bytes(PREFIX.size))

    def section(self, name: str, blocks: Iterable[U8 | U32]) -> None:
        """Write one section of several blocks."""
        mac = self._keys.mac()
        padding = bytes(-self.at % ALIGN)
        self._file.write(padding)
        mac.update(padding)
        start = self.at + len(padding)
        size = 0
        for block in blocks:
            octets = np.ascontiguousarray(block, SECTIONS[name]).tobytes()
            self._file.write(octets)
            mac.update(octets)
            size += len(octets)
        self.at = start + size
        self.sections[name] = Section(
            start=start, count=size // np.dtype(SECTIONS[name]).itemsize, digest=mac.hexdigest()
        )


def write(
    file: BinaryIO,
    draft: Draft,
    header: IndexHeader,
    keys: Keys,
    *,
    known: Sequence[ListIndex] = (),
    dead: U32 | None = None,
) -> None:
    """
    Write the index of a draft that is settled.

    *header* says all but its sections; of its buckets only if they are given. How rare a value is
    is counted together with the indexes *known*, to which this one adds; *dead* are their records
    that it takes the place of.
    """
    fingerprints: list[U64] = []
    values: list[U32] = []
    posts: list[U32] = []
    shift = 0
    for found, value, posted in draft.entries():
        several = (value >= SEVERAL) & (value != COMMON)
        value[several] += np.uint32(shift)
        fingerprints.append(found)
        values.append(value)
        posts.append(posted)
        shift += len(posted)
    total = sum(map(len, fingerprints))
    buckets = header.buckets or max(1, -(-total // BUCKET))
    filter_octets = max(8, -(-total * FILTER_BITS // 8))
    bits = np.zeros(filter_octets, np.uint8)
    counts = np.zeros(buckets + 1, np.int64)
    for found in fingerprints:
        place = filter_place(found, filter_octets * 8)
        np.bitwise_or.at(
            bits,
            (place >> np.uint64(3)).astype(np.int64),
            np.uint8(1) << (place & np.uint64(7)).astype(np.uint8),
        )
        counts[1:] += np.bincount(bucket_of(found, buckets), minlength=buckets)
    writer = _Writer(file, keys)
    writer.section("filter", [bits])
    writer.section("directory", [np.cumsum(counts).astype(np.uint32)])
    del bits, counts
    writer.section("tags", ((found >> np.uint64(32)).astype(np.uint32) for found in fingerprints))
    fingerprints.clear()
    writer.section("values", values)
    writer.section("posts", posts)
    writer.section("numbers", [draft.numbers()])
    writer.section("records", draft.records())
    writer.section("bits", _bits(draft, header, known))
    writer.section("dead", [] if dead is None else [dead])
    done = header.model_copy(
        update={"rows": draft.kept, "buckets": buckets, "sections": writer.sections}
    )
    text = json.dumps(done.model_dump(mode="json"), ensure_ascii=False).encode()
    prefix = PREFIX.pack(MAGIC, writer.at, len(text))
    mac = keys.mac()
    mac.update(prefix)
    mac.update(text)
    file.write(text + mac.digest())
    file.seek(0)
    file.write(prefix)


def _bits(draft: Draft, header: IndexHeader, known: Sequence[ListIndex]) -> Iterator[U8]:
    """Give what each field of each record says; 0 for one that is empty."""
    weighed = weighed_columns(header.columns)
    rows = draft.kept + sum(index.header.rows for index in known)
    bits = np.zeros((draft.kept, len(weighed)), np.uint8)
    for number, place in enumerate(weighed):
        column = draft.column(place)
        others = [index.records[:, place] for index in known]
        if header.columns[place] == PARTS:
            last, first = (
                _worth(half(column, kind), [half(one, kind) for one in others], rows, part_bits)
                for kind, _ in HALVES
            )
            bits[:, number] = packed_bits(last, first)
        else:
            bits[:, number] = _worth(column, others, rows, record_bits)
    yield bits


def _worth(column: U32, others: Sequence[U32], rows: int, says: Callable[[int, Ints], U8]) -> U8:
    """Give what each of a column says, by how many of it and of *others* are the same."""
    tags, which, sharing = np.unique(column, return_inverse=True, return_counts=True)
    for other in others:
        sharing = sharing + _count(tags, other)
    worth = says(rows, sharing)
    worth[tags == 0] = 0
    return worth[which]


def _count(tags: U32, column: U32) -> Ints:
    """Count how often each of *tags*, in rising order, stands in a column."""
    marks = np.zeros(1 << _MARKS, bool)
    mask = np.uint32((1 << _MARKS) - 1)
    marks[tags & mask] = True
    there, often = np.unique(column[marks[column & mask]], return_counts=True)
    place = np.minimum(np.searchsorted(tags, there), len(tags) - 1)
    found = np.zeros(len(tags), np.int64)
    same = tags[place] == there
    found[place[same]] = often[same]
    return found
