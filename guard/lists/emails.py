"""E-mail addresses, as a list has them and as a text may hold them."""

from typing import Final

import numpy as np

from guard.lists.arrays import NO_SPANS, Bools, Ints, Spans, true_at
from guard.lists.chunk import Chunk
from guard.lists.letters import ASCII, CJK, LOCAL, WORD

_LOCAL_LETTERS: Final = 64  # RFC 5321 §4.5.3.1.1
_DOMAIN_LETTERS: Final = 96
"""RFC 5321 §4.5.3.1.2 allows 255; nobody's address has such a domain, and each costs time."""

_USUAL: Final = 32
"""Letters of either side that are looked at first; what goes on beyond them is looked at again."""

_FEED, _DOT, _HYPHEN = (np.uint32(ord(sign)) for sign in "\n.-")
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
    starts = _distinct(_starts(chunk, at, whole=whole))
    ends = _distinct(_ends(chunk, at, whole=whole))
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
    return chunk.ats[np.searchsorted(chunk.ats, found.start)] + 1, found.end


def _starts(chunk: Chunk, at: Ints, *, whole: bool, width: int = _USUAL) -> list[Ints]:
    """Give places where the local part may start: each reading one for every @."""
    classes, codes = chunk.windows(at - width, width)
    classes, codes = classes[:, ::-1], codes[:, ::-1]
    local = (classes & LOCAL) != 0
    letter = local | ((classes & (WORD | CJK)) != 0)
    feed = codes == _FEED
    typed = at - _going(local)
    wide = at - _going(letter)
    if whole:
        # Letters that are no ASCII belong to it, but for Japanese that stands right in front.
        own = (typed == at) | ((chunk.class_at(typed - 1) & WORD) != 0)
        found = [np.where(own, wide, typed)]
    else:
        plain = at - _going(((classes & ASCII) != 0) | _PLAIN[np.minimum(codes, 127)])
        broken = at - _going(local | (feed & _is_first(feed)))
        found = [typed, plain, wide, broken]
    if width < _LOCAL_LETTERS:
        long = true_at((letter | feed).all(axis=1))
        if len(long):
            far = _starts(chunk, at[long], whole=whole, width=_LOCAL_LETTERS)
            _put(found, long, far)
    return found


def _ends(chunk: Chunk, at: Ints, *, whole: bool, width: int = _USUAL) -> list[Ints]:
    """Give places where the domain may end: each reading one for every @."""
    classes, codes = chunk.windows(at + 1, width)
    dot = codes == _DOT
    typed = ((classes & ASCII) != 0) | (codes == _HYPHEN) | dot
    wide = typed | ((classes & (WORD | CJK)) != 0)
    feed = codes == _FEED
    if whole:
        found = [_dotted(at, _going(wide), dot)]
    else:
        broken = typed | (feed & _is_first(feed))
        length = _going(typed)
        lengths = (length, _going(wide), _going(broken))
        found = [_dotted(at, each, dot) for each in lengths]
        # Without its last labels: the text may go on behind a full stop.
        labels = np.cumsum(dot, axis=1, dtype=np.uint8)
        for count in range(2, _LABELS):
            cut = _going(typed & (labels < count))
            found.append(np.where(cut < length, at + 1 + cut, at))
    if width < _DOMAIN_LETTERS:
        long = true_at((wide | feed).all(axis=1))
        if len(long):
            _put(found, long, _ends(chunk, at[long], whole=whole, width=_DOMAIN_LETTERS))
    return found


def _put(readings: list[Ints], which: Ints, better: list[Ints]) -> None:
    """Put the readings of those that are longer than usual in their places."""
    for reading, other in zip(readings, better, strict=True):
        reading[which] = other


def _is_first(feed: Bools) -> Bools:
    """Say which are the first of their row, or before any."""
    return np.cumsum(feed, axis=1, dtype=np.uint8) <= 1


def _dotted(at: Ints, length: Ints, dot: Bools) -> Ints:
    """Give the ends; one without a dot in front of it ends at the @, which is none."""
    first = _going(~dot)
    return np.where(first < length, at + 1 + length, at)


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
