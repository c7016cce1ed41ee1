"""A text made ready for the search, once for all lists."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from guard.lists.emails import emails_in
from guard.lists.fold import fold
from guard.lists.phones import phones_in
from guard.lists.steps import Check, go_on
from guard.model.extract import Passage

NEAR: Final = 400
"""Characters from the strong field within which a second one counts, on whatever line."""

SAME_LINE: Final = 4000
"""The same for a second field on the same line."""

_BLOCK: Final = 400
_OVERLAP: Final = 48
"""Characters that are read for second fields at once, and those of the next block with them."""


class Prepared:
    """
    One passage, folded, and what any list may be searched by; share it between lists.

    Whoever reads in it calls *check* now and then; what that raises ends the search.
    """

    def __init__(self, passage: Passage, check: Check = go_on) -> None:
        self.passage = passage
        self.check = check
        self.folded = fold(passage.text, check)

    @cached_property
    def emails(self) -> list[tuple[int, int, str]]:
        """Start, end and key of each reading of an e-mail address."""
        return list(emails_in(self.folded, self.check))

    @cached_property
    def plain(self) -> str:
        """The folded text with blanks for addresses: the name within one is no second field."""
        parts, done = [], 0
        for start, end, _ in self.emails:
            if start >= done:  # the narrowest reading of each comes first
                parts += [self.folded[done:start], " " * (end - start)]
                done = end
        return "".join((*parts, self.folded[done:]))

    @cached_property
    def lines(self) -> "array[int]":
        """Where each line starts."""
        starts, at = array("I", [0]), self.folded.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.folded.find("\n", at + 1)
        return starts

    def phones(self) -> Iterator[tuple[int, int, str]]:
        """Give start, end and key of each reading of a telephone number; they may be many."""
        return phones_in(self.folded, self.check)

    def typed(self, line: int, longest: int) -> str:
        """Give the beginning of a line before it was folded: *longest* characters at most."""
        text, start = self.passage.text, 0
        for _ in range(line):
            start = text.find("\n", start) + 1
        return text[start : start + longest].partition("\n")[0]

    def line(self, at: int) -> int:
        """Give the 0-based line of a place."""
        return bisect_right(self.lines, at) - 1

    def around(self, at: int) -> Iterator[int]:
        """Give the blocks in which a second field counts, nearest first."""
        line = self.line(at)
        end = self.lines[line + 1] if line + 1 < len(self.lines) else len(self.folded)
        first = min(max(self.lines[line], at - SAME_LINE), max(0, at - NEAR)) // _BLOCK
        last = max(min(end, at + SAME_LINE), min(len(self.folded), at + NEAR)) // _BLOCK
        own = self.block_of(at)
        yield from sorted(range(first, last + 1), key=lambda block: abs(block - own))

    def block_of(self, at: int) -> int:
        """Give the number of the block that a place is in."""
        return at // _BLOCK

    def block(self, number: int) -> str:
        """Give the text of one block, and a little more: a name may stand across its end."""
        return self.plain[number * _BLOCK : (number + 1) * _BLOCK + _OVERLAP]
