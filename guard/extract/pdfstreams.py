"""One stream of a PDF, unpacked, and whether it is as it was written (ISO 32000-2 §7.4)."""

import base64
import binascii
import re
import zlib
from typing import Final

from guard.extract.budget import Budget

_FILTER: Final = re.compile(rb"/Filter\s*(?:/(\w+)|\[([^\]]*)\])")
_NAME: Final = re.compile(rb"/(\w+)")
_FLATE: Final = {b"FlateDecode", b"Fl"}
_ASCII: Final = {b"ASCII85Decode", b"A85", b"ASCIIHexDecode", b"AHx"}
_OTHERS: Final = {
    b"LZWDecode", b"RunLengthDecode", b"CCITTFaxDecode", b"JBIG2Decode", b"DCTDecode",
    b"JPXDecode", b"Crypt", b"LZW", b"RL", b"CCF", b"DCT",
}  # fmt: skip
"""With Flate and the ones for ASCII all that there are; with another one nothing is shown."""

_TAG: Final = 16
_CHUNK: Final = 1024 * 1024
_KEPT: Final = 16 * 1024 * 1024
"""Octets of one stream that are looked at; beyond, only its checksum is."""


def content_of(
    octets: bytes, start: int, dictionary: bytes, budget: Budget
) -> tuple[bytes | None, int, bool]:
    """
    Give the content of a stream, where it ends, and whether it is damaged.

    The content is `None` if it is packed in a way that is not unpacked here.

    Raises:
        UnreadError: It is a bomb (LIMIT).
    """
    filters = _filters(dictionary)
    if octets[start : start + _TAG].lstrip().startswith(b"endstream"):
        return b"", start, False
    if filters and filters[0] in _FLATE:
        content, end, damaged = _inflated(octets, start, budget)
        return (content if len(filters) == 1 else None), end, damaged
    end = octets.find(b"endstream", start)
    end = end if end >= 0 else len(octets)
    raw = octets[start:end]
    if not filters:
        return raw, end, _is_flate(raw)
    if not set(filters) <= _FLATE | _ASCII | _OTHERS:
        return None, end, True
    if filters[0] not in _ASCII:
        return None, end, False
    try:
        raw = _from_ascii(filters[0], raw)
    except (ValueError, binascii.Error):
        return None, end, True
    if len(filters) == 1:
        return raw, end, False
    if filters[1] not in _FLATE:
        return None, end, False
    content, _, damaged = _inflated(raw, 0, budget)
    return (content if len(filters) == 2 else None), end, damaged


def _filters(dictionary: bytes) -> list[bytes]:
    found = _FILTER.search(dictionary)
    if not found:
        return []
    return [found[1]] if found[1] else _NAME.findall(found[2])


def _from_ascii(name: bytes, raw: bytes) -> bytes:
    """
    Decode text that stands for octets.

    Raises:
        ValueError, binascii.Error: It is none.
    """
    packed = b"".join(raw.split())
    if name in {b"ASCIIHexDecode", b"AHx"}:
        digits = packed.partition(b">")[0]
        return binascii.unhexlify(digits + b"0" * (len(digits) % 2))
    return base64.a85decode(packed.removeprefix(b"<~").partition(b"~")[0])


def _inflated(octets: bytes, start: int, budget: Budget) -> tuple[bytes, int, bool]:
    inflate = zlib.decompressobj()
    kept: list[bytes] = []
    size = 0
    packed = octets[start : start + _CHUNK]
    read = len(packed)
    damaged = False
    try:
        while not inflate.eof:
            chunk = inflate.decompress(packed, _CHUNK)
            size += len(chunk)
            budget.foresee(size, read)
            if size <= _KEPT:
                kept.append(chunk)
            packed = inflate.unconsumed_tail
            if not packed and not inflate.eof:
                packed = octets[start + read : start + read + _CHUNK]
                read += len(packed)
                if not packed:
                    break
    except zlib.error:
        damaged = True
    if inflate.eof:
        end = start + read - len(inflate.unused_data) - len(packed) * (not inflate.unused_data)
    else:
        end = octets.find(b"endstream", start)
        end = end if end >= 0 else len(octets)
        damaged = True
    return b"".join(kept), end, damaged


def _is_flate(octets: bytes) -> bool:
    """Whether this is compressed, though its dictionary does not say so (RFC 1950 §2.2)."""
    if len(octets) < 8 or octets[0] & 0x0F != 8 or int.from_bytes(octets[:2], "big") % 31:
        return False
    try:
        return bool(zlib.decompressobj().decompress(octets, 1))
    except zlib.error:
        return False
