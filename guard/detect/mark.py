"""Marks of confidentiality: in the text, its margins, a file's properties and its name."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from guard.detect.disclaimer import is_disclaimer, speaks_of_this_mail
from guard.detect.inspection import Inspection
from guard.detect.places import shortened, stretch
from guard.detect.texts import texts
from guard.lists.fold import fold
from guard.lists.typed import lines
from guard.lists.unkeyed import Piece, pieces, plain_chunk
from guard.model.extract import Passage
from guard.model.finding import Mark

STRONG: Final = (
    *("社外秘", "部外秘", "極秘", "厳秘", "マル秘", "丸秘", "㊙", "秘密情報区分", "関係者外秘"),
    *("関係者以外秘", "関係者限り", "関係者限", "社内限り", "社内限定", "取扱注意", "取り扱い注意"),
    *("取扱い注意", "取扱厳重注意", "持出禁止", "持ち出し禁止", "社外持出厳禁", "社外持ち出し厳禁"),
    *("転載禁止", "転送禁止", "複製禁止", "無断複製禁止", "社外提供禁止", "社外開示禁止"),
    *("STRICTLY CONFIDENTIAL", "HIGHLY CONFIDENTIAL", "COMPANY CONFIDENTIAL", "TOP SECRET"),
    *("COMPANY-CONFIDENTIAL", "CONFIDENTIAL AND PROPRIETARY", "PROPRIETARY AND CONFIDENTIAL"),
    *("COMMERCIAL IN CONFIDENCE", "INTERNAL USE ONLY", "FOR INTERNAL USE", "INTERNAL ONLY"),
    *("DO NOT DISTRIBUTE", "DO NOT FORWARD", "NOT FOR DISTRIBUTION", "NOT FOR EXTERNAL"),
    *("DO NOT DISCLOSE", "EYES ONLY", "NEED TO KNOW BASIS", "COMPANY PRIVATE"),
    *("STRENG VERTRAULICH", "NUR FÜR DEN INTERNEN GEBRAUCH"),
)
"""Marks wherever they stand, but for the legal text of mails."""

WEAK: Final = (
    *("機密", "秘", "内密", "CONFIDENTIAL", "SECRET", "RESTRICTED", "PROPRIETARY", "PRIVILEGED"),
    *(
        "INTERNAL",
        "SENSITIVE",
        "CLASSIFIED",
        "VERTRAULICH",
        "CONFIDENTIEL",
        "機密情報",
        "秘密",
        "機密文書",
    ),
    *("厳重管理", "機密性2", "機密性3", "内部資料", "社内資料"),
)
"""Ordinary words, which are marks by how they stand: alone on a line, in brackets or a margin."""

MARKS: Final = (*STRONG, *WEAK)
"""All that may be asked for."""

_TELLING: Final = frozenset(
    {"機密", "機密情報", "機密文書", "CONFIDENTIAL", "CONFIDENTIEL", "VERTRAULICH", "厳重管理"}
)
"""Of these, the ones that are marks anywhere in a margin, a subject or a name."""

_CAPITALS: Final = frozenset({"CONFIDENTIAL"})
"""A mark in a sentence, too, if it is typed so."""

_NO_MARKS: Final = frozenset(
    {"機密保持", "機密性", "秘密保持", "秘密鍵", "NON-CONFIDENTIAL", "NOT CONFIDENTIAL"}
)
"""Words that begin like one."""

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

_LABELS: Final = tuple(
    map(fold, ("classification", "sensitivity", "security", "label", "区分", "レベル", "種別"))
)
_ENDS: Final = ("", "\n", "\t", "|")
_CLOSING: Final = {fold(pair[0]): fold(pair[1]) for pair in _BRACKETS}
"""Full-width brackets fold to these."""


def _spelt(marks: Sequence[str]) -> dict[str, str]:
    return {fold(mark): mark for mark in marks}


_CIRCLED: Final = "㊙"
"""Folds to 秘, which is a word of every day."""

_WEAK: Final = frozenset(WEAK)
_ALL: Final = _spelt([each for each in (*STRONG, *WEAK, *_NO_MARKS) if each != _CIRCLED])


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
    if _CIRCLED in name:
        yield _CIRCLED
    told: set[str] = set()
    for start, end, each in _words(text):
        alone = not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())
        good = each not in _WEAK or each in _TELLING or _is_mark(text, start, end)
        good |= each == "秘" and alone and _CIRCLED not in name
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
    if _CIRCLED in piece.text:
        rows = piece.text.split("\n")
        circled = [number for number, row in enumerate(rows) if _CIRCLED in row]
        yield from ((_CIRCLED, piece.line + number) for number in circled[:_EXAMINED])
    words = list(_words(folded))
    where = lines(piece.chunk, np.array([start for start, _, _ in words], np.int64)).tolist()
    left, told = _EXAMINED, set[tuple[str, int]]()
    for (start, end, each), line in zip(words, where, strict=True):
        if (each, line) in told:
            continue  # once more in its line
        at, behind = letters.at(start), letters.at(end - 1) + 1
        if each in _WEAK and not (
            (margin and each in _TELLING)
            or (piece.text[at:behind] in _CAPITALS)
            or _is_mark(folded, start, end)
        ):
            continue
        told.add((each, line))
        if piece.text[at] == _CIRCLED or (
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
            if each not in _NO_MARKS:
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


def _is_mark(text: str, start: int, end: int) -> bool:
    """Whether a word stands as a mark does: in brackets, behind a label, or alone in its line."""
    before = text[max(0, start - _AROUND) : start].rstrip(_BLANKS)
    behind = text[end : end + _AROUND].lstrip(_BLANKS)
    if before and behind and _CLOSING.get(before[-1]) == behind[0]:
        return True
    before, behind = before.rstrip(_SIGNS), behind.lstrip(_SIGNS)
    if behind[:1] not in _ENDS:
        return False
    return before[-1:] in _ENDS or before.endswith(_LABELS)
