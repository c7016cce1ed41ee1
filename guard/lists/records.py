"""Lines of one shape, each with two things at least by which people are reached or known."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from guard.lists.arrays import Bools, Ints, Spans
from guard.lists.chunk import Chunk
from guard.lists.fold import fold
from guard.lists.letters import BLOCK

EMAIL: Final = 1
PHONE: Final = 2
POSTCODE: Final = 4
ADDRESS: Final = 8
NAME: Final = 16

TOWNS: Final = "都道府県市区町村郡"
"""What stands behind the names of towns and the like."""

_PLACES: Final = tuple(ord(fold(sign)) for sign in TOWNS)
_TOWN_LETTERS: Final = 16
"""Letters from the last of these to the house number."""

_NAME: Final = re.compile(
    r"^[\s\"'>・*\d.):-]{0,12}"
    r"(?:[\u3005\u3041-\u30fa\u30fc\u4e00-\u9fff\uf900-\ufaff]{1,5}[ \u3000]?"
    r"[\u3005\u3041-\u30fa\u30fc\u4e00-\u9fff]{1,6}"
    r"|[A-Z][\w'’.-]{0,20}(?:,? [A-Z][\w'’.-]{0,20}){1,2})"
    r"[\"']?(?=[\s,;:|/<(、]|$)"
)
"""A name in front of a line: a few Japanese letters, or two or three words with capitals."""

_LABEL: Final = re.compile(
    r"^[\s>・*■]{0,8}(?:tel|fax|phone|mobile|mail|e-mail|from|to|cc|電話|携帯|住所|所在地|本社|支社"
    r"|東京本社|大阪支店|メール|株式会社)",
    re.IGNORECASE,
)
"""A line of a signature or a header, which names no person."""

_LOOKED_AT: Final = 120


def records(
    chunk: Chunk, rows: Sequence[str], emails: Spans, phones: Spans
) -> Iterator[tuple[int, int, int]]:
    """
    Give the 0-based lines of a chunk that have two things at least, with shape and identity.

    *rows* are its lines; a shape is bits of `EMAIL` and the like. Lines with the same address or
    number, or that read the same, have the same identity: they are about one person.
    """
    flags = np.zeros(len(rows) + 1, np.int64)
    for bit, places in (
        (EMAIL, emails.start),
        (PHONE, phones.start),
        (POSTCODE, _postcodes(chunk)),
        (ADDRESS, _addresses(chunk)),
    ):
        flags[chunk.line_of(places)] |= bit
    identity = np.zeros(len(rows) + 1, np.uint64)
    for found in (phones, emails):
        identity[chunk.line_of(found.start)] = found.value
    for number in np.flatnonzero(flags[: len(rows)]).tolist():
        shape = int(flags[number])
        if not shape & (shape - 1):  # one bit: a name must stand beside it
            row = rows[number][:_LOOKED_AT]
            if not _NAME.match(row) or _LABEL.match(row):
                continue
            shape |= NAME
        same = (
            int(identity[number])
            if shape & (EMAIL | PHONE)
            else hash("".join(rows[number].split()))
        )
        yield number, shape, same


def _postcodes(chunk: Chunk) -> Ints:
    """123-4567, apart from other digits."""
    starts, ends = chunk.digits
    if len(starts) < 2:
        return np.zeros(0, np.int64)
    widths = ends - starts
    joined = (starts[1:] - ends[:-1] == 1) & chunk.is_one(ends[:-1], "-")
    good = joined & (widths[:-1] == 3) & (widths[1:] == 4)
    good[1:] &= ~joined[:-1]
    good[:-1] &= ~joined[1:]
    return starts[:-1][good]


def _addresses(chunk: Chunk) -> Ints:
    """区 or 市, and close behind it a block with two numbers at least."""
    starts, ends = chunk.digits
    if len(starts) < 2:
        return np.zeros(0, np.int64)
    places = np.flatnonzero(np.isin(chunk.letters.codes, _PLACES))
    if not len(places):
        return np.zeros(0, np.int64)
    good = _linked(chunk, starts, ends)
    before = np.searchsorted(places, starts[:-1]) - 1
    town = places[np.maximum(before, 0)]
    good &= (before >= 0) & (starts[:-1] - town <= _TOWN_LETTERS)
    good &= chunk.line_of(town) == chunk.line_of(starts[:-1])
    return starts[:-1][good]


def _linked(chunk: Chunk, starts: Ints, ends: Ints) -> Bools:
    narrow = ends - starts <= 4
    linked = chunk.all_between(ends[:-1], starts[1:], BLOCK, most=3)
    # A blank alone parts numbers of two things.
    linked &= ~((starts[1:] - ends[:-1] == 1) & chunk.is_one(ends[:-1], " "))
    return linked & narrow[:-1] & narrow[1:]
