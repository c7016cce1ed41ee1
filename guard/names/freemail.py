"""Mail providers that anybody can have an address at, and boxes that are nobody's own."""

from typing import Final

from guard.names.data import lines

FREE_MAIL: Final = frozenset(lines("free_mail"))

DOPPELGANGERS: Final[dict[str, str]] = {
    (pair := line.split())[0]: pair[1] for line in lines("doppelgangers")
}
"""Domains that exist, take mail, and are meant by next to nobody: to the one that is meant."""

SHARED_BOXES: Final = frozenset(lines("shared_boxes"))
"""Local parts that name a function, not a person: the same one elsewhere says nothing by itself."""
