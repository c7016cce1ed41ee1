"""Patterns for addresses and file names: ``*`` for any characters, ``?`` for any one."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache


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
