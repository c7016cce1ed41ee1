"""
How two addresses differ: marked letter by letter, and said in words.

Colour alone tells nothing to a screen reader or a text browser, and a pair like о and o looks the
same whatever one marks; so the differing letters are also named.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import Levenshtein

from guard.compose.language import speak
from guard.model.address import Address
from guard.names.domains import domain

SHORT: Final = 3
"""Labels up to this many letters (``com``, ``net``) are marked whole: part of one reads badly."""

UNLIKE: Final = 0.5
"""Below this similarity two labels are simply different, and marked whole."""

_LOOKS: Final = (frozenset("1lIi|"), frozenset("0Oo"))
"""Signs that look the same in one font or another."""

_LABEL: Final = re.compile(r"[.@]|[^.@]+")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of an address that differs from the other address, or does not."""

    text: str
    differs: bool


Segments = tuple[Segment, ...]

Span = tuple[str, str, bool]
"""The text of this address, that of the usual one, and whether they differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two addresses side by side."""

    this: Segments
    """The address in doubt; the texts joined are the address."""

    usual: Segments

    pairs: tuple[tuple[str, str], ...]
    """What differs, in order: this address's letters and the usual one's; one may be empty."""

    def words(self, language: str) -> str:
        """Say the difference in one line: ``"sy" instead of "sh"``; odd letters are named."""
        _ = speak(language).gettext
        if not self.pairs:
            return _("only capital and small letters")
        said = [
            (
                _('"{this}" instead of "{usual}"')
                if this and usual
                else _('"{this}" is too much')
                if this
                else _('"{usual}" is missing')
            ).format(this=this, usual=usual)
            for this, usual in self.pairs
        ]
        letters = dict.fromkeys("".join(this + usual for this, usual in self.pairs))
        twins = {letter for this, usual in self.pairs for letter in _twins(this, usual)}
        named = [
            _sign(letter, language) if letter in twins else _script(letter, language)
            for letter in letters
        ]
        return _("; ").join([*said, *filter(None, named)])


def difference(this: Address, usual: Address) -> Difference:
    """Compare two addresses part by part: local part, then the labels of the domain."""
    spans = [
        *_local_spans(this.text.rpartition("@")[0], usual.text.rpartition("@")[0]),
        ("@", "@", False),
        *_domain_spans(this.domain, usual.domain),
    ]
    return Difference(
        this=_joined((a, differs) for a, _, differs in spans),
        usual=_joined((b, differs) for _, b, differs in spans),
        pairs=tuple(dict.fromkeys((a, b) for a, b, differs in spans if differs)),
    )


def bracketed(segments: Segments) -> str:
    """Write the address with its differing letters in brackets: ``sato@kita-[sy]oji.example``."""
    return "".join(f"[{part.text}]" if part.differs else part.text for part in segments)


def spelled(segments: Segments) -> str:
    """Write the address for a screen reader, the differing letters one by one."""
    return ", ".join(", ".join(part.text) if part.differs else part.text for part in segments)


def _local_spans(this: str, usual: str) -> Iterator[Span]:
    """Compare two local parts: name by name where both have as many, else as they are."""
    ours, theirs = _LABEL.findall(this), _LABEL.findall(usual)
    alike = len(ours) == len(theirs)
    for couple in zip(ours, theirs, strict=True) if alike else [(this, usual)]:
        yield from _spans(*couple)


def _domain_spans(this: str, usual: str) -> Iterator[Span]:
    """
    Compare two domains, as people read them (U-labels).

    Labels that are alike are compared letter by letter; what lies in a public suffix is marked
    whole: ``com`` and ``co.jp`` say more than ``m`` and ``.jp``.
    """
    ours, theirs = _LABEL.findall(this), _LABEL.findall(usual)
    end_a, end_b = len(ours) - _suffix_length(this), len(theirs) - _suffix_length(usual)
    at_a = at_b = 0
    for a1, a2, b1, b2 in _changes(ours, theirs, gap=0):
        same = zip(ours[at_a:a1], theirs[at_b:b1], strict=True)
        yield from ((a, b, False) for a, b in same)
        at_a, at_b = a2, b2
        a, b = "".join(ours[a1:a2]), "".join(theirs[b1:b2])
        if a2 > end_a or b2 > end_b:
            yield a, b, True
        elif a2 - a1 == b2 - b1:
            for couple in zip(ours[a1:a2], theirs[b1:b2], strict=True):
                yield from _spans(*couple)
        else:
            yield from _spans(a, b)
    yield from ((a, b, False) for a, b in zip(ours[at_a:], theirs[at_b:], strict=True))


