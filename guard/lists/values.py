"""What the rows of a list are known by: what they are looked up by, and what supports them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import idna
import numpy as np

from guard.lists.arrays import U64, Bools, Ints, Spans, firsts
from guard.lists.chunk import Chunk
from guard.lists.codes import LONGEST as LONGEST_ID
from guard.lists.codes import POSTCODE, chosen
from guard.lists.columns import Column
from guard.lists.dates import dates
from guard.lists.emails import domains, emails
from guard.lists.hashing import Hashing
from guard.lists.kinds import ANCHORS, STRONG, Kind
from guard.lists.names import Named, companies, people
from guard.lists.parts import LONGEST, PARTS, parts
from guard.lists.phones import phones
from guard.lists.places import addresses
from guard.names.domains import company_domain

DOMAIN: Final = "domain"
"""A company by the domain of its addresses; tells only whose a row is."""

_NAMES: Final = (
    (Kind.NAME, (Kind.LAST, Kind.FIRST)),
    (Kind.KANA, (Kind.LAST_KANA, Kind.FIRST_KANA)),
)
"""Columns that make up a name, whole or in two parts."""

_PART_LENGTHS: Final = frozenset(range(1, LONGEST + 1))

_REMEMBERED: Final = 1 << 20
"""Domains of which it is remembered what they are."""


@dataclass(frozen=True, slots=True)
class Anchors:
    """Values of one kind that rows are looked up by."""

    kind: str
    row: Ints
    """0-based in the batch; in no order, and one may have several."""

    value: U64


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows, hashed."""

    anchors: tuple[Anchors, ...]
    record: tuple[tuple[str, U64, Bools], ...]
    """Kind, value of each row and whether it has one, as `Values.recorded` names them."""

    parts: tuple[Named, Named] | None
    """Surname and given name, for the column `PARTS`."""

    lengths: tuple[tuple[str, frozenset[int]], ...]
    """By kind: the lengths that occur."""


class Values:
    """Hashes rows of one list."""

    def __init__(self, columns: Sequence[Column], hashing: Hashing) -> None:
        self._hashing = hashing
        self._places = {
            kind: [column.place for column in columns if column.kind is kind] for kind in Kind
        }
        self._domains: dict[int, int] = {}
        self.anchors: tuple[str, ...] = tuple(kind for kind in ANCHORS if self._places[kind])
        if not any(self._places[kind] for kind in STRONG) and self._places[Kind.COMPANY]:
            self.anchors += (str(Kind.COMPANY),)
        recorded: list[str] = [DOMAIN] * len(self._places[Kind.EMAIL])
        recorded += [
            kind
            for kind, halves in (
                *_NAMES,
                (Kind.COMPANY, ()),
                (Kind.POSTCODE, ()),
                (Kind.ADDRESS, ()),
                (Kind.BIRTHDAY, ()),
            )
            if any(self._places[one] for one in (kind, *halves))
        ]
        recorded += [PARTS] * any(kind in recorded for kind, _ in _NAMES)
        self.recorded: tuple[str, ...] = tuple(map(str, recorded))

    def of(self, rows: Sequence[Sequence[str]]) -> Batch:
        """Hash some rows, each as wide as the headers."""
        count = len(rows)
        anchors: list[Anchors] = []
        record: list[tuple[str, U64, Bools]] = []
        lengths: list[tuple[str, frozenset[int]]] = []
        for place in self._places[Kind.EMAIL]:
            chunk = self._chunk([row[place] for row in rows])
            found = emails(chunk, whole=True)
            anchors.append(_anchors(Kind.EMAIL, chunk, found))
            anchors += self._other_spellings([row[place] for row in rows])
            one = _first(chunk, found)
            record.append((DOMAIN, *self._domain(chunk, one, count)))
        for place in self._places[Kind.PHONE]:
            # 03-1234-5678/090-1111-2222
            cells = _joined([row[place] for row in rows])
            chunk = Chunk(cells.replace("/", ";").replace("／", ";"), self._hashing)
            anchors.append(_anchors(Kind.PHONE, chunk, phones(chunk, whole=True)))
        for place in self._places[Kind.ID]:
            chunk = self._chunk([row[place] for row in rows])
            found, width = _whole(chunk, count, LONGEST_ID)
            anchors.append(_anchors(Kind.ID, chunk, found))
            lengths.append((Kind.ID, width))
        both: tuple[Named, Named] | None = None
        for kind, halves in _NAMES:
            if kind in self.recorded:
                cells = _joined(list(self._names(rows, kind, halves)))
                named = people(cells, count, self._hashing)
                record.append((kind, named.value, named.good))
                lengths.append((kind, _lengths(named)))
                if both is None:
                    both = parts(cells, count, self._hashing, surname_first=not self._places[kind])
                    lengths.append((PARTS, _lengths(*both) & _PART_LENGTHS))
        if self._places[Kind.COMPANY]:
            named = companies(_joined(self._firsts(rows, Kind.COMPANY)), count, self._hashing)
            record.append((Kind.COMPANY, named.value, named.good))
            lengths.append((Kind.COMPANY, _lengths(named)))
            if Kind.COMPANY in self.anchors:
                kept = np.flatnonzero(named.good)
                anchors.append(Anchors(Kind.COMPANY, kept, named.value[kept]))
        for kind, reading in _WEAK.items():
            if self._places[kind]:
                chunk = self._chunk(self._firsts(rows, kind))
                one = _first(chunk, reading(chunk, count))
                anchors.append(_anchors(kind, chunk, one))
                record.append((kind, *_placed(one, chunk, count)))
        return Batch(tuple(anchors), tuple(record), both, tuple(lengths))

    def _chunk(self, cells: Sequence[str]) -> Chunk:
        return Chunk(_joined(cells), self._hashing)

    def _firsts(self, rows: Sequence[Sequence[str]], kind: Kind) -> list[str]:
        """Give the first filled cell of a kind in each row."""
        places = self._places[kind]
        if len(places) == 1:
            return [row[places[0]] for row in rows]
        return [next((row[place] for place in places if row[place].strip()), "") for row in rows]

    def _names(
        self, rows: Sequence[Sequence[str]], kind: Kind, halves: tuple[Kind, Kind]
    ) -> Iterator[str]:
        whole = self._firsts(rows, kind) if self._places[kind] else [""] * len(rows)
        split = [self._firsts(rows, part) for part in halves if self._places[part]]
        if not split:
            yield from whole
            return
        for name, *both in zip(whole, *split, strict=True):
            yield name if name.strip() else " ".join(both)

    def _other_spellings(self, cells: Sequence[str]) -> Iterator[Anchors]:
        """
        Give addresses with their domain in A-labels for U-labels, and the other way round.

        And without the tag of taro+shop@… (RFC 5233).
        """
        for row, cell in enumerate(cells):
            if "+" in cell:
                found = emails(Chunk(_TAG.sub("", cell), self._hashing), whole=True)
                yield Anchors(Kind.EMAIL, np.full(len(found), row), found.value)
            if "@" in cell and not (cell.isascii() and "xn--" not in cell):
                chunk = Chunk(_LABEL.sub(_respelt, cell.lower()), self._hashing)
                found = emails(chunk, whole=True)
                yield Anchors(Kind.EMAIL, np.full(len(found), row), found.value)

    def _domain(self, chunk: Chunk, found: Spans, count: int) -> tuple[U64, Bools]:
        """Give the hash of the registrable domain of each row's address."""
        start, end = domains(chunk, found)
        hashes = chunk.hashes(start, end)
        if len(self._domains) > _REMEMBERED:
            self._domains.clear()
        different, at = np.unique(hashes, return_index=True)
        unknown = [
            (value, place)
            for value, place in zip(different.tolist(), at.tolist(), strict=True)
            if value not in self._domains
        ]
        typed = [chunk.letters.text(int(start[place]), int(end[place])) for _, place in unknown]
        values = domain_values(list(map(company_domain, typed)), self._hashing)
        self._domains.update(zip((value for value, _ in unknown), values.tolist(), strict=True))
        companies_ = np.array([self._domains[value] for value in hashes.tolist()], np.uint64)
        value, good = _placed(Spans(found.start, found.end, companies_), chunk, count)
        return value, good & (value != 0)


