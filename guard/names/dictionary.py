"""
The dictionary of Japanese names: what a word may be read as, and how common it is as a name.

It is IPADIC, as the package `ipadic` carries it, in the binary form of MeCab: a double array that
maps words to tokens, the tokens, and their features. We read it in place. So it takes no time to
open and no memory of its own, and forked workers share the pages that they touch. Without the
package, or where its file is not of the form known here, there are no names, and `readings` has
only the tables of our own.
"""

import mmap
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from guard.names.spelling import spoken

_HEADER: Final = struct.Struct("<10I32s")
_TOKEN: Final = struct.Struct("<HHHhII")
_MAGIC: Final = 0xEF718F77
_VERSION: Final = 102
_SURNAME: Final = 1290
_GIVEN: Final = 1291
"""Classes of words, as IPADIC numbers them: 名詞,固有名詞,人名,姓 and 名."""

_NAMES: Final = frozenset({_SURNAME, _GIVEN})

_SURFACE: Final = 6
_READING: Final = 7
"""Fields of a feature."""


class Name(NamedTuple):
    """One reading of one word as a name."""

    written: str
    kana: str
    """How it is read, in katakana."""

    reading: str
    """That, as `spelling.romaji` folds it."""

    cost: int
    """How rare it is: 700 more for about e times rarer."""

    surname: bool
    """A surname; else a given name."""


class Dictionary:
    """The names of one dictionary file."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        header = _HEADER.unpack_from(self._data)
        magic, version, cells, tokens, charset = (header[i] for i in (0, 1, 6, 7, 10))
        if (
            magic ^ _MAGIC != len(self._data)
            or version != _VERSION
            or charset.rstrip(b"\0").lower() not in {b"utf8", b"utf-8"}
        ):
            raise ValueError(f"{path}: not a MeCab dictionary in UTF-8")
        self._tokens = _HEADER.size + cells
        self._features = self._tokens + tokens
        whole = memoryview(self._data)
        self._cells = whole[_HEADER.size : self._tokens].cast("I")
        self._classes = whole[self._tokens : self._features].cast("H")[0::8]

    def names(self, word: str) -> list[Name]:
        """Give every reading of *word* as a name."""
        found = self._find(word.encode(errors="replace"))
        # The value of a word: where its tokens begin, and in the lowest byte how many they are.
        first, count = found >> 8, found & 0xFF
        return [
            self._name(number)
            for number in range(first, first + count)
            if self._classes[number] in _NAMES
        ]

    def every_name(self) -> Iterator[Name]:
        """Give all names, in a tenth of a second."""
        for number, kind in enumerate(self._classes.tolist()):
            if kind in _NAMES:
                yield self._name(number)

    def _find(self, key: bytes) -> int:
        """Follow the double array; gives 0 where the word is not in it."""
        cells = self._cells
        base = cells[0]
        for byte in key:
            place = 2 * (base + byte + 1)
            if place + 1 >= len(cells) or cells[place + 1] != base:
                return 0
            base = cells[place]
        if 2 * base + 1 < len(cells) and cells[2 * base + 1] == base:
            value = cells[2 * base]
            # A value is held as less than nothing, so that it is no place in the array.
            return 0xFFFF_FFFF - value if value & 0x8000_0000 else 0
        return 0

    def _name(self, number: int) -> Name:
        kind, _, _, cost, at, _ = _TOKEN.unpack_from(
            self._data, self._tokens + number * _TOKEN.size
        )
        start = self._features + at
        fields = self._data[start : self._data.find(b"\0", start)].decode().split(",")
        kana = fields[_READING]
        return Name(fields[_SURFACE], kana, spoken(kana), cost, kind == _SURNAME)


@cache
def dictionary() -> Dictionary | None:
    """Open the dictionary when it is first wanted; `None` where there is none that can be read."""
    try:
        from ipadic import DICDIR

        return Dictionary(Path(DICDIR) / "sys.dic")
    except (ImportError, OSError, ValueError, struct.error):
        return None
