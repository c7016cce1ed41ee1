"""
Text → rows of a list: a value that a row is looked up by, and a second one of the same row nearby.

Most mail has no such value of any customer, and is done after that look-up. Only around those that
are found is the text read for names, companies and the like.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import Final

import numpy as np

from guard.lists.arrays import Bools, firsts, true_at
from guard.lists.fold import is_cjk
from guard.lists.hashing import Hashing
from guard.lists.hits import Ours, RowHit
from guard.lists.index import ListIndex
from guard.lists.kinds import Kind
from guard.lists.masking import masked
from guard.lists.matches import Matches
from guard.lists.ownership import Ownership
from guard.lists.pairs import ORDER, Pairs
from guard.lists.prepared import Piece, Prepared
from guard.lists.score import LADDER, POSSIBLE, asked, told_by_others
from guard.lists.segments import Segments
from guard.lists.weighed import Weighed
from guard.model.address import Address

EMAILS_ALONE: Final = 10
"""Different addresses of the list in one text from which they count without a second field."""

STAFF: Final = 10
"""Rows of our own people in one text from which they are a list, not signatures."""

MAX_ROWS: Final = 1000
"""Rows at which a search ends."""

_SHOWN: Final = 3
"""Rows of a text whose samples are made: with the name, and as it was typed."""

_EMAIL: Final = ORDER.index(Kind.EMAIL)
_ID: Final = ORDER.index(Kind.ID)


class Search:
    """
    The search of one mail for one list, text by text.

    A row is one hit in each text that it stands in. *companies* give the known company of
    recipients, by `Address.key`. At *max_rows*, over all texts and without rows that are every
    recipient's own, the search ends.
    """

    def __init__(
        self,
        index: ListIndex | Segments,
        recipients: Sequence[Address] = (),
        *,
        companies: Mapping[str, str] | None = None,
        ours: Ours | None = None,
        max_rows: int = MAX_ROWS,
    ) -> None:
        self.segments = index if isinstance(index, Segments) else Segments([index])
        self.own = Ownership(self.segments, recipients, companies or {}, ours or Ours())
        self.left = max_rows

    @property
    def version(self) -> str:
        """Names the state of the list."""
        return self.segments.version

    @property
    def hashing(self) -> Hashing:
        """The hash that the list was made with."""
        return self.segments.hashing

    def hits(self, text: Prepared) -> tuple[RowHit, ...]:
        """Give the rows in one text, as `found_by` does for one list."""
        (hits,) = found_by([self], text)
        return hits


def found_by(searches: Sequence[Search], text: Prepared) -> tuple[tuple[RowHit, ...], ...]:
    """
    Give the rows of each list in one text, in its order; then those that are possible only.

    At the limit of a search its last hit has `more`. A text without a value of any row is
    `Prepared.silent` from then on.
    """
    readings = [_Reading(search, text) for search in searches]
    going = [reading for reading in readings if reading.search.left > 0]
    hashings = {id(one.search.hashing): one.search.hashing for one in going}
    for hashing in hashings.values():
        for piece in text.pieces(hashing):
            for reading in going:
                if reading.search.hashing is hashing and not reading.is_full:
                    text.check()
                    reading.take(piece)
            if all(reading.is_full for reading in going):
                break
    return tuple(reading.hits() if reading in going else () for reading in readings)


class _Reading:
    """One text, read for one list piece by piece."""

    def __init__(self, search: Search, text: Prepared) -> None:
        self.search = search
        self._text = text
        self._found: list[Weighed] = []
        self._looked_up: dict[int, int] = {}
        self._samples: dict[tuple[int, int], str] = {}
        self._clear: set[int] = set()
        """Rows that are certain whatever follows."""

        self._counting = 0
        """Those of them that count for the limit."""

    def take(self, piece: Piece) -> None:
        """Read one piece."""
        matches = Matches(self.search.segments, piece, self._text.check)
        for kind, count in matches.looked_up.items():
            self._looked_up[kind] = self._looked_up.get(kind, 0) + count
        pairs = matches.pairs()
        if pairs is None or not len(pairs):
            return
        letters = piece.chunk.letters
        at = piece.start + letters.places(pairs.start)
        shown = np.lexsort((at, -np.minimum(pairs.groups, 2)))[: 4 * _SHOWN].tolist()
        for place in shown:
            sample = _sample(pairs, place, piece)
            self._samples.setdefault((int(pairs.row[place]), int(at[place])), sample)
        self._found.append(Weighed.of(pairs, at))
        clear = pairs.row[(pairs.groups > 1) & (pairs.score >= LADDER[-1])]
        new = set(clear.tolist()) - self._clear
        self._clear |= new
        self._counting += self.search.own.not_everybodys(new)

    @property
    def is_full(self) -> bool:
        """Whether more was found than the search may give, so that nothing more need be read."""
        return self._counting > self.search.left

    def hits(self) -> tuple[RowHit, ...]:
        """Give what was found, once all is read."""
        if not self._found:
            self._text.silent.add(self.search.version)
            return ()
        pairs = Weighed.joined(self._found)
        self._found.clear()
        pairs = self._without_ours(pairs)
        certain = self._certain(pairs)
        hits = tuple(self._limited(self._hits(pairs, certain)))
        possible = (pairs.groups > 1) & (pairs.score >= POSSIBLE)
        possible &= ~np.isin(pairs.row, pairs.row[certain])
        if not possible.any():
            return hits
        others = self._hits(pairs, possible, certain=False)
        return (*hits, *islice(others, max(0, self.search.left)))

    def _without_ours(self, pairs: Weighed) -> Weighed:
        """Leave out the sender, and our own people as long as they are as few as sign a mail."""
        mine, ours = self.search.own.are_ours(pairs.row)
        several = ours & ~mine & (pairs.groups > 1)
        if len(np.unique(pairs.row[several])) >= STAFF:
            ours[:] = False
        left_out = mine | ours
        return pairs[~left_out] if left_out.any() else pairs

    def _certain(self, pairs: Weighed) -> Bools:
        """Say which are no chance."""
        found = np.zeros(len(pairs), bool)
        for kind, looked_up in self._looked_up.items():
            chosen = true_at((pairs.kind == kind) & (pairs.groups > 1))
            order = chosen[np.lexsort((-pairs.score[chosen], pairs.row[chosen]))]
            best = pairs.score[order[firsts(pairs.row[order])]]
            found[chosen] = pairs.score[chosen] >= asked(best, looked_up)
            if kind == _ID and len(chosen):
                hit = len(np.unique(pairs.at[pairs.kind == _ID]))
                bits, is_table = told_by_others(pairs.others[order[firsts(pairs.row[order])]], hit)
                told = pairs.others[chosen] >= bits
                # A customer number of few digits is one for certain where a table is full of them.
                found[chosen] = told & (found[chosen] | is_table)
        # What the mail's own recipients are called by is no list, however many they are.
        alone = (pairs.kind == _EMAIL) & ~np.isin(pairs.row, pairs.row[found])
        own = self.search.own.are_recipients(pairs.row[alone])
        alone[true_at(alone)[own]] = False
        if len(np.unique(pairs.value[alone])) >= EMAILS_ALONE:
            first = true_at(alone)
            found[first[np.unique(pairs.value[first], return_index=True)[1]]] = True
        return found

    def _limited(self, hits: Iterable[RowHit]) -> Iterator[RowHit]:
        search = self.search
        for hit in hits:
            # A long list of the recipient's own must not hide what follows it.
            search.left -= not search.own.is_everybodys(hit.belongs_to)
            if search.left == 0:
                yield replace(hit, more=True)
                return
            yield hit

    def _hits(self, pairs: Weighed, chosen: Bools, *, certain: bool = True) -> Iterator[RowHit]:
        """Give one hit of each row that is chosen, at its first place, in the order of the text."""
        places, at = true_at(chosen), pairs.at
        order = places[np.lexsort((-pairs.groups[places], at[places], pairs.row[places]))]
        one = order[firsts(pairs.row[order])]
        one = one[np.argsort(at[one], kind="stable")]
        search, passage = self.search, self._text.passage
        segments, own = search.segments, search.own
        name, version = segments.name, segments.version
        lines = self._text.lines(at[one]).tolist()
        numbers = segments.numbers(pairs.row[one]).tolist()
        found = zip(
            pairs.row[one].tolist(), at[one].tolist(), lines, numbers,
            pairs.kind[one].tolist(), pairs.fields[one].tolist(), strict=True,
        )  # fmt: skip
        for row, start, line, number, kind, fields in found:
            yield RowHit(
                list_name=name,
                list_version=version,
                row=number,
                line=line + 1,
                fields=_told(kind, fields),
                sample=self._samples.get((row, start), ""),
                belongs_to=own.of(row),
                place=passage.place,
                number=passage.first_row + line,
                certain=certain,
            )


@lru_cache(maxsize=1024)
def _told(kind: int, fields: int) -> tuple[str, ...]:
    """Name the fields that agree, that of *kind* first."""
    others = (one for number, one in enumerate(ORDER) if number != kind and fields >> number & 1)
    return (ORDER[kind], *others)


def _sample(pairs: Pairs, place: int, piece: Piece) -> str:
    """Show a match, masked; the name as it was typed."""
    letters = piece.chunk.letters
    start, end = int(pairs.start[place]), int(pairs.end[place])
    shown = [masked(ORDER[int(pairs.kind[place])], letters.text(start, end))]
    begin, stop = int(pairs.name[0][place]), int(pairs.name[1][place])
    if begin >= 0:
        folded = letters.text(begin, stop)
        typed = piece.text[letters.at(begin) : letters.at(stop - 1) + 1]
        shown.insert(0, masked(Kind.NAME, typed if is_cjk(folded) else folded))
    return " ".join(shown)
