"""Patterns for addresses and file names: ``*`` for any characters, ``?`` for any one."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from guard.model.address import Address


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern with ``*`` (any characters) and ``?`` (any one), blind to case."""

    text: str

    def matches(self, *names: str) -> bool:
        """Whether any of *names* is wholly of this pattern."""
        pattern = _compiled(self.text)
        return any(pattern.fullmatch(fold(name)) for name in names)

    def __str__(self) -> str:
        return self.text


def fold(text: str) -> str:
    """
    Bring spellings of the same name to one form: composition (macOS parts it) and case.

    Width is kept: ｓａｔｏ@ and sato@ are two mailboxes, and an exception for one is for it alone.
    """
    return unicodedata.normalize("NFC", text).casefold()


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    # Runs of stars are one star: `***` would try the same splits again and again.
    pieces = re.split(r"(\*+|\?)", fold(pattern))
    regex = "".join({"*": ".*", "?": "."}.get(p[:1], re.escape(p)) for p in pieces)
    return re.compile(regex, re.DOTALL)


def fits(globs: Sequence[Glob], address: Address) -> bool:
    """Whether *address* is of one of these patterns, as compared or as it was typed."""
    return any(glob.matches(address.key, address.text) for glob in globs)


def listed(globs: Sequence[object]) -> str:
    """Give patterns, or names, as a rule's reader sees them."""
    return ", ".join(map(str, globs))
