"""Surnames and given names that stand alone in a text, and whether one confirms a row."""

from collections.abc import Sequence

import numpy as np

from guard.lists.arrays import U32, Bools, Ints
from guard.lists.keys import Keys
from guard.lists.kinds import Kind
from guard.lists.names import Words
from guard.lists.parts import HALVES, half, halved, standing
from guard.lists.prepared import Piece
from guard.lists.tags import Tags


class PartTags:
    """The tags of all that may be a part of a name in those *words* of a piece."""

    def __init__(self, piece: Piece, words: Words, keys: Keys, lengths: Sequence[int]) -> None:
        typed = np.frombuffer(piece.text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))
        typed = typed[piece.chunk.letters.places(words.place)]
        found = standing(words, typed, lengths)
        tags = keys.fingerprints([(kind, found.spans.value) for kind, _ in HALVES])
        self._spans, self._told = found.spans, found.told
        self._tags = {kind: halved(tag) for (kind, _), (_, tag) in zip(HALVES, tags, strict=True)}

    def near(
        self,
        kind: Kind,
        column: U32,
        window: tuple[Ints, Ints],
        line: tuple[Ints, Ints],
        beside: tuple[Ints, Ints],
    ) -> tuple[Bools, Ints, Ints]:
        """
        Say whether one of a record's *column* stands near, and where, apart from what is *beside*.

        With a title or 様 anywhere in the *window*; without, on the *line* and in the window.
        """
        asked = half(column, kind)
        tags = self._tags[kind]
        here = np.maximum(line[0], window[0]), np.minimum(line[1], window[1])
        found, start, end = Tags(tags, self._spans, asked).near(asked, here, beside=beside)
        told = Tags(tags[self._told], self._spans[self._told], asked)
        also, start_also, end_also = told.near(asked, window, beside=beside)
        return found | also, np.where(found, start, start_also), np.where(found, end, end_also)