def _suffix_length(name: str) -> int:
    """Count the labels and dots of the public suffix of a domain."""
    return len(_LABEL.findall(domain(name).suffix))


def _changes(
    this: Sequence[str], usual: Sequence[str], *, gap: int
) -> list[tuple[int, int, int, int]]:
    """Give what was changed, as places; changes with at most *gap* alike between are one."""
    merged: list[tuple[int, int, int, int]] = []
    for op in Levenshtein.opcodes(this, usual):
        if op.tag == "equal":
            continue
        a1, a2, b1, b2 = op.src_start, op.src_end, op.dest_start, op.dest_end
        if merged and a1 - merged[-1][1] <= gap and b1 - merged[-1][3] <= gap:
            merged[-1] = (merged[-1][0], a2, merged[-1][2], b2)
        else:
            merged.append((a1, a2, b1, b2))
    return merged


def _spans(this: str, usual: str) -> Iterator[Span]:
    """Part two labels into what is the same and what differs."""
    a, b = _folded(this), _folded(usual)
    if a == b:
        yield this, usual, False
        return
    short = max(len(a), len(b)) <= SHORT
    if short or Levenshtein.normalized_similarity(a, b) < UNLIKE:
        yield this, usual, True
        return
    at_a = at_b = 0
    for change in _changes(a, b, gap=1):  # one like letter between two would only be confetti
        a1, a2, b1, b2 = _legible(this, usual, change, at_a)
        if a1 > at_a:
            yield this[at_a:a1], usual[at_b:b1], False
        yield this[a1:a2], usual[b1:b2], True
        at_a, at_b = a2, b2
    if at_a < len(this) or at_b < len(usual):
        yield this[at_a:], usual[at_b:], False


def _legible(
    this: str, usual: str, change: tuple[int, int, int, int], start: int
) -> tuple[int, int, int, int]:
    """
    Take the letter before into a change that is hard to see alone.

    ``sy`` and ``sh`` say more than ``y`` and ``h``, and a letter that is only missing has nothing
    to mark. Signs that need naming (о, 1) stay alone.
    """
    a1, a2, b1, b2 = change
    pair = this[a1:a2] + usual[b1:b2]
    lone = a2 - a1 <= 1 and b2 - b1 <= 1
    plain = all(char.isascii() and char.isalpha() for char in pair)
    if lone and (plain or not (a2 - a1 and b2 - b1)) and a1 > start and this[a1 - 1].isalnum():
        return a1 - 1, a2, b1 - 1, b2
    return change


def _joined(parts: Iterator[tuple[str, bool]]) -> Segments:
    """Join neighbours of a kind, and leave out what is empty."""
    joined: list[Segment] = []
    for text, differs in parts:
        if joined and joined[-1].differs is differs:
            joined[-1] = Segment(joined[-1].text + text, differs)
        elif text:
            joined.append(Segment(text, differs))
    return tuple(joined)


def _folded(label: str) -> str:
    """Fold case, letter by letter, so that places stay."""
    return "".join(low if len(low := char.lower()) == 1 else char for char in label)


def _script(letter: str, language: str) -> str:
    """Name a letter of another script; an empty string for plain ones."""
    _ = speak(language).gettext
    scripts = {
        "CYRILLIC": _("this {letter} is Cyrillic"),
        "GREEK": _("this {letter} is Greek"),
        "ARMENIAN": _("this {letter} is Armenian"),
        "CHEROKEE": _("this {letter} is Cherokee"),
        "FULLWIDTH": _("this {letter} is a full-width letter"),
    }
    script = unicodedata.name(letter, "").partition(" ")[0]
    if script == "LATIN" and not letter.isascii():
        return _("this {letter} is not a plain letter").format(letter=letter)
    return scripts.get(script, "").format(letter=letter)


def _twins(this: str, usual: str) -> Iterator[str]:
    """Give the letters that stand in the place of one that looks the same: 1 for l, 0 for O."""
    for op in Levenshtein.editops(this, usual):
        if op.tag == "replace":
            pair = {this[op.src_pos], usual[op.dest_pos]}
            if any(pair <= look for look in _LOOKS):
                yield from pair


def _sign(letter: str, language: str) -> str:
    """Name a letter or digit that stands for its twin; an empty string for one that is plain."""
    _ = speak(language).gettext
    signs = {
        "0": _("this {letter} is the digit zero"),
        "1": _("this {letter} is the digit one"),
        "l": _("this {letter} is a small L"),
        "I": _("this {letter} is a capital i"),
    }
    return signs.get(letter, "").format(letter=letter)
