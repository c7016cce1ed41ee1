"""Rows → one index file, whole or not at all."""

import json
import secrets
import sys
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from guard.durable import private_file
from guard.lists.columns import Column
from guard.lists.index import (
    ALIGN,
    MAGIC,
    PREFIX,
    SCHEMA,
    SECTIONS,
    IndexHeader,
    index_path,
)
from guard.lists.keys import SALT_BYTES, Hash, Keys
from guard.lists.kinds import STRONG, Kind
from guard.lists.values import RECORDED, Row, Values
from guard.model.errors import SourceError

COMMON: Final = 256
"""Rows that one strong field may have; one that more have supports a match, but starts none."""

CHANCE: Final = 0.02
"""Share of all numbers of a length that customers may have before the length counts as weak."""

WEAK_DIGITS: Final = 5
"""Customer numbers of fewer digits are weak in any list: years, amounts and counts hit them."""

PROGRESS_ROWS: Final = 1000
BUCKET: Final = 4
"""Keys that share an entry of the directory, on average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of a source."""

    version: str
    read: int
    """Data rows that are not blank."""

    kept: int
    without: int
    """Rows with no e-mail address, telephone or customer number: nothing could find them."""

    duplicates: int
    """Rows with the same values as an earlier one."""


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
) -> Imported:
    """
    Make the index of the list *name* from numbered rows, in place of the one that stood there.

    *progress* is told the rows read so far, now and then.

    Raises:
        SourceError: The rows end in an error, none is usable, or the folder cannot be written.
            The old index stands.
    """
    path = index_path(folder, name)
    salt = secrets.token_bytes(SALT_BYTES)
    draft = _Draft(Keys(key, salt), Values(columns))
    read = 0
    for read, (number, cells) in enumerate(rows, start=1):
        draft.add(number, cells)
        if read % PROGRESS_ROWS == 0:
            progress(read)
    progress(read)
    if not draft.numbers:
        raise SourceError(f"{name}: no row has an e-mail address, a telephone or customer number")
    version = salt.hex()[:12]
    header, sections = draft.finish(
        name=name, version=version, imported=now, key_id=key_id, salt=salt.hex(), rows_read=read
    )
    try:
        with private_file(path, replace=True) as file:
            _write(file, header, sections, draft.keys)
    except OSError as error:
        raise SourceError(f"{path}: cannot be written ({error.strerror})") from error
    return Imported(
        version=version,
        read=read,
        kept=len(draft.numbers),
        without=draft.without,
        duplicates=draft.duplicates,
    )


class _Draft:
    """The index in the making."""

    def __init__(self, keys: Keys, values: Values) -> None:
        self.keys = keys
        self.numbers = array("I")
        self.without = 0
        self.duplicates = 0
        self._values = values
        self._columns = values.recorded
        self._anchor: dict[str, Hash] = {kind: keys.anchor(kind) for kind in STRONG}
        self._tag: dict[str, Hash] = {kind: keys.tag(kind) for kind in RECORDED}
        self._records = array("I")
        # Fingerprint and record in one number: half a tuple's memory, and sorted at once.
        self._entries: list[int] = []
        self._seen: set[int] = set()
        self._lengths: dict[str, set[int]] = {}
        self._ids: Counter[int] = Counter()

    def add(self, number: int, cells: Sequence[str]) -> None:
        """Take one row in."""
        row = self._values.of(cells)
        anchors = [self._anchor[kind](value) for kind, value in row.strong]
        if not anchors:
            self.without += 1
            return
        record = [
            self._tag[kind](value) if value else 0
            for kind, value in zip(self._columns, row.recorded, strict=True)
        ]
        same = hash((*anchors, *record))
        if same in self._seen:
            self.duplicates += 1
            return
        self._seen.add(same)
        owner = len(self.numbers)
        self.numbers.append(number)
        self._records.extend(record)
        self._entries.extend(anchor << 32 | owner for anchor in dict.fromkeys(anchors))
        self._note(row)

    def _note(self, row: Row) -> None:
        for kind, length in row.lengths:
            self._lengths.setdefault(kind, set()).add(length)
        for kind, value in row.strong:
            if kind != Kind.EMAIL:
                self._lengths.setdefault(kind, set()).add(len(value))
            if kind == Kind.ID and value.isdigit():
                self._ids[len(value)] += 1

    def finish(
        self, *, name: str, version: str, imported: datetime, key_id: str, salt: str, rows_read: int
    ) -> tuple[IndexHeader, dict[str, "array[int]"]]:
        """Sort and lay out what was taken in."""
        self._entries.sort()
        fingerprints, owners = array("Q"), array("I")
        for fingerprint, owned in _grouped(self._entries):
            if len(owned) <= COMMON:
                fingerprints.extend([fingerprint] * len(owned))
                owners.extend(owned)
        bits = max(1, (len(fingerprints) // BUCKET).bit_length())
        sections = {
            "directory": _directory(fingerprints, bits),
            "keys": fingerprints,
            "owners": owners,
            "numbers": self.numbers,
            "records": self._records,
        }
        header = IndexHeader(
            schema_=SCHEMA,
            name=name,
            version=version,
            imported=imported.isoformat(timespec="seconds"),
            key_id=key_id,
            salt=salt,
            byteorder=sys.byteorder,
            rows=len(self.numbers),
            rows_read=rows_read,
            columns=self._columns,
            anchors=self._values.strong,
            lengths={kind: tuple(sorted(found)) for kind, found in sorted(self._lengths.items())},
            weak_ids=tuple(sorted(filter(self._is_weak, self._ids))),
            directory_bits=bits,
            counts={section: len(elements) for section, elements in sections.items()},
        )
        return header, sections

    def _is_weak(self, digits: int) -> bool:
        return digits < WEAK_DIGITS or self._ids[digits] > CHANCE * 9 * 10 ** (digits - 1)


def _grouped(entries: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    current, owned = -1, list[int]()
    for entry in entries:
        if entry >> 32 != current:
            if owned:
                yield current, owned
            current, owned = entry >> 32, []
        owned.append(entry & 0xFFFFFFFF)
    if owned:
        yield current, owned


def _directory(fingerprints: "array[int]", bits: int) -> "array[int]":
    counts = Counter(fingerprint >> (64 - bits) for fingerprint in fingerprints)
    directory = array("I", [0])
    total = 0
    for bucket in range(1 << bits):
        total += counts[bucket]
        directory.append(total)
    return directory


def _write(
    file: BinaryIO, header: IndexHeader, sections: dict[str, "array[int]"], keys: Keys
) -> None:
    mac = keys.mac()
    at = 0

    def put(octets: bytes | memoryview) -> None:
        nonlocal at
        file.write(octets)
        mac.update(octets)
        at += len(octets)

    text = json.dumps(header.model_dump(mode="json"), ensure_ascii=False).encode()
    put(PREFIX.pack(MAGIC, len(text)))
    put(text)
    for name, code in SECTIONS:
        assert sections[name].typecode == code  # noqa: S101 -- both tables are ours
        put(bytes(-at % ALIGN))
        put(memoryview(sections[name]).cast("B"))
    file.write(mac.digest())
