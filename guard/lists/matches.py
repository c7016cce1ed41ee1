"""What in a text speaks for which rows of a list: strong fields, and second ones near them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Final

from guard.lists.dates import dates_in
from guard.lists.index import ListIndex
from guard.lists.kinds import Kind
from guard.lists.names import companies_in, kana_in, names_in
from guard.lists.places import addresses_in, postcodes_in
from guard.lists.prepared import NEAR, SAME_LINE, Prepared

_IDENTITY: Final = frozenset({Kind.NAME, Kind.KANA, Kind.BIRTHDAY})
"""Second fields that tell the people of one company apart."""

_PLACES: Final = 256
"""Places of one row's strong fields at which a second field is looked for."""

_BLOCKS: Final = 1024
"""Blocks whose second fields are remembered: rows that share some stand close together."""

_REMEMBERED: Final = 65_536
"""Values of which it is known for a while whether any row has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A strong field of a row, in the text."""

    kind: str
    start: int
    end: int
    rows: int
    """Rows that share it."""

    weak: bool
    """A customer number that may stand there by chance: needs one field more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What speaks for one row."""

    owner: int
    """Its record in the index."""

    anchor: Anchor
    seconds: tuple[tuple[str, str], ...]
    """Kind and folded value of each second field."""

    @property
    def certain(self) -> bool:
        """Whether it counts by itself."""
        return len(self.seconds) > self.anchor.weak


