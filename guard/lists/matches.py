"""What in a piece of text speaks for which rows of a list: fields that agree, close together."""

from typing import Final

import numpy as np

from guard.lists.arrays import U8, U32, Bools, Ints, Spans, true_at
from guard.lists.emails import outlines
from guard.lists.floors import NAMES_HOUSE, NAMES_ONE, raise_to_floors
from guard.lists.kinds import STRONG, Kind
from guard.lists.names import PAIR, Words, hidden_labels, hidden_readings
from guard.lists.occurrences import Occurrences, distinct
from guard.lists.pairs import GROUPS, ORDER, Pairs, doubted, untied
from guard.lists.part_tags import PartTags
from guard.lists.parts import HALVES, PARTS, half_bits
from guard.lists.prepared import Piece
from guard.lists.score import LETTER, QUARTERS, Floats, id_bits
from guard.lists.segments import Segments
from guard.lists.steps import Check
from guard.lists.tags import Tags

NEAR: Final = 400
"""Characters from a value within which a second one counts, on whatever line."""

SAME_LINE: Final = 4000
"""The same for a second one on the same line."""

SELECTIVE: Final = 8
"""Rows that a value leads to, up to which it is looked into first."""

CLEAR: Final = 10.0
"""Score of a row from which it explains what stands around it."""

_GROUP_OF: Final = np.array(list(GROUPS.values()))

_ID: Final = ORDER.index(Kind.ID)

_NAMED: Final = sum(1 << list(GROUPS).index(kind) for kind in (Kind.NAME, Kind.KANA))

MAX_PAIRS: Final = 1_000_000
"""Rows at a place that are weighed in one piece. Of values with fewer rows first."""


