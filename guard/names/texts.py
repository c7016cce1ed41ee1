"""Two texts that are each a name, a local part, an address, or an address with its name."""

import re
from typing import Final

from guard.names.comparing import UNRELATED, Alike, Comparison, compare
from guard.names.domains import slip
from guard.names.freemail import SHARED_BOXES
from guard.names.locals import digits, joined, local_forms, local_readings
from guard.names.person import Person, person
from guard.names.spelling import plain, untagged

_ADDRESS: Final = re.compile(
    r"[\"']?(.*?)[\"']?\s*<?\s*([^\s@<>\"']+)@([^\s@<>\"']+\.[^\s@<>\"']+?)>?\s*"
)

_ONE_HOST: Final = frozenset({"same", "subdomain", "homoglyph", "romanisation"})
_LOCAL: Final = re.compile(r"[a-z0-9._+\-]+", re.IGNORECASE)


def alike(a: str, b: str) -> Comparison:
    """Compare two texts; where both are addresses, by their names if both have one."""
    one, two = _ADDRESS.fullmatch(a.strip()), _ADDRESS.fullmatch(b.strip())
    if one is None or two is None:
        return _by_names(
            a if one is None else one[1] or one[2], b if two is None else two[1] or two[2]
        )
    named = one[1].strip() and two[1].strip()
    by_name = _by_names(one[1], two[1]) if named else UNRELATED
    if named and by_name.alike is Alike.SAME:
        return by_name
    by_address = _by_addresses((one[2], one[3].lower()), (two[2], two[3].lower()))
    return max(by_name, by_address, key=lambda found: found.score)


def _by_addresses(a: tuple[str, str], b: tuple[str, str]) -> Comparison:
    """Compare two bare addresses."""
    local_a, local_b = plain(untagged(a[0])), plain(untagged(b[0]))
    host = slip(a[1], b[1])
    if local_a == local_b:
        if host is not None and host[0] == "same":
            return Comparison(Alike.SAME, "same_local", 1.0)
        if host is not None:
            return Comparison(Alike.CONFUSABLE, "same_local", host[1] / 100)
        if local_a in SHARED_BOXES:
            return Comparison(Alike.UNRELATED, "shared_box", 0.45)
        return Comparison(Alike.CONFUSABLE, "same_local", 0.8)
    found = _by_names(a[0], b[0])
    if host is None or host[0] not in _ONE_HOST:
        # One name at two companies may be one person's or two people's.
        return found._replace(score=0.95 * found.score)
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
        if all(numbers) and numbers[0] != numbers[1]:
            return Comparison(Alike.CONFUSABLE, best.kind, 0.85 * best.score)
        return best
    made = any(_made_of(one, b) for one in readings_a) or any(
        _made_of(two, a) for two in readings_b
    )
    return Comparison(Alike.SAME, "initials", 0.87) if made else best


def _readings(text: str) -> tuple[Person, ...]:
    text = text.strip()
    if _LOCAL.fullmatch(text) and not text[:1].isupper():
        return local_readings(text)
    if _LOCAL.fullmatch(text):
        return (person(text), *local_readings(text))
    return (person(text),)


def _made_of(who: Person, text: str) -> bool:
    text = plain(text.strip())
    return _LOCAL.fullmatch(text) is not None and joined(text) in local_forms(who)
