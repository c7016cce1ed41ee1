"""
Texts that are known to hold no strong field of any row, so that they need not be searched again.

Of a text only a fingerprint is kept, under a key that dies with the process. What is known of it
holds for one version of one list.
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

MOST: Final = 10_000
"""Texts that are known; beyond, those that were searched first are forgotten."""

WORTH_CHARS: Final = 4_000
"""Text that takes longer to be searched than to be known again."""


class SilentTexts:
    """Which lists say nothing about which texts. Safe to use from several threads."""

    def __init__(self, most: int = MOST) -> None:
        self._key = secrets.token_bytes(32)
        self._most = most
        self._known: OrderedDict[bytes, frozenset[str]] = OrderedDict()

    def mark(self, text: str) -> bytes | None:
        """Give the fingerprint of *text*; `None` where it is not worth it."""
        if len(text) < WORTH_CHARS:
            return None
        octets = text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(octets, key=self._key, digest_size=32).digest()

    def knows(self, mark: bytes | None, versions: Iterable[str]) -> bool:
        """Whether none of these versions of lists has a row in the text of *mark*."""
        silent = self._known.get(mark) if mark else None
        return silent is not None and silent.issuperset(versions)

    def note(self, mark: bytes | None, versions: Iterable[str]) -> None:
        """Remember that none of these versions of lists has a row in the text of *mark*."""
        if mark is None:
            return
        self._known.pop(mark, None)
        self._known[mark] = frozenset(versions)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
