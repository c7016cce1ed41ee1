"""RTF 1.9.1, without recursion: text, what stands apart from it, and embedded objects."""

import re
from binascii import unhexlify
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from guard.extract import codepages
from guard.extract.budget import Budget
from guard.extract.kinds import Kind, kind_of
from guard.extract.ole1 import objects
from guard.extract.pieces import Member, Piece, Source, UnreadError
from guard.extract.rtfwords import NOISE, PLACES, SAID, SHAPE_TEXTS, SYMBOLS, TRANSPARENT
from guard.extract.scans import FEW, are_scans, letters
from guard.extract.scraped import runs
from guard.model.extract import Passage, Reason

_TOKENS: Final = (
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?"
    rb"|\\'([0-9a-fA-F]{2}(?:\\'[0-9a-fA-F]{2})*)|\\(.)|([{}])"
)
_WESTERN: Final = re.compile(_TOKENS + rb"|([^\\{}\r\n]+)", re.DOTALL)
_EASTERN: Final = re.compile(
    _TOKENS + rb"|((?:[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]|[^\\{}\r\n])+)", re.DOTALL
)
"""Tokens. Where the text is CP932 as it stands, a brace or backslash may be half of a letter."""

_WORD, _NUMBER, _HEX, _SYMBOL, _BRACE, _TEXT = range(1, 7)
"""Groups of a token; the last that matched says what it is."""

_JAPANESE: Final = b"\\ansicpg932"
_MOST_GROUPS: Final = 10_000
"""Groups within groups; Word gives up long before."""

_GOAL: Final = re.compile(rb"\\picwgoal(\d{1,6})\s*\\pichgoal(\d{1,6})")
"""Width and height that a picture is shown in, in twentieths of a point."""

_PAGE: Final = 11_906 * 16_838
"""A4 in the same."""

_ENOUGH: Final = 100_000
"""Characters that are not counted on: no pictures make a scan of a book."""

_FORMATS: Final = {b"f", b"plain", b"uc", b"intbl", b"pard", b"deleted"}
_CODECS: Final = {b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}
_HEARD: Final = {
    *SAID, *_FORMATS, *_CODECS, b"u", b"bin", b"deff", b"ansicpg", b"fcharset", b"cpg",
}  # fmt: skip
"""Words that mean something within a group; most are about looks."""

