"""
The file of one customer list: keyed fingerprints, and what it says of itself.

    magic, place and length of the header │ sections │ header JSON │ MAC

A value that rows are looked up by has a 64-bit fingerprint. One bit of *filter* says that none has
it; *directory* says where those of a bucket begin in *tags*, and *values* what they lead to: a row,
a place in *posts* where several stand, or `COMMON`. *records* are the 32-bit tags of each row's
fields, `IndexHeader.columns` wide (surname and given name share one), *bits* what they say, and
*numbers* the rows of the source, where these are not 1, 2, 3 and so on. An update of a list is an
index of its own, with the salt and the buckets of the first one; *dead* are the records of the list
that it replaces.
"""

import json
import mmap
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from guard.lists.keys import MAC_BYTES, SALT_BYTES
from guard.model.errors import SourceError

MAGIC: Final = b"GUARDROW"
SCHEMA: Final = 3
SUFFIX: Final = ".rows"
PREFIX: Final = struct.Struct("<8sQI4x")
ALIGN: Final = 64
SECTIONS: Final[dict[str, type[np.generic]]] = {
    "filter": np.uint8,
    "directory": np.uint32,
    "tags": np.uint32,
    "values": np.uint32,
    "posts": np.uint32,
    "numbers": np.uint32,
    "records": np.uint32,
    "bits": np.uint8,
    "dead": np.uint32,
}
"""The sections and what they are made of, each beginning at a multiple of `ALIGN`."""

_HEADER_MOST: Final = 1 << 20


class Section(BaseModel):
    """Where a section stands."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: int
    count: int
    """Elements, not bytes."""

    digest: str
    """Hexadecimal; of all bytes from the end of the section before."""


class IndexHeader(BaseModel):
    """What stands in clear in an index. No value of the list is among it."""

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
    counted_from: int = 0
    """Rows of the list in front of the first of an update."""

    base: str = ""
    """Version of the index that this one adds to; empty where it is one by itself."""

    columns: tuple[str, ...]
    """What the tags of a record are, in order; a kind may stand twice."""

    anchors: tuple[str, ...]
    """Kinds that rows are looked up by."""

    lengths: dict[str, tuple[int, ...]]
    """By kind: which lengths occur, so that a text is read for these alone."""

    buckets: int
    sections: dict[str, Section]


def weighed_columns(columns: Sequence[str]) -> tuple[int, ...]:
    """Say which columns of a record agree more or less tellingly, by how rare their value is."""
    return tuple(place for place, kind in enumerate(columns) if kind != "domain")


def read_header(path: Path) -> IndexHeader:
    """
    Give what an index says of itself, unchecked: without a key nobody can say more.

    Raises:
        SourceError: There is none, or it is damaged.
    """
    return mapped(path)[0]


def mapped(path: Path) -> tuple[IndexHeader, memoryview]:
    """
    Map a file, and give what it says of itself with all of its octets; only its form is checked.

    Raises:
        SourceError: There is none, or it is no index of this version.
    """
    unreadable = SourceError(f"{path.name}: is no index of this version; import the list again")
    try:
        with path.open("rb") as file:
            octets = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except FileNotFoundError:
        raise SourceError(
            f"the list “{path.name.removesuffix(SUFFIX)}” was never imported, or is lost; run: "
            f"guard lists import {path.name.removesuffix(SUFFIX)} FILE"
        ) from None
    except ValueError:  # an empty file cannot be mapped
        raise unreadable from None
    except OSError as error:
        raise SourceError(f"{path.name}: cannot be opened ({error.strerror})") from error
    if len(octets) < PREFIX.size + MAC_BYTES:
        raise unreadable
    magic, start, length = PREFIX.unpack_from(octets)
    if (
        magic != MAGIC
        or length > _HEADER_MOST
        or start < PREFIX.size
        or start + length + MAC_BYTES != len(octets)
    ):
        raise unreadable
    try:
        header = IndexHeader.model_validate(json.loads(bytes(octets[start : start + length])))
        salted = len(bytes.fromhex(header.salt)) == SALT_BYTES
    except (ValidationError, ValueError):
        raise unreadable from None
    if not (
        salted
        and header.schema_ == SCHEMA
        and header.byteorder == sys.byteorder
        and header.buckets > 0
        and header.sections.keys() == SECTIONS.keys()
        and all(_is_within(header.sections[name], name, start) for name in SECTIONS)
        and header.sections["directory"].count == header.buckets + 1
        and header.sections["records"].count == header.rows * len(header.columns)
        and header.sections["bits"].count == header.rows * len(weighed_columns(header.columns))
        and header.sections["numbers"].count in {0, header.rows}
    ):
        raise unreadable
    return header, octets


def _is_within(section: Section, name: str, end: int) -> bool:
    size = section.count * np.dtype(SECTIONS[name]).itemsize
    return (
        section.count >= 0
        and section.start >= PREFIX.size
        and section.start % ALIGN == 0
        and section.start + size <= end
    )
