"""A text made ready for the search, once for all lists."""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

from guard.lists.emails import emails_in
from guard.lists.fold import fold, outline
from guard.lists.ids import ids_in, ids_of
from guard.lists.phones import MIDDLE_DOT, phones_in, phones_of
from guard.lists.steps import STEP, Check, go_on
from guard.model.extract import Passage

NEAR: Final = 400
"""Characters from the strong field within which a second one counts, on whatever line."""

SAME_LINE: Final = 4000
"""The same for a second field on the same line."""

_SIGNS_OVERLAP: Final = 512
"""Signs that are given twice where a text is parted: no number that is looked for is longer."""

_STRONG: Final = re.compile("[0-9@]")
_BLOCK: Final = 400
_OVERLAP: Final = 48
"""Characters that are read for second fields at once, and those of the next block with them."""


class Prepared:
    """
    One passage, and what any list may be searched by; share it between lists.

    Addresses and numbers are looked for in `outline`, which is cheap; it is `folded` only where
    one of them was found. Whoever reads in it calls *check* now and then; what that raises ends
    the search.
    """

    def __init__(self, passage: Passage, check: Check = go_on) -> None:
        self.passage = passage
        self.check = check
        self.outline = outline(passage.text, check)
        self.silent: set[str] = set()
        """Versions of lists that were looked for here, and of no row of which anything stands."""

    @property
    def has_strong(self) -> bool:
        """Whether there is anything of which an address or a number is made."""
        return _STRONG.search(self.outline) is not None

    @cached_property
    def folded(self) -> str:
        """The text in one spelling."""
        text = self.passage.text
        return self.outline if text.isascii() else fold(text, self.check)

    @cached_property
    def emails(self) -> list[tuple[int, int, str]]:
        """Start, end and key of each reading of an e-mail address."""
        return list(emails_in(self.outline, self.check))

    @cached_property
    def plain(self) -> str:
        """The folded text with blanks for addresses: the name within one is no second field."""
        return self._blanked(self.folded)

    @cached_property
    def lines(self) -> "array[int]":
        """Where each line starts."""
        starts, at = array("I", [0]), self.folded.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.folded.find("\n", at + 1)
        return starts

    def phone_keys(self) -> Iterator[tuple[int, Iterator[str]]]:
        """Give each piece's place, with the keys of all readings of telephone numbers in it."""
        for at, signs in self._signs(self.outline):
            yield at, phones_of(signs)

    def id_keys(self, lengths: frozenset[int]) -> Iterator[tuple[int, Iterator[str]]]:
        """Give each piece's place, with the keys of all that may be customer numbers in it."""
        for at, signs in self._signs(self._blanked(self.outline)):
            yield at, ids_of(signs, lengths)

    def phones(self, pieces: Iterable[int]) -> Iterator[tuple[int, int, str]]:
        """Give start, end and key of each reading of a telephone number in lines of *pieces*."""
        for start, end in self._lines_of(pieces):
            self.check()
            yield from phones_in(self.folded, self.check, start=start, end=end)

    def ids(self, pieces: Iterable[int], lengths: frozenset[int]) -> Iterator[tuple[int, int, str]]:
        """Give start, end and key of all in the lines of *pieces* that may be a customer number."""
        for start, end in self._lines_of(pieces):
            self.check()
            yield from ids_in(self.plain, lengths, self.check, start=start, end=end)

    def _signs(self, outline: str) -> Iterator[tuple[int, bytes]]:
        """Give the places and octets of an outline's pieces; what is no ASCII is a ``?``."""
        for at in range(0, len(outline), STEP):
            self.check()
            piece = outline[at : at + STEP + _SIGNS_OVERLAP].replace("\u30fb", MIDDLE_DOT)
            yield at, piece.encode("ascii", "replace")

    def _lines_of(self, pieces: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Give start and end of all lines that stand in *pieces*, joined where they touch."""
        done = 0
        for at in pieces:
            start = max(done, self.outline.rfind("\n", 0, at) + 1)
            done = self.outline.find("\n", at + STEP + _SIGNS_OVERLAP)
            done = len(self.outline) if done < 0 else done
            if start < done:
                yield start, done

    def _blanked(self, text: str) -> str:
        """Put blanks where *text*, folded or in outline, has addresses."""
        parts, done = [], 0
        for start, end, _ in self.emails:
            if start >= done:  # the narrowest reading of each comes first
                parts += [text[done:start], " " * (end - start)]
                done = end
        return "".join((*parts, text[done:])) if parts else text

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
