"""The pages of an SQLite file (sqlite.org/fileformat2.html), as far as nothing is kept on them."""

import struct
from collections.abc import Iterator
from typing import Final

_HEADER: Final = 100
_TRUNK: Final = struct.Struct(">II")
_B_TREE: Final = struct.Struct(">BHHHB")
_HEAD_BYTES: Final = {0x02: 12, 0x05: 12, 0x0A: 8, 0x0D: 8}
"""Octets in front of the cell pointers, for each type of b-tree page (§1.6)."""

_WIDEST: Final = 65_536


def page_bytes(octets: bytes) -> int:
    """Give the size of a page, 0 if the header says none that is allowed."""
    size = int.from_bytes(octets[16:18], "big")
    size = _WIDEST if size == 1 else size
    return size if size >= 512 and not size & (size - 1) else 0


def pages_missing(octets: bytes) -> bool:
    """Whether the file is shorter than its header says, or no whole number of pages."""
    size = page_bytes(octets)
    if not size or len(octets) % size:
        return True
    said = int.from_bytes(octets[28:32], "big")
    current = octets[24:28] == octets[92:96]  # else a program wrote that knew no page count
    return current and said * size != len(octets)


def free_stretches(octets: bytes) -> Iterator[bytes]:
    """Give each stretch that belongs to no row: pages of the freelist, room between cells."""
    size = page_bytes(octets)
    if not size:
        return
    free = _freelist(octets, size)
    for number in range(1, len(octets) // size + 1):
        page = octets[(number - 1) * size : number * size]
        if number in free:
            yield page
        else:
            yield from _between_cells(page, _HEADER if number == 1 else 0)


def _freelist(octets: bytes, size: int) -> set[int]:
    """Give the numbers of unused pages (§1.5); a chain that comes back to itself ends there."""
    free: set[int] = set()
    trunk = int.from_bytes(octets[32:36], "big")
    while trunk and trunk not in free and trunk * size <= len(octets):
        free.add(trunk)
        at = (trunk - 1) * size
        following, count = _TRUNK.unpack_from(octets, at)
        count = min(count, size // 4 - 2)
        free.update(struct.unpack_from(f">{count}I", octets, at + _TRUNK.size))
        trunk = following
    return free


def _between_cells(page: bytes, at: int) -> Iterator[bytes]:
    """Give the gap before the cells, and the free blocks among them (§1.6)."""
    kind, block, cells, content, _ = _B_TREE.unpack_from(page, at)
    if kind not in _HEAD_BYTES:
        return  # an overflow or pointer map page
    yield page[at + _HEAD_BYTES[kind] + 2 * cells : content or _WIDEST]
    while block and block + 4 <= len(page):
        following, length = struct.unpack_from(">HH", page, block)
        yield page[block + 4 : block + length]
        if following <= block:
            return
        block = following
