"""Large messages on their way through: in a temporary file, which nobody can read but we."""

import os
import tempfile
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from guard.model.octets import head_of


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
        self._sizes: list[int] = []
        """Octets of each block, sealed."""

    def append(self, block: bytes) -> None:
        """
        Put *block*, of at most `BLOCK` octets, behind the others.

        Raises:
            OSError: It cannot be written, mostly for want of space.
        """
        sealed = self._cipher.encrypt(_nonce(len(self._sizes)), block, None)
        rest = memoryview(sealed)
        while rest:  # near the end of the space a part may fit
            rest = rest[os.write(self._file.fileno(), rest) :]
        self._sizes.append(len(sealed))
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
        at = 0
        for number, size in enumerate(self._sizes):
            # A read that names its place: two readers are in nobody's way.
            sealed = os.pread(self._file.fileno(), size, at)
            at += size
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
