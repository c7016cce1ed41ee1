"""Marks of confidentiality: in the text, its margins, a file's properties and its name."""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from guard.detect.disclaimer import is_disclaimer, speaks_of_this_mail
from guard.detect.inspection import Inspection
from guard.detect.mark_words import (
    ALSO,
    CAPITALS,
    CIRCLED,
    MARKS,
    NO_MARKS,
    SPOKEN,
    TELLING,
    WEAK,
)
from guard.detect.places import shortened, stretch
from guard.detect.texts import texts
from guard.lists.fold import fold
from guard.lists.unkeyed import Piece, pieces, plain_chunk
from guard.model.extract import Passage
from guard.model.finding import Mark

_MARGINS: Final = frozenset({"footer", "header", "header or footer", "master", "picture"})
_PROPERTIES: Final = "properties"
_BRACKETS: Final = ("【】", "[]", "()", "〔〕", "<>", "《》", "«»")
_GOODS: Final = re.compile(
    "ワレモノ|われもの|割れ物|割物|精密機器|天地無用|梱包|荷物|水濡れ|段ボール|ケースマーク"
)
"""取扱注意 on a parcel."""

_AROUND: Final = 80
"""Characters on each side that tell a mark from a word."""

_EXAMINED: Final = 100
"""Words of one text that are looked at closely; a text that is made of them is told by these."""


_BLANKS: Final = " "
_SIGNS: Final = fold(" *＊★☆■□●◆◇▲△!※#-=_~:・.>/") + "".join(_BRACKETS)
"""What may stand around a mark that is alone in its line or cell."""

_STOPS: Final = ".!?,;)]\n\t。、!】"
_LABELS: Final = tuple(
    map(fold, ("classification", "sensitivity", "security", "label", "区分", "レベル", "種別"))
)
_ENDS: Final = ("", "\n", "\t", "|")
_CLOSING: Final = {fold(pair[0]): fold(pair[1]) for pair in _BRACKETS}
"""Full-width brackets fold to these."""


_ALL: Final = {fold(each): each for each in (*MARKS, *NO_MARKS) if each != CIRCLED} | {
    fold(word): each for word, each in ALSO.items()
}
_WEAK: Final = frozenset(WEAK)
_SPOKEN: Final = frozenset(SPOKEN)


def mark(inspection: Inspection) -> Iterator[Mark]:
    """
    Report, for the mail and each file, which marks stand there and where.

    The legal text below a signature is no mark, and neither is a word such as “confidential” in a
    sentence: that one must stand alone, in brackets, or in a margin, the properties or a name.
    """
    attached = [attachment.name for attachment in inspection.message.attachments]
    found: dict[str, list[tuple[str, str]]] = {}
    for file, passages in texts(inspection):
        at = found.setdefault(file, [])
        if file:
            at += [(each, "file name") for each in _in_name(file)]
        for passage in passages:
            at += _in_passage(passage)
    for file in attached:
        # Also where no reader gave it back by this name.
        if file not in found:
            found[file] = [(each, "file name") for each in _in_name(file)]
    for file, marks in found.items():
        if marks:
            yield Mark(
                file=file,
                marks=tuple(dict.fromkeys(each for each, _ in marks)),
                places=shortened(place for _, place in marks),
            )


def _in_name(name: str) -> Iterator[str]:
    """Give the marks of a file's name, or of one of the folders and archives that it is in."""
    chunk = plain_chunk(name)
    text = chunk.letters.text(0, len(chunk.letters))
    if CIRCLED in name:
        yield CIRCLED
    told: set[str] = set()
    for start, end, each in _words(text):
        alone = not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())
        good = each not in _WEAK or each in TELLING or _is_mark(text, start, end, "")
        good |= each == "秘" and alone and CIRCLED not in name
        if good and each not in told:
            told.add(each)
            yield each


def _in_passage(passage: Passage) -> Iterator[tuple[str, str]]:
    where = set(passage.place.split(", "))
    margin = bool(where & _MARGINS) or _PROPERTIES in where
    is_subject = passage.place == "subject"
    seen: set[tuple[str, int]] = set()
    for piece in pieces(passage.text):
        for each, line in _in_piece(piece, margin=margin or is_subject):
            if (each, line) not in seen:
                seen.add((each, line))
                number = passage.first_row + line
                told = margin or is_subject
                yield each, passage.place if told else stretch(passage.place, number, number)


