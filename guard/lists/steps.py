"""
A long text in steps, so that its search can be given up and keeps no other thread waiting.

One call of `re` or `str.translate` holds the interpreter until it returns: over twenty megabytes
that is a second in which nobody else is served. Over a step it is a few milliseconds.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

STEP: Final = 65_536
"""Characters of a step."""

MARGIN: Final = 32
"""Characters that a pattern may look ahead before it knows whether it matches."""

Check = Callable[[], None]
"""Called at every step; raises where the search is to end."""


def go_on() -> None:
    """Never end a search."""


def pieces(text: str, check: Check = go_on) -> Iterator[str]:
    """Give *text* in pieces of a step."""
    for at in range(0, len(text), STEP):
        check()
        yield text[at : at + STEP]


def each(
    pattern: re.Pattern[str],
    text: str,
    check: Check = go_on,
    *,
    start: int = 0,
    end: int | None = None,
) -> Iterator[re.Match[str]]:
    """
    Give what ``pattern.finditer(text, start, end)`` gives, in steps.

    The pattern never matches the empty text, and looks at most `MARGIN` characters beyond what it
    has matched so far.
    """
    at, last = start, len(text) if end is None else end
    while last - at > STEP:
        check()
        edge = at + STEP - MARGIN
        for match in pattern.finditer(text, at, at + STEP):
            if match.end() < edge:
                yield match
                at = match.end()
            elif match.start() < edge:
                whole = pattern.match(text, match.start(), last)
                assert whole is not None  # noqa: S101 -- more text takes no match away
                yield whole
                at = whole.end()
                break
            else:
                break
        at = max(at, edge)
    yield from pattern.finditer(text, at, last)
