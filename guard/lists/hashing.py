"""
The secret linear hash of a stretch of letters, for all stretches of a text at once.

    h(a₀ a₁ … aₙ) = Σ T[aᵢ] · Bⁱ   mod 2⁶⁴

*T*, a random number for each letter, and *B*, odd, come from the key. From running sums, the hash
of any stretch is one subtraction and one multiplication. Whoever knew some hashes could solve for
T: no hash is ever stored, all go through AES first (`guard.lists.keys`). The argument and its
limits are in ADR 19.
"""

import threading
from typing import Final

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from guard.lists.arrays import U32, U64, Ints

_LETTERS: Final = 1 << 17
"""Letters that have a number of their own; of rarer planes several share one."""

_MIXERS: Final = 8


class Hashing:
    """The hash under one key. Safe to share between threads."""

    def __init__(self, key: bytes) -> None:
        """Draw all numbers from *key*, 32 bytes that serve nothing else."""
        drawn = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
        octets = drawn.update(bytes(8 * (_LETTERS + 1 + _MIXERS)))
        numbers = np.frombuffer(octets, np.uint64)
        self._letters: U64 = numbers[:_LETTERS]
        self._base = int(numbers[_LETTERS]) | 1
        self._inverse = pow(self._base, -1, 1 << 64)
        self._mixers: U64 = numbers[_LETTERS + 1 :] | np.uint64(1)
        self._lock = threading.Lock()
        self._powers: tuple[U64, U64] = (np.ones(1, np.uint64), np.ones(1, np.uint64))

    def stream(self, codes: U32) -> "Stream":
        """Make the hashes of all stretches of *codes* ready."""
        up, down = self._of(len(codes))
        sums = np.zeros(len(codes) + 1, np.uint64)
        numbers = self._letters.take(codes & np.uint32(_LETTERS - 1))
        np.multiply(numbers, up[: len(codes)], out=numbers)
        np.cumsum(numbers, out=sums[1:])
        return Stream(sums, up, down)

    def mixed(self, *values: U64) -> U64:
        """Hash a few hashes or numbers of each element into one."""
        total = values[0] * self._mixers[0]
        for mixer, value in zip(self._mixers[1:], values[1:], strict=False):
            total = total + value * mixer
        return total

    def _of(self, length: int) -> tuple[U64, U64]:
        """Give the powers of base and inverse up to *length*."""
        up, down = self._powers
        if len(up) <= length:
            with self._lock:
                size = max(4096, 1 << (length + 1).bit_length())
                up, down = _powers(self._base, size), _powers(self._inverse, size)
                self._powers = up, down
        return up, down


class Stream:
    """Letters in a row, any stretch of which can be hashed."""

    def __init__(self, sums: U64, up: U64, down: U64) -> None:
        self._sums = sums
        self._up = up
        self._down = down

    def of(self, start: Ints, end: Ints) -> U64:
        """Give the hash of each stretch."""
        return (self._sums[end] - self._sums[start]) * self._down[start]

    def turned(self, start: Ints, middle: Ints, end: Ints) -> U64:
        """Give the hash of each stretch with its two parts exchanged: *middle* to *end* first."""
        return self.of(middle, end) + self.of(start, middle) * self._up[end - middle]


def _powers(base: int, count: int) -> U64:
    factors = np.full(count, base, np.uint64)
    factors[0] = 1
    return np.multiply.accumulate(factors)
