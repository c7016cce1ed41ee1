"""The folder of list indexes, searched beside the event loop."""

import asyncio
import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from guard.lists.hits import Ours, RowHit
from guard.lists.prepared import Prepared
from guard.lists.scan import MAX_ROWS, Search, found_by
from guard.lists.segments import Segments
from guard.lists.silent import SilentTexts
from guard.lists.steps import Check, go_on
from guard.model.address import Address
from guard.model.errors import SearchLimitError, SourceError
from guard.model.extract import Passage
from guard.store.database import Database
from guard.store.imports import Imports
from guard.store.index_files import IndexFiles

log = structlog.get_logger(__name__)

INLINE_CHARS: Final = 10_000
"""New text that is searched in a millisecond; for less a thread costs more than the search."""

BIG_CHARS: Final = 500_000
"""Text whose search takes a good part of a second; such searches take turns."""

SEARCH_S: Final = 30.0
"""Seconds for the search of one mail, from its turn on; twenty megabytes of rows take ten."""


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
        self._files = IndexFiles(folder, key, key_id, older)
        self._imports = Imports(database) if database else None
        self._search_s = search_s
        self._imported: set[str] = set()
        self._missed: set[str] = set()
        self._silent = SilentTexts()
        # One at a time: two would take twice as long, and twice the memory.
        self._turn = asyncio.Semaphore(1)

    async def has(self, name: str) -> bool:
        """
        Whether a list called *name* was ever imported, even if its index is lost by now.

        The first time that one was not, the log says so.

        Raises:
            StoreError: The index is not there, and the database is away.
        """
        if self._files.has(name):
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
        if not big and self._files.are_open(names):
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

    def segments(self, name: str) -> Segments:
        """
        Give one list as it stands in the folder now: its index, and what was added to it.

        Raises:
            SourceError: It was never imported, or cannot be opened.
        """
        return self._files.segments(name)

    def verified(self, name: str) -> Segments:
        """
        Give one list once every octet of it was checked.

        Raises:
            SourceError: It was never imported, cannot be opened or is damaged.
        """
        return self._files.verified(name)


def _in_passage(searches: Sequence[Search], text: Prepared) -> tuple[RowHit, ...]:
    return tuple(hit for hits in found_by(searches, text) for hit in hits)


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
