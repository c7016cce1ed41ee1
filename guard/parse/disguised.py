"""What a text says to those who undo what its writer did to it: codes, and invisible characters."""

import quopri
import re
from collections.abc import Iterator
from typing import Final

from guard.parse.charset import guess

_CODED: Final = re.compile(r"(?:=[0-9A-Fa-f]{2}){2}")
_CODED_LINES: Final = re.compile(r"[^\n]*(?:=[0-9A-Fa-f]{2}){2}[^\n]*(?:(?<==)\n[^\n]*)*")
# The first one apart: `re` looks for a class faster than for a run of one.
_TAGS: Final = re.compile("[\U000e0020-\U000e007e][\U000e0020-\U000e007e]*")
_TAG_OFFSET: Final = 0xE0000
_BACKWARDS: Final = re.compile("\u202e([^\n\u202c\u2069]*)|\u2067([^\n\u2069]*)")
"""What stands behind a mark that turns the direction of writing (UAX #9), to where that ends."""


def disguised(text: str) -> Iterator[str]:
    """Give what else *text* says: its codes undone, tags read, what runs backwards turned."""
    if "=" in text and _CODED.search(text):
        lines = "\n".join(_CODED_LINES.findall(text))
        yield guess(quopri.decodestring(lines.encode("utf-8", "replace")))
    if text.isascii():
        return
    if tags := _TAGS.findall(text):
        yield "\n".join("".join(chr(ord(tag) - _TAG_OFFSET) for tag in run) for run in tags)
    if "\u202e" in text or "\u2067" in text:
        yield _BACKWARDS.sub(lambda found: (found[1] or found[2] or "")[::-1], text)
