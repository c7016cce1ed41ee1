"""Signatures and encrypted messages: OpenPGP (RFC 9580) and PKCS #7 (RFC 5652)."""

from collections.abc import Iterator
from typing import Final

from guard.extract.budget import Budget
from guard.extract.pieces import Piece, Source, UnreadError
from guard.extract.plaintext import text
from guard.model.extract import Reason

_SIGNED_DATA: Final = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_NO_CONTENT: Final = (
    b"\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01",
    b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\x00\x00",
)
"""EncapsulatedContentInfo with a type alone: the content stands elsewhere in the mail."""


def pgp(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give signatures, keys and signed text as they stand; an encrypted message is `ENCRYPTED`."""
    if b"-----BEGIN PGP MESSAGE" in source.octets:
        raise UnreadError(Reason.ENCRYPTED)
    yield from text(source, budget)


def pkcs7(source: Source, _budget: Budget) -> Iterator[Piece]:
    """Pass a detached signature over; an envelope is `ENCRYPTED`, signed content not read yet."""
    head = source.octets[:64]
    if _SIGNED_DATA not in head:
        raise UnreadError(Reason.ENCRYPTED)
    if not any(mark in source.octets[:400] for mark in _NO_CONTENT):
        raise UnreadError(Reason.UNSUPPORTED)
    yield from ()
