"""The table of objects of a PDF: whether it is as it was written, and what it says is sealed."""

import re
from typing import Final

_START_XREF: Final = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF")
_OBJECT_AT: Final = re.compile(rb"\s*(\d{1,10})\s+\d{1,5}\s+obj\b")
_SECTION: Final = re.compile(rb"\s*(\d{1,10})\s+(\d{1,10})[ \t]*(?:\r\n|\r|\n)")
_IN_USE: Final = re.compile(rb"(\d{10}) \d{5} ([nf])[ \r\n]{1,2}")
_PREVIOUS: Final = re.compile(rb"/Prev\s+(\d{1,12})")
_TRAILER_BYTES: Final = 4_096
_TAIL: Final = 64
"""Octets behind the last end of file that need no reason."""

_MOST_SECTIONS: Final = 1_000
_ENCRYPTS_FILES: Final = re.compile(rb"/EFF\s*/(\w+)")
_ENCRYPTS_STREAMS: Final = re.compile(rb"/StmF\s*/(\w+)")


def seals_attachments(octets: bytes) -> bool:
    """Whether attachments are encrypted by another key than the text: pdfium gives cipher text."""
    files = _ENCRYPTS_FILES.search(octets)
    streams = _ENCRYPTS_STREAMS.search(octets)
    return files is not None and files[1] != (streams[1] if streams else b"Identity")


def is_damaged(octets: bytes) -> bool:
    """
    Whether the end of the file or the table of its objects is not as it was written.

    A viewer then looks for objects by itself, and may find others, or fewer.
    """
    ends = list(_START_XREF.finditer(octets))
    if not ends or len(octets[ends[-1].end() :].strip(b"\0 \t\r\n")) > _TAIL:
        return True
    base = octets.find(b"%PDF-")
    waiting = [int(ends[-1][1])]
    seen: set[int] = set()
    while waiting and len(seen) < _MOST_SECTIONS:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        if not (found := _table(octets, at, base)):
            return True
        waiting.extend(found)
        waiting = [place for place in waiting if place]
    return False


def _table(octets: bytes, at: int, base: int) -> list[int]:
    """Check one table; give where the ones before it stand, nothing at all if it is damaged."""
    at += base if octets[at + base : at + base + 4] == b"xref" else 0
    if _OBJECT_AT.match(octets, at) or _OBJECT_AT.match(octets, at + base):
        # A stream, which has a checksum: see `Objects`.
        head = octets[at : at + _TRAILER_BYTES].partition(b"stream")[0]
        return [*(int(found) for found in _PREVIOUS.findall(head)), 0]
    if octets[at : at + 4] != b"xref":
        return []
    place = at + 4
    while section := _SECTION.match(octets, place):
        place = section.end()
        first, count = int(section[1]), int(section[2])
        for number in range(first, first + count):
            entry = _IN_USE.match(octets, place)
            if entry is None:
                return []
            place = entry.end()
            if entry[2] == b"n" and not _is_object(octets, int(entry[1]), base, number):
                return []
    trailer = octets[place : place + _TRAILER_BYTES]
    if b"trailer" not in trailer[:64]:
        return []
    trailer = trailer.partition(b"startxref")[0]
    return [*(int(found) for found in _PREVIOUS.findall(trailer)), 0]


def _is_object(octets: bytes, at: int, base: int, number: int) -> bool:
    for place in (at, at + base):
        found = _OBJECT_AT.match(octets, place)
        if found and int(found[1]) == number:
            return True
    return False
