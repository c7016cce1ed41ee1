"""Two addresses with their names: by what slip one would be written for the other."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA, JaroWinkler

from guard.names import commonness
from guard.names.compare import Alike, Comparison, compare, joined, local_forms
from guard.names.domains import skeleton, slip
from guard.names.fold import Person, person, plain, romaji, untagged
from guard.names.freemail import SHARED_BOXES
from guard.names.locals import box_person

KINDS: Final = (
    "homoglyph",
    "romanisation",
    "typo_local",
    "typo_domain",
    "tld_swap",
    "subdomain",
    "same_name",
    "kanji_variant",
    "same_reading",
    "nickname",
    "initials",
    "near_name",
    "same_surname",
    "same_given",
    "shared_word",
    "same_local",
    "shared_box",
    "similar",
    "unlike",
)
"""Every kind, the plainest slip first."""

SLIPS: Final = frozenset(KINDS[:6])
"""Kinds in which the address itself was written wrongly; the others confuse two people."""


@dataclass(frozen=True, slots=True)
class Face:
    """What a person reads of a mailbox."""

    local: str
    domain: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How two mailboxes are alike."""

    kind: str
    """One of `KINDS`."""

    closeness: int
    """0 to 100, by the part that is confused; 100: the same once folded."""

    names: str
    """What the two names say by themselves: ``same``, ``near``, ``differ`` or ``unknown``."""

    common: int = 0
    """How common the surname is that makes them alike, as `commonness` says; else 0."""


UNLIKE: Final = Likeness("unlike", 0, "differ")
"""Of two whom nobody would confuse by what they read; a list may still offer both."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A face, with all that comparing it needs."""

    box: str
    """The local part without its tag, as it is written."""

    local: str
    """`box`, folded."""

    squeezed: str
    named: Person
    """By its display name."""

    who: Person
    """By its display name, else by a local part that is a name."""

    joined: str
    """`compare.joined` of `local`."""

    forms: frozenset[str]
    """Local parts that are made of the display name."""


@lru_cache(maxsize=8192)
def _read(face: Face) -> _Read:
    box = untagged(face.local)
    local = plain(box)
    named = person(face.name)
    return _Read(
        box=box,
        local=local,
        squeezed=local.replace(".", "").replace("-", "").replace("_", ""),
        named=named,
        who=named if named.words else box_person(local),
        joined=joined(local),
        forms=local_forms(named),
    )


def likeness(a: Face, b: Face) -> Likeness | None:
    """
    Say how *a* is like *b*; `None` where nobody would take one for the other.

    Two addresses that only their tag tells apart are one mailbox, which cannot be confused.
    """
    one, two = _read(a), _read(b)
    if a.domain == b.domain and one.box == two.box:
        return None
    compared = compare(one.who, two.who)
    names = _by_names(one, two, compared)
    if by_address := _by_address(a, b, one, two):
        return Likeness(*by_address, names)
    same_local = one.local == two.local
    if compared.kind in _BY_NAME or (
        compared.alike is Alike.SAME and compared.kind not in {"initials", *_FLOORS}
    ):
        return Likeness(compared.kind, round(100 * compared.score), names)
    if same_local:
        kind = "shared_box" if one.local in SHARED_BOXES else "same_local"
        return Likeness(kind, 92, names, commonness.of_local(one.local))
    if compared.alike is Alike.SAME or _made_of(one, two) or _made_of(two, one):
        return Likeness("initials", 90, names)
    floor = _FLOORS.get(compared.kind)
    if floor is not None:
        common = commonness.of_surname(one.who) if compared.kind == "same_surname" else 0
        return Likeness(compared.kind, floor + round(8 * compared.score), names, common)
    similar: float = JaroWinkler.similarity(one.local, two.local)
    if one.who.words and two.who.words:
        similar = max(similar, JaroWinkler.similarity(one.who.folded, two.who.folded))
    return Likeness("similar", round(85 * similar), names) if similar >= SIMILAR else None


_BY_NAME: Final = frozenset({"same_reading", "kanji_variant"})
"""Kinds that say all, whether the two names are one person's or two people's."""

_FLOORS: Final = {"near_name": 90, "same_surname": 88, "same_given": 80, "shared_word": 70}
"""For a kind of comparison of names, the closeness that it begins at."""

SIMILAR: Final = 0.6
"""Jaro-Winkler similarity of local parts or names from which two are "similar" at all."""


def _by_address(a: Face, b: Face, one: _Read, two: _Read) -> tuple[str, int] | None:
    """Find a slip in the address itself, its other half being equal."""
    host = slip(a.domain, b.domain)
    if host is None:
        return None
    kind, closeness = host
    if one.local == two.local:
        # At one host these are two mailboxes that look the same: sato in wide letters, or with ā.
        return ("homoglyph", 100) if kind == "same" else (_HOST_KINDS[kind], closeness)
    if kind in {"same", "subdomain", "homoglyph", "romanisation"}:
        off = 0 if kind == "same" else 3
        if skeleton(one.local) == skeleton(two.local):
            return "homoglyph", 100 - off
        if romaji(one.squeezed) == romaji(two.squeezed):
            return "romanisation", 98 - off
        if typed := _typed(one.local, two.local):
            return "typo_local", typed - off
    return None


_HOST_KINDS: Final = {
    "homoglyph": "homoglyph",
    "romanisation": "romanisation",
    "doppelganger": "typo_domain",
    "prolonged": "typo_domain",
    "typo": "typo_domain",
    "tld_swap": "tld_swap",
    "subdomain": "subdomain",
}


def _typed(a: str, b: str) -> int | None:
    """Give the closeness of two local parts that a slip of the keys parts, else `None`."""
    shorter, longer = sorted((len(a), len(b)))
    distance = OSA.distance(a, b, score_cutoff=2)
    # A number is changed on purpose more often than by a slip: user1, user2.
    if distance == 1 and shorter >= 2 and not _digits_differ(a, b):
        return round(100 * (1 - 1 / max(longer, 9)))
    if distance == 2 and shorter >= 7 and not _digits_differ(a, b):
        return round(100 * (1 - 2 / max(longer, 16)))
    cut = shorter >= 4 and longer - shorter <= 4 and (a.startswith(b) or b.startswith(a))
    return 88 if cut and not _digits_differ(a, b) else None


def _digits_differ(a: str, b: str) -> bool:
    digits_a = [char for char in a if char.isdigit()]
    digits_b = [char for char in b if char.isdigit()]
    return digits_a != digits_b


def _by_names(one: _Read, two: _Read, compared: Comparison) -> str:
    """Say what the display names do, which are what was *compared* where both have one."""
    if not one.named.words or not two.named.words:
        return "unknown"
    if compared.alike is Alike.SAME:
        return "same"
    return "near" if compared.alike is Alike.CONFUSABLE else "differ"


def _made_of(who: _Read, other: _Read) -> bool:
    """Whether the other's local part is made of this one's name, and no name says otherwise."""
    return not other.named.words and other.joined in who.forms
