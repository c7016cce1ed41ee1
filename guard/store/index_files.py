"""The index files of a folder, each opened once and anew when it is replaced."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from guard.lists.index import ListIndex
from guard.lists.layout import read_header
from guard.lists.paths import MOST_SEGMENTS, index_path, segment_path
from guard.lists.segments import Segments
from guard.model.errors import KeyFileError, SourceError

log = structlog.get_logger(__name__)

_Seen = tuple[tuple[int, int, int], ...]


class IndexFiles:
    """
    Opens lists by name; an index that was not made with *key* with what *older* gives for its id.

    A large index is checked beside its first searches; once it is found damaged, none uses it.
    """

    def __init__(
        self, folder: Path, key: bytes, key_id: str, older: Callable[[str], bytes] | None
    ) -> None:
        self._folder = folder
        self._key = key
        self._key_id = key_id
        self._older = older
        self._open: dict[str, tuple[_Seen, Segments]] = {}
        self._paths: dict[str, Path] = {}
        self._damaged: dict[str, _Seen] = {}
        self._lock = threading.Lock()

    def has(self, name: str) -> bool:
        """Whether the index of a list stands in the folder."""
        return _is_there(self._path(name))

    def _path(self, name: str) -> Path:
        """Give the path of an index; to make one takes longer than to look a value up."""
        if name not in self._paths:
            self._paths[name] = index_path(self._folder, name)
        return self._paths[name]

    def are_open(self, names: Sequence[str]) -> bool:
        """Whether no index has to be opened first: all of it is checked then, which takes time."""
        return all(name in self._open and self._open[name][0] == self._seen(name) for name in names)

    def segments(self, name: str) -> Segments:
        """
        Give one list as it stands in the folder now: its index, and what was added to it.

        Raises:
            SourceError: It was never imported, or cannot be opened.
        """
        path = self._path(name)
        with self._lock:
            seen = self._seen(name)
            known = self._open.get(name)
            if known is None or known[0] != seen:
                self._open.pop(name, None)
                known = self._open[name] = (seen, Segments(list(self._parts(name))))
                if any(part.is_large for part in known[1].parts):
                    check = threading.Thread(target=self._verify, args=(name, known), daemon=True)
                    check.start()
            if self._damaged.get(name) == seen:
                raise SourceError(f"{path.name}: is damaged; import the list again")
            if known[1].name != name:
                raise _another(path)
            return known[1]

    def verified(self, name: str) -> Segments:
        """
        Give one list once every octet of it was checked.

        Raises:
            SourceError: It was never imported, cannot be opened or is damaged.
        """
        path = self._path(name)
        segments = Segments(list(self._parts(name)))
        for part in segments.parts:
            if part.is_large:
                part.verify()
        if segments.name != name:
            raise _another(path)
        return segments

    def _parts(self, name: str) -> Iterator[ListIndex]:
        """Open the index of a list, and the updates that belong to it."""
        path = self._path(name)
        base = ListIndex.open(path, *self._key_of(path))
        yield base
        for number in range(1, MOST_SEGMENTS + 1):
            added = segment_path(self._folder, name, number)
            # One of an index that stood there before may be left over for a moment.
            if not _is_there(added) or read_header(added).base != base.header.version:
                return
            yield ListIndex.open(added, *self._key_of(added))

    def _seen(self, name: str) -> _Seen:
        """Give what changes when a file of a list is replaced; zeros for one that is not there."""
        paths = [self._path(name)]
        paths += (segment_path(self._folder, name, n) for n in range(1, MOST_SEGMENTS + 1))
        return tuple(map(_seen, paths))

    def _verify(self, name: str, opened: tuple[_Seen, Segments]) -> None:
        """Check all of a large index, beside its first searches; from then on none uses it."""
        try:
            for part in opened[1].parts:
                part.verify()
        except SourceError as error:
            self._damaged[name] = opened[0]
            log.error("list.damaged", list=name, error=str(error))  # noqa: TRY400 -- no fault of ours

    def _key_of(self, path: Path) -> tuple[bytes, str]:
        """Give the key of an index: a rotation leaves it the one that it was made with."""
        if self._older is not None and (key_id := read_header(path).key_id) != self._key_id:
            # Of one that there is not, opening says in whose words it is refused.
            with suppress(KeyFileError):
                return self._older(key_id), key_id
        return self._key, self._key_id


def _another(path: Path) -> SourceError:
    return SourceError(f"{path.name}: is the index of another list; import the list again")


def _seen(path: Path) -> tuple[int, int, int]:
    """Give what changes when a file is replaced; zeros where there is none."""
    try:
        stat = path.stat()
    except OSError:
        return (0, 0, 0)
    return (stat.st_ino, stat.st_mtime_ns, stat.st_size)


def _is_there(path: Path) -> bool:
    """Whether an index stands at *path*. One that we may not look at does: to open it will tell."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True