class Matches:
    """One list in one piece of text."""

    def __init__(self, segments: Segments, piece: Piece, check: Check) -> None:
        self._segments = segments
        self._piece = piece
        self._check = check
        self.looked_up: dict[int, int] = {}
        """By kind: places at which something was looked up."""

        self._kinds = 0
        """A bit for each kind of which something was found, by `ORDER`."""

        self._parts: PartTags | None = None
        self._found, self._weak_tags = self._look_up()

    def pairs(self) -> Pairs | None:
        """Give every row for which something stands here, with all that speaks for it."""
        found = self._found
        if found is None:
            return None
        sharing = self._segments.sharing(found.part, found.leads_to)
        windows = self._windows(found.start, found.end)
        tags = self._tags(windows)
        selective = sharing <= SELECTIVE
        pairs = self._weighed(found[selective], tags) if selective.any() else None
        weak = found[~selective & (sharing > 0)]
        sharing = sharing[~selective & (sharing > 0)]
        if len(weak.kind) and pairs is not None:
            open_ = ~self._explained(weak, pairs)
            weak, sharing = weak[open_], sharing[open_]
        if len(weak.kind):
            self._check()
            order = np.argsort(sharing, kind="stable")
            weak = weak[order[np.cumsum(sharing[order]) <= MAX_PAIRS]]
            more = self._weighed(weak, tags)
            # A value of many rows says nothing alone.
            more = more[more.groups > 1]
            pairs = more if pairs is None else Pairs.joined(pairs, more)
        return None if pairs is None else doubted(untied(pairs), self._piece.chunk.feeds)

    def _look_up(self) -> tuple[Occurrences | None, dict[str, tuple[U32, Spans]]]:
        segments = self._segments
        spans = {kind: self._candidates(kind) for kind in segments.anchors}
        parts = [(kind, found.value) for kind, found in spans.items() if len(found)]
        if not parts:
            return None, {}
        fingerprints = segments.keys.fingerprints(parts)
        wide = np.concatenate([wide for wide, _ in fingerprints])
        which, part, leads_to = segments.look_up(wide)
        for kind, _ in parts:
            self.looked_up[ORDER.index(kind)] = self._piece.places(kind)
        if not len(which):
            return None, {}
        order = np.argsort(which, kind="stable")
        which, part, leads_to = which[order], part[order], leads_to[order]
        whole = Spans.joined([spans[kind] for kind, _ in parts])
        kinds = np.repeat(
            [ORDER.index(kind) for kind, _ in parts], [len(value) for _, value in parts]
        )
        start, end = whole.start[which], whole.end[which]
        self._kinds = int(np.bitwise_or.reduce(np.int64(1) << kinds[which]))
        found = Occurrences(
            kinds[which], start, end, whole.value[which], part, leads_to,
            self._anchor_bits(kinds[which], start, end),
        )  # fmt: skip
        tags = {
            kind: (tag, spans[kind])
            for (kind, _), (_, tag) in zip(parts, fingerprints, strict=True)
            if kind in segments.columns
        }
        return distinct(found), tags

    def _candidates(self, kind: str) -> Spans:
        if kind == Kind.COMPANY:
            return self._piece.words.of_lengths(self._segments.lengths.get(kind, ()))
        if kind == Kind.ID:
            return self._piece.ids.of_lengths(
                self._piece.chunk, self._segments.lengths.get(kind, ())
            )
        return self._piece.candidates(kind)

    def _anchor_bits(self, kinds: Ints, start: Ints, end: Ints) -> Floats:
        bits = np.zeros(len(kinds))
        is_id = true_at(kinds == ORDER.index(Kind.ID))
        if len(is_id):
            chunk = self._piece.chunk
            digits = chunk.digit_counts(start[is_id], end[is_id])
            letters = chunk.widths(start[is_id], end[is_id]) - digits
            bits[is_id] = id_bits(digits, letters)
        return bits

    def _lines(self, start: Ints) -> tuple[Ints, Ints]:
        """Give start and end of the line of each place."""
        chunk = self._piece.chunk
        line = chunk.line_of(start)
        starts, ends = chunk.lines
        return starts[line], ends[line]

    def _windows(self, start: Ints, end: Ints) -> tuple[Ints, Ints]:
        """Say from where to where a second field counts."""
        first, last = self._lines(start)
        low = np.minimum(start - NEAR, np.maximum(first, start - SAME_LINE))
        high = np.maximum(end + NEAR, np.minimum(last, end + SAME_LINE))
        return np.maximum(low, 0), np.minimum(high, len(self._piece.chunk.letters))

    def _tags(self, windows: tuple[Ints, Ints]) -> dict[str, tuple[U32, Spans]]:
        """Give all tags near the places of what was found."""
        segments = self._segments
        chunk = self._piece.chunk
        edges = np.zeros(len(chunk.letters) + 1, np.int64)
        np.add.at(edges, windows[0], 1)
        np.add.at(edges, windows[1], -1)
        wanted = np.cumsum(edges)[:-1] > 0
        start, end = outlines(chunk)
        hidden = self._piece.disguised
        start, end = np.append(start, hidden.start), np.append(end, hidden.end)
        for low, high in zip(start.tolist(), end.tolist(), strict=True):
            wanted[low:high] = False
        wanted &= ~hidden_labels(chunk)
        words = Words(chunk, wanted)
        spans: dict[str, Spans] = {}
        if Kind.NAME in segments.columns:
            lengths = segments.lengths.get(Kind.NAME, ())
            parts = [words.of_lengths(lengths), words.turned(lengths)]
            if PAIR in lengths:
                parts.append(words.pairs())
            readings = hidden_readings(chunk)
            if readings is not None:
                parts.append(Words(chunk, wanted & ~readings).of_lengths(lengths))
            spans[Kind.NAME] = Spans.joined(parts)
        if Kind.KANA in segments.columns:
            lengths = segments.lengths.get(Kind.KANA, ())
            spans[Kind.KANA] = Spans.joined(
                [words.of_lengths(lengths, kana=True), words.turned(lengths)]
            )
        if Kind.COMPANY in segments.columns:
            spans[Kind.COMPANY] = words.of_lengths(segments.lengths.get(Kind.COMPANY, ()))
        self._check()
        if PARTS in segments.columns:
            lengths = segments.lengths.get(PARTS, ())
            self._parts = PartTags(self._piece, words, segments.keys, lengths)
        fingerprints = segments.keys.fingerprints(
            [(kind, found_.value) for kind, found_ in spans.items()]
        )
        tags = {
            kind: (tag, found_)
            for (kind, found_), (_, tag) in zip(spans.items(), fingerprints, strict=True)
        }
        return self._weak_tags | tags

    def _weighed(self, found: Occurrences, tags: dict[str, tuple[U32, Spans]]) -> Pairs:
        """Weigh each row that one of these leads to."""
        segments = self._segments
        which, row = segments.rows_of(found.part, found.leads_to)
        kind, start, end = found.kind[which], found.start[which], found.end[which]
        low, high = self._windows(found.start, found.end)
        windows = low[which], high[which]
        worth = np.zeros((len(row), max(GROUPS.values()) + 1))
        fields = np.int64(1) << kind
        own_group = _GROUP_OF[kind]
        worth[np.arange(len(row)), own_group] = found.bits[which]
        name = np.full(len(row), -1), np.full(len(row), -1)
        first, last = self._lines(found.start)
        line = first[which], last[which]
        beside = np.zeros(len(row), bool)
        records, bits = segments.records(row), segments.bits(row)
        for place, column in enumerate(segments.columns):
            if column not in tags:
                continue
            number = ORDER.index(column)
            group = GROUPS[Kind(column)]
            known = Tags(*tags[column], records[:, place])
            near, begin, stop = known.near(
                records[:, place], windows, beside=(start, end) if group != 3 else None
            )
            own = kind == number
            near |= own & (records[:, place] != 0)
            says = np.full(len(row), 0.5)
            if place in segments.weighed:
                says = np.maximum(bits[:, segments.weighed.index(place)] / QUARTERS, 0.5)
            worth[:, group] = np.maximum(worth[:, group], np.where(near, says, 0.0))
            fields |= np.where(near, np.int64(1) << number, 0)
            if column in {Kind.NAME, Kind.KANA}:
                here, own_begin, own_stop = known.near(records[:, place], line)
                begin, stop = np.where(here, own_begin, begin), np.where(here, own_stop, stop)
                better = near & ((name[0] < 0) | (here & ~beside))
                name = np.where(better, begin, name[0]), np.where(better, stop, name[1])
                beside |= here
        for column in STRONG:
            number = ORDER.index(column)
            if not (self._kinds >> number & 1):
                continue
            near, says = self._also(number, row, windows, (start, end))
            near &= kind != number
            worth[near, GROUPS[column]] = says[near]
            fields |= np.where(near, np.int64(1) << number, 0)
        if self._parts is not None:
            self._confirm(
                (records, bits), (windows, line, (start, end)), worth, fields, name, beside
            )
        raise_to_floors(worth, fields, segments.kept)
        total = worth.sum(axis=1)
        score = total - np.log2(max(segments.kept, 1))
        others = total - worth[np.arange(len(row)), own_group]
        is_id = true_at(kind == _ID)
        if len(is_id):
            # The letters of a customer number are its list's own; any number has digits.
            chunk = self._piece.chunk
            digits = chunk.digit_counts(start[is_id], end[is_id])
            others[is_id] += LETTER * (chunk.widths(start[is_id], end[is_id]) - digits)
        return Pairs(
            row, kind, start, end, found.value[which], score, fields,
            np.count_nonzero(worth, axis=1), others, name, beside,
        )  # fmt: skip

    def _confirm(
        self,
        listed: tuple[U32, U8],
        around: tuple[tuple[Ints, Ints], ...],
        worth: Floats,
        fields: Ints,
        name: tuple[Ints, Ints],
        beside: Bools,
    ) -> None:
        """
        Let parts of names confirm what names one person or house; beside the rest they are noise.

        *listed* are records and bits of the rows, *around* their windows, lines and places; the
        rest is filled in.
        """
        assert self._parts is not None  # noqa: S101 -- asked only where there are some
        strong = (fields & NAMES_ONE) != 0
        house = (fields & NAMES_HOUSE) == NAMES_HOUSE
        open_ = true_at(((fields & _NAMED) == 0) & (strong | house))
        if not len(open_):
            return
        place = self._segments.columns.index(PARTS)
        column = listed[0][open_, place]
        octets = listed[1][open_, self._segments.weighed.index(place)]
        near = [(low[open_], high[open_]) for low, high in around]
        line = around[1]
        for part, _ in HALVES:
            found, begin, stop = self._parts.near(part, column, *near)
            rows, group = open_[found], GROUPS[part]
            says = np.maximum(half_bits(octets[found], part), 0.5)
            name[0][rows], name[1][rows] = begin[found], stop[found]
            worth[rows, group] = np.maximum(worth[rows, group], says)
            fields[rows] |= np.int64(1) << ORDER.index(part)
            beside[rows] |= (begin[found] >= line[0][rows]) & (begin[found] <= line[1][rows])

    def _also(
        self, number: int, row: Ints, window: tuple[Ints, Ints], beside: tuple[Ints, Ints]
    ) -> tuple[Bools, Floats]:
        """Say whether another strong value of each row stands near, and what it says."""
        assert self._found is not None  # noqa: S101 -- asked only where something was found
        chosen = self._found[self._found.kind == number]
        which, rows = self._segments.rows_of(chosen.part, chosen.leads_to)
        if not len(rows):
            return np.zeros(len(row), bool), np.zeros(len(row))
        # As tags are: 0 would be none.
        asked = (row + 1).astype(np.uint32)
        at = Spans(chosen.start[which], chosen.end[which], chosen.value[which])
        near, start, _ = Tags((rows + 1).astype(np.uint32), at, asked).near(
            asked, window, beside=beside
        )
        order = np.argsort(chosen.start)
        place = np.searchsorted(chosen.start[order], start)
        return near, chosen.bits[order][np.minimum(place, len(order) - 1)]

    def _explained(self, weak: Occurrences, pairs: Pairs) -> Bools:
        """Say which values are those of a row that was found there anyway."""
        explained = np.zeros(len(weak.kind), bool)
        clear = pairs[(pairs.groups > 1) & (pairs.score >= CLEAR)]
        if not len(clear):
            return explained
        low, high = self._windows(weak.start, weak.end)
        for place, column in enumerate(self._segments.columns):
            if column not in ORDER:
                continue
            of_kind = true_at(weak.kind == ORDER.index(column))
            if not len(of_kind):
                continue
            ((_, tag),) = self._segments.keys.fingerprints([(column, weak.value[of_kind])])
            rows = Tags(
                self._segments.records(clear.row)[:, place],
                Spans(clear.start, clear.end, clear.value),
                tag,
            )
            explained[of_kind] = rows.near(tag, (low[of_kind], high[of_kind]))[0]
        return explained
