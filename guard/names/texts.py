"""Two texts that are each a name, a local part, an address, or an address with its name."""

import re
from typing import Final, NamedTuple

from guard.names.comparing import CONFUSABLE, UNRELATED, Alike, Comparison, compare
from guard.names.domains import slip
from guard.names.freemail import SHARED_BOXES
from guard.names.locals import digits, joined, local_forms, local_readings
from guard.names.person import Person, person
from guard.names.spelling import plain, untagged

_ADDRESS: Final = re.compile(
    r"[\"']?(.*?)[\"']?\s*<?\s*([^\s@<>\"']+)@([^\s@<>\"']+\.[^\s@<>\"']+?)>?\s*"
)

_LONGEST: Final = 400
"""Characters of the longest text that is looked at as an address."""

_ONE_HOST: Final = frozenset({"same", "subdomain", "homoglyph", "romanisation"})
_LOCAL: Final = re.compile(r"[a-z0-9._+\-]+", re.IGNORECASE)


class _Address(NamedTuple):
    """An address, as it is written."""

    name: str
    local: str
    domain: str

    @property
    def called(self) -> str:
        """What its owner is called: the name, else the local part."""
        return self.name or self.local


def alike(a: str, b: str) -> Comparison:
    """Compare two texts; where both are addresses, by their names if both have one."""
    one, two = _address(a), _address(b)
    if one and two and not (one.name or two.name):
        return _by_addresses(one, two)
    by_name = _by_names(a if one is None else one.called, b if two is None else two.called)
    if one is None or two is None or (one.name and two.name and by_name.alike is Alike.SAME):
        return by_name
    by_address = _by_addresses(one, two)
    if one.name and two.name and by_address.alike is Alike.SAME:
        # Two names: two people, however alike their addresses are.
        by_address = by_address._replace(alike=Alike.CONFUSABLE, score=0.9 * by_address.score)
    return max(by_name, by_address, key=lambda found: found.score)


def _address(text: str) -> _Address | None:
    """Read a bare address, or one with its name."""
    if "@" not in text or len(text) > _LONGEST:
        return None
    found = _ADDRESS.fullmatch(text.strip())
    return found and _Address(found[1].strip(), found[2], found[3].lower())


def _by_addresses(a: _Address, b: _Address) -> Comparison:
    """Compare two addresses without their names."""
    local_a, local_b = plain(untagged(a.local)), plain(untagged(b.local))
    slips = (slip(a.domain, b.domain), slip(b.domain, a.domain))
    host = max((found for found in slips if found), key=lambda found: found[1], default=None)
    if local_a == local_b:
        if host is not None and host[0] == "same":
            return Comparison(Alike.SAME, "same_local", 1.0)
        if host is not None:
            return Comparison(Alike.CONFUSABLE, "same_local", host[1] / 100)
        if local_a in SHARED_BOXES:
            return Comparison(Alike.UNRELATED, "shared_box", 0.45)
        return Comparison(Alike.CONFUSABLE, "same_local", 0.8)
    found = _by_names(a.local, b.local)
    if host is None or host[0] not in _ONE_HOST:
        # One name at two companies may be one person's or two people's.
        score = 0.95 * found.score
        near = found.alike is not Alike.CONFUSABLE or score >= CONFUSABLE
        return found._replace(alike=found.alike if near else Alike.UNRELATED, score=score)
    return found


def _by_names(a: str, b: str) -> Comparison:
    """Give the best that any way to read both makes of them."""
    readings_a, readings_b = _readings(a), _readings(b)
    best = max(
        (compare(one, two) for one in readings_a for two in readings_b),
        key=lambda found: found.score,
        default=UNRELATED,
    )
    if best.alike is Alike.SAME:
        numbers = digits(a), digits(b)
        if all(numbers) and _is_local(a) and _is_local(b) and numbers[0] != numbers[1]:
            return Comparison(Alike.CONFUSABLE, best.kind, 0.85 * best.score)
        return best
    made = any(_made_of(one, b) for one in readings_a) or any(
        _made_of(two, a) for two in readings_b
    )
    return Comparison(Alike.SAME, "initials", 0.87) if made else best


def _readings(text: str) -> tuple[Person, ...]:
    text = text.strip()
    if not _is_local(text):
        return (person(text),)
    read = local_readings(text)
    return (person(text), *read) if text[:1].isupper() else read


def _is_local(text: str) -> bool:
    """Whether a text may be a local part."""
    return len(text) <= _LONGEST and _LOCAL.fullmatch(text.strip()) is not None


def _made_of(who: Person, text: str) -> bool:
    text = plain(text.strip())
    return _is_local(text) and joined(text) in local_forms(who)
