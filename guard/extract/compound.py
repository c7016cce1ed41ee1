"""
OLE compound files ([MS-CFB]): a small file system in a file, as Office 97 and Outlook write it.

Every pointer in one may lie. Chains are followed no further than the file has sectors, the tree of
names is walked without recursion and no entry of it twice, and what does not fit leaves `damaged`.
"""

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from guard.extract.budget import Budget
from guard.extract.pieces import UnreadError
from guard.model.extract import Reason

SIGNATURE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER: Final = struct.Struct("<30xH16xI4xII4xI4x")
"""§2.2: shift of the sector size, start of the directory, cutoff, start of mini FAT and DIFAT."""

_DIFAT_AT: Final = 76
_ENTRY: Final = struct.Struct("<64sHBxIII16s20xIQ")
"""§2.6.1: name and its octets, type, left and right sibling, child, class, start, size."""

_ENTRY_BYTES: Final = 128
_CHILD_AT: Final = 76
_NOBODY: Final = 0xFFFFFFFF
_END: Final = 0xFFFFFFFE
_STORAGE: Final = 1
_STREAM: Final = 2
_ROOT: Final = 5
_SHIFTS: Final = {9, 12}
_MINI_BYTES: Final = 64
_32_BIT: Final = 0xFFFFFFFF


@dataclass(slots=True, eq=False)
class Entry:
    """A stream, or a storage with those in it."""

    number: int
    name: str
    is_stream: bool
    start: int
    size: int
    child: int
    children: "list[Entry]" = field(default_factory=list)

    def find(self, name: str) -> "Entry | None":
        """Give the child called *name*, in any case, or `None`."""
        wanted = name.lower()
        return next((entry for entry in self.children if entry.name.lower() == wanted), None)

    def stream(self, name: str) -> "Entry | None":
        """Give the stream called *name*, in any case, or `None`."""
        entry = self.find(name)
        return entry if entry and entry.is_stream else None

    def has(self, *names: str) -> bool:
        """Whether a stream in here is called by one of *names*."""
        return any(self.stream(name) for name in names)

    @property
    def storages(self) -> "Iterator[Entry]":
        """Storages directly in this one."""
        return (entry for entry in self.children if not entry.is_stream)


