"""One file packed by itself: gzip, bzip2, xz."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from guard.extract.budget import Budget
from guard.extract.pieces import Member, Piece, Source
from guard.model.extract import Reason

_CHUNK: Final = 1024 * 1024
_SLICE: Final = 64 * 1024


class _Decompressor(Protocol):
    """What the three of the standard library have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Gzip:
    """`zlib.decompressobj` with the interface of the other two."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._input = b""
        self._at = 0

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data + self._input[self._at :]

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        if data:
            self._input = data
        while not self._inflate.eof:
            # In slices, for what is left over of the input is copied each time.
            piece = self._inflate.unconsumed_tail
            if not piece:
                piece = self._input[self._at : self._at + _SLICE]
                self._at += len(piece)
            chunk = self._inflate.decompress(piece, max_length)
            if chunk or not piece:
                return chunk
        return b""


def gzip(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the file in a gzip (RFC 1952), all its members joined."""
    return _unpack(source, budget, _Gzip, (".gz", ".tgz"))


def bzip2(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the file in a bzip2."""
    return _unpack(source, budget, bz2.BZ2Decompressor, (".bz2",))


def xz(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the file in an xz."""
    return _unpack(source, budget, lzma.LZMADecompressor, (".xz",))


def _unpack(
    source: Source,
    budget: Budget,
    decompressor: Callable[[], _Decompressor],
    suffixes: tuple[str, ...],
) -> Iterator[Piece]:
    """Unpack stream after stream; what came out before the damage or the limit is read."""
    budget.enter()
    chunks: list[bytes] = []
    packed = source.octets
    reason: Reason | None = None
    size = 0
    try:
        while packed:
            stream = decompressor()
            data = packed
            while not stream.eof:
                chunk = stream.decompress(data, _CHUNK)
                if not chunk and not stream.eof:
                    raise EOFError
                size += len(chunk)
                budget.foresee(size, len(source.octets))
                budget.expand(len(chunk))
                chunks.append(chunk)
                data = b""
            packed = stream.unused_data.lstrip(b"\0")
    except (zlib.error, EOFError, OSError, lzma.LZMAError, ValueError):
        reason = Reason.CORRUPT
    name = source.name
    for suffix in suffixes:
        name = name.removesuffix(suffix)
    if chunks:
        yield Member(name=name, octets=b"".join(chunks))
    if reason:
        yield reason
