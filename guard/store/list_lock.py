"""The folder of indexes has one writer at a time: an import, or what comes from another node."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guard.model.errors import SourceError


@contextmanager
def only_writer(folder: Path, *, waits: bool) -> Iterator[bool]:
    """
    Be the only one of this machine that puts indexes into *folder*, for the block.

    Where it does not wait for another, it gives whether there is none. The kernel frees it at any
    end.

    Raises:
        SourceError: The folder cannot be used.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SourceError(f"{folder}: cannot be used ({error.strerror})") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)
