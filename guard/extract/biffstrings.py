"""Strings of Excel's records ([MS-XLS] §2.5.293), which may go on in the record that follows."""

import struct
from collections.abc import Iterator
from typing import Final

_WIDE: Final = 0x01
_PHONETIC: Final = 0x04
_FORMATTED: Final = 0x08


class TornError(Exception):
    """A length leads beyond the end; what came before it counts."""


class Strings:
    """A place in a record and those that continue it."""

    def __init__(self, segments: list[bytes]) -> None:
        self._segments = segments
        self._segment = 0
        self._at = 0

    def take(self, length: int) -> bytes:
        """
        Give so many octets, from as many records as it takes.

        Raises:
            TornError: There are not so many.
        """
        found: list[bytes] = []
        while length > 0:
            octets = self._segments[self._segment][self._at : self._at + length]
            found.append(octets)
            self._at += len(octets)
            length -= len(octets)
            if length:
                self._next()
        return b"".join(found)

    def number(self, octets: int) -> int:
        """Give a number of so many octets."""
        return int.from_bytes(self.take(octets), "little")

    def characters(self, count: int, *, wide: bool) -> str:
        """Give so many characters; each record that goes on says again whether they are wide."""
        found: list[str] = []
        while count > 0:
            width = 2 if wide else 1
            octets = self._segments[self._segment][self._at : self._at + count * width]
            octets = octets[: len(octets) // width * width]
            found.append(octets.decode("utf-16-le" if wide else "latin-1", "surrogatepass"))
            self._at += len(octets)
            count -= len(octets) // width
            if count:
                self._next()
                wide = bool(self.number(1) & _WIDE)
        return "".join(found)

    def rich(self) -> str:
        """Give a string that has its length, its flags and perhaps formatting with it."""
        count, flags = self.number(2), self.number(1)
        runs = self.number(2) if flags & _FORMATTED else 0
        readings = self.number(4) if flags & _PHONETIC else 0
        text = self.characters(count, wide=bool(flags & _WIDE))
        self.take(runs * 4 + readings)
        return text

    def continued(self, count: int) -> str:
        """Give characters that stand in the records that continue this one (TxO)."""
        self._next()
        return self.characters(count, wide=bool(self.number(1) & _WIDE))

    def _next(self) -> None:
        self._segment += 1
        self._at = 0
        if self._segment >= len(self._segments):
            raise TornError


def shared(segments: list[bytes]) -> Iterator[str]:
    """
    Give the strings that cells share (SST).

    Raises:
        TornError: There are fewer than it says.
    """
    strings = Strings(segments)
    _, count = struct.unpack("<II", strings.take(8))
    for _ in range(count):
        yield strings.rich()
