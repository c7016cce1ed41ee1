"""Rows → one index file, whole or not at all; what is added to it later, and all in one again."""

import secrets
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from guard.durable import private_file
from guard.lists.arrays import U32, U64
from guard.lists.columns import Column
from guard.lists.draft import Draft, write
from guard.lists.index import COMMON, ListIndex, first_of_bucket, hashing_of
from guard.lists.keys import SALT_BYTES, Keys
from guard.lists.kinds import Kind
from guard.lists.layout import SCHEMA, IndexHeader
from guard.lists.parts import HALVES, halved, packed
from guard.lists.paths import MOST_SEGMENTS, index_path, segment_path
from guard.lists.segments import Segments
from guard.lists.tabulated import SHOWN
from guard.lists.values import Batch, Values
from guard.model.errors import SourceError

BATCH: Final = 8192
"""Rows that are hashed at once."""

_MOVED: Final = 1 << 20
"""Entries of an index that are moved to another at once."""


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

    replaced: int = 0
    """Rows of the list that rows of an update take the place of."""

    without_at: tuple[int, ...] = ()
    """Numbers of the first such rows, `SHOWN` at most."""

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
    salt = secrets.token_bytes(SALT_BYTES)
    making = _Making(name, columns, key, salt)
    path = index_path(folder, name)
    with _telling(path), ExitStack() as files:
        making.take(rows, path.parent, files, progress)
        check(making.draft.kept, (*making.values.anchors, *making.values.recorded))
        header = making.header(salt.hex()[:12], key_id, salt, now)
        with private_file(path, replace=True) as file:
            write(file, making.draft, header, making.keys)
        remove_segments(folder, name)
    return making.result(header.version)


