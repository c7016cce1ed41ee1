"""
Sealing what is held: AES-256-GCM (NIST SP 800-38D) in chunks, a key of its own for each hold.

Every chunk is bound to its hold, its field, its place and whether it is the last one. So one that
is changed, cut off, doubled, or moved to another place or hold does not open.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from guard.model.errors import DamagedError

CHUNK_BYTES: Final = 64 * 1024
"""Octets in a chunk before it is sealed; 28 more after."""

_NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Seal:
    """Seals and opens the fields of one hold."""

    _cipher: AESGCM
    _hold_id: str

    @classmethod
    def of(cls, key: bytes, hold_id: str) -> "Seal":
        """
        Give the seal of one hold, from a subkey of the ring.

        The key is derived (RFC 5869 §2.3), so that the number of random nonces under one key
        stays far below what GCM bears, however many holds a ring key sees.
        """
        derived = HKDFExpand(SHA256(), 32, b"guard hold v1\0" + hold_id.encode()).derive(key)
        return cls(AESGCM(derived), hold_id)

    def close(self, field: str, octets: bytes | memoryview) -> bytes:
        """Seal *octets* as the whole of one field."""
        return self._close(field, octets, number=0, last=True)

    def open(self, field: str, sealed: bytes) -> bytes:
        """
        Open what `close` sealed.

        Raises:
            DamagedError: It is not what was sealed as this field of this hold.
        """
        return self._open(field, sealed, number=0, last=True)

    def close_chunks(self, field: str, octets: bytes) -> list[bytes]:
        """Seal *octets* as one field in chunks; there is at least one, also for none."""
        starts = range(0, max(1, len(octets)), CHUNK_BYTES)
        view = memoryview(octets)
        return [
            self._close(
                field,
                view[start : start + CHUNK_BYTES],
                number=number,
                last=number == len(starts) - 1,
            )
            for number, start in enumerate(starts)
        ]

    def open_chunks(self, field: str, chunks: Sequence[bytes]) -> bytes:
        """
        Open what `close_chunks` sealed, all of it.

        Raises:
            DamagedError: These are not the chunks, all and in order, of this field of this hold.
        """
        return b"".join(
            self._open(field, chunk, number=number, last=number == len(chunks) - 1)
            for number, chunk in enumerate(chunks)
        )

    def _close(self, field: str, octets: bytes | memoryview, *, number: int, last: bool) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, octets, self._bound(field, number, last))

    def _open(self, field: str, sealed: bytes, *, number: int, last: bool) -> bytes:
        nonce, text = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, text, self._bound(field, number, last))
        except (InvalidTag, ValueError) as error:  # ValueError: too short to be sealed at all
            raise DamagedError(f"{field} of hold {self._hold_id}: changed on disk") from error

    def _bound(self, field: str, number: int, last: bool) -> bytes:
        return f"{self._hold_id}\0{field}\0{number}\0{int(last)}".encode()
