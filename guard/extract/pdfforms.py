"""Forms that draw forms: how often a PDF draws, before pdfium does it (ISO 32000-2 §8.10)."""

import re
from collections import Counter
from typing import Final

MOST: Final = 100_000
"""
Forms that the drawing of one may draw, all depths together.

pdfium parses each anew and keeps what it drew: so many take a second, and ten times as many more
memory than a reader has. Maps and plans draw a symbol thousands of times, but by their pages.
"""

_DRAWN: Final = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+Do\b")
_RESOURCES: Final = re.compile(rb"/Resources\s+(\d{1,7})\s+\d{1,5}\s+R\b")
_OBJECTS: Final = re.compile(rb"/XObject\s*(?:(\d{1,7})\s+\d{1,5}\s+R\b|<<([^<>]*)>>)")
_NAMED: Final = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+(\d{1,7})\s+\d{1,5}\s+R\b")
_SMALL: Final = 16_000
_MOST_KEPT: Final = 20_000
_DEEPEST: Final = 64


class Forms:
    """The forms of a document, and what each of them draws; what pages draw counts as one more."""

    def __init__(self) -> None:
        self._forms: dict[int, tuple[bytes, Counter[bytes]]] = {}
        self._pages: list[Counter[bytes]] = []
        self._objects: dict[int, bytes] = {}
        self._costs: dict[int, int] = {}
        self._of_pages: dict[bytes, set[int]] | None = None

    def add(self, number: int, dictionary: bytes, content: bytes) -> None:
        """Note a form."""
        self._forms[number] = (dictionary, Counter(_DRAWN.findall(content)))

    def add_page(self, content: bytes) -> None:
        """Note what may be drawn on a page."""
        if drawn := _DRAWN.findall(content):
            self._pages.append(Counter(drawn))

    def note(self, number: int, text: bytes) -> None:
        """Note an object, which may say what a form draws by its names."""
        if len(text) < _SMALL and len(self._objects) < _MOST_KEPT:
            self._objects[number] = text

    def exceed(self) -> bool:
        """Whether one of them, or a page, draws more than `MOST`."""
        if not self._forms:
            return False
        return any(self._cost(number, 0) > MOST for number in list(self._forms)) or any(
            self._sum(drawn, self._anywhere(), 0) > MOST for drawn in self._pages
        )

    def _cost(self, number: int, depth: int) -> int:
        if number in self._costs or number not in self._forms:
            return self._costs.get(number, 1)
        # While it is counted: pdfium draws one that draws itself until it is too deep.
        self._costs[number] = MOST + 1
        dictionary, drawn = self._forms[number]
        cost = 1
        if drawn and depth < _DEEPEST:
            cost += self._sum(drawn, self._named(dictionary), depth + 1)
        self._costs[number] = cost
        return cost

    def _sum(self, drawn: Counter[bytes], named: dict[bytes, set[int]], depth: int) -> int:
        return sum(
            times * max((self._cost(inner, depth) for inner in named[name]), default=0)
            for name, times in drawn.items()
            if name in named
        )

    def _named(self, dictionary: bytes) -> dict[bytes, set[int]]:
        """Give the forms that stand behind names; one without resources has those of its page."""
        if b"/Resources" not in dictionary:
            return self._anywhere()
        if found := _RESOURCES.search(dictionary):
            dictionary = self._objects.get(int(found[1]), b"")
        return self._within(dictionary, {})

    def _anywhere(self) -> dict[bytes, set[int]]:
        """Give what names mean on any page."""
        if self._of_pages is None:
            self._of_pages = {}
            for text in self._objects.values():
                self._within(text, self._of_pages)
        return self._of_pages

    def _within(self, text: bytes, named: dict[bytes, set[int]]) -> dict[bytes, set[int]]:
        for found in _OBJECTS.finditer(text):
            names = self._objects.get(int(found[1]), b"") if found[1] else found[2]
            for name, number in _NAMED.findall(names):
                named.setdefault(name, set()).add(int(number))
        return named
