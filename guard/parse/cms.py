"""
What stands within CMS (RFC 5652, S/MIME): signed and compressed content, which everybody can read.

A walk of our own over BER: libraries want DER, and mail programs stream what they sign in pieces
of indefinite length. No signature is checked: who signed says nothing of what is in it.
"""

import re
import zlib
from dataclasses import dataclass
from typing import Final

_SIGNED: Final = bytes.fromhex("2a864886f70d010702")
_COMPRESSED: Final = bytes.fromhex("2a864886f70d0109100109")
_ENCRYPTED: Final = {
    bytes.fromhex("2a864886f70d010703"),  # EnvelopedData
    bytes.fromhex("2a864886f70d010704"),  # SignedAndEnvelopedData (PKCS #7 1.5 §12)
    bytes.fromhex("2a864886f70d010706"),  # EncryptedData
    bytes.fromhex("2a864886f70d0109100117"),  # AuthEnvelopedData (RFC 5083)
}

_OBJECT: Final = 0x06
_OCTETS: Final = 0x04
_OCTETS_IN_PIECES: Final = 0x24
_SEQUENCE: Final = 0x30
_EXPLICIT: Final = 0xA0
_INDEFINITE: Final = 0x80

_DEPTH: Final = 12
_VALUES: Final = 100_000
"""Values of one message that are walked; a megabyte in pieces has a thousand."""

_EXPANDED_BYTES: Final = 64 * 1024 * 1024
"""Most that compressed content may hold."""

_BLANKS: Final = re.compile(rb"\s+")


class EncryptedError(Exception):
    """Only those for whom it was written can read it."""


class NotReadError(Exception):
    """It is no CMS, or is broken, or is of a kind that is not read."""


@dataclass(frozen=True, slots=True)
class _Value:
    """One value of BER: where its content is, and where what follows begins."""

    tag: int
    start: int
    end: int
    after: int


def content(octets: bytes) -> bytes | None:
    """
    Give what was signed or compressed; `None` where the content stands elsewhere in the mail.

    Raises:
        EncryptedError: It is encrypted.
        NotReadError: It cannot be read for another reason.
    """
    try:
        return _Walk(octets).content()
    except (IndexError, RecursionError, zlib.error) as error:
        raise NotReadError from error


class _Walk:
    """One walk over one message; it ends when it has seen too much."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._left = _VALUES

    def content(self) -> bytes | None:
        """Do what `content` does; `IndexError` where the octets end too early."""
        outer = self._value(0, len(self._octets), 0)
        if outer.tag != _SEQUENCE:
            raise NotReadError
        kind, inner = self._kind_and_content(outer)
        if kind in _ENCRYPTED:
            raise EncryptedError
        if kind not in {_SIGNED, _COMPRESSED} or inner is None:
            raise NotReadError
        # Both have a version, algorithms, and what they carry as the first sequence with a kind.
        body = self._inside(inner)[0]
        for value in self._inside(body):
            if value.tag == _SEQUENCE and (found := self._inside(value)) and len(found) <= 2:
                if found[0].tag != _OBJECT or (len(found) == 2 and found[1].tag != _EXPLICIT):
                    continue
                if len(found) == 1:
                    if kind == _COMPRESSED:
                        continue  # the algorithm, which has no parameters
                    return None
                carried = b"".join(map(self._text, self._inside(found[1])))
                return _expanded(carried) if kind == _COMPRESSED else carried
        raise NotReadError

    def _kind_and_content(self, outer: _Value) -> tuple[bytes, _Value | None]:
        values = self._inside(outer)
        if not values or values[0].tag != _OBJECT:
            raise NotReadError
        kind = self._octets[values[0].start : values[0].end]
        carried = values[1] if len(values) > 1 and values[1].tag == _EXPLICIT else None
        return kind, carried

    def _text(self, value: _Value) -> bytes:
        """Give an octet string, put together where it is in pieces (X.690 §8.7)."""
        if value.tag == _OCTETS:
            return self._octets[value.start : value.end]
        if value.tag == _OCTETS_IN_PIECES:
            return b"".join(map(self._text, self._inside(value)))
        # PKCS #7 1.5 has any type here; its octets are the content.
        return self._octets[value.start : value.end]

    def _inside(self, value: _Value) -> list[_Value]:
        found = []
        at = value.start
        while at < value.end:
            found.append(self._value(at, value.end, 1))
            at = found[-1].after
        return found

    def _value(self, at: int, limit: int, depth: int) -> _Value:
        """Read one value that starts at *at*."""
        self._left -= 1
        if depth > _DEPTH or self._left < 0:
            raise NotReadError
        tag = self._octets[at]
        length = self._octets[at + 1]
        start = at + 2
        if length == _INDEFINITE:
            end = start
            while self._octets[end : end + 2] != b"\0\0":
                end = self._value(end, limit, depth + 1).after
            return _Value(tag, start, end, end + 2)
        if length > _INDEFINITE:
            count = length & 0x7F
            length = int.from_bytes(self._octets[start : start + count], "big")
            start += count
        if count_beyond := start + length > limit:
            raise IndexError(count_beyond)
        return _Value(tag, start, start + length, start + length)


def _expanded(octets: bytes) -> bytes:
    expander = zlib.decompressobj()
    expanded = expander.decompress(octets, _EXPANDED_BYTES)
    if expander.unconsumed_tail or not expander.eof:
        raise NotReadError
    return expanded
