"""
Fingerprints under a key.

A telephone number has so little entropy that a hash without a key is as good as plain text. So a
value is hashed by a secret function (`guard.lists.hashing`), the same for all lists under one key,
and what that gives goes through AES-128 (FIPS 197) under a subkey by HKDF (RFC 5869) of one index:
equal values of two lists, or of two kinds, do not look alike.
"""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from guard.lists.arrays import U32, U64
from guard.lists.kinds import Kind

KEY_BYTES: Final = 32
SALT_BYTES: Final = 16
MAC_BYTES: Final = 32

_CONTEXT: Final = b"guard customer list 2 "
_NUMBERS: Final = {
    str(kind): number
    for number, kind in enumerate(
        (
            Kind.EMAIL, Kind.PHONE, Kind.ID, Kind.POSTCODE, Kind.ADDRESS, Kind.BIRTHDAY,
            Kind.NAME, Kind.KANA, Kind.COMPANY, "domain", "row", Kind.LAST,
            Kind.FIRST,
        ),
        start=1,
    )
}  # fmt: skip


class Keys:
    """The subkeys of one index. `repr` shows none."""

    def __init__(self, key: bytes, salt: bytes) -> None:
        if len(key) != KEY_BYTES or len(salt) != SALT_BYTES:
            raise ValueError("a key has 32 bytes, a salt 16")
        self._key = key
        self._salt = salt

    def fingerprints(self, parts: Sequence[tuple[str, U64]]) -> list[tuple[U64, U32]]:
        """
        Give two independent fingerprints of each hashed value, for each kind with its values.

        The first is what rows are looked up by, the second stands in records and is never 0.
        """
        sizes = [len(values) for _, values in parts]
        blocks = np.empty((sum(sizes), 2), np.uint64)
        at = 0
        for (kind, values), size in zip(parts, sizes, strict=True):
            blocks[at : at + size, 0] = values
            blocks[at : at + size, 1] = _NUMBERS[kind]
            at += size
        # A cipher is made anew: one may not be shared between threads.
        cipher = Cipher(algorithms.AES(self._block_key), modes.ECB()).encryptor()  # noqa: S305 -- as a function of one block
        out = np.frombuffer(cipher.update(blocks.tobytes()), np.uint64).reshape(-1, 2)
        tags = out[:, 1].astype(np.uint32)
        np.maximum(tags, np.uint32(1), out=tags)
        found = []
        at = 0
        for size in sizes:
            found.append((out[at : at + size, 0], tags[at : at + size]))
            at += size
        return found

    def mac(self) -> "hashlib.blake2b":
        """Begin the code that authenticates a part of the file."""
        return hashlib.blake2b(key=self._mac_key, digest_size=MAC_BYTES)

    @cached_property
    def _block_key(self) -> bytes:
        return _derived(self._key, self._salt, b"block", 16)

    @cached_property
    def _mac_key(self) -> bytes:
        return _derived(self._key, self._salt, b"file", KEY_BYTES)


def hashing_key(key: bytes) -> bytes:
    """Give the subkey of the hash that all lists under *key* share."""
    return _derived(key, None, b"letters", 32)


def _derived(key: bytes, salt: bytes | None, purpose: bytes, size: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=size, salt=salt, info=_CONTEXT + purpose).derive(key)