def _in_piece(piece: Piece, *, margin: bool) -> Iterator[tuple[str, int]]:
    """Give each mark with its 0-based line."""
    letters = piece.chunk.letters
    folded = letters.text(0, len(letters))
    if CIRCLED in piece.text:
        rows = piece.text.split("\n")
        circled = [number for number, row in enumerate(rows) if CIRCLED in row]
        yield from ((CIRCLED, piece.line + number) for number in circled[:_EXAMINED])
    words = list(_words(folded))
    where = piece.chunk.line_of(np.array([start for start, _, _ in words], np.int64)).tolist()
    left, told = _EXAMINED, set[tuple[str, int]]()
    for (start, end, each), line in zip(words, where, strict=True):
        if (each, line) in told:
            continue  # once more in its line
        at, behind = letters.at(start), letters.at(end - 1) + 1
        typed = piece.text[at:behind]
        if not (
            _is_strong(each, typed, piece.text[behind : behind + 2])
            or (margin and each in TELLING)
            or _is_mark(folded, start, end, typed)
        ):
            continue
        told.add((each, line))
        if piece.text[at] == CIRCLED or (
            each.endswith("注意") and _GOODS.search(_line(folded, start, end))
        ):
            continue
        left -= 1
        if left < 0:
            return
        if not _is_said(piece.text, at, behind, each):
            yield each, piece.line + line


def _words(text: str) -> Iterator[tuple[int, int, str]]:
    """Give where marks stand in a folded text, the longest of those that begin at one place."""
    found = [
        (at, at + len(word), each) for word, each in _ALL.items() for at in _places(text, word)
    ]
    found.sort(key=lambda one: (one[0], -one[1]))
    free = 0
    for start, end, each in found:
        if start >= free:
            free = end
            if each not in NO_MARKS:
                yield start, end, each


def _places(text: str, word: str) -> list[int]:
    """Give where *word* stands; one of Latin letters stands between others than these."""
    found, at = [], text.find(word)
    latin = word.isascii()
    while at >= 0:
        end = at + len(word)
        inside = latin and (text[at - 1 : at].isalpha() or text[end : end + 1].isalpha())
        if latin and inside:
            # Japanese may stand right beside it.
            inside = (text[at - 1 : at].isascii() and text[at - 1 : at].isalpha()) or (
                text[end : end + 1].isascii() and text[end : end + 1].isalpha()
            )
        if not inside:
            found.append(at)
        at = text.find(word, end)
    return found


def _line(text: str, start: int, end: int) -> str:
    low = text.rfind("\n", max(0, start - _AROUND), start) + 1 or max(0, start - _AROUND)
    high = text.find("\n", end, end + _AROUND)
    return text[low : high if high >= 0 else end + _AROUND]


def _is_said(text: str, start: int, end: int, each: str) -> bool:
    """Whether a strong mark is only said: in a legal text, or in English of the mail itself."""
    if is_disclaimer(text, start, end, heading=each.isascii() or each in _WEAK):
        return True
    sentence = re.split(r"[.。\n]", text[max(0, start - 160) : start])[-1]
    return each.isascii() and speaks_of_this_mail(sentence)


def _is_strong(each: str, typed: str, behind: str) -> bool:
    """Whether a mark needs nothing around it."""
    if each in _WEAK:
        return typed in CAPITALS
    return each not in _SPOKEN or typed.isupper() or not behind or behind[0] in _STOPS


def _is_mark(text: str, start: int, end: int, typed: str) -> bool:
    """Whether a word stands as a mark does: in brackets, behind a label, or alone in its line."""
    before = text[max(0, start - _AROUND) : start].rstrip(_BLANKS)
    behind = text[end : end + _AROUND].lstrip(_BLANKS)
    if before and behind and _CLOSING.get(before[-1]) == behind[0]:
        return not (typed.isascii() and typed.islower())
    before = before.rstrip(_SIGNS)
    if behind.lstrip(_SIGNS)[:1] not in _ENDS:
        return False
    if before.endswith(_LABELS):
        return True
    # The last word of a sentence may stand alone in a line, too.
    capital = not typed.isascii() or typed.isupper() or typed.istitle()
    return before[-1:] in _ENDS and capital and not (typed.isascii() and behind[:1] == ".")
