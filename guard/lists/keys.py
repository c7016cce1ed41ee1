"""
Fingerprints under a key.

A telephone number has so little entropy that a hash without a key is as good as plain text. So
every value goes through keyed BLAKE2b (RFC 7693 §2.9), with a subkey by HKDF (RFC 5869) for each
kind of value and each index: equal values of two lists, or of two kinds, do not look alike.
"""

import hashlib
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
SALT_BYTES: Final = 16
MAC_BYTES: Final = 32

_CONTEXT: Final = b"guard customer list 1 "

Hash = Callable[[str], int]


class Keys:
    """The subkeys of one index. `repr` shows none."""

    def __init__(self, key: bytes, salt: bytes) -> None:
        if len(key) != KEY_BYTES or len(salt) != SALT_BYTES:
            raise ValueError("a key has 32 bytes, a salt 16")
        self._key = key
        self._salt = salt
        self._subkeys: dict[str, bytes] = {}
        self._hashes: dict[str, Hash] = {}

    def anchor(self, kind: str) -> Hash:
        """Give the 64-bit fingerprint by which rows are looked up."""
        return self._known(f"anchor {kind}", lambda: self._hash(f"anchor {kind}", 8))

    def tag(self, kind: str) -> Hash:
        """Give the 32-bit fingerprint that stands in a row's record; never 0, which means none."""

        def tagging() -> Hash:
            wide = self._hash(f"tag {kind}", 4)
            return lambda value: wide(value) or 1

        return self._known(f"tag {kind}", tagging)

    def mac(self) -> "hashlib.blake2b":
        """Begin the code that authenticates the whole file."""
        return hashlib.blake2b(key=self._subkey("file"), digest_size=MAC_BYTES)

    def _known(self, purpose: str, make: Callable[[], Hash]) -> Hash:
        """Give the hash for *purpose*, made once."""
        known = self._hashes.get(purpose)
        if known is None:
            known = self._hashes[purpose] = make()
        return known

    def _hash(self, purpose: str, size: int) -> Hash:
        keyed = hashlib.blake2b(key=self._subkey(purpose), digest_size=size)

        def fingerprint(value: str) -> int:
            state = keyed.copy()
            # A lone surrogate may stand in hostile text; it has a fingerprint like the rest.
            state.update(value.encode("utf-8", "surrogatepass"))
            return int.from_bytes(state.digest(), "little")

        return fingerprint

    def _subkey(self, purpose: str) -> bytes:
        known = self._subkeys.get(purpose)
        if known is None:
            info = _CONTEXT + purpose.encode()
            derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=self._salt, info=info)
            known = self._subkeys[purpose] = derive.derive(self._key)
        return known
