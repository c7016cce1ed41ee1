"""Large messages on their way through: in a temporary file, which nobody can read but we."""

import os
import tempfile
from collections.abc import Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from guard.model.octets import BLOCK, head_of

TAG: Final = 16
"""Octets by which AES-GCM makes a block longer."""


class Spool:
    """
    `guard.model.octets.Octets` in a file without a name, sealed block by block (AES-256-GCM).

    The key lives in this object alone and seals nothing else, so the number of a block can be its
    nonce, and the file means nothing to anybody once the process has ended, however it ends.
    """

    def __init__(self) -> None:
        """
        Make the file, in the system's folder for such (``TMPDIR``).

        Raises:
            OSError: It cannot be made.
        """
        self.size_bytes = 0
        self.is_ascii = True
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 -- closed by `close`
        self._cipher = AESGCM(AESGCM.generate_key(256))
        self._count = 0

    def append(self, block: bytes) -> None:
        """
        Put *block* behind the others; all but the last have `BLOCK` octets.

        Raises:
            OSError: It cannot be written, mostly for want of space.
        """
        rest = memoryview(self._cipher.encrypt(_nonce(self._count), block, None))
        while rest:  # near the end of the space a part may fit
            rest = rest[os.write(self._file.fileno(), rest) :]
        self._count += 1
        self.size_bytes += len(block)
        self.is_ascii = self.is_ascii and block.isascii()

    def head(self) -> bytes:
        """Give the header with its last CRLF."""
        return head_of(self.blocks())

    def blocks(self) -> Iterator[bytes]:
        """
        Give them in order.

        Raises:
            OSError: A block cannot be read, or is not what was written.
        """
        for number in range(self._count):
            # A read that names its place: two readers are in nobody's way.
            sealed = os.pread(self._file.fileno(), BLOCK + TAG, number * (BLOCK + TAG))
            try:
                yield self._cipher.decrypt(_nonce(number), sealed, None)
            except InvalidTag:
                raise OSError("a spooled block is damaged") from None

    def whole(self) -> bytes:
        """Give all of them."""
        return b"".join(self.blocks())

    def close(self) -> None:
        """Have the system forget the file."""
        self._file.close()


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
