"""The folder of list indexes, searched beside the event loop."""

import asyncio
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from guard.lists.hits import Ours, RowHit
from guard.lists.index import ListIndex
from guard.lists.layout import read_header
from guard.lists.paths import MOST_SEGMENTS, index_path, segment_path
from guard.lists.prepared import Prepared
from guard.lists.scan import MAX_ROWS, Search, found_by
from guard.lists.segments import Segments
from guard.lists.silent import SilentTexts
from guard.lists.steps import Check, go_on
from guard.model.address import Address
from guard.model.errors import KeyFileError, SearchLimitError, SourceError
from guard.model.extract import Passage
from guard.store.database import Database
from guard.store.imports import Imports

log = structlog.get_logger(__name__)

INLINE_CHARS: Final = 10_000
"""New text that is searched in a millisecond; for less a thread costs more than the search."""

BIG_CHARS: Final = 500_000
"""Text whose search takes a good part of a second; such searches take turns."""

SEARCH_S: Final = 30.0
"""Seconds for the search of one mail, from its turn on; twenty megabytes of rows take ten."""

_Seen = tuple[tuple[int, int, int], ...]


class ListFolder:
    """
    `ports.Lists` over a folder of index files; a list that is imported anew is opened anew.

    Without *database* nobody knows of an index that is lost, but for those seen before. An index
    that was not made with *key* is opened with what *older* gives for its key's id.
    """

    def __init__(
        self,
        folder: Path,
        key: bytes,
        key_id: str,
        *,
        database: Database | None = None,
        search_s: float = SEARCH_S,
        older: Callable[[str], bytes] | None = None,
    ) -> None:
        self._folder = folder
        self._key = key
        self._key_id = key_id
        self._older = older
        self._imports = Imports(database) if database else None
        self._search_s = search_s
        self._imported: set[str] = set()
        self._missed: set[str] = set()
        self._open: dict[str, tuple[_Seen, Segments]] = {}
        self._paths: dict[str, Path] = {}
        self._damaged: dict[str, _Seen] = {}
        self._silent = SilentTexts()
        self._lock = threading.Lock()
        # One at a time: two would take twice as long, and twice the memory.
        self._turn = asyncio.Semaphore(1)

    async def has(self, name: str) -> bool:
        """
        Whether a list called *name* was ever imported, even if its index is lost by now.

        The first time that one was not, the log says so.

        Raises:
            StoreError: The index is not there, and the database is away.
        """
        if _is_there(index_path(self._folder, name)):
            self._imported.add(name)
            return True
        if self._imports is None:
            if name in self._imported:
                return True
        elif await self._imports.last(name) is not None:
            return True
        if name not in self._missed:
            self._missed.add(name)
            log.warning("list.never_imported", list=name, hint=f"guard lists import {name} FILE")
        return False

    async def search(
        self,
        names: Sequence[str],
        passages: Sequence[Passage],
        recipients: Sequence[Address],
        *,
        companies: Mapping[str, str] | None = None,
        ours: Ours | None = None,
        max_rows: int = MAX_ROWS,
    ) -> tuple[tuple[RowHit, ...], ...]:
        """
        Find rows of the lists called *names*; one tuple of hits a passage, in their order.

        *companies* give the known company of recipients, by `Address.key`. Each list gives at
        most *max_rows*, not counting rows that are every recipient's own.

        Raises:
            SourceError: A list of that name was never imported, or its index cannot be opened.
            SearchLimitError: It took too long and was given up.
        """
        limit = _Limit(self._search_s)
        search = partial(
            self.search_now,
            names,
            passages,
            recipients,
            companies=companies,
            ours=ours,
            max_rows=max_rows,
            check=limit.check,
        )
        big = sum(len(passage.text) for passage in passages) > BIG_CHARS
        if not big and self._are_open(names):
            marks = [self._silent.mark(passage.text) for passage in passages]
            versions = {self.segments(name).version for name in names}
            new = sum(
                len(passage.text)
                for passage, mark in zip(passages, marks, strict=True)
                if not self._silent.knows(mark, versions)
            )
            if new <= INLINE_CHARS:
                return search(marks=marks)
        async with self._turn if big else nullcontext():
            limit.begin()
            try:
                return await asyncio.to_thread(search)
            finally:
                limit.end()

    def search_now(
        self,
        names: Sequence[str],
        passages: Sequence[Passage],
        recipients: Sequence[Address],
        *,
        companies: Mapping[str, str] | None = None,
        ours: Ours | None = None,
        max_rows: int = MAX_ROWS,
        check: Check = go_on,
        marks: Sequence[bytes | None] | None = None,
    ) -> tuple[tuple[RowHit, ...], ...]:
        """
        Do what `search` does, in this thread, and without an end but by *check*.

        *marks* are the passages' fingerprints, where they were made already.
        """
        searches = [
            Search(
                self.segments(name), recipients, companies=companies, ours=ours, max_rows=max_rows
            )
            for name in dict.fromkeys(names)
        ]
        if not searches:
            return ((),) * len(passages)
        versions = {search.version for search in searches}
        marks = marks or [self._silent.mark(passage.text) for passage in passages]
        found: list[tuple[RowHit, ...]] = []
        for passage, mark in zip(passages, marks, strict=True):
            if self._silent.knows(mark, versions):
                found.append(())
                continue
            text = Prepared(passage, check)
            try:
                found.append(_in_passage(searches, text))
            except IndexError as error:
                # A large index is checked while it is already in use.
                raise SourceError("a list's index is damaged; import the list again") from error
            if text.silent == versions:
                self._silent.note(mark, versions)
        return tuple(found)

    def _path(self, name: str) -> Path:
        """Give the path of an index; to make one takes longer than to look a value up."""
        if name not in self._paths:
            self._paths[name] = index_path(self._folder, name)
        return self._paths[name]

    def _are_open(self, names: Sequence[str]) -> bool:
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


def _in_passage(searches: Sequence[Search], text: Prepared) -> tuple[RowHit, ...]:
    return tuple(hit for hits in found_by(searches, text) for hit in hits)


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


class _Limit:
    """The time that one search has, and a way to end one that nobody waits for any more."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends_at = math.inf

    def begin(self) -> None:
        """Let the time run."""
        self._ends_at = time.monotonic() + self._seconds

    def end(self) -> None:
        """End the search at its next step, if it still runs."""
        self._ends_at = -math.inf

    def check(self) -> None:
        """
        Go on while there is time.

        Raises:
            SearchLimitError: There is none left.
        """
        if time.monotonic() > self._ends_at:
            raise SearchLimitError(f"searching one mail for rows took over {self._seconds:g} s")