def extend(
    rows: Iterable[tuple[int, Sequence[str]]],
    columns: Sequence[Column],
    *,
    onto: Segments,
    folder: Path,
    name: str,
    key: bytes,
    key_id: str,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> Imported:
    """
    Add rows to a list, as a segment beside its index; its other rows stay.

    A row takes the place of those that have its customer number, or its e-mail address where the
    list has no numbers. Rows are counted on from the last of the list.

    Raises:
        SourceError: As of `build`; or the columns are other ones than those of the list, or there
            are too many updates by now: `merge` it first.
    """
    if len(onto.parts) > MOST_SEGMENTS:
        raise SourceError(f"{name}: was updated {MOST_SEGMENTS} times; put it in one file first")
    base = onto.parts[0].header
    salt = bytes.fromhex(base.salt)
    making = _Making(name, columns, key, salt, onto=onto)
    if (making.values.recorded, making.values.anchors) != (base.columns, base.anchors):
        raise SourceError(
            f"{name}: these rows have other columns than the list; import all of it again"
        )
    path = segment_path(folder, name, len(onto.parts))
    with _telling(path), ExitStack() as files:
        making.take(rows, path.parent, files, progress)
        header = making.header(secrets.token_hex(6), key_id, salt, now)
        header = header.model_copy(update={"base": base.version, "buckets": base.buckets})
        dead = making.replaced()
        with private_file(path, replace=True) as file:
            write(file, making.draft, header, making.keys, known=onto.parts, dead=dead)
    return making.result(header.version, replaced=len(dead))


def merge(onto: Segments, *, folder: Path, name: str) -> None:
    """
    Put a list and all that was added to it in one file, without its source.

    Raises:
        SourceError: The folder cannot be written. All stands as it was.
    """
    base, last = onto.parts[0].header, onto.parts[-1].header
    path = index_path(folder, name)
    with _telling(path), ExitStack() as files:
        draft = Draft(len(base.columns), path.parent, files)
        for part, first in zip(onto.parts, onto.firsts, strict=True):
            _move(part, first, draft)
        draft.settle(onto.alive())
        header = base.model_copy(
            update={
                "version": last.version,
                "imported": last.imported,
                "rows_read": onto.rows_read,
                "lengths": onto.lengths,
            }
        )
        with private_file(path, replace=True) as file:
            write(file, draft, header, onto.parts[0].keys)
        remove_segments(folder, name)


def remove_segments(folder: Path, name: str) -> None:
    """Remove what was added to an index that is no more."""
    for number in range(1, MOST_SEGMENTS + 1):
        segment_path(folder, name, number).unlink(missing_ok=True)


def _move(part: ListIndex, first: int, draft: Draft) -> None:
    """Take one index into a draft, its rows counted on from *first*."""
    rows = part.header.rows
    offset = part.header.counted_from
    for at in range(0, rows, _MOVED):
        chosen = np.arange(at, min(rows, at + _MOVED))
        draft.add(part.records[chosen], (part.numbers(chosen) + offset).astype(np.uint32))
    for bucket, tag, values in part.entries(_MOVED):
        # Of a fingerprint's lower half the index keeps the bucket: any of that bucket will do.
        low = first_of_bucket(bucket, part.header.buckets)
        fingerprints = (tag.astype(np.uint64) << np.uint64(32)) | low
        which, row, _ = part.rows_of(values)
        draft.lead(fingerprints[which], row + first)
        common = np.flatnonzero(values == COMMON)
        draft.lead(fingerprints[common], np.full(len(common), COMMON, np.int64))


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    """Say of what goes wrong with files which one it was; the folder is made where missing."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise SourceError(f"{path}: cannot be written ({error.strerror})") from error


class _Making:
    """Rows on their way into a draft."""

    def __init__(
        self,
        name: str,
        columns: Sequence[Column],
        key: bytes,
        salt: bytes,
        *,
        onto: Segments | None = None,
    ) -> None:
        self.values = Values(columns, hashing_of(key))
        self.keys = Keys(key, salt)
        self._name = name
        self._onto = onto
        self._read = 0
        self._without = 0
        self._without_at: tuple[int, ...] = ()
        self._duplicates_at: tuple[int, ...] = ()
        self._sums: list[U64] = []
        self._lengths: dict[str, set[int]] = {}
        self._replaced: list[U32] = []
        names_row = Kind.ID if Kind.ID in self.values.anchors else Kind.EMAIL
        self._names_row = str(names_row)
        """What tells which row of a list is meant by one of an update."""

    def take(
        self,
        rows: Iterable[tuple[int, Sequence[str]]],
        folder: Path,
        files: ExitStack,
        progress: Callable[[int], None],
    ) -> None:
        """
        Take all rows in.

        Raises:
            SourceError: They end in an error, or none is usable.
        """
        self.draft = Draft(len(self.values.recorded), folder, files)
        for batch in _batches(rows):
            self._add(batch)
            self._read += len(batch)
            progress(self._read)
        if not self.draft.rows:
            raise SourceError(
                f"{self._name}: no row has an e-mail address, a telephone or customer number, an "
                "address or a birthday"
            )
        sums = np.concatenate(self._sums)
        alive = np.zeros(len(sums), bool)
        alive[np.unique(sums, return_index=True)[1]] = True
        self.draft.settle(alive)
        self._duplicates_at = self.draft.left_out(SHOWN)

    def _add(self, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
        batch = self.values.of([cells for _, cells in rows])
        fingerprints = self.keys.fingerprints(
            [
                *((anchors.kind, anchors.value) for anchors in batch.anchors),
                *((kind, value) for kind, value, _ in batch.record),
                *(
                    (kind, one.value)
                    for (kind, _), one in zip(HALVES, batch.parts or (), strict=False)
                ),
            ]
        )
        found = np.zeros(len(rows), bool)
        for anchors in batch.anchors:
            found[anchors.row] = True
        kept = np.flatnonzero(found)
        self._without += len(rows) - len(kept)
        if len(self._without_at) < SHOWN and len(kept) < len(rows):
            lost = [rows[place][0] for place in np.flatnonzero(~found)[:SHOWN]]
            self._without_at = (*self._without_at, *lost)[:SHOWN]
        number = np.cumsum(found) - 1 + self.draft.rows
        sums = np.zeros(len(rows), np.uint64)
        for anchors, (wide, _) in zip(batch.anchors, fingerprints, strict=False):
            self.draft.lead(wide, number[anchors.row])
            np.add.at(sums, anchors.row, wide)
            if self._onto is not None and anchors.kind == self._names_row:
                self._replaced.append(self._onto.records_of(wide))
        records = np.zeros((len(rows), len(self.values.recorded)), np.uint32)
        tags = iter([tag for _, tag in fingerprints[len(batch.anchors) :]])
        for place, (_, _, good) in enumerate(batch.record):
            records[:, place] = np.where(good, next(tags), 0)
        if batch.parts:
            last, first = (np.where(one.good, halved(next(tags)), 0) for one in batch.parts)
            records[:, -1] = packed(last, first)
        for place in range(records.shape[1]):
            sums += records[:, place] * np.uint64((2 * place + 3) ** 13)
        self.draft.add(records[kept], np.array([number for number, _ in rows], np.uint32)[kept])
        self._sums.append(sums[kept])
        self._note(batch)

    def _note(self, batch: Batch) -> None:
        for kind, lengths in batch.lengths:
            self._lengths.setdefault(kind, set()).update(lengths)

    def header(self, version: str, key_id: str, salt: bytes, now: datetime) -> IndexHeader:
        """Give what the index says of itself, but for its sections."""
        return IndexHeader(
            schema_=SCHEMA,
            name=self._name,
            version=version,
            imported=now.isoformat(timespec="seconds"),
            key_id=key_id,
            salt=salt.hex(),
            byteorder=sys.byteorder,
            rows=self.draft.kept,
            rows_read=self._read,
            counted_from=self._onto.rows_read if self._onto else 0,
            columns=self.values.recorded,
            anchors=self.values.anchors,
            lengths={kind: tuple(sorted(some)) for kind, some in sorted(self._lengths.items())},
            buckets=0,
            sections={},
        )

    def replaced(self) -> U32:
        """Give the records of the list that the rows of an update take the place of."""
        return (
            np.unique(np.concatenate(self._replaced)) if self._replaced else np.zeros(0, np.uint32)
        )

    def result(self, version: str, *, replaced: int = 0) -> Imported:
        """Say what became of the source."""
        return Imported(
            version=version,
            read=self._read,
            kept=self.draft.kept,
            without=self._without,
            duplicates=self.draft.rows - self.draft.kept,
            replaced=replaced,
            without_at=self._without_at,
            duplicates_at=self._duplicates_at,
        )


def _batches(
    rows: Iterable[tuple[int, Sequence[str]]],
) -> Iterator[list[tuple[int, Sequence[str]]]]:
    going = iter(rows)
    while batch := list(islice(going, BATCH)):
        yield batch
