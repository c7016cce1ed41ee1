"""Archives that libarchive reads: 7-Zip, RAR, LZH, CAB, tar, cpio, ar, ISO 9660, and streams."""

from collections.abc import Callable, Iterator
from typing import Final
from zlib import crc32

from guard.extract.budget import Budget
from guard.extract.inner_names import inner_name
from guard.extract.libarchive import Entry, Unpacker, unpacking
from guard.extract.pieces import Member, Piece, Source, UnreadError
from guard.extract.rarsums import declared
from guard.model.extract import Passage, Reason

_FEW: Final = 64
"""Octets behind an archive that need no reason: padding, time stamps."""

_SEVEN_ZIP_HEAD: Final = 32
"""Octets of the signature header (7zFormat.txt), which says where the archive ends."""


def seven_zip(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the files of a 7-Zip archive. An encrypted one is `ENCRYPTED` with a password too."""
    yield from _files(source, budget, ("7zip",), end=_seven_zip_end)


def rar(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the files of a RAR archive, versions 3 to 5. With encryption as `seven_zip`."""
    sums = declared(source.octets)
    unchecked = False
    for piece in _files(source, budget, ("rar", "rar5")):
        if isinstance(piece, Member) and piece.octets:
            unchecked = unchecked or (bool(sums) and crc32(piece.octets) not in sums)
        yield piece
    if unchecked:
        yield Reason.CORRUPT


def lzh(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the files of an LZH archive (lh0, lh5 to lh7)."""
    yield from _files(source, budget, ("lha",))


def cab(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the files of a cabinet ([MS-CAB])."""
    yield from _files(source, budget, ("cab",))


def tar(source: Source, budget: Budget) -> Iterator[Piece]:
    """
    Give the files of a tar archive, and of others that follow it.

    The standard library stops without a word at a header whose checksum is wrong.
    """
    yield from _files(source, budget, ("tar",), options="read_concatenated_archives")


def cpio(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the files of a cpio archive."""
    yield from _files(source, budget, ("cpio",))


def ar(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the files of an ar archive; Debian packages are such."""
    yield from _files(source, budget, ("ar",))


def iso(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the files of an ISO 9660 image."""
    yield from _files(source, budget, ("iso9660",), end=len)


def zstd(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the file in a Zstandard stream (RFC 8878)."""
    return _stream(source, budget, "zstd", (".zst", ".zstd"))


def compress(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the file in a stream of the program compress, which has no checksum."""
    return _stream(source, budget, "compress", (".Z",))


def unpack_single(octets: bytes, budget: Budget, *, packed: int, password: bytes = b"") -> bytes:
    """
    Unpack the one entry of a ZIP archive, its checksum checked.

    Raises:
        UnreadError: It is damaged, too big, encrypted otherwise, or packed in an unknown way.
    """
    with unpacking(octets, budget, formats=("zip_seekable",), password=password) as unpacker:
        entry = next(unpacker.entries(), None)
        content = b"".join(unpacker.unpack(packed)) if entry else b""
        if entry is None or unpacker.damaged or _short(entry, content):
            raise UnreadError(Reason.CORRUPT)
        return content


def _files(
    source: Source,
    budget: Budget,
    formats: tuple[str, ...],
    *,
    options: str = "",
    end: Callable[[bytes], int] | None = None,
) -> Iterator[Piece]:
    """Give file after file; *end* says where the archive ends, if not where reading it does."""
    links: list[str] = []
    reasons: set[Reason] = set()
    with unpacking(source.octets, budget, formats=formats, options=options) as unpacker:
        try:
            for entry in unpacker.entries():
                budget.enter()
                for piece in _file(entry, unpacker, len(source.octets), links):
                    if isinstance(piece, Reason):
                        reasons.add(piece)
                    else:
                        yield piece
        except UnreadError as unread:
            # An archive that libarchive gave up is not damaged as well.
            if not reasons:
                reasons.add(unread.reason)
        else:
            at = end(source.octets) if end else unpacker.consumed
            if len(source.octets[at:].replace(b"\0", b"")) > _FEW:
                reasons.add(Reason.DEFECT)
        if unpacker.damaged:
            reasons.add(Reason.CORRUPT)
    if reasons & {Reason.ENCRYPTED, Reason.UNSUPPORTED}:
        reasons.discard(Reason.CORRUPT)  # what follows a file that was not read is out of step
    yield from sorted(reasons)
    if links:
        yield Passage(place="links", text="\n".join(links))


def _file(entry: Entry, unpacker: Unpacker, packed: int, links: list[str]) -> Iterator[Piece]:
    name = inner_name(entry.name)
    if entry.link is not None:
        links.append(f"{name} → {inner_name(entry.link)}")
    if not entry.regular:
        return
    blocks: list[bytes] = []
    reason: Reason | None = None
    try:
        blocks.extend(unpacker.unpack(packed))
    except UnreadError as unread:
        reason = unread.reason
    content = b"".join(blocks)
    if content or entry.link is None:
        yield Member(name=name, octets=content)
    if reason is None and entry.link is None and _short(entry, content):
        reason = Reason.CORRUPT
    if reason:
        yield reason


def _short(entry: Entry, content: bytes) -> bool:
    return entry.size is not None and entry.size != len(content)


def _seven_zip_end(octets: bytes) -> int:
    offset = int.from_bytes(octets[12:20], "little")
    return _SEVEN_ZIP_HEAD + offset + int.from_bytes(octets[20:28], "little")


def _stream(
    source: Source, budget: Budget, name: str, suffixes: tuple[str, ...]
) -> Iterator[Piece]:
    budget.enter()
    inner = source.name.rpartition("/")[2]
    for suffix in suffixes:
        inner = inner.removesuffix(suffix)
    blocks: list[bytes] = []
    reason: Reason | None = None
    with unpacking(source.octets, budget, formats=("raw",), filters=(name,)) as unpacker:
        try:
            for _ in unpacker.entries():
                blocks.extend(unpacker.unpack(len(source.octets)))
        except UnreadError as unread:
            reason = unread.reason
        if unpacker.damaged:
            reason = Reason.CORRUPT
    if blocks:
        yield Member(name=inner, octets=b"".join(blocks))
    if reason:
        yield reason
