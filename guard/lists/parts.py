"""
Surname and given name by themselves: what the list keeps of them, and where one stands in a text.

They confirm a row that something else names already, as a telephone number does: 「山田様 090-…」.
So few bits will do: both stand in one column of the record, 16 bits each, and what they say in one
octet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from guard.lists.arrays import U8, U32, U64, Bools, Ints, Spans, firsts, true_at
from guard.lists.chunk import Chunk
from guard.lists.fold import fold
from guard.lists.hashing import Hashing
from guard.lists.kinds import Kind
from guard.lists.names import Named, Words, title_hashes
from guard.names.readings import SURNAMES

PARTS: Final = "parts"
"""The column of a record that has both."""

HALVES: Final = ((Kind.LAST, 0), (Kind.FIRST, 16))
"""Which bits of the column each has: from this one on."""

LONGEST: Final = 4
"""Letters of the longest part that is looked for in scripts without spaces."""

_HALF: Final = np.uint32(0xFFFF)
_MOST_BITS: Final = 15
_PARTED: Final = 2
"""Letters of most surnames in kanji."""

_TOLD: Final = tuple(
    fold(word)
    for word in (
        *("様", "さま", "さん", "殿", "氏", "君", "くん", "ちゃん", "先生", "御夫妻", "ご夫妻"),
        *("社長", "会長", "専務", "常務", "部長", "次長", "課長", "係長", "主任", "教授", "医師"),
    )
)
"""What stands behind the name of a person who is spoken of."""

_ADDRESSED: Final = ("dear", "hello", "hi", "herr", "frau", "monsieur", "madame", "señor", "señora")
"""What stands in front of one, beside titles."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Stretches of a text that may be a part of a name."""

    spans: Spans
    told: Bools
    """Whether a title or 様 says that it is one."""


def halved(tags: U32) -> U32:
    """Give the 16 bits that a record keeps of tags; never 0, which is none."""
    return np.maximum(tags & _HALF, np.uint32(1))


def packed(last: U32, first: U32) -> U32:
    """Put the tags of both, or 0 for none, in one column."""
    return last | first << np.uint32(16)


def half(column: U32, kind: Kind) -> U32:
    """Take one of them out again."""
    return (column >> np.uint32(dict(HALVES)[kind])) & _HALF


def packed_bits(last: U8, first: U8) -> U8:
    """Put whole bits of both, `_MOST_BITS` at most, in one octet."""
    most = np.uint8(_MOST_BITS)
    return np.minimum(last, most) | np.minimum(first, most) << np.uint8(4)