def _respelt(label: re.Match[str]) -> str:
    """Give the other form of a label of an internationalised domain (RFC 5890)."""
    try:
        if label[1].startswith("xn--"):
            return idna.decode(label[1], uts46=True)
        return idna.encode(label[1], uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return label[0]


_TAG: Final = re.compile(r"(?<=[\w.])\+[^@\s;,]*(?=@)")
_LABEL: Final = re.compile(r"(?<=[@.])(xn--[a-z0-9-]+|[^\s@.<>,;a-z0-9-][^\s@.<>,;]*)")


def _postcode(chunk: Chunk, count: int) -> Spans:
    found, _ = _whole(chunk, count, POSTCODE[1])
    wide = chunk.widths(found.start, found.end)
    return found[(wide >= POSTCODE[0]) & (wide <= POSTCODE[1])]


_WEAK: Final[dict[Kind, Callable[[Chunk, int], Spans]]] = {
    Kind.POSTCODE: _postcode,
    Kind.ADDRESS: lambda chunk, _: addresses(chunk, whole=True),
    Kind.BIRTHDAY: lambda chunk, _: dates(chunk),
}


def domain_values(registrable: Sequence[str], hashing: Hashing) -> U64:
    """Hash registrable domains; 0 for none."""
    chunk = Chunk(_joined(registrable), hashing)
    start, end = _edges(chunk, len(registrable))
    return chunk.hashes(start, end)


def _joined(cells: Sequence[str]) -> str:
    text = "\n".join(cells)
    if text.count("\n") != max(0, len(cells) - 1):
        text = "\n".join(cell.replace("\n", " ") for cell in cells)
    return text


def _anchors(kind: str, chunk: Chunk, found: Spans) -> Anchors:
    return Anchors(str(kind), chunk.line_of(found.start), found.value)


def _first(chunk: Chunk, found: Spans) -> Spans:
    """Take the first that is given of each line."""
    cells = chunk.line_of(found.start)
    order = np.argsort(cells, kind="stable")
    return found[order[firsts(cells[order])]]


def _placed(found: Spans, chunk: Chunk, count: int) -> tuple[U64, Bools]:
    """Give the value of each line and whether it has one; *found* has one of a line at most."""
    value, good = np.zeros(count, np.uint64), np.zeros(count, bool)
    cells = chunk.line_of(found.start)
    value[cells], good[cells] = found.value, True
    return value, good


def _whole(chunk: Chunk, count: int, longest: int) -> tuple[Spans, frozenset[int]]:
    """Take letters and digits of each line together, where a digit is among them."""
    start, end = _edges(chunk, count)
    digits = chunk.digit_counts(start, end)
    has = np.flatnonzero(digits)
    found = chosen(chunk, start[has], end[has], digits[has], longest)
    return found.hashed(chunk), frozenset(np.unique(found.width).tolist())


def _edges(chunk: Chunk, count: int) -> tuple[Ints, Ints]:
    """Give start and end of *count* cells, a line each; of none there is a line, too."""
    start, end = chunk.lines
    return start[:count], end[:count]


def _lengths(*named: Named) -> frozenset[int]:
    return frozenset(length for one in named for length in np.unique(one.length[one.good]).tolist())
