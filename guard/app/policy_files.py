"""Whether the files of the policy are others than those that it was read from."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

QUIET_S: Final = 1.0
"""A folder must have stood still for so long, lest one be read that is half written."""

Look = tuple[tuple[str, ...], ...]


class PolicyFiles:
    """
    The files of one policy, looked at again and again.

    By what `stat` tells of each, as no file system on the net tells of changes. It follows links:
    of a ConfigMap, whose `..data` points to another folder from one moment to the next, all files
    are others then.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Take what is there now for what is read next."""
        self._path: Final = path
        self._clock: Final = clock
        self._lock: Final = threading.Lock()  # a reload by signal may look at the same time
        self.take()

    def take(self) -> None:
        """Look before the files are read: whatever changes from here on is a change."""
        with self._lock:
            self._taken = self._last = _look(self._path)
            self._since = self._clock()

    def changed(self) -> bool:
        """Whether they are others than when they were taken, and have been so for `QUIET_S`."""
        with self._lock:
            now, seen = self._clock(), _look(self._path)
            if seen != self._last:
                self._last, self._since = seen, now
            return seen != self._taken and now - self._since >= QUIET_S

    def moved(self) -> bool:
        """Whether they have changed since they were taken: what was read may be half of each."""
        with self._lock:
            return _look(self._path) != self._taken


def _look(path: Path) -> Look:
    """Give what changes when a file of the policy does; what cannot be seen is a state, too."""
    try:
        names = sorted(path.iterdir()) if path.is_dir() else [path]
    except OSError as error:
        return ((str(path), type(error).__name__),)
    return tuple(
        _stamp(name)
        for name in names
        if name.suffix in (".yaml", ".yml") and not name.name.startswith(".")
    )


def _stamp(file: Path) -> tuple[str, ...]:
    try:
        state = file.stat()
    except OSError as error:
        return file.name, type(error).__name__
    told = state.st_mtime_ns, state.st_size, state.st_ino, state.st_dev, state.st_mode
    return file.name, *map(str, told)
