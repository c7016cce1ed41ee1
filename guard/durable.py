"""Files that appear whole or not at all, for their owner alone, and survive a power cut."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def private_file(path: Path, *, replace: bool) -> Iterator[BinaryIO]:
    """
    Give a file to write; it stands at *path* (0600), durable, once the block ends without error.

    Before that nobody sees anything of it there. With *replace* it takes the place of what stood
    there; without, a file that is there by then, of another process perhaps, is left alone.
    Folders that are missing are made (0700).

    Raises:
        OSError: It cannot be written; what stood at *path* still does.
    """
    with private_path(path, replace=replace) as temporary, temporary.open("wb") as file:
        yield file


@contextmanager
def private_path(path: Path, *, replace: bool) -> Iterator[Path]:
    """
    Give the path of an empty file to fill, which ends up at *path* as that of `private_file`.

    Raises:
        OSError: As there.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            yield temporary
            os.fsync(handle)  # of the file, whichever handle it was written by
        finally:
            os.close(handle)
        if replace:
            temporary.replace(path)
        else:
            # A hard link, unlike a rename, never takes the place of another file.
            with suppress(FileExistsError):
                path.hardlink_to(temporary)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in *folder* durable, as a new file's is not by its own fsync."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
