"""Where the index of a list and its updates stand in a folder, and which state these are."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from guard.lists.layout import SUFFIX, read_header
from guard.model.errors import SourceError

MOST_SEGMENTS: Final = 4
"""Updates of a list, after which all of it is put in one file again."""


MOST_NAME_BYTES: Final = 100
"""Octets of a list's name in UTF-8: with all suffixes it has to be a file name, of up to 255."""


def segment_path(folder: Path, name: str, number: int) -> Path:
    """
    Say where the update of a list with this *number*, from 1 on, stands.

    Raises:
        SourceError: The name could not be a file name.
    """
    path = index_path(folder, name)
    return path.with_name(f"{path.name}.{number}")


def index_path(folder: Path, name: str) -> Path:
    """
    Say where the index of the list called *name* stands.

    Raises:
        SourceError: The name could not be a file name.
    """
    if len(name.encode()) > MOST_NAME_BYTES:
        raise SourceError(
            f"the name of a list is too long: up to {MOST_NAME_BYTES} Latin letters, or "
            f"{MOST_NAME_BYTES // 3} Japanese ones"
        )
    plain = name.replace("-", "").replace("_", "").replace(".", "")
    if not plain.isalnum() or name.startswith((".", "-")):
        raise SourceError("the name of a list has letters, digits, “-”, “_” and “.” only")
    return folder / f"{name}{SUFFIX}"


def version_of(folder: Path, name: str) -> str:
    """Name the state of a list, with its updates; empty where there is none to be read."""
    version = base = ""
    with suppress(SourceError):  # there is none, or no more
        version = base = read_header(index_path(folder, name)).version
        for number in range(1, MOST_SEGMENTS + 1):
            added = read_header(segment_path(folder, name, number))
            if added.base != base:
                break
            version = added.version
    return version


def indexes(folder: Path) -> Iterator[tuple[str, Path]]:
    """Give name and path of each index in *folder*, by name."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        if not path.name.startswith("."):
            yield path.name.removesuffix(SUFFIX), path
