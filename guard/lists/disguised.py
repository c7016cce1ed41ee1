"""
Addresses and numbers that are written so that no program shall see them: ``taro (at) x.example``.

And those that are for another program or by voice: ``taro%40x.example``, ``taro+shop@x.example``,
03の1234の5678. They are rare; each is written out as it is meant, and read as any other then.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import unquote

import numpy as np

from guard.lists.arrays import NO_SPANS, Ints, Spans, true_at
from guard.lists.chunk import Chunk
from guard.lists.emails import emails
from guard.lists.fold import fold
from guard.lists.letters import DIGIT
from guard.lists.phones import phones

_LEFT_CHARS: Final = 66
_RIGHT_CHARS: Final = 120
_TAG_CHARS: Final = 40
"""Letters in front of an @ among which a + begins a tag (RFC 5233)."""

MOST: Final = 5_000
"""Addresses in disguise that are read in one piece of a text: no text that is one has more."""

_TELLING: Final = (")", "）", "@", "＠", "]", "］", "}", "｝", ">", "＞", "%40")
"""Without any of these a text has no such address; with one it may."""

_DOT: Final = r" ?[\[({<] ?(?:dot|punkt|ドット|\.) ?[\])}>] ?"
_DOTS: Final = re.compile(_DOT)
_LEFT: Final = re.compile(r" ?([\w.+%'-]+)")
"""A local part, from its end to its start."""

_RIGHT: Final = re.compile(rf" ?((?:[\w-]|\.|{_DOT})+)")

_DIGITS: Final = "".join(map(fold, "〇一二三四五六七八九"))
_KANJI_ZERO: Final = "〇"
_OF: Final = fold("の")
_NUMBER: Final = re.compile(rf"[{_DIGITS}\d](?:[-() ・{_OF}]{{0,2}}[{_DIGITS}\d]){{8,12}}")
_IN_DIGITS: Final = str.maketrans(_DIGITS, "0123456789")
_NUMBER_CHARS: Final = 36


def disguised_emails(chunk: Chunk, text: str) -> Spans:
    """
    Give addresses with (at), [at], %40 or spaces around the @, and those without their tag.

    *text* is that of the chunk.
    """
    if not any(sign in text for sign in _TELLING):
        return NO_SPANS
    found = [
        written
        for start, end in _separators(chunk, text)
        for written in _written(chunk, start, end)
    ]
    return _read(chunk, found, emails)


def disguised_phones(chunk: Chunk, text: str) -> Spans:
    """Give telephone numbers in kanji digits with a 〇, or with の; *text* is that of the chunk."""
    _, ends = chunk.digits
    places = ends[(chunk.code_at(ends) == ord(_OF)) & ((chunk.class_at(ends + 1) & DIGIT) != 0)]
    if _KANJI_ZERO in text:
        zeros = true_at(chunk.letters.codes == ord(_DIGITS[0]))
        places = np.union1d(places, zeros)
    found, end = [], 0
    for place in places.tolist():
        if place < end:
            continue
        first = max(end, place - _NUMBER_CHARS)
        around = chunk.letters.text(first, min(place + _NUMBER_CHARS, len(chunk.letters)))
        for match in _NUMBER.finditer(around):
            end = first + match.end()
            found.append(
                (first + match.start(), end, match[0].translate(_IN_DIGITS).replace(_OF, "-"))
            )
    return _read(chunk, found, phones)


def _separators(chunk: Chunk, text: str) -> Iterable[tuple[int, int]]:
    """Give start and end of all that may stand for an @, or is one where it is not seen."""
    starts, ends = chunk.tokens
    two = starts[true_at(ends - starts == len("at"))]
    two = two[(chunk.code_at(two) == ord("a")) & (chunk.code_at(two + 1) == ord("t"))]
    low = two - 1 - chunk.is_one(two - 1, " ")
    high = two + 2 + chunk.is_one(two + 2, " ")
    bracketed = chunk.is_one(low, "([{<") & chunk.is_one(high, ")]}>")
    begins = chunk.digits[0] if "%40" in text else NO_SPANS.start
    escaped = begins[chunk.is_one(begins - 1, "%")]
    escaped = escaped[
        (chunk.code_at(escaped) == ord("4")) & (chunk.code_at(escaped + 1) == ord("0"))
    ]
    at = chunk.ats
    if len(at):
        _, before = chunk.windows(at - _TAG_CHARS, _TAG_CHARS)
        spaced = chunk.is_one(at - 1, " ") | chunk.is_one(at + 1, " ")
        at = at[spaced | (before == ord("+")).any(axis=1)]
    low = np.concatenate((low[bracketed], escaped - 1, at))
    high = np.concatenate((high[bracketed] + 1, escaped + 2, at + 1))
    return zip(low[:MOST].tolist(), high[:MOST].tolist(), strict=True)


def _written(chunk: Chunk, low: int, high: int) -> Iterable[tuple[int, int, str]]:
    """Write out the address around what stands for its @, with its tag and without."""
    first = max(0, low - _LEFT_CHARS)
    before = chunk.letters.text(first, low)
    plain = _DOTS.sub(".", before)
    left = _LEFT.match(plain[::-1])
    last = min(len(chunk.letters), high + _RIGHT_CHARS)
    right = _RIGHT.match(chunk.letters.text(high, last))
    if left is None or right is None:
        return
    local = unquote(left[1][::-1])
    domain = _DOTS.sub(".", right[1])
    start, end = low - left.end(1) - (len(before) - len(plain)), high + right.end(1)
    yield start, end, f"{local}@{domain}"
    bare, plus, _ = local.partition("+")
    if plus and bare:
        yield start, end, f"{bare}@{domain}"


def _read(
    chunk: Chunk, found: list[tuple[int, int, str]], reading: Callable[[Chunk], Spans]
) -> Spans:
    """Read what was written out, each at its place in the chunk."""
    if not found:
        return NO_SPANS
    # A line between, for an address may go on in the next one.
    written = Chunk("\n\n".join(one for _, _, one in found), chunk.hashing)
    spans = reading(written)
    of = written.line_of(spans.start) // 2
    places: Ints = np.array([(start, end) for start, end, _ in found], np.int64)
    return Spans(places[of, 0], places[of, 1], spans.value)
