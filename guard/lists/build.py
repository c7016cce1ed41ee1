"""
Rows → one index file, whole or not at all, in bounded memory.

Rows are hashed a batch at a time. What they are looked up by is spilled, by the leading bits of its
fingerprint, to files without a name; each of these is then sorted by itself.
"""

import json
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, BinaryIO, Final

import numpy as np

from guard.durable import private_file
from guard.lists.arrays import U8, U32, U64, Bools, Ints, firsts
from guard.lists.columns import Column
from guard.lists.index import (
    ALIGN,
    COMMON,
    MAGIC,
    PREFIX,
    SCHEMA,
    SECTIONS,
    SEVERAL,
    IndexHeader,
    Section,
    bucket_of,
    filter_place,
    hashing_of,
    index_path,
    weighed_columns,
)
from guard.lists.keys import SALT_BYTES, Keys
from guard.lists.score import record_bits
from guard.lists.tabulated import SHOWN
from guard.lists.values import Values
from guard.model.errors import SourceError

COMMON_ROWS: Final = 1024
"""Rows that one value may have; one that more have supports a match, but starts none."""

BATCH: Final = 8192
"""Rows that are hashed at once."""

BUCKET: Final = 8
"""Fingerprints of a bucket, on average."""

FILTER_BITS: Final = 8
"""Bits of the filter for each fingerprint."""

_PARTS: Final = 32
_COPIED: Final = 1 << 16
"""Rows that are copied at once."""

