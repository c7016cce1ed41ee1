"""
Changing the key ring: a new subkey, or one fewer.

The file is replaced whole, and of several that change it at once one waits for the other.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guard.durable import private_file
from guard.model.errors import KeyFileError
from guard.store.keys import Purpose, RingFile, Subkey, fresh_subkey


@contextmanager
def changing(path: Path) -> Iterator[RingFile]:
    """
    Give the ring of *path*, which nobody else changes during the block.

    Raises:
        KeyFileError: It is missing, damaged, open to others, or cannot be written.
    """
    try:
        # The folder, for the file is replaced, and a lock of its own would have to stay behind.
        handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise KeyFileError(f"{path}: no key file; restore it from its backup") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield RingFile.read(path)
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be changed ({error.strerror})") from error
    finally:
        os.close(handle)


def rotate(path: Path, purpose: Purpose) -> tuple[Subkey, Subkey]:
    """
    Give the ring a new active subkey for *purpose*; the one before only opens from then on.

    Gives the one before, and the new one.

    Raises:
        KeyFileError: As `changing`; nothing was changed.
    """
    with changing(path) as ring:
        fresh = fresh_subkey()
        (before,) = [subkey for subkey in ring.keys[purpose] if subkey.state == "active"]
        retired = [each.model_copy(update={"state": "retired"}) for each in ring.keys[purpose]]
        write(path, with_keys(ring, purpose, (*retired, fresh)))
        return before, fresh


def find(ring: RingFile, purpose: Purpose, key_id: str) -> Subkey | None:
    """Give one subkey of *ring*."""
    return next((subkey for subkey in ring.keys[purpose] if subkey.id == key_id), None)


def without(ring: RingFile, purpose: Purpose, key_id: str) -> RingFile:
    """Give *ring* without one subkey."""
    return with_keys(ring, purpose, tuple(k for k in ring.keys[purpose] if k.id != key_id))


def with_keys(ring: RingFile, purpose: Purpose, subkeys: tuple[Subkey, ...]) -> RingFile:
    """Give *ring* with these subkeys for *purpose*."""
    return ring.model_copy(update={"keys": {**ring.keys, purpose: subkeys}})


def write(path: Path, ring: RingFile) -> None:
    """Put *ring* at *path*, durable, in place of what is there; within `changing`."""
    with private_file(path, replace=True) as file:
        file.write(ring.as_json())