class Matches:
    """One list in one text."""

    def __init__(self, index: ListIndex, text: Prepared) -> None:
        self._index = index
        self._text = text
        self._read: dict[tuple[str, int], dict[int, str]] = {}

    def all(self) -> list[Match]:
        """Give the best that the text says for each row of which a strong field stands there."""
        if not self._text.has_strong:
            return []
        return [self._best(owner, anchors) for owner, anchors in self._anchors().items()]

    def named(self, match: Match) -> Match:
        """Give *match* with the name, if it stands there too: it is what people know a row by."""
        if Kind.NAME in dict(match.seconds):
            return match
        tags = self._tags(match.owner).get(Kind.NAME, [])
        for block in self._text.around(match.anchor.start):
            name = self._find(Kind.NAME, tags, block)
            if name is not None:
                return replace(match, seconds=((str(Kind.NAME), name), *match.seconds))
        return match

    @cached_property
    def _readers(self) -> dict[str, Callable[[str], Iterator[str]]]:
        """Who reads second fields of each kind in a stretch of text."""
        of = self._index.header.lengths
        name, kana, company = (
            frozenset(of.get(kind, ())) for kind in (Kind.NAME, Kind.KANA, Kind.COMPANY)
        )
        return {
            Kind.NAME: partial(names_in, lengths=name),
            Kind.KANA: partial(kana_in, lengths=kana),
            Kind.COMPANY: partial(companies_in, lengths=company),
            Kind.POSTCODE: postcodes_in,
            Kind.ADDRESS: addresses_in,
            Kind.BIRTHDAY: dates_in,
        }

    def _anchors(self) -> dict[int, list[Anchor]]:
        """Look up every strong field, and group those that are found by their record."""
        found: dict[int, list[Anchor]] = {}
        header = self._index.header
        for kind in header.anchors:
            lengths = frozenset(header.lengths.get(kind, ()))
            known, places = self._known(kind, lengths)
            for start, end, key in places if known else ():
                rows = known.get(key)
                if rows:
                    self._text.check()
                    weak = kind == Kind.ID and key.isdigit() and len(key) in header.weak_ids
                    anchor = Anchor(kind=kind, start=start, end=end, rows=len(rows), weak=weak)
                    for owner in rows:
                        found.setdefault(owner, []).append(anchor)
        return found

    def _known(
        self, kind: str, lengths: frozenset[int]
    ) -> tuple[dict[str, Sequence[int]], Iterable[tuple[int, int, str]]]:
        """
        Give the keys in the text that rows have, with the records of these rows.

        And start, end and key of all that may be a strong field, for where any of them stands.
        """
        text = self._text
        match kind:
            case Kind.EMAIL:
                emails = text.emails
                return self._looked_up(kind, [(0, (key for _, _, key in emails))])[0], emails
            case Kind.PHONE:
                known, pieces = self._looked_up(
                    kind,
                    (
                        (at, (key for key in keys if len(key) in lengths))
                        for at, keys in text.phone_keys()
                    ),
                )
                return known, text.phones(pieces)
            case _:
                known, pieces = self._looked_up(kind, text.id_keys(lengths))
                return known, text.ids(pieces, lengths)

    def _looked_up(
        self, kind: str, pieces: Iterable[tuple[int, Iterable[str]]]
    ) -> tuple[dict[str, Sequence[int]], list[int]]:
        """Look up the keys of each piece: those that rows have, and the pieces that have some."""
        fingerprint, owners = self._index.keys.anchor(kind), self._index.owners
        check = self._text.check
        known: dict[str, Sequence[int]] = {}
        asked: set[str] = set()
        telling: list[int] = []
        for at, keys in pieces:
            before = len(known)
            again = False
            for key in keys:
                if key in asked:
                    again = again or key in known
                    continue
                check()
                if len(asked) >= _REMEMBERED:
                    asked.clear()
                asked.add(key)
                if rows := owners(fingerprint(key)):
                    again = again or key in known
                    known[key] = rows
            if again or len(known) > before:
                telling.append(at)
        return known, telling

    def _best(self, owner: int, anchors: Sequence[Anchor]) -> Match:
        self._text.check()
        best = Match(owner=owner, anchor=anchors[0], seconds=())
        tags = self._tags(owner)
        looked_at: set[tuple[str, int]] = set()
        for anchor in anchors:
            place = anchor.kind, self._text.block_of(anchor.start)
            if place in looked_at:
                continue
            looked_at.add(place)
            seconds = self._seconds(anchor, anchors[:_PLACES], tags)
            match = Match(owner=owner, anchor=anchor, seconds=seconds)
            if match.certain:
                return match
            if match.seconds and not best.seconds:
                best = match
            if len(looked_at) == _PLACES:
                break
        return best

    def _tags(self, owner: int) -> dict[str, list[int]]:
        """Give the tags of a row's other fields by kind; a name has one for each order."""
        tags: dict[str, list[int]] = {}
        for kind, tag in zip(self._index.header.columns, self._index.record(owner), strict=True):
            if tag and kind in self._readers:
                tags.setdefault(kind, []).append(tag)
        return tags

    def _seconds(
        self, anchor: Anchor, others: Sequence[Anchor], tags: dict[str, list[int]]
    ) -> tuple[tuple[str, str], ...]:
        """Find other fields of the row near *anchor*, as many as make it certain."""
        needed = 1 + anchor.weak
        sole = anchor.rows == 1
        # A shared desk's telephone and address together name no one of its people.
        found = {
            other.kind: self._text.folded[other.start : other.end]
            for other in others
            if other.kind != anchor.kind
            and not other.weak
            and (sole or other.rows == 1)
            and self._together(anchor, other)
        }
        telling = {kind: of for kind, of in tags.items() if sole or kind in _IDENTITY}
        for block in self._text.around(anchor.start):
            for kind, of_kind in telling.items():
                if len(found) >= needed:
                    return tuple(found.items())
                if kind not in found:
                    value = self._find(kind, of_kind, block)
                    if value is not None:
                        found[kind] = value
        return tuple(found.items())

    def _together(self, one: Anchor, other: Anchor) -> bool:
        apart = abs(one.start - other.start)
        if apart <= NEAR:
            return True
        return apart <= SAME_LINE and self._text.line(one.start) == self._text.line(other.start)

    def _find(self, kind: str, tags: Sequence[int], block: int) -> str | None:
        """Give the value in a block that has one of *tags*; each block is read once for a kind."""
        here = self._read.get((kind, block))
        if here is None:
            if len(self._read) >= _BLOCKS:
                self._read.clear()
            tag = self._index.keys.tag(kind)
            values = dict.fromkeys(self._readers[kind](self._text.block(block)))
            here = self._read[kind, block] = {tag(value): value for value in values}
        return next((here[tag] for tag in tags if tag in here), None)