class Compound:
    """
    An open compound file; it spends a budget for what is read of it.

    Raises:
        UnreadError: It has no directory that could be found (CORRUPT).
    """

    def __init__(self, octets: bytes) -> None:
        if not octets.startswith(SIGNATURE) or len(octets) < _DIFAT_AT + 4 * 109:
            raise UnreadError(Reason.CORRUPT)
        shift, directory, self._cutoff, mini_fat, difat = _HEADER.unpack_from(octets)
        if shift not in _SHIFTS:
            raise UnreadError(Reason.CORRUPT)
        self.octets: Final = octets
        self.damaged = False
        """Some pointer or size did not fit: text may be missing from what was read."""
        self._bytes: int = 1 << shift
        self._sectors: int = max(0, (len(octets) - 1) >> shift)
        self._owners: dict[int, int] = {}
        self._fat = self._table_of_chains(difat)
        self._directory_sectors = self._chain(directory, self._sectors, owner=-1)
        self._mini_fat = self._words(self._joined(self._chain(mini_fat, self._sectors, owner=-2)))
        self._mini: bytes | None = None
        self._entries = self._read_entries()
        if not self._entries or self._entries[0] is None:
            raise UnreadError(Reason.CORRUPT)
        self.root: Final = self._entries[0]
        self._grow()

    def read(self, entry: Entry, budget: Budget) -> bytes:
        """
        Give what a stream holds; less than it promises where the file is damaged.

        Raises:
            UnreadError: It is too big (LIMIT).
        """
        if entry.size > len(self.octets):
            self.damaged = True
        size = min(entry.size, len(self.octets))
        budget.foresee(size, len(self.octets))
        budget.expand(size)
        found = self._mini_stream(entry, size) if entry.size < self._cutoff else None
        if found is None:
            found = self._stream(entry, size)
        if len(found) < entry.size:
            self.damaged = True
        return found

    def rerooted(self, storage: Entry) -> bytes:
        """Give a compound file that has *storage* for its root, and nothing besides."""
        octets = bytearray(self.octets)
        kept = {entry.number for entry in walk(storage)}
        for number, entry in enumerate(self._entries):
            at = self._entry_at(number)
            if number == 0:
                struct.pack_into("<I", octets, at + _CHILD_AT, storage.child)
            elif entry is not None and number not in kept:
                octets[at : at + _ENTRY_BYTES] = bytes(_ENTRY_BYTES)
        return bytes(octets)

    def top_level(self, names: tuple[str, ...]) -> bytes:
        """Give the file without streams called *names* in its storages: of embedded objects."""
        outer = set(map(id, self.root.children))
        inner = [
            entry.number
            for entry in walk(self.root)
            if entry.is_stream and entry.name in names and id(entry) not in outer
        ]
        if not inner:
            return self.octets
        octets = bytearray(self.octets)
        for number in inner:
            at = self._entry_at(number)
            octets[at : at + _ENTRY_BYTES] = bytes(_ENTRY_BYTES)
        return bytes(octets)

    def _table_of_chains(self, difat: int) -> "array[int]":
        """Join the sectors of the FAT; more than describe this file are not looked at."""
        per_sector = self._bytes // 4
        places = list(struct.unpack_from("<109I", self.octets, _DIFAT_AT))
        seen: set[int] = set()
        while difat < _END and len(places) * per_sector < self._sectors:
            if difat in seen or difat >= self._sectors:
                self.damaged = True
                break
            seen.add(difat)
            *more, difat = [*self._words(self._sector(difat))] or [_END]
            places.extend(more)
        fat: array[int] = array("I")
        for place in places:
            if len(fat) >= self._sectors or place == _NOBODY:
                break
            if place >= self._sectors:
                self.damaged = True
                break
            fat.extend(self._words(self._sector(place)))
        return fat

    def _chain(self, start: int, most: int, owner: int) -> list[int]:
        """Follow a chain; it ends where it has to, or is broken, or meets itself or another."""
        chain: list[int] = []
        sector, seen = start, set[int]()
        while sector != _END and len(chain) < most:
            if sector >= self._sectors or sector >= len(self._fat) or sector in seen:
                self.damaged = self.damaged or start != _NOBODY
                break
            if self._owners.setdefault(sector, owner) != owner:
                self.damaged = True
            seen.add(sector)
            chain.append(sector)
            sector = self._fat[sector]
        return chain

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._bytes
        return self.octets[start : start + self._bytes]

    def _joined(self, chain: list[int]) -> bytes:
        return b"".join(map(self._sector, chain))

    def _stream(self, entry: Entry, size: int) -> bytes:
        most = -(-size // self._bytes)
        return self._joined(self._chain(entry.start, most, entry.number))[:size]

    def _mini_stream(self, entry: Entry, size: int) -> bytes | None:
        """Read what lies in the stream of small streams (§2.4); `None`: there is none."""
        if self._mini is None:
            root = self.root
            self._mini = self._stream(root, min(root.size, len(self.octets)))
        if not self._mini_fat:
            return None if size else b""
        pieces: list[bytes] = []
        sector, seen = entry.start, set[int]()
        while sector != _END and len(pieces) * _MINI_BYTES < size:
            if sector >= len(self._mini_fat) or sector in seen:
                self.damaged = True
                break
            seen.add(sector)
            pieces.append(self._mini[sector * _MINI_BYTES : (sector + 1) * _MINI_BYTES])
            sector = self._mini_fat[sector]
        return b"".join(pieces)[:size]

    @staticmethod
    def _words(octets: bytes) -> "array[int]":
        return array("I", octets[: len(octets) // 4 * 4])

    def _entry_at(self, number: int) -> int:
        per_sector = self._bytes // _ENTRY_BYTES
        sector = self._directory_sectors[number // per_sector]
        return (sector + 1) * self._bytes + number % per_sector * _ENTRY_BYTES

    def _read_entries(self) -> list[Entry | None]:
        entries: list[Entry | None] = []
        self._siblings: dict[int, tuple[int, int]] = {}
        octets = self._joined(self._directory_sectors)
        for number in range(len(octets) // _ENTRY_BYTES):
            name, octets_of_name, kind, left, right, child, _, start, size = _ENTRY.unpack_from(
                octets, number * _ENTRY_BYTES
            )
            if kind not in {_STORAGE, _STREAM, _ROOT}:
                self.damaged = self.damaged or kind != 0
                entries.append(None)
                continue
            if not 2 <= octets_of_name <= len(name) or (kind == _ROOT) != (number == 0):
                self.damaged = True
            self._siblings[number] = left, right
            entries.append(
                Entry(
                    number=number,
                    name=name[: max(0, octets_of_name - 2)].decode("utf-16-le", "replace"),
                    is_stream=kind == _STREAM,
                    start=start,
                    # Version 3 leaves the upper half undefined (§2.6.1).
                    size=size & _32_BIT if self._bytes == 1 << 9 else size,
                    child=child,
                )
            )
        return entries

    def _grow(self) -> None:
        """Hang every entry under its storage; a name that hangs nowhere is damage."""
        todo = [(self.root, self.root.child)]
        reached = {0}
        while todo:
            parent, number = todo.pop()
            if number == _NOBODY:
                continue
            entry = self._entries[number] if number < len(self._entries) else None
            if entry is None or number in reached:
                self.damaged = True
                continue
            reached.add(number)
            parent.children.append(entry)
            left, right = self._siblings[number]
            todo += [(parent, right), (parent, left)]
            if not entry.is_stream:
                todo.append((entry, entry.child))
        if len(reached) < len(self._siblings):
            self.damaged = True


def walk(storage: Entry) -> Iterator[Entry]:
    """Give everything below *storage*, at any depth."""
    todo = list(reversed(storage.children))
    while todo:
        entry = todo.pop()
        yield entry
        todo.extend(reversed(entry.children))
