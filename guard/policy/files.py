"""The YAML files of a folder as trees: all of them, or what is wrong with each."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from guard.policy import document
from guard.policy.charset import not_utf8
from guard.policy.document import Node, NotPlainError
from guard.problems import Problem

FILE_BYTES: Final = 1 << 20
"""Largest file that is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What reading a folder, or one file, gave."""

    trees: tuple[Node, ...]
    """One of each file that says something, in the order of their names."""

    problems: tuple[Problem, ...]
    """What kept files from being read."""

    sources: Mapping[str, str]
    """The text of each file."""

    digest: str
    """SHA-256 over names and octets, hexadecimal."""


def read_files(path: Path) -> Files:
    """Read the YAML files of a folder, or the one file *path*. Never raises for what is in them."""
    sources: dict[str, str] = {}
    digest = hashlib.sha256()
    trees: list[Node] = []
    found: list[Problem] = []
    try:
        files = policy_files(path)
    except OSError as error:
        files, found = [], [whole(path, f"cannot be read: {error.strerror}")]
    for file in files:
        try:
            octets = _octets(file)
            sources[str(file)] = octets.decode("utf-8-sig")
            digest.update(f"{file.name}\0{len(octets)}\0".encode() + octets)
            tree = document.read(sources[str(file)], str(file))
        except NotPlainError as error:
            found.extend(error.problems)
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            found.append(whole(file, not_utf8(octets), "save the file as UTF-8", line))
        except OSError as error:
            found.append(whole(file, f"cannot be read: {error.strerror}"))
        else:
            trees.extend([tree] if tree else [])
    return Files(
        trees=tuple(trees), problems=tuple(found), sources=sources, digest=digest.hexdigest()
    )


def policy_files(path: Path) -> Sequence[Path]:
    """Give the YAML files of a folder in name order; folders in it (`tests`) are not read."""
    if not path.is_dir():
        return [path]
    return sorted(
        file
        for file in path.iterdir()
        if file.suffix in (".yaml", ".yml") and not file.name.startswith(".") and file.is_file()
    )


def _octets(file: Path) -> bytes:
    with file.open("rb") as stream:
        octets = stream.read(FILE_BYTES + 1)
    if len(octets) > FILE_BYTES:
        raise NotPlainError(whole(file, f"larger than {FILE_BYTES >> 20} MiB"))
    return octets


def whole(file: Path, message: str, hint: str = "", line: int = 0) -> Problem:
    """Give an error that belongs to a file rather than to a word in it."""
    return Problem(file=str(file), line=line, message=message, hint=hint)
