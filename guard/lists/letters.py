"""
A text as an array of folded letters, each with its class and the place that it had.

It says what `guard.lists.fold` says, for a whole text at once: the same letter folds the same way
in the list and in the text.
"""

from functools import cache
from typing import Final

import numpy as np

from guard.lists.arrays import U8, U32, Bools, Ints, true_at
from guard.lists.fold import fold, is_cjk

DIGIT: Final = 1
WORD: Final = 2
"""A letter that words are made of, with spaces between."""

CJK: Final = 4
"""A letter that is written without spaces."""

ASCII: Final = 8
"""a–z and 0–9."""

_COUNTED: Final = 16
"""What stands behind a number that may be in kanji: 丁, 番 and 号."""

GAP: Final = 32
"""What may stand between the digits of a telephone number."""

LOCAL: Final = 64
"""What the local part of an address has, in ASCII (RFC 5322 §3.2.3, without the rarest)."""

BLOCK: Final = 128
"""What stands between the numbers of a Japanese address."""

LETTER: Final = DIGIT | WORD | CJK

_UNICODE: Final = 0x110000
_UNKNOWN: Final = 0xFFFFFFFF
_MANY: Final = 0xFFFFFFFE
_NONE: Final = 0xFFFFFFFD
_SPECIAL: Final = _NONE

_GAPS: Final = frozenset("-.()/ ・")
_LOCALS: Final = frozenset("._%+-&=#!/'")
_BLOCKS: Final = frozenset(fold("-丁目番地号ノ "))
_COUNTS: Final = frozenset(fold("丁番号年月日"))

_TEN: Final = 10
_DIGITS: Final = {ord(fold(sign)): n for n, sign in enumerate("〇一二三四五六七八九十")}
_IS_DIGIT: Final[Bools] = np.zeros(1 << 16, bool)
_IS_DIGIT[list(_DIGITS)] = True
_LONGEST_COUNT: Final = 4

# What stands in front of a number that is a part of a date; 三月 may be somebody's name.
_IN_FRONT: Final = {fold("年"): fold("和成正治"), fold("月"): fold("年"), fold("日"): fold("月")}

# Filled as characters turn up. Two threads that fill one place write the same.
_folded: Final[U32] = np.full(_UNICODE, _UNKNOWN, np.uint32)
_classes: Final[U8] = np.zeros(_UNICODE, np.uint8)
_several: Final[dict[int, str]] = {}


class Letters:
    """The folded letters of one text."""

    def __init__(self, text: str) -> None:
        codes: U32 = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))
        folded = _folded.take(codes)
        self._at: Ints | None = None
        if len(folded) and int(folded.max()) >= _SPECIAL:
            folded = self._specials(codes, folded)
        self.codes = folded
        self.classes: U8 = _classes.take(folded)
        self._count_in_digits()

    def __len__(self) -> int:
        return len(self.codes)

    def at(self, place: int) -> int:
        """Give the place in the text that a letter had; that behind the last one for its end."""
        if self._at is None:
            return place
        return int(self._at[min(place, len(self._at) - 1)]) + (place >= len(self._at))

    def places(self, of: Ints) -> Ints:
        """Give the places in the text that letters had."""
        return of if self._at is None else self._at[of]

    def is_a(self, classes: int) -> Bools:
        """Say of each letter whether it is of one of *classes*."""
        return (self.classes & classes) != 0

    def text(self, start: int, end: int) -> str:
        """Give a stretch of the folded text."""
        return self.codes[start:end].astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")

    def _specials(self, codes: U32, folded: U32) -> U32:
        """See to letters that are new here, fold to several or to none."""
        unknown = folded == _UNKNOWN
        if unknown.any():
            _learn(np.unique(codes[unknown]))
            folded = _folded.take(codes)
        at = np.arange(len(codes), dtype=np.int64)
        changed = False
        many = true_at(folded == _MANY)
        if len(many):
            parts = [_several[code] for code in codes[many].tolist()]
            folded[many] = [ord(part[0]) for part in parts]
            more = np.repeat(many + 1, [len(part) - 1 for part in parts])
            at = np.insert(at, more, more - 1)
            folded = np.insert(folded, more, [ord(sign) for part in parts for sign in part[1:]])
            changed = True
        kept = true_at(folded != _NONE)
        if len(kept) < len(folded):
            folded, at = folded[kept], at[kept]
            changed = True
        if changed:
            self._at = at
        return folded

    def _count_in_digits(self) -> None:
        """Write 二丁目 as 2丁目, 三十五番 as 035番, 一九八五年 as 1985年: places stay."""
        for place in self._counted().tolist():
            start = place
            while start > max(0, place - _LONGEST_COUNT) and int(self.codes[start - 1]) in _DIGITS:
                start -= 1
            signs = [_DIGITS[int(code)] for code in self.codes[start:place]]
            in_front = _IN_FRONT.get(chr(int(self.codes[place])))
            before = chr(int(self.codes[start - 1])) if start else ""
            if in_front and len(signs) < _LONGEST_COUNT and before not in in_front:
                continue
            for offset, digit in enumerate(_digits_of(signs)):
                self._put(start + offset, digit)

    def _counted(self) -> Ints:
        """Give the places of what is counted with a kanji digit in front."""
        found = true_at(self.is_a(_COUNTED))
        found = found[found > 0]
        return found[_IS_DIGIT[self.codes[found - 1] & np.uint32(0xFFFF)]]

    def _put(self, place: int, digit: int) -> None:
        self.codes[place] = ord("0") + digit
        self.classes[place] = _class_of(chr(ord("0") + digit))


def _digits_of(signs: list[int]) -> list[int]:
    """Give as many digits as there are *signs*: 三十五 is 035, 二十 is 20; none of what is none."""
    if _TEN not in signs:
        return signs
    tens, ones = signs[: signs.index(_TEN)], signs[signs.index(_TEN) + 1 :]
    if len(tens) > 1 or len(ones) > 1 or signs == [_TEN]:
        return []
    value = (tens[0] if tens else 1) * 10 + (ones[0] if ones else 0)
    return [int(digit) for digit in f"{value:0{len(signs)}}"]


def _learn(codes: U32) -> None:
    """Fill the tables for characters that turn up for the first time."""
    for code in map(int, codes):
        text = fold(chr(code))
        for sign in text:
            _classes[ord(sign)] = _class_of(sign)
        if len(text) > 1:
            _several[code] = text
        # Last, and at once: whoever sees it finds the rest in place.
        _folded[code] = _NONE if not text else ord(text) if len(text) == 1 else _MANY


@cache
def _class_of(sign: str) -> int:
    if "0" <= sign <= "9":
        return DIGIT | ASCII | LOCAL
    found = 0
    if is_cjk(sign):
        found |= CJK
    elif sign.isalnum():
        found |= WORD
    if "a" <= sign <= "z":
        found |= ASCII | LOCAL
    for signs, meant in ((_GAPS, GAP), (_LOCALS, LOCAL), (_BLOCKS, BLOCK), (_COUNTS, _COUNTED)):
        if sign in signs:
            found |= meant
    return found
