"""Names of people and companies: what the list keeps of one, and what a text offers."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from guard.lists.arrays import NO_SPANS, U32, U64, Bools, Ints, Spans, firsts, true_at
from guard.lists.chunk import Chunk
from guard.lists.fold import fold
from guard.lists.hashing import Hashing
from guard.lists.letters import CJK, WORD
from guard.names.fold import TITLES

PAIR: Final = 0
"""Instead of a length in letters: two words in any order."""

LONGEST: Final = 40
"""Letters of the longest value; of a longer one the beginning counts."""

REACH: Final = 3
"""How many words after a first name a last name may stand (``John A. van Dyke``)."""

_PAIR_CHARS: Final = 64
"""Characters from the start of one word of a name to that of the other."""

_PART: Final = 7
"""Letters of the longer part of a name without spaces, that may stand behind the shorter."""

_TAKES_E: Final = np.zeros(128, bool)
"""Vowels whose umlaut is written with an e behind it by whoever has no umlauts."""

_TAKES_E[[ord(vowel) for vowel in "aou"]] = True

_READING_LETTERS: Final = 12
"""Kana of the longest reading that stands in brackets behind one part of a name."""

_HONORIFIC: Final = re.compile(r"(?:様|さま|さん|殿|御中|先生|氏)[ \t\u3000]*$", re.MULTILINE)

# Labels between the parts of a name, as forms have them: 姓: 山田 / 名: 太郎
_LABELS: Final = frozenset(
    fold(label)
    for label in ("姓", "名", "氏", "氏名", "名前", "セイ", "メイ", "フリガナ", "名字", "お名前")
)
_LABEL_CHARS: Final = 4
_LABEL_ENDS: Final = np.array(sorted({ord(label[-1]) for label in _LABELS}), np.uint32)

_LEGAL: Final = re.compile(
    r"(?:株式|有限|合同|合資|合名|相互)会社|㈱|㈲|(?:一般|公益|特例)?(?:社団|財団)法人"
    r"|(?:医療|学校|宗教|社会福祉|特定非営利活動|独立行政|国立大学|税理士|弁護士)法人"
    r"|カブシキガイシャ|ユウゲンガイシャ|ゴウドウガイシャ|[((][株有同社財医学代][))]|股?份?有限公司"
)
_LEGAL_WORDS: Final = re.compile(
    r"(?:(?:^|[ ,.]+)(?:inc|incorporated|ltd|limited|co|corp|corporation|company|llc|llp|lp|plc"
    r"|gmbh|ag|kg"
    r"|kgaa|mbh|ug|se|sa|sas|sarl|srl|spa|sl|nv|bv|ab|oyj?|as|aps|kk|gk|pty|pte|&|and|e\.?k"
    r"|(?:[a-z]\.){2,4}[a-z]?))+\.?[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_THE: Final = re.compile(r"^[ \t]*the ", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Named:
    """What a list keeps of a column, cell by cell."""

    value: U64
    length: Ints
    """In letters, or `PAIR`."""

    good: Bools
    """Whether there is anything usable."""


class Words:
    """
    Letters that names are made of, of a text or of those parts of it that are wanted.

    The e of ae, oe and ue is left out.
    """

    def __init__(self, chunk: Chunk, wanted: Bools | None = None) -> None:
        mask = chunk.letters.is_a(WORD | CJK)
        if wanted is not None:
            mask &= wanted
        self.chunk = chunk
        place = true_at(mask)
        codes = chunk.letters.codes.take(place)
        behind_gap = np.ones(len(place), bool)
        behind_gap[1:] = np.diff(place) > 1
        # Mueller is Müller, on both sides: what stands above a letter is folded away.
        kept = codes != ord("e")
        kept[1:] |= behind_gap[1:] | ~_TAKES_E[np.minimum(codes[:-1], 127)]
        kept[:1] = True
        self.place: Ints = place.compress(kept)
        self.codes = codes.compress(kept)
        behind_gap = behind_gap.compress(kept)
        self.stream = chunk.hashing.stream(self.codes)
        self.is_cjk: Bools = (chunk.letters.classes.take(self.place) & CJK) != 0
        self.behind_gap = behind_gap
        turns = behind_gap.copy()
        turns[1:] |= self.is_cjk[1:] != self.is_cjk[:-1]
        self.starts: Bools = self.is_cjk | turns
        """Whether a name may start with this letter."""

        ends = np.ones(len(self.place), bool)
        ends[:-1] = turns[1:]
        self.ends: Bools = self.is_cjk | ends
        """Whether a name may end with this letter."""

        self.turns: Bools = turns
        """Whether a word begins with this letter, or a stretch of a script without spaces."""

    @property
    def words(self) -> tuple[Ints, Ints]:
        """Start and end of words of scripts with spaces, of two letters or more."""
        start = true_at(self.turns & ~self.is_cjk)
        end = true_at(self.ends & ~self.is_cjk) + 1
        long_enough = end - start > 1
        return start[long_enough], end[long_enough]

    def spans(self, start: Ints, end: Ints, value: U64) -> Spans:
        """Give stretches of the text for stretches of these letters."""
        return Spans(self.place[start], self.place[end - 1] + 1, value)

    def of_lengths(self, lengths: tuple[int, ...], *, kana: bool = False) -> Spans:
        """Give every stretch of letters that could be a name of one of these lengths."""
        begin = true_at(self.starts & (self.is_kana if kana else True))
        parts: list[tuple[Ints, Ints]] = []
        for length in lengths:
            if length == PAIR:
                continue
            start = begin[: int(np.searchsorted(begin, len(self.place) - length, side="right"))]
            start = start[self.ends[start + length - 1]]
            if kana:
                start = start[self.is_kana[start + length - 1]]
            if len(start):
                parts.append((start, start + length))
        if not parts:
            return NO_SPANS
        start = np.concatenate([part[0] for part in parts])
        end = np.concatenate([part[1] for part in parts])
        return self.spans(start, end, self.stream.of(start, end))

    def turned(self, lengths: tuple[int, ...]) -> Spans:
        """Give names whose parts stand the other way round, with something in between."""
        begin = true_at(self.is_cjk & self.turns)
        if len(begin) < 2:
            return NO_SPANS
        end = true_at(self.ends & self.cjk_ends) + 1
        left, middle, right = begin[:-1], begin[1:], end[1:]
        close = (end[:-1] == middle) & (middle - left <= _PART)
        close &= self.place[middle] - self.place[middle - 1] <= 3
        usual = np.zeros(2 * _PART + 4, bool)
        usual[[length for length in lengths if length < len(usual)]] = True
        parts = []
        for honorific in range(3):  # 太郎 山田様, 太郎 山田さん
            stop = right - honorific
            good = close & (stop > middle) & (stop - middle <= _PART)
            good &= usual[np.clip(stop - left, 0, len(usual) - 1)]
            chosen = true_at(good)
            if len(chosen):
                low, mid, high = left[chosen], middle[chosen], stop[chosen]
                parts.append(self.spans(low, high, self.stream.turned(low, mid, high)))
        return Spans.joined(parts)

    def pairs(self) -> Spans:
        """Give two words that stand close together, as a name has a first and a last."""
        start, end = self.words
        hashes = self.stream.of(start, end)
        parts = []
        for more in range(1, REACH + 1):
            low, high = start[:-more], end[more:]
            good = self.place[start[more:]] - self.place[low] <= _PAIR_CHARS
            if good.any():
                value = hashes[:-more][good] + hashes[more:][good]
                parts.append(self.spans(low[good], high[good], value))
        return Spans.joined(parts)

    @property
    def is_kana(self) -> Bools:
        """Whether each is kana."""
        return _is_kana(self.codes)

    @property
    def cjk_ends(self) -> Bools:
        """Whether a stretch of a script without spaces ends with this letter."""
        ends = np.ones(len(self.place), bool)
        ends[:-1] = self.turns[1:]
        return ends & self.is_cjk


def people(cells: str, count: int, hashing: Hashing) -> Named:
    """
    Give what the list keeps of the names in *count* lines.

    In Latin letters and the like: first and last word, in either order, without titles and
    initials. Otherwise the letters in their order, without spaces.
    """
    chunk = Chunk(_HONORIFIC.sub("", cells), hashing)
    words = Words(chunk)
    cell = chunk.line_of(words.place)
    whole = _whole(words, cell, count)
    cjk = np.zeros(count, bool)
    cjk[cell[words.is_cjk]] = True
    start, end = words.words
    hashes = words.stream.of(start, end)
    plain = ~np.isin(hashes, title_hashes(hashing))
    # A name of titles alone is a name.
    named = np.zeros(count, bool)
    named[cell[start[plain]]] = True
    kept = true_at(plain | ~named[cell[start]])
    of = cell[start[kept]]
    first = firsts(of)
    last = np.concatenate((first[1:], np.full(min(1, len(first)), len(of)))) - 1
    at = of[first] if len(first) else first
    hashes, width = hashes[kept], (end - start)[kept]
    value, length, good = whole.value.copy(), whole.length.copy(), whole.good & cjk
    latin = ~cjk[at]
    one, two, at = first[latin], last[latin], at[latin]
    alone = one == two
    value[at] = np.where(alone, hashes[one], hashes[one] + hashes[two])
    length[at] = np.where(alone, width[one], PAIR)
    good[at] = True
    return Named(value, length, good)


def companies(cells: str, count: int, hashing: Hashing) -> Named:
    """Give what the list keeps of companies in *count* lines: without 株式会社, Inc. and such."""
    bare = _THE.sub("", _LEGAL_WORDS.sub("", _LEGAL.sub(" ", cells)))
    chunk = Chunk(bare, hashing)
    words = Words(chunk)
    cell = chunk.line_of(words.place)
    whole = _whole(words, cell, count)
    cjk = np.zeros(count, bool)
    cjk[cell[words.is_cjk]] = True
    return Named(whole.value, whole.length, whole.good & (cjk | (whole.length > 2)))


def hidden_labels(chunk: Chunk) -> Bools:
    """Say which letters are labels of a form, as 姓 in 姓: 山田; these part no name."""
    codes = chunk.letters.codes
    found = np.zeros(len(codes), bool)
    signs = true_at((codes == ord(":")) | (codes == ord("=")))
    before = codes[np.maximum(signs - 1, 0)]
    spaced = before == ord(" ")
    before = np.where(spaced, codes[np.maximum(signs - 2, 0)], before)
    for place in signs[np.isin(before, _LABEL_ENDS)]:
        typed = chunk.letters.text(max(0, int(place) - _LABEL_CHARS - 2), int(place)).rstrip()
        end = int(place) - (chunk.letters.text(int(place) - 1, int(place)) == " ")
        for length in range(_LABEL_CHARS, 0, -1):
            if typed[-length:] in _LABELS:
                if end - length <= 0 or not chunk.is_cjk(np.array([end - length - 1]))[0]:
                    found[end - length : end] = True
                break
    return found


def hidden_readings(chunk: Chunk) -> Bools | None:
    """
    Say which letters are readings between the parts of a name: 山田（ヤマダ）太郎（タロウ）.

    Or a name of before: 山田（旧姓 佐藤）花子. None: there are none.
    """
    codes = chunk.letters.codes
    opens = true_at(codes == ord("("))
    opens = opens[chunk.is_cjk(opens - 1)]
    start, going = opens + 1, true_at(opens >= 0)
    end = start.copy()
    former = chunk.code_at(start) == ord("旧")
    for _ in range(_READING_LETTERS + 1):
        place = end[going]
        inside = former[going] & (chunk.is_cjk(place) | chunk.is_one(place, " :"))
        going = going[inside | _is_kana(chunk.code_at(place))]
        end[going] += 1
    good = (chunk.code_at(end) == ord(")")) & (end > start) & chunk.is_cjk(end + 1)
    if not good.any():
        return None
    edges = np.zeros(len(codes) + 1, np.int8)
    edges[start[good]] = 1
    edges[end[good]] = -1
    return np.cumsum(edges[:-1], dtype=np.int8) > 0


def _is_kana(codes: U32) -> Bools:
    return (codes >= ord("ァ")) & (codes <= ord("ヺ"))


def _whole(words: Words, cell: Ints, count: int) -> Named:
    """Take the letters of each line together."""
    value, length = np.zeros(count, np.uint64), np.zeros(count, np.int64)
    begin = firsts(cell)
    if len(begin):
        end = np.concatenate((begin[1:], np.full(1, len(cell))))
        end = np.minimum(end, begin + LONGEST)
        value[cell[begin]] = words.stream.of(begin, end)
        length[cell[begin]] = end - begin
    return Named(value, length, length > 1)


def title_hashes(hashing: Hashing) -> U64:
    """Hash titles, as words of a name."""
    chunk = Chunk("\n".join(sorted(TITLES)), hashing)
    words = Words(chunk)
    start, end = words.words
    return words.stream.of(start, end)
