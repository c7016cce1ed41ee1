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
_COUNTS: Final = frozenset(fold("丁番号"))

_KANJI_DIGITS: Final = {ord(fold(sign)): n for n, sign in enumerate("〇一二三四五六七八九")}
_TEN: Final = ord(fold("十"))

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
        """Write 二丁目 as 2丁目, and 十二番 as 12番: places stay."""
        for place in true_at(self.is_a(_COUNTED)):
            one = int(self.codes[place - 1]) if place else 0
            two = int(self.codes[place - 2]) if place > 1 else 0
            three = int(self.codes[place - 3]) if place > 2 else 0
            if one in _KANJI_DIGITS:
                self._put(int(place) - 1, _KANJI_DIGITS[one])
                if two == _TEN and three in _KANJI_DIGITS:  # 三十五 is 035
                    self._put(int(place) - 2, _KANJI_DIGITS[three])
                    self._put(int(place) - 3, 0)
                elif two == _TEN:
                    self._put(int(place) - 2, 1)
            elif one == _TEN and two in _KANJI_DIGITS:
                self._put(int(place) - 1, 0)
                self._put(int(place) - 2, _KANJI_DIGITS[two])

    def _put(self, place: int, digit: int) -> None:
        self.codes[place] = ord("0") + digit
        self.classes[place] = _class_of(chr(ord("0") + digit))


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