_ENTRY: Final = np.dtype([("fingerprint", "<u8"), ("row", "<u4")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of a source."""

    version: str
    read: int
    """Data rows that are not blank."""

    kept: int
    without: int
    """Rows with nothing that they could be looked up by: nothing could find them."""

    duplicates: int
    """Rows with the same values as an earlier one."""

    without_at: tuple[int, ...] = ()
    """Numbers of the first such rows, in no case more than `SHOWN`."""

    duplicates_at: tuple[int, ...] = ()


def build(
    rows: Iterable[tuple[int, Sequence[str]]],
    columns: Sequence[Column],
    *,
    folder: Path,
    name: str,
    key: bytes,
    key_id: str,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
    check: Callable[[int, Sequence[str]], None] = lambda *_: None,
) -> Imported:
    """
    Make the index of the list *name* from numbered rows, in place of the one that stood there.

    *progress* is told the rows read so far, now and then. *check* is told how many are kept and by
    which kinds they are known, before anything is put in place; what it raises leaves all as it
    was.

    Raises:
        SourceError: The rows end in an error, none is usable, or the folder cannot be written.
            The old index stands.
    """
    path = index_path(folder, name)
    salt = secrets.token_bytes(SALT_BYTES)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ExitStack() as files:
            values = Values(columns, hashing_of(key))
            draft = _Draft(Keys(key, salt), values, folder, files)
            read = 0
            for batch in _batches(rows):
                draft.add(batch)
                read += len(batch)
                progress(read)
            if not draft.rows:
                raise SourceError(
                    f"{name}: no row has an e-mail address, a telephone or customer number, an "
                    "address or a birthday"
                )
            version = salt.hex()[:12]
            draft.settle()
            check(draft.kept, (*values.anchors, *values.recorded))
            with private_file(path, replace=True) as file:
                _write(
                    file,
                    draft,
                    IndexHeader(
                        schema_=SCHEMA,
                        name=name,
                        version=version,
                        imported=now.isoformat(timespec="seconds"),
                        key_id=key_id,
                        salt=salt.hex(),
                        byteorder=sys.byteorder,
                        rows=draft.kept,
                        rows_read=read,
                        columns=values.recorded,
                        anchors=values.anchors,
                        lengths=draft.lengths,
                        buckets=1,
                        sections={},
                    ),
                )
    except OSError as error:
        raise SourceError(f"{path}: cannot be written ({error.strerror})") from error
    return Imported(
        version=version,
        read=read,
        kept=draft.kept,
        without=draft.without,
        duplicates=draft.rows - draft.kept,
        without_at=draft.without_at,
        duplicates_at=draft.duplicates_at,
    )


def _batches(
    rows: Iterable[tuple[int, Sequence[str]]],
) -> Iterator[list[tuple[int, Sequence[str]]]]:
    going = iter(rows)
    while batch := list(islice(going, BATCH)):
        yield batch


class _Draft:
    """The index in the making."""

    def __init__(self, keys: Keys, values: Values, folder: Path, files: ExitStack) -> None:
        self.keys = keys
        self.rows = 0
        self.kept = 0
        self.without = 0
        self.without_at: tuple[int, ...] = ()
        self.duplicates_at: tuple[int, ...] = ()
        self._values = values
        self._width = len(values.recorded)
        # Files without a name: whatever happens, nothing of them is left.
        self._parts = [_spill(folder, files) for _ in range(_PARTS)]
        self._records = _spill(folder, files)
        self._numbers: list[U32] = []
        self._sums: list[U64] = []
        self._lengths: dict[str, set[int]] = {}
        self._alive: Bools = np.zeros(0, bool)
        self._renumbered: U32 = np.zeros(0, np.uint32)

    @property
    def lengths(self) -> dict[str, tuple[int, ...]]:
        """By kind: the lengths that occur."""
        return {kind: tuple(sorted(found)) for kind, found in sorted(self._lengths.items())}

    def add(self, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
        """Take some rows in."""
        batch = self._values.of([cells for _, cells in rows])
        fingerprints = self.keys.fingerprints(
            [
                *((anchors.kind, anchors.value) for anchors in batch.anchors),
                *((kind, value) for kind, value, _ in batch.record),
            ]
        )
        found = np.zeros(len(rows), bool)
        for anchors in batch.anchors:
            found[anchors.row] = True
        kept = np.flatnonzero(found)
        self.without += len(rows) - len(kept)
        if len(self.without_at) < SHOWN and len(kept) < len(rows):
            lost = [rows[place][0] for place in np.flatnonzero(~found)[:SHOWN]]
            self.without_at = (*self.without_at, *lost)[:SHOWN]
        number = np.cumsum(found) - 1 + self.rows
        sums = np.zeros(len(rows), np.uint64)
        for anchors, (wide, _) in zip(batch.anchors, fingerprints, strict=False):
            self._put(wide, number[anchors.row])
            np.add.at(sums, anchors.row, wide)
        records = np.zeros((len(rows), self._width), np.uint32)
        for place, (_, tag) in enumerate(fingerprints[len(batch.anchors) :]):
            records[:, place] = np.where(batch.record[place][2], tag, 0)
            sums += records[:, place] * np.uint64((2 * place + 3) ** 13)
        self._records.write(records[kept].tobytes())
        self._numbers.append(np.array([number for number, _ in rows], np.uint32)[kept])
        self._sums.append(sums[kept])
        self.rows += len(kept)
        if self.rows >= SEVERAL:
            raise SourceError(f"a list has {SEVERAL:,} rows at most")
        for kind, lengths in batch.lengths:
            self._lengths.setdefault(kind, set()).update(lengths)

    def _put(self, fingerprints: U64, rows: Ints) -> None:
        part = bucket_of(fingerprints, _PARTS)
        order = np.argsort(part, kind="stable")
        entries = np.empty(len(order), _ENTRY)
        entries["fingerprint"], entries["row"] = fingerprints[order], rows[order]
        edges = np.searchsorted(part[order], np.arange(_PARTS + 1))
        for number, file in enumerate(self._parts):
            file.write(entries[edges[number] : edges[number + 1]].tobytes())

    def settle(self) -> None:
        """Leave out rows that say the same as an earlier one."""
        sums = np.concatenate(self._sums)
        self._sums.clear()
        self._alive = np.zeros(len(sums), bool)
        self._alive[np.unique(sums, return_index=True)[1]] = True
        self._renumbered = (np.cumsum(self._alive) - 1).astype(np.uint32)
        self.kept = int(np.count_nonzero(self._alive))
        if self.kept < self.rows:
            numbers = np.concatenate(self._numbers)
            self.duplicates_at = tuple(numbers[np.flatnonzero(~self._alive)[:SHOWN]].tolist())

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
            row = entries["row"]
            alive = self._alive[row]
            fingerprint, row = entries["fingerprint"][alive], self._renumbered[row[alive]]
            turned = (fingerprint << np.uint64(32)) | (fingerprint >> np.uint64(32))
            order = np.lexsort((row, turned))
            turned, row = turned[order], row[order]
            new = np.ones(len(turned), bool)
            new[1:] = (turned[1:] != turned[:-1]) | (row[1:] != row[:-1])
            turned, row = turned[new], row[new]
            first = firsts(turned.view(np.int64))
            count = np.diff(np.concatenate((first, np.full(1, len(turned)))))
            value = row[first].copy() if len(first) else row
            value[count > COMMON_ROWS] = COMMON
            shared = np.flatnonzero((count > 1) & (count <= COMMON_ROWS))
            many = count[shared]
            place = np.cumsum(many + 1) - (many + 1)
            value[shared] = (place | SEVERAL).astype(np.uint32)
            posts = np.empty(int((many + 1).sum()), np.uint32)
            posts[place] = many
            each = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
            posts[np.repeat(place + 1, many) + each] = row[np.repeat(first[shared], many) + each]
            unique = turned[first]
            yield (unique << np.uint64(32)) | (unique >> np.uint64(32)), value, posts


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


def _write(file: BinaryIO, draft: _Draft, header: IndexHeader) -> None:
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
    buckets = max(1, -(-total // BUCKET))
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
    writer = _Writer(file, draft.keys)
    writer.section("filter", [bits])
    writer.section("directory", [np.cumsum(counts).astype(np.uint32)])
    del bits, counts
    writer.section("tags", ((found >> np.uint64(32)).astype(np.uint32) for found in fingerprints))
    fingerprints.clear()
    writer.section("values", values)
    writer.section("posts", posts)
    writer.section("numbers", [draft.numbers()])
    writer.section("records", draft.records())
    writer.section("bits", _bits(draft, header))
    done = header.model_copy(update={"buckets": buckets, "sections": writer.sections})
    text = json.dumps(done.model_dump(mode="json"), ensure_ascii=False).encode()
    prefix = PREFIX.pack(MAGIC, writer.at, len(text))
    mac = draft.keys.mac()
    mac.update(prefix)
    mac.update(text)
    file.write(text + mac.digest())
    file.seek(0)
    file.write(prefix)


def _bits(draft: _Draft, header: IndexHeader) -> Iterator[U8]:
    """Give what each field of each record says; 0 for one that is empty."""
    weighed = weighed_columns(header.columns)
    bits = np.zeros((header.rows, len(weighed)), np.uint8)
    for number, place in enumerate(weighed):
        column = draft.column(place)
        tags, which, sharing = np.unique(column, return_inverse=True, return_counts=True)
        worth = record_bits(header.rows, sharing)
        worth[tags == 0] = 0
        bits[:, number] = worth[which]
    yield bits
