"""What lies on disk is for Guard's own user alone; where it is not, nothing starts."""

import stat
from pathlib import Path

from guard.model.errors import StoreError


def require_private(*paths: Path) -> None:
    """
    See that nobody else can open *paths*; one that is not there yet is fine.

    Raises:
        StoreError: Others can, or it is no ordinary file; the message says how to mend it.
        OSError: Nobody can say.
    """
    for path in paths:
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            continue
        if not stat.S_ISREG(mode):
            raise StoreError(f"{path}: is no ordinary file")
        if mode & 0o077:
            raise StoreError(
                f"{path}: other users of this machine can open it; run: chmod 600 {path}"
            )


def require_own_folder(folder: Path) -> None:
    """
    See that nobody else can put another file in the place of one in *folder*.

    That others can list it, is no harm: the files themselves are private. Under the sticky bit, as
    in ``/tmp``, everybody can only exchange what is theirs.

    Raises:
        StoreError: Others can; the message says how to mend it.
        OSError: Nobody can say.
    """
    mode = folder.stat().st_mode
    if mode & (stat.S_IWGRP | stat.S_IWOTH) and not mode & stat.S_ISVTX:
        raise StoreError(f"{folder}: other users may change this folder; run: chmod 700 {folder}")


def require_private_folder(folder: Path) -> None:
    """
    See that nobody else can change *folder* or open what is in it; it need not be there.

    Raises:
        StoreError: Others can, or nobody can say; the message says how to mend it.
    """
    try:
        if folder.exists():
            require_own_folder(folder)
            require_private(*(path for path in folder.iterdir() if path.is_file()))
    except OSError as error:
        raise StoreError(f"{folder}: cannot be used ({error.strerror})") from error
