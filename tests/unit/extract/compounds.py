"""OLE compound files made for one test: small, valid, by [MS-CFB]."""

import struct
from collections.abc import Mapping

Tree = Mapping[str, "bytes | Tree"]

SECTOR = 512
END = 0xFFFFFFFE
FREE = 0xFFFFFFFF


def compound(tree: Tree) -> bytes:
    """A compound file with these streams and storages; streams are never mini streams."""
    entries: list[dict[str, int | str | bytes]] = [{"name": "Root Entry", "type": 5}]
    sectors: list[bytes] = []
    fat: list[int] = []

    def put(octets: bytes) -> int:
        count = -(-len(octets) // SECTOR)
        first = len(sectors)
        padded = octets.ljust(count * SECTOR, b"\0")
        sectors.extend(padded[at : at + SECTOR] for at in range(0, len(padded), SECTOR))
        fat.extend([*range(first + 1, first + count), END] if count else [])
        return first if count else END

    def fill(number: int, branch: Tree) -> None:
        names = list(branch)
        numbers = range(len(entries), len(entries) + len(names))
        entries.extend({"name": name, "type": 2} for name in names)
        entries[number]["child"] = numbers[0] if names else FREE
        # Each hangs on the right of the one before it: a tree that no program makes, but a tree.
        for at, name in zip(numbers, names, strict=True):
            entries[at]["right"] = at + 1 if at + 1 in numbers else FREE
            content = branch[name]
            if isinstance(content, bytes):
                entries[at].update(start=put(content), size=len(content))
            else:
                entries[at]["type"] = 1
                fill(at, content)

    fill(0, tree)
    directory = b"".join(map(_entry, entries))
    start = put(directory)
    fat_sectors = 1
    while (len(fat) + fat_sectors) * 4 > fat_sectors * SECTOR:
        fat_sectors += 1
    places = list(range(len(sectors), len(sectors) + fat_sectors))
    fat.extend([0xFFFFFFFD] * fat_sectors)
    fat.extend([FREE] * (fat_sectors * SECTOR // 4 - len(fat)))
    head = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x3E, 3, 0xFFFE, 9, 6, 0, fat_sectors, start, 0, 0, END, 0, END, 0),
    )
    head += struct.pack("<109I", *places, *[FREE] * (109 - fat_sectors))
    return head + b"".join(sectors) + struct.pack(f"<{len(fat)}I", *fat)


def _entry(entry: Mapping[str, int | str | bytes]) -> bytes:
    name = str(entry["name"]).encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16s4x16xIQ",
        name,
        len(name),
        entry["type"],
        1,
        FREE,
        entry.get("right", FREE),
        entry.get("child", FREE),
        b"",
        entry.get("start", END),
        entry.get("size", 0),
    )
