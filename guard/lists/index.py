"""
The index of one customer list: a file of keyed fingerprints, mapped into memory.

    magic, length of header │ header JSON │ directory │ keys │ owners │ numbers │ records │ MAC

*keys* are the 64-bit fingerprints of the strong fields, sorted; *owners* the record of each;
*directory* says where the keys with the same leading bits begin. *numbers* are the data rows of
the source, *records* the 32-bit tags of each row's other fields, `IndexHeader.columns` wide.
"""

import hmac
import json
import mmap
import struct
import sys
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from guard.lists.keys import MAC_BYTES, SALT_BYTES, Keys
from guard.model.errors import SourceError

MAGIC: Final = b"GUARDROW"
SCHEMA: Final = 1
PREFIX: Final = struct.Struct("<8sI")
ALIGN: Final = 8
SECTIONS: Final[tuple[tuple[str, Literal["I", "Q"]], ...]] = (
    ("directory", "I"),
    ("keys", "Q"),
    ("owners", "I"),
    ("numbers", "I"),
    ("records", "I"),
)
"""Order and `array` type of the sections, each beginning at a multiple of `ALIGN`."""

_MAC_CHUNK: Final = 1 << 20


class IndexHeader(BaseModel):
    """What stands in clear at the head of an index. No value of the list is among it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_: int
    name: str
    version: str
    imported: str
    """ISO 8601, UTC."""

    key_id: str
    salt: str
    """Hexadecimal."""

    byteorder: str
    rows: int
    """Rows kept."""

    rows_read: int
    columns: tuple[str, ...]
    """What the tags of a record are, in order; a kind may stand twice."""

    anchors: tuple[str, ...]
    """Strong kinds that rows are looked up by."""

    lengths: dict[str, tuple[int, ...]]
    """By kind: which lengths occur, so that a text is read for these alone."""

    weak_ids: tuple[int, ...]
    """Lengths of customer numbers that any number hits by chance: these need two more fields."""

    directory_bits: int
    counts: dict[str, int]
    """Elements of each section."""


class ListIndex:
    """
    One open index. Safe to share between threads: nothing in it changes.

    The file may be replaced meanwhile; this one stays what it was when it was opened.
    """

    def __init__(self, header: IndexHeader, keys: Keys, sections: dict[str, memoryview]) -> None:
        self.header = header
        self.keys = keys
        self._sections = sections
        self._directory = sections["directory"]
        self._fingerprints = sections["keys"]
        self._owners = sections["owners"]
        self._numbers = sections["numbers"]
        self._records = sections["records"]
        self._shift = 64 - header.directory_bits
        self._width = len(header.columns)

    @classmethod
    def open(cls, path: Path, key: bytes, key_id: str) -> Self:
        """
        Map the index at *path*, and check all of it under *key*.

        Raises:
            SourceError: There is none, it was made with another key, or it is damaged.
        """
        header, start, octets = _mapped(path)
        if header.key_id != key_id:
            raise SourceError(
                f"{path.name}: was made with the key “{header.key_id}”, the one in use is "
                f"“{key_id}”; import the list again"
            )
        keys = Keys(key, bytes.fromhex(header.salt))
        body = len(octets) - MAC_BYTES
        mac = keys.mac()
        for at in range(0, body, _MAC_CHUNK):
            mac.update(octets[at : min(at + _MAC_CHUNK, body)])
        if not hmac.compare_digest(mac.digest(), octets[body:]):
            raise SourceError(
                f"{path.name}: is damaged, or was made with another key; import the list again"
            )
        sections: dict[str, memoryview] = {}
        for name, code in SECTIONS:
            start += -start % ALIGN
            end = start + header.counts[name] * struct.calcsize(code)
            sections[name] = octets[start:end].cast(code)
            start = end
        return cls(header, keys, sections)

    def owners(self, fingerprint: int) -> list[int]:
        """Give the records, 0-based, of the rows that have this strong field."""
        bucket = fingerprint >> self._shift
        end = self._directory[bucket + 1]
        at = bisect_left(self._fingerprints, fingerprint, self._directory[bucket], end)
        found = []
        while at < end and self._fingerprints[at] == fingerprint:
            found.append(self._owners[at])
            at += 1
        return found

    def record(self, owner: int) -> memoryview:
        """Give the tags of one record, as `IndexHeader.columns` names them; 0: no value."""
        return self._records[owner * self._width : (owner + 1) * self._width]

    def row(self, owner: int) -> int:
        """Give the 1-based data row of a record."""
        number: int = self._numbers[owner]
        return number


def read_header(path: Path) -> IndexHeader:
    """
    Give what an index says of itself, unchecked: without a key nobody can say more.

    Raises:
        SourceError: There is none, or it is damaged.
    """
    return _mapped(path)[0]


def indexes(folder: Path) -> Iterator[tuple[str, Path]]:
    """Give name and path of each index in *folder*, by name."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        if not path.name.startswith("."):
            yield path.name.removesuffix(SUFFIX), path


SUFFIX: Final = ".rows"


def index_path(folder: Path, name: str) -> Path:
    """
    Say where the index of the list called *name* stands.

    Raises:
        SourceError: The name could not be a file name.
    """
    plain = name.replace("-", "").replace("_", "").replace(".", "")
    if not plain.isalnum() or name.startswith((".", "-")) or len(name.encode()) > 100:
        raise SourceError("the name of a list has letters, digits, “-”, “_” and “.” only")
    return folder / f"{name}{SUFFIX}"


def _mapped(path: Path) -> tuple[IndexHeader, int, memoryview]:
    damaged = SourceError(f"{path.name}: is no index of this version; import the list again")
    try:
        with path.open("rb") as file:
            octets = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except FileNotFoundError:
        raise SourceError(
            f"the list “{path.name.removesuffix(SUFFIX)}” was never imported, or is lost; run: "
            f"guard lists import {path.name.removesuffix(SUFFIX)} FILE"
        ) from None
    except ValueError:  # an empty file cannot be mapped
        raise damaged from None
    except OSError as error:
        raise SourceError(f"{path.name}: cannot be opened ({error.strerror})") from error
    if len(octets) < PREFIX.size + MAC_BYTES:
        raise damaged
    magic, length = PREFIX.unpack_from(octets)
    start = PREFIX.size + length
    if magic != MAGIC or start > len(octets) - MAC_BYTES:
        raise damaged
    try:
        header = IndexHeader.model_validate(json.loads(bytes(octets[PREFIX.size : start])))
        sound = len(bytes.fromhex(header.salt)) == SALT_BYTES and set(header.counts) == {
            name for name, _ in SECTIONS
        }
    except (ValidationError, ValueError):
        raise damaged from None
    if not sound or header.schema_ != SCHEMA or header.byteorder != sys.byteorder:
        raise damaged
    return header, start, octets
