"""A disk that fails at the n-th write or sync, for a process that is started with it."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("disk.c")


def built(folder: Path, source: Path = SOURCE) -> Path:
    """Build the library of *source*; without a compiler the test is skipped, in CI it fails."""
    compiler = shutil.which("cc")
    if compiler is None:
        missing = "there is no C compiler"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    library = folder / source.with_suffix(".so").name
    words = ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, source]
    subprocess.run([compiler, *words], check=True)
    return library


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """The disk below *folder*."""

    library: Path
    folder: Path
    log: Path
    """What happened there, in order; a process under test may put in lines of its own."""

    @property
    def armed(self) -> Path:
        """Once there is such a file, operations are counted."""
        return self.log.with_suffix(".armed")

    def environ(self, *, fail_at: int = 0, kind: str = "eio", only: str = "") -> dict[str, str]:
        """
        Give what a process needs for it.

        Operation *fail_at* fails, from 1 on, in this *kind*: of all, or of *only* those of a name
        (``write``, ``sync``).
        """
        return {
            **({"FAULT_COUNT": only} if only else {}),
            "FAULT_ARMED": str(self.armed),
            "LD_PRELOAD": str(self.library),
            "FAULT_FOLDER": f"{self.folder}/",
            "FAULT_LOG": str(self.log),
            "FAULT_AT": str(fail_at),
            "FAULT_KIND": kind,
        }

    def operations(self) -> list[str]:
        """Give what happened: ``write guard.db-wal``, with ``!`` in front where it failed."""
        return self.log.read_text("utf-8").splitlines() if self.log.exists() else []
