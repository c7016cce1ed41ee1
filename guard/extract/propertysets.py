"""Title, author, comments and the rest of a document's own properties ([MS-OLEPS])."""

import struct
from collections.abc import Iterator
from itertools import islice
from typing import Final

from guard.extract import codepages
from guard.extract.budget import Budget
from guard.extract.compound import Compound
from guard.extract.pieces import Piece
from guard.model.extract import Passage, Reason

STREAMS: Final = ("\x05SummaryInformation", "\x05DocumentSummaryInformation")
_SECTIONS_AT: Final = 28
_MOST_SECTIONS: Final = 2
_CODE_PAGE: Final = 1
_NAMES: Final = 0
_NARROW: Final = 30
_WIDE: Final = 31
_VECTOR: Final = 0x1000
_VARIANT: Final = 12


def properties(compound: Compound, budget: Budget) -> Iterator[Piece]:
    """Give the strings among the properties, a line each; what is not whole, as far as it goes."""
    found: list[str] = []
    for name in STREAMS:
        if entry := compound.root.stream(name):
            octets = compound.read(entry, budget)
            try:
                # Many properties may share one long list, which is then read once for each.
                most = len(octets) // 4
                found.extend(islice(_strings(octets), most))
            except (struct.error, IndexError):
                yield Reason.CORRUPT
    if text := "\n".join(dict.fromkeys(line for line in found if line.strip())):
        budget.say(len(text))
        yield Passage(place="properties", text=text)


def _strings(octets: bytes) -> Iterator[str]:
    (sections,) = struct.unpack_from("<I", octets, _SECTIONS_AT - 4)
    for number in range(min(sections, _MOST_SECTIONS)):
        (start,) = struct.unpack_from("<I", octets, _SECTIONS_AT + number * 20 + 16)
        section = octets[start:]
        _, count = struct.unpack_from("<II", section)
        places = [
            struct.unpack_from("<II", section, 8 + at * 8)
            for at in range(min(count, len(section) // 8))
        ]
        codec = next((_page(section, at) for name, at in places if name == _CODE_PAGE), None)
        for name, at in places:
            if name != _NAMES:
                yield from _values(section, at, codec)


def _page(section: bytes, at: int) -> str | None:
    (page,) = struct.unpack_from("<H", section, at + 4)
    return codepages.of_page(page)


def _values(section: bytes, at: int, codec: str | None) -> Iterator[str]:
    """Give the strings of one property: a string, or a vector of strings or of any values."""
    kind, count = struct.unpack_from("<II", section, at)
    if not kind & _VECTOR:
        if kind in {_NARROW, _WIDE}:
            yield _string(section, at + 4, kind, codec)[0]
        return
    at += 8
    for _ in range(min(count, len(section) // 4)):
        inner = kind & ~_VECTOR
        if inner == _VARIANT:
            (inner,) = struct.unpack_from("<I", section, at)
            at += 4
            if inner == 3:  # a number, between the titles of parts
                at += 4
                yield ""
                continue
        if inner not in {_NARROW, _WIDE}:
            return
        text, at = _string(section, at, inner, codec)
        yield text


def _string(section: bytes, at: int, kind: int, codec: str | None) -> tuple[str, int]:
    """Give a string and where the next value stands."""
    (length,) = struct.unpack_from("<I", section, at)
    octets = length * 2 if kind == _WIDE else length
    raw = section[at + 4 : at + 4 + octets]
    if len(raw) < octets:
        raise struct.error
    wide = kind == _WIDE or codec == "utf-16-le"
    text = raw.decode("utf-16-le", "replace") if wide else codepages.decode(raw, codec)
    end = at + 4 + octets
    padded = end + -end % 4 if kind == _WIDE else end
    return text.partition("\0")[0].replace("\r\n", "\n").replace("\r", "\n"), padded
