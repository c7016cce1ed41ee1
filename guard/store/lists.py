"""The folder of list indexes, searched beside the event loop."""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from guard.lists.hits import RowHit
from guard.lists.index import ListIndex, index_path
from guard.lists.prepared import Prepared
from guard.lists.scan import MAX_ROWS, Search
from guard.model.address import Address
from guard.model.errors import SourceError
from guard.model.extract import Passage

INLINE_CHARS: Final = 10_000
"""Text that is searched in a millisecond or two; for less a thread costs more than the search."""

_Seen = tuple[int, int, int]


class ListFolder:
    """`ports.Lists` over a folder of index files; a list that is imported anew is opened anew."""

    def __init__(self, folder: Path, key: bytes, key_id: str) -> None:
        self._folder = folder
        self._key = key
        self._key_id = key_id
        self._open: dict[str, tuple[_Seen, ListIndex]] = {}
        self._lock = threading.Lock()

    def has(self, name: str) -> bool:
        """Whether a list called *name* was ever imported."""
        return index_path(self._folder, name).exists()

    async def search(
        self,
        names: Sequence[str],
        passages: Sequence[Passage],
        recipients: Sequence[Address],
        *,
        companies: Mapping[str, str] | None = None,
        max_rows: int = MAX_ROWS,
    ) -> tuple[tuple[RowHit, ...], ...]:
        """
        Find rows of the lists called *names*; one tuple of hits a passage, in their order.

        *companies* give the known company of recipients, by `Address.key`. Each list gives at
        most *max_rows*, not counting rows that are every recipient's own.

        Raises:
            SourceError: A list of that name was never imported, or its index cannot be opened.
        """
        search = partial(
            self.search_now, names, passages, recipients, companies=companies, max_rows=max_rows
        )
        if sum(len(passage.text) for passage in passages) <= INLINE_CHARS:
            return search()
        return await asyncio.to_thread(search)

    def search_now(
        self,
        names: Sequence[str],
        passages: Sequence[Passage],
        recipients: Sequence[Address],
        *,
        companies: Mapping[str, str] | None = None,
        max_rows: int = MAX_ROWS,
    ) -> tuple[tuple[RowHit, ...], ...]:
        """Do what `search` does, in this thread."""
        searches = [
            Search(self.index(name), recipients, companies=companies, max_rows=max_rows)
            for name in dict.fromkeys(names)
        ]
        if not searches:
            return ((),) * len(passages)
        return tuple(_in_passage(searches, Prepared(passage)) for passage in passages)

    def index(self, name: str) -> ListIndex:
        """
        Give the index of one list, as it stands in the folder now.

        Raises:
            SourceError: It was never imported, or cannot be opened.
        """
        path = index_path(self._folder, name)
        with self._lock:
            try:
                stat = path.stat()
                seen = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            except OSError:
                seen = (0, 0, 0)
            known = self._open.get(name)
            if known is None or known[0] != seen:
                self._open.pop(name, None)
                known = self._open[name] = (seen, ListIndex.open(path, self._key, self._key_id))
            if known[1].header.name != name:
                raise SourceError(
                    f"{path.name}: is the index of another list; import the list again"
                )
            return known[1]


def _in_passage(searches: Sequence[Search], text: Prepared) -> tuple[RowHit, ...]:
    return tuple(hit for search in searches for hit in search.hits(text))
