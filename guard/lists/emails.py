"""E-mail addresses, as a list has them and as a text may hold them."""

from typing import Final

import numpy as np

from guard.lists.arrays import NO_SPANS, Bools, Ints, Spans, true_at
from guard.lists.chunk import Chunk
from guard.lists.letters import ASCII, CJK, LOCAL, WORD

_LOCAL_LETTERS: Final = 64  # RFC 5321 §4.5.3.1.1
_DOMAIN_LETTERS: Final = 96
"""RFC 5321 §4.5.3.1.2 allows 255; nobody's address has such a domain, and each costs time."""

_LABELS: Final = 5
_PLAIN: Final = np.zeros(128, bool)
"""Signs within a local part that stand in nothing else: an = or / may belong to what is around."""

_PLAIN[[ord(sign) for sign in "._+-%"]] = True


def emails(chunk: Chunk, *, whole: bool = False) -> Spans:
    """
    Give every address that a text can be read to hold, by its letters and digits alone.

    Each @ is read with ASCII letters alone, as Japanese text stands right beside an address; with
    any letters (RFC 6531); with one line break within; and with fewer labels behind, for a
    sentence may go on there. *whole*: only the longest reading of each within its line.
    """
    at = chunk.ats
    if not len(at):
        return NO_SPANS
    starts = _starts(chunk, at, whole=whole)
    ends = _ends(chunk, at, whole=whole)
    parts = []
    for start in starts:
        for end in ends:
            good = true_at((start < at) & (end > at + 1))
            if len(good):
                low, high = start[good], end[good]
                parts.append(Spans(low, high, chunk.hashes(low, high)))
    return Spans.joined(parts)


def outlines(chunk: Chunk) -> tuple[Ints, Ints]:
    """Give start and end of each address, for hiding it: a name within one is no second field."""
    at = chunk.ats
    if not len(at):
        return at, at
    start = _starts(chunk, at, whole=False)[0]
    end = _ends(chunk, at, whole=True)[0]
    good = (start < at) & (end > at + 1)
    return start[good], end[good]


def domains(chunk: Chunk, found: Spans) -> tuple[Ints, Ints]:
    """Give start and end of the domains of addresses."""
    start = found.start.copy()
    at = chunk.ats
    start = at[np.searchsorted(at, found.start)] + 1
    return start, found.end


def _starts(chunk: Chunk, at: Ints, *, whole: bool) -> list[Ints]:
    """Give places where the local part may start: each reading one for every @."""
    places = at[:, None] - 1 - np.arange(_LOCAL_LETTERS)
    classes = chunk.class_at(places.ravel()).reshape(places.shape)
    codes = chunk.code_at(places.ravel()).reshape(places.shape)
    local = (classes & LOCAL) != 0
    typed = at - _going(local)
    wide = at - _going(local | ((classes & (WORD | CJK)) != 0))
    if whole:
        # Letters that are no ASCII belong to it, but for Japanese that stands right in front.
        own = (typed == at) | ((chunk.class_at(typed - 1) & WORD) != 0)
        return [np.where(own, wide, typed)]
    plain = at - _going(((classes & ASCII) != 0) | _PLAIN[np.minimum(codes, 127)])
    feed = codes == ord("\n")
    broken = at - _going(local | (feed & (np.cumsum(feed, axis=1) == 1)))
    return _distinct([typed, plain, wide, broken])


def _ends(chunk: Chunk, at: Ints, *, whole: bool) -> list[Ints]:
    """Give places where the domain may end: each reading one for every @."""
    places = at[:, None] + 1 + np.arange(_DOMAIN_LETTERS)
    classes = chunk.class_at(places.ravel()).reshape(places.shape)
    codes = chunk.code_at(places.ravel()).reshape(places.shape)
    dot = codes == ord(".")
    typed = ((classes & ASCII) != 0) | (codes == ord("-")) | dot
    wide = typed | ((classes & (WORD | CJK)) != 0)
    if whole:
        return [_dotted(at, _going(wide), dot)]
    feed = codes == ord("\n")
    broken = typed | (feed & (np.cumsum(feed, axis=1) == 1))
    found = [_dotted(at, _going(mask), dot) for mask in (typed, wide, broken)]
    # Without its last labels: the text may go on behind a full stop.
    labels = np.cumsum(dot, axis=1)
    length = _going(typed)
    for count in range(2, _LABELS):
        cut = _going(typed & (labels < count))
        found.append(np.where(cut < length, at + 1 + cut, at))
    return _distinct(found)


def _dotted(at: Ints, length: Ints, dot: Bools) -> Ints:
    """Give the ends; one without a dot in front of it ends at the @, which is none."""
    dots = np.cumsum(dot, axis=1)
    inside = dots[np.arange(len(at)), np.maximum(length - 1, 0)]
    return np.where((length > 0) & (inside > 0), at + 1 + length, at)


def _going(mask: Bools) -> Ints:
    """Count how far each row of a mask goes on without a gap."""
    stops = ~mask
    first = np.argmax(stops, axis=1).astype(np.int64)
    return np.where(stops[np.arange(len(mask)), first], first, mask.shape[1])


def _distinct(readings: list[Ints]) -> list[Ints]:
    """Leave readings out that say nothing new of any @."""
    kept: list[Ints] = []
    for reading in readings:
        if not any(np.array_equal(reading, other) for other in kept):
            kept.append(reading)
    return kept
