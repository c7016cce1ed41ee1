"""Files that are exchanged while we run: certificates, logins."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final


class Watched:
    """Tells when one of some files is another than it was: in content, place or rights."""

    def __init__(self, files: Iterable[Path]) -> None:
        """Look at *files*; one that is not there may come."""
        self._files: Final = tuple(files)
        self._seen = self._look()

    def changed(self) -> bool:
        """Whether one is another than when we looked last: at the beginning, or here."""
        before, self._seen = self._seen, self._look()
        return self._seen != before

    def _look(self) -> tuple[tuple[int, ...], ...]:
        return tuple(_stamp(file) for file in self._files)


def _stamp(file: Path) -> tuple[int, ...]:
    """Give what changes when *file* does; nothing while it cannot be looked at."""
    try:
        state = file.stat()
    except OSError:
        return ()
    # A file that took the place of another may have its time: tools copy that, too.
    return state.st_mtime_ns, state.st_ino, state.st_size, state.st_mode