def half_bits(octets: U8, kind: Kind) -> U8:
    """Take those of one out again."""
    return (octets >> np.uint8(dict(HALVES)[kind] // 4)) & np.uint8(_MOST_BITS)


def parts(cells: str, count: int, hashing: Hashing, *, surname_first: bool) -> tuple[Named, Named]:
    """
    Give surname and given name of *count* lines.

    Japanese names without a space are parted behind a common surname, or behind two letters. Of
    Western ones the last word is the surname, but where there is a comma or *surname_first*. Which
    is which makes little difference: each may stand alone.
    """
    chunk = Chunk(cells, hashing)
    words = Words(chunk)
    turns = words.turns
    start = true_at(turns)
    end = np.concatenate((start[1:], np.full(min(1, len(start)), len(words.place))))
    cjk = words.is_cjk[start]
    hashes = words.stream.of(start, end)
    kept = true_at(cjk | ((end - start > 1) & ~np.isin(hashes, title_hashes(hashing))))
    start, end, cjk = start[kept], end[kept], cjk[kept]
    cell = chunk.line_of(words.place[start])
    one = firsts(cell)
    other = np.concatenate((one[1:], np.full(min(1, len(one)), len(cell)))) - 1
    at = cell[one]
    low, high = [start[one], end[one]], [start[other], end[other]]
    alone = one == other
    is_cjk = cjk[one]
    middle = _parted(words, *low)
    parting = alone & is_cjk
    low[1] = np.where(parting, middle, low[1])
    high[0] = np.where(parting, middle, high[0])
    turned = ~is_cjk & ~alone
    if surname_first:
        turned[:] = False
    else:
        commas = np.zeros(count, bool)
        commas[chunk.line_of(true_at(chunk.letters.codes == ord(",")))[:count]] = True
        turned &= ~commas[at]
    last = [np.where(turned, b, a) for a, b in zip(low, high, strict=True)]
    first = [np.where(turned, a, b) for a, b in zip(low, high, strict=True)]
    return (
        _named(words, at, count, last[0], last[1], last[1] > last[0]),
        _named(words, at, count, first[0], first[1], (first[1] > first[0]) & ~(alone & ~is_cjk)),
    )


def standing(words: Words, typed: U32, lengths: Sequence[int]) -> Standing:
    """
    Give stretches that may be a part of a name; *typed* are the letters as they stood in the text.

    Without spaces: what stands alone, or in front of 様 and the like, of some *lengths*. With
    spaces: words with a capital letter, or with a title in front.
    """
    capitals = _capitals(typed)
    start, end = words.words
    hashes = words.stream.of(start, end)
    told = np.zeros(len(start), bool)
    titled = np.isin(hashes, _addressed(words.chunk.hashing))
    close = words.place[start[1:]] - words.place[end[:-1] - 1] <= _TITLE_CHARS
    told[1:] = titled[:-1] & close
    # Mr Müller-Schmidt, Ms de Souza.
    joined = words.place[start[1:]] - words.place[end[:-1] - 1] == _JOINED_CHARS
    for _ in range(_JOINED):
        told[1:] |= told[:-1] & joined
    good = (told | np.isin(typed[start], capitals)) & ~titled
    found = [words.spans(start[good], end[good], hashes[good])]
    marks = [told[good]]
    begins, stops = words.turns & words.is_cjk, words.cjk_ends
    before = _before_told(words)
    for length in lengths:
        if not 0 < length <= LONGEST or len(words.place) < length:
            continue
        start = np.arange(len(words.place) - length + 1)
        end = start + length
        together = words.is_cjk[start] & (words.place[end - 1] - words.place[start] == length - 1)
        alone = begins[start] & stops[end - 1]
        spoken = before[end - 1]
        if length == 1:
            spoken = spoken & (begins[start] | words.is_kana[start - 1])
        chosen = true_at(together & (alone | spoken))
        start, end = chosen, chosen + length
        found.append(words.spans(start, end, words.stream.of(start, end)))
        marks.append(before[end - 1])
    return Standing(Spans.joined(found), np.concatenate(marks))


_JOINED: Final = 2
"""Words behind the first of a name that belong to it."""

_JOINED_CHARS: Final = 2
"""Letters from one to the next, as a hyphen or a space is between."""

_TITLE_CHARS: Final = 3
"""Characters from the end of a title to the name: a full stop and a space."""


def _before_told(words: Words) -> Bools:
    """Say of each letter whether 様 or the like begins behind it, with a space perhaps."""
    found = np.zeros(len(words.place), bool)
    codes = words.codes
    for word in _TOLD:
        many = len(codes) - len(word)
        if many < 1:
            continue
        good = np.ones(many, bool)
        for step, sign in enumerate(word, start=1):
            good &= codes[step : step + many] == ord(sign)
        found[:many] |= good
    found[:-1] &= np.diff(words.place) <= 2
    return found


def _capitals(typed: U32) -> U32:
    """Give those letters that are capitals."""
    different = np.unique(typed)
    return different[[chr(code).isupper() for code in different.tolist()]]


def _parted(words: Words, start: Ints, end: Ints) -> Ints:
    """Say where surnames end that stand with a given name in one."""
    width = end - start
    found = start + np.where(width > _PARTED, _PARTED, np.maximum(width - 1, 1))
    known = _surnames(words.chunk.hashing)
    for length in (1, 2, 3):
        # 林太郎, but not 東|雲太郎.
        fits = true_at((width > length) & ((length > 1) | (width <= _PARTED + 1)))
        stop = start[fits] + length
        common = np.isin(words.stream.of(start[fits], stop), known)
        found[fits[common]] = stop[common]
    return np.minimum(found, end)


def _named(words: Words, at: Ints, count: int, start: Ints, end: Ints, good: Bools) -> Named:
    value, length = np.zeros(count, np.uint64), np.zeros(count, np.int64)
    has = np.zeros(count, bool)
    at, start, end = at[good], start[good], end[good]
    value[at], length[at], has[at] = words.stream.of(start, end), end - start, True
    return Named(value, length, has)


@lru_cache(maxsize=4)
def _surnames(hashing: Hashing) -> U64:
    return _hashes(tuple(SURNAMES), hashing)


@lru_cache(maxsize=4)
def _addressed(hashing: Hashing) -> U64:
    return np.concatenate((title_hashes(hashing), _hashes(_ADDRESSED, hashing)))


def _hashes(names: tuple[str, ...], hashing: Hashing) -> U64:
    """Hash names, one a line."""
    words = Words(Chunk("\n".join(names), hashing))
    start = true_at(words.turns)
    return words.stream.of(start, np.append(start[1:], len(words.place)))
