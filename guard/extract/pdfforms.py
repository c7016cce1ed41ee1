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
    """The forms of a document, and what each of them draws."""

    def __init__(self) -> None:
        self._forms: dict[int, tuple[bytes, Counter[bytes]]] = {}
        self._objects: dict[int, bytes] = {}
        self._costs: dict[int, int] = {}

    def add(self, number: int, dictionary: bytes, content: bytes) -> None:
        """Note a form."""
        self._forms[number] = (dictionary, Counter(_DRAWN.findall(content)))

    def note(self, number: int, text: bytes) -> None:
        """Note an object, which may say what a form draws by its names."""
        if len(text) < _SMALL and len(self._objects) < _MOST_KEPT:
            self._objects[number] = text

    def exceed(self) -> bool:
        """Whether one of them draws more than `MOST`."""
        return any(self._cost(number, 0) > MOST for number in list(self._forms))

    def _cost(self, number: int, depth: int) -> int:
        if number in self._costs or number not in self._forms:
            return self._costs.get(number, 1)
        self._costs[number] = 1  # while it is counted: one that draws itself is drawn once
        dictionary, drawn = self._forms[number]
        cost = 1
        if drawn and depth < _DEEPEST:
            for name, inner in self._named(dictionary).items():
                if name in drawn:
                    cost += drawn[name] * self._cost(inner, depth + 1)
        self._costs[number] = cost
        return cost

    def _named(self, dictionary: bytes) -> dict[bytes, int]:
        """Give the forms that stand behind names; resources may stand in objects of their own."""
        if found := _RESOURCES.search(dictionary):
            dictionary = self._objects.get(int(found[1]), b"")
        within = _OBJECTS.search(dictionary)
        if within is None:
            return {}
        text = self._objects.get(int(within[1]), b"") if within[1] else within[2]
        return {name: int(number) for name, number in _NAMED.findall(text)}
