"""The objects of a PDF as they lie in the file: damage that a viewer mends, strings it hides."""

import re
import zlib
from collections.abc import Iterator
from typing import Final

from guard.extract.budget import Budget
from guard.parse.charset import guess

_STREAM: Final = re.compile(rb"(?<!end)stream(\r\n|\n|\r)")
_FLATE: Final = re.compile(rb"/Filter\s*(?:\[\s*)?/(?:FlateDecode|Fl)\b")
_FILTER: Final = re.compile(rb"/Filter\s*(?:\[\s*)?/(\w+)")
_FILTERS: Final = {
    b"ASCIIHexDecode", b"ASCII85Decode", b"LZWDecode", b"RunLengthDecode", b"CCITTFaxDecode",
    b"JBIG2Decode", b"DCTDecode", b"JPXDecode", b"Crypt", b"AHx", b"A85", b"LZW", b"RL", b"CCF",
    b"DCT",
}  # fmt: skip
"""All but Flate (ISO 32000-2 §7.4); a stream with another one is shown as empty."""

_PREDICTED: Final = re.compile(rb"/(?:Type\s*/XRef|Subtype\s*/Image|FontFile|Length[123])\b")
_OBJECTS: Final = re.compile(rb"/Type\s*/ObjStm\b")
_MARKUP: Final = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?<(?:\?xml|\?xpacket|x:xmpmeta|xdp:|template|config)"
)
_DICTIONARY_BYTES: Final = 2_000
_CHUNK: Final = 1024 * 1024
_KEPT: Final = 16 * 1024 * 1024
"""Octets of one stream that are looked at for strings; beyond, only its checksum is."""

_MOST_STRINGS: Final = 200_000
_STRING: Final = re.compile(
    rb"\(((?:[^()\\]|\\.){3,65535})\)|<((?:[0-9A-Fa-f\s]){8,65535})>", re.DOTALL
)
_ESCAPE: Final = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|.))", re.DOTALL)
_LETTERS: Final = {
    b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f",
    b"\n": b"", b"\r": b"", b"\r\n": b"",
}  # fmt: skip
"""Escapes in strings (ISO 32000-1 §7.3.4.2)."""

_START_XREF: Final = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF")
_OBJECT_AT: Final = re.compile(rb"\s*(\d+)\s+(\d+)\s+obj\b")
_SECTION: Final = re.compile(rb"\s*(\d+)\s+(\d+)\s*?\r?\n")
_IN_USE: Final = re.compile(rb"(\d{10}) \d{5} ([nf])[ \r\n]{1,2}")
_PREVIOUS: Final = re.compile(rb"/Prev\s+(\d{1,12})")
_TRAILER_BYTES: Final = 4_096
_TAIL: Final = 64
"""Octets behind the last end of file that need no reason."""

_MOST_SECTIONS: Final = 1_000
_ENCRYPTS_FILES: Final = re.compile(rb"/EFF\s*/(\w+)")
_ENCRYPTS_STREAMS: Final = re.compile(rb"/StmF\s*/(\w+)")
_READABLE: Final = re.compile(r"(?!D:\d{4,14})(?s:.)*?(?:[^\W\d_]{2}|\d{4})")
"""Words or numbers; dates of the file (§7.9.4) look like telephone numbers, and are left out."""


class Objects:
    """What a walk over the streams found."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.damaged = False
        """The checksum of a compressed stream (RFC 1950) does not fit."""
        self.strings: dict[str, None] = {}
        """Strings of the document's objects, each once."""
        self.markup: list[bytes] = []
        """Streams of XML: metadata, forms of the XFA kind."""

    def look_at(self, octets: bytes, *, encrypted: bool) -> None:
        """Walk over all streams. Of an encrypted document nothing can be said."""
        if encrypted:
            return
        at = 0
        for found in _STREAM.finditer(octets):
            if found.start() < at:
                continue
            head = octets[max(at, found.start() - _DICTIONARY_BYTES) : found.start()]
            dictionary = head[head.rfind(b" obj") + 1 :]
            self._collect(octets[at : found.start()])
            at = self._stream(octets, found.end(), dictionary)
        self._collect(octets[at:])

    def _stream(self, octets: bytes, start: int, dictionary: bytes) -> int:
        """Look at one stream, and say where it ends."""
        if not _FLATE.search(dictionary):
            end = octets.find(b"endstream", start)
            end = end if end >= 0 else len(octets)
            named = _FILTER.search(dictionary)
            self.damaged |= named[1] not in _FILTERS if named else _is_flate(octets[start:end])
            self._content(octets[start:end], dictionary)
            return end
        inflate = zlib.decompressobj()
        kept: list[bytes] = []
        size = 0
        packed = octets[start : start + _CHUNK]
        read = len(packed)
        try:
            while not inflate.eof:
                chunk = inflate.decompress(packed, _CHUNK)
                size += len(chunk)
                self._budget.foresee(size, read)
                if size <= _KEPT:
                    kept.append(chunk)
                packed = inflate.unconsumed_tail
                if not packed and not inflate.eof:
                    packed = octets[start + read : start + read + _CHUNK]
                    read += len(packed)
                    if not packed:
                        break
        except zlib.error:
            self.damaged = True
        if inflate.eof:
            end = start + read - len(inflate.unused_data) - len(packed) * (not inflate.unused_data)
        else:
            end = octets.find(b"endstream", start)
            end = end if end >= 0 else len(octets)
            self.damaged = True
        self._content(b"".join(kept), dictionary)
        return end

    def _content(self, content: bytes, dictionary: bytes) -> None:
        if _PREDICTED.search(dictionary):
            return
        if _MARKUP.match(content):
            self.markup.append(content)
        elif _OBJECTS.search(dictionary):
            self._collect(content)

    def _collect(self, octets: bytes) -> None:
        for string in _strings(octets):
            if len(self.strings) >= _MOST_STRINGS:
                return
            self.strings[string] = None


def _is_flate(octets: bytes) -> bool:
    """Whether this is compressed, though its dictionary does not say so (RFC 1950 §2.2)."""
    if len(octets) < 8 or octets[0] & 0x0F != 8 or int.from_bytes(octets[:2], "big") % 31:
        return False
    try:
        return bool(zlib.decompressobj().decompress(octets, 1))
    except zlib.error:
        return False


def _strings(octets: bytes) -> Iterator[str]:
    for plain, hexadecimal in _STRING.findall(octets):
        if hexadecimal:
            digits = b"".join(hexadecimal.split())
            raw = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
        else:
            raw = _ESCAPE.sub(_unescaped, plain)
        text = _decoded(raw)
        if _READABLE.match(text) and text.isprintable():
            yield text


def _unescaped(found: re.Match[bytes]) -> bytes:
    octal, letter = found.groups()
    if octal:
        return bytes([int(octal, 8) & 0xFF])
    return _LETTERS.get(letter, letter)


def _decoded(raw: bytes) -> str:
    """Decode a text string (ISO 32000-2 §7.9.2.2); one in no known form as best one can."""
    if raw.startswith(b"\xfe\xff"):
        return raw[2:].decode("utf-16-be", "replace")
    if raw.startswith(b"\xff\xfe"):
        return raw[2:].decode("utf-16-le", "replace")
    return guess(raw.removeprefix(b"\xef\xbb\xbf"))


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