_SHAPE_NAME: Final = "\0name"
_DELETED: Final = "deleted text"
_OTHER: Final = "unknown destination"
_LABELS: Final = "list labels"
_IN_LINES: Final = {"properties", "form", "comments", _LABELS}
"""Places where every group is a line."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_DROPPED: Final = str.maketrans(dict.fromkeys("\0\1\2\3\4\5\6\7\b\u00ad"))
_LABEL: Final = re.compile(r"\w{2}")
"""In most labels of lists stands no more than a number and a point."""

_NO_FILE: Final = {Kind.TEXT, Kind.EMPTY, Kind.UNKNOWN, Kind.IMAGE}
_NOT_HEX: Final = re.compile(rb"[^0-9a-fA-F]+")


@dataclass(frozen=True, slots=True)
class _State:
    """What holds in a group until it ends; groups that change nothing share one."""

    place: str | None = ""
    """Where text goes; `None`: nowhere."""

    is_object: bool = False
    in_fonts: bool = False
    font: int | None = None
    skip: int = 1
    """Characters to leave out behind a Unicode one (``\\uc``)."""

    in_cell: bool = False
    undeleted: str | None = None
    """The place to go back to where a deletion ends."""


def rtf(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the body, then what stands apart from it, then objects."""
    reading = _Reading(source.octets)
    reason: Reason | None = None
    try:
        reading.run()
    except UnreadError as unread:
        reason = unread.reason
    chars = 0
    for place, text in reading.texts():
        budget.say(len(text))
        if place != "properties" and chars < _ENOUGH:
            chars += letters(text)
        yield Passage(place=place, text=text)
    for pieces in reading.objects:
        digits = _NOT_HEX.sub(b"", b"".join(pieces)).decode("ascii")
        budget.expand(len(digits) // 2)
        yield from objects(bytes.fromhex(digits[: len(digits) // 2 * 2]), budget)
    for octets in reading.binaries:
        yield from _binary(octets, budget)
    if reading.pictures and (chars < FEW or are_scans(chars, _pictured(source.octets))):
        yield Reason.IMAGE_ONLY
    if reading.torn:
        yield Reason.CORRUPT
    if reason:
        yield reason


def _pictured(octets: bytes) -> float:
    """Give how many pages the pictures would fill; many stand there twice, for older programs."""
    pages = sum(int(width) * int(height) / _PAGE for width, height in _GOAL.findall(octets))
    return pages / 2 if b"\\nonshppict" in octets else pages


def _binary(octets: bytes, budget: Budget) -> Iterator[Piece]:
    """Give the file or the text that stands among the octets of a picture, or of nothing."""
    budget.expand(len(octets))
    kind = kind_of(octets)
    if kind not in _NO_FILE:
        budget.enter()
        yield Member(name="data", octets=octets)
    elif kind is not Kind.IMAGE and (text := runs(octets)):
        budget.say(len(text))
        yield Passage(place="binary data", text=text)


class _Reading:
    """One pass over the tokens."""

    def __init__(self, octets: bytes) -> None:
        self.objects: list[list[bytes]] = []
        self.binaries: list[bytes] = []
        self.pictures = 0
        self.torn = False
        self._octets = octets
        self._tokens = _EASTERN if _JAPANESE in octets[:4096] else _WESTERN
        self._texts: dict[str, list[str]] = {"": []}
        self._state = _State()
        self._outer: list[_State] = []
        self._codec = "cp1252"
        self._fonts: dict[int, str | None] = {}
        self._default_font: int | None = None
        self._named_font = 0
        self._pending = bytearray()
        self._pending_for: tuple[str | None, str] = ("", "")
        self._to_skip = 0
        self._opening = self._starred = False
        """The group has just begun; with a star: who does not know the word leaves it out."""

    def run(self) -> None:
        """
        Read to the end.

        Raises:
            UnreadError: Groups are too deep (LIMIT).
        """
        at: int | None = 0
        while at is not None:
            at = self._run_from(at)
        self._flush()
        self.torn = self.torn or bool(self._outer)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Give place and text, without empty lines."""
        for place, pieces in self._texts.items():
            text = "".join(pieces).translate(_DROPPED)
            if _SURROGATE.search(text):
                text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            lines = (line.strip(" ").rstrip("\t ") for line in text.split("\n"))
            if place == _LABELS:
                lines = (line for line in lines if _LABEL.search(line))
            if place != _SHAPE_NAME and (text := "\n".join(filter(None, lines))):
                yield place, text

    def _run_from(self, start: int) -> int | None:
        """Read on from *start* until octets stand there that are no text; give where they end."""
        for token in self._tokens.finditer(self._octets, start):
            kind = token.lastindex
            found = token[kind or 0]
            if kind == _BRACE:
                self._brace(opening=found == b"{")
                continue
            if kind in {_WORD, _NUMBER}:
                word = token[_WORD]
                if word not in _HEARD and not self._opening and not self._to_skip:
                    continue
                number = int(found) if kind == _NUMBER else None
                if word == b"bin":
                    return self._binary(token.end(), number or 0)
                self._word(word, number)
            elif kind == _TEXT:
                self._raw(found)
            elif kind == _HEX:
                self._raw(unhexlify(found.replace(b"\\'", b"")))
            elif found == b"*":
                self._starred = self._opening
                continue
            else:
                self._symbol(found)
            self._opening = self._starred = False
        return None

    def _binary(self, start: int, length: int) -> int | None:
        """Step over octets that are no RTF; an object may come so."""
        end = start + max(0, length)
        if end > len(self._octets):
            self.torn = True
            end = len(self._octets)
        if self._state.is_object:
            self.objects[-1].append(self._octets[start:end].hex().encode("ascii"))
        elif end > start:
            self.binaries.append(self._octets[start:end])
        self._opening = self._starred = False
        return end if end < len(self._octets) else None

    def _brace(self, *, opening: bool) -> None:
        self._to_skip = 0
        self._opening, self._starred = opening, False
        if opening:
            if len(self._outer) >= _MOST_GROUPS:
                raise UnreadError(Reason.LIMIT)
            self._outer.append(self._state)
            return
        if not self._outer:
            return
        ended, self._state = self._state, self._outer.pop()
        if ended.place and (ended.place != self._state.place or ended.place in _IN_LINES):
            self._say("\n", ended.place)

    def _raw(self, octets: bytes) -> None:
        """Take octets of text; which letters they are is seen when all of a run are there."""
        state = self._state
        if state.is_object:
            self.objects[-1].append(octets)
            return
        if self._to_skip:
            octets, self._to_skip = octets[self._to_skip :], max(0, self._to_skip - len(octets))
        if state.place is None or not octets:
            return
        meant = state.place, self._codec_of(state)
        if meant != self._pending_for:
            self._flush()
            self._pending_for = meant
        self._pending += octets

    def _codec_of(self, state: _State) -> str:
        font = self._default_font if state.font is None else state.font
        return (self._fonts.get(font) if font is not None else None) or self._codec

    def _flush(self) -> None:
        if self._pending:
            place, codec = self._pending_for
            self._texts.setdefault(place or "", []).append(
                codepages.decode(bytes(self._pending), codec)
            )
            self._pending.clear()

    def _say(self, text: str, place: str | None) -> None:
        if place is not None and text:
            self._flush()
            self._texts.setdefault(place, []).append(text)

    def _symbol(self, symbol: bytes) -> None:
        if self._to_skip:
            self._to_skip -= 1
        elif symbol in b"\\{}":
            self._raw(symbol)  # may be the second half of a letter
        else:
            self._say(SYMBOLS.get(symbol, ""), self._state.place)

    def _word(self, word: bytes, number: int | None) -> None:
        state = self._state
        if self._opening and self._destination(word):
            return
        if word == b"u" and number is not None:
            self._say(chr(number & 0xFFFF), state.place)
            self._to_skip = state.skip
        elif self._to_skip:
            self._to_skip -= 1
        elif said := SAID.get(word):
            in_cell = state.in_cell and word in {b"par", b"line"}
            self._say(" " if in_cell else said, state.place)
        elif word in _FORMATS:
            self._format(word, number)
        elif word in _CODECS:
            self._codec = _CODECS[word]
        elif number is not None:
            self._charset(word, number)

    def _format(self, word: bytes, number: int | None) -> None:
        """Note what changes how the text that follows is to be read."""
        state = self._state
        match word, number:
            case b"f", int():
                self._named_font = number
                if number != state.font:
                    self._state = replace(state, font=number)
            case b"plain", _:
                self._delete(begin=False)
                self._state = replace(self._state, font=None)
            case b"uc", int() if number != state.skip:
                self._state = replace(state, skip=max(0, number))
            case ((b"intbl" | b"pard"), _):
                self._state = replace(state, in_cell=word == b"intbl")
            case b"deleted", _:
                self._delete(begin=number != 0)

    def _delete(self, *, begin: bool) -> None:
        """Put text aside from here on that a reviser took out, or no longer."""
        state = self._state
        if not begin and state.undeleted is not None:
            self._state = replace(state, place=state.undeleted, undeleted=None)
        elif begin and state.place is not None and state.undeleted is None:
            self._state = replace(state, place=_DELETED, undeleted=state.place)

    def _charset(self, word: bytes, number: int) -> None:
        """Note what says in which encoding text is, of the document or of a font."""
        match word:
            case b"deff":
                self._default_font = number
            case b"ansicpg":
                self._codec = codepages.of_page(number) or self._codec
            case b"fcharset" if self._state.in_fonts:
                self._fonts.setdefault(self._named_font, codepages.of_font(number))
            case b"cpg" if self._state.in_fonts:
                self._fonts[self._named_font] = codepages.of_page(number)

    def _destination(self, word: bytes) -> bool:
        """Begin a destination, if *word* is one; its group has just been opened."""
        state = self._state
        if state.is_object:
            if self._starred:
                self._state = replace(state, place=None, is_object=False)
            return True
        if word in PLACES:
            place: str | None = PLACES[word]
            self._say("\n", place)
        elif word == b"sn":
            self._flush()
            self._texts.pop(_SHAPE_NAME, None)
            place = _SHAPE_NAME
        elif word == b"sv":
            self._flush()
            name = "".join(self._texts.get(_SHAPE_NAME, ())).strip()
            place = "drawing" if name in SHAPE_TEXTS else None
        elif word in NOISE or word in {b"pict", b"objdata"}:
            place = None
            self.pictures += word == b"pict"
        elif self._starred and word not in TRANSPARENT:
            place = _OTHER
        else:
            return word in TRANSPARENT
        if word == b"objdata":
            self.objects.append([])
        self._state = replace(
            state,
            place=place,
            is_object=word == b"objdata",
            in_fonts=word == b"fonttbl",
            undeleted=None,
        )
        return True
