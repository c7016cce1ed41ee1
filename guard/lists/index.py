"""The index of one list, mapped into memory and looked up in; its file is that of `layout`."""

import hmac
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from guard.lists.arrays import U8, U32, U64, Ints
from guard.lists.hashing import Hashing
from guard.lists.keys import Keys, hashing_key
from guard.lists.layout import PREFIX, SECTIONS, IndexHeader, mapped, weighed_columns
from guard.lists.steps import go_on
from guard.model.errors import SourceError

SEVERAL: Final = 1 << 31
"""Set in a value that is a place in *posts*: the number of rows stands there, then the rows."""

COMMON: Final = 0xFFFFFFFF
"""A value that too many rows have to say which."""

AT_ONCE_BYTES: Final = 8 << 20
"""An index up to this size is checked as it is opened; of a larger one the header is."""

_MAC_CHUNK: Final = 1 << 20


class ListIndex:
    """
    One open index. Safe to share between threads: nothing in it changes.

    The file may be replaced meanwhile; this one stays what it was when it was opened.
    """

    def __init__(
        self,
        header: IndexHeader,
        keys: Keys,
        hashing: Hashing,
        octets: memoryview,
        path: Path | None = None,
    ) -> None:
        self.hashing = hashing
        """The hash that all lists under this key share."""

        self.header = header
        self.keys = keys
        self._octets = octets
        self._path = path
        self._filter: U8 = self._section("filter")
        self._directory: U32 = self._section("directory")
        self._tags: U32 = self._section("tags")
        self._values: U32 = self._section("values")
        self._posts: U32 = self._section("posts")
        self._numbers: U32 = self._section("numbers")
        width = len(header.columns)
        self.dead: U32 = self._section("dead")
        """Records of the list, counted through all its parts, that these take the place of."""

        self.records: U32 = self._section("records").reshape(header.rows, width)
        self.weighed = weighed_columns(header.columns)
        """Columns of the records that `bits` has something of, in its order."""

        self.bits: U8 = self._section("bits").reshape(header.rows, len(self.weighed))

    @classmethod
    def open(cls, path: Path, key: bytes, key_id: str) -> Self:
        """
        Map the index at *path*, and check its header under *key*; all of it where it is small.

        Raises:
            SourceError: There is none, it was made with another key, or it is damaged.
        """
        header, octets = mapped(path)
        if header.key_id != key_id:
            raise SourceError(
                f"{path.name}: was made with the key “{header.key_id}”, the one in use is "
                f"“{key_id}”; import the list again"
            )
        keys = Keys(key, bytes.fromhex(header.salt))
        mac = keys.mac()
        mac.update(octets[: PREFIX.size])
        _, start, length = PREFIX.unpack_from(octets)
        mac.update(octets[start : start + length])
        if not hmac.compare_digest(mac.digest(), octets[start + length :]):
            raise _damaged(path)
        index = cls(header, keys, hashing_of(key), octets, path)
        if len(octets) <= AT_ONCE_BYTES:
            index.verify()
        return index

    @property
    def is_large(self) -> bool:
        """Whether all of it has to be checked by `verify` still."""
        return len(self._octets) > AT_ONCE_BYTES

    def verify(self, check: Callable[[], None] = go_on) -> None:
        """
        Check every octet under the key: about a second for a gigabyte.

        Raises:
            SourceError: It is damaged.
        """
        at = PREFIX.size
        for name in SECTIONS:
            section = self.header.sections[name]
            end = section.start + section.count * np.dtype(SECTIONS[name]).itemsize
            mac = self.keys.mac()
            for start in range(at, end, _MAC_CHUNK):
                check()
                mac.update(self._octets[start : min(start + _MAC_CHUNK, end)])
            if not hmac.compare_digest(mac.hexdigest(), section.digest):
                raise _damaged(self._path or Path(self.header.name))
            at = end
        _, start, _ = PREFIX.unpack_from(self._octets)
        if at != start:
            raise _damaged(self._path or Path(self.header.name))

    def look_up(self, fingerprints: U64) -> tuple[Ints, U32]:
        """Give the places of those fingerprints that are there, and what they lead to."""
        asked = np.flatnonzero(self._may_be(fingerprints)) if len(self._tags) else None
        if asked is None or not len(asked):
            return np.zeros(0, np.int64), np.zeros(0, np.uint32)
        chosen = fingerprints[asked]
        bucket = bucket_of(chosen, self.header.buckets)
        tag = (chosen >> np.uint64(32)).astype(np.uint32)
        at = self._directory[bucket].astype(np.int64)
        end = self._directory[bucket + 1].astype(np.int64)
        which: list[Ints] = []
        values: list[U32] = []
        while True:
            going = at < end
            if not going.any():
                break
            asked, at, end, tag = asked[going], at[going], end[going], tag[going]
            same = self._tags[at] == tag
            if same.any():
                which.append(asked[same])
                values.append(self._values[at[same]])
            at = at + 1
        if not which:
            return np.zeros(0, np.int64), np.zeros(0, np.uint32)
        return np.concatenate(which), np.concatenate(values)

    def rows_of(self, values: U32) -> tuple[Ints, Ints, Ints]:
        """
        Give the rows that values lead to.

        Three arrays: which of *values* it is, the row, and how many rows share it. Values that are
        `COMMON` lead to none.
        """
        single = np.flatnonzero(values < SEVERAL)
        shared = np.flatnonzero((values >= SEVERAL) & (values != COMMON))
        if not len(shared):
            return single, values[single].astype(np.int64), np.ones(len(single), np.int64)
        starts = (values[shared] - np.uint32(SEVERAL)).astype(np.int64)
        counts = self._posts[starts].astype(np.int64)
        which = np.repeat(shared, counts)
        first = np.cumsum(counts) - counts
        places = np.arange(len(which)) - np.repeat(first, counts) + np.repeat(starts + 1, counts)
        return (
            np.concatenate((single, which)),
            np.concatenate((values[single].astype(np.int64), self._posts[places].astype(np.int64))),
            np.concatenate((np.ones(len(single), np.int64), np.repeat(counts, counts))),
        )

    def entries(self, most: int) -> Iterator[tuple[Ints, U32, U32]]:
        """Give bucket, tag and value of all fingerprints, *most* at a time, in their order."""
        for at in range(0, len(self._tags), most):
            end = min(len(self._tags), at + most)
            places = np.arange(at, end)
            bucket = np.searchsorted(self._directory, places, side="right") - 1
            yield bucket, self._tags[at:end], self._values[at:end]

    def sharing(self, values: U32) -> Ints:
        """Say how many rows each value leads to; 0 for `COMMON`."""
        counts = np.ones(len(values), np.int64)
        counts[values == COMMON] = 0
        shared = np.flatnonzero((values >= SEVERAL) & (values != COMMON))
        counts[shared] = self._posts[(values[shared] - np.uint32(SEVERAL)).astype(np.int64)]
        return counts

    def numbers(self, records: Ints) -> U32 | Ints:
        """Give the 1-based data rows of records."""
        return self._numbers[records] if len(self._numbers) else records + 1

    def _may_be(self, fingerprints: U64) -> NDArray[np.bool_]:
        place = filter_place(fingerprints, len(self._filter) * 8)
        bits = self._filter[(place >> np.uint64(3)).astype(np.int64)]
        found = (bits >> (place & np.uint64(7)).astype(np.uint8)) & 1
        return found.astype(bool)

    def _section(self, name: str) -> NDArray[Any]:
        section = self.header.sections[name]
        kind = np.dtype(SECTIONS[name])
        end = section.start + section.count * kind.itemsize
        return np.frombuffer(self._octets[section.start : end], kind)


@lru_cache(maxsize=4)
def hashing_of(key: bytes) -> Hashing:
    """Give the hash of all lists under *key*: a megabyte of numbers, made once."""
    return Hashing(hashing_key(key))


def bucket_of(fingerprints: U64, buckets: int) -> Ints:
    """Say which bucket each belongs to: by its lower half, in that half's order."""
    low = fingerprints & np.uint64(0xFFFFFFFF)
    return ((low * np.uint64(buckets)) >> np.uint64(32)).astype(np.int64)


def first_of_bucket(bucket: Ints, buckets: int) -> U64:
    """Give the least lower half of a fingerprint that belongs to each bucket."""
    wide = bucket.astype(np.uint64) << np.uint64(32)
    return (wide + np.uint64(buckets - 1)) // np.uint64(buckets)


def filter_place(fingerprints: U64, bits: int) -> U64:
    """Say which bit of the filter each has: by its upper half."""
    return ((fingerprints >> np.uint64(32)) * np.uint64(bits)) >> np.uint64(32)


def _damaged(path: Path) -> SourceError:
    return SourceError(
        f"{path.name}: is damaged, or was made with another key; import the list again"
    )
