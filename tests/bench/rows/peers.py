"""
What others would do with the same list and texts: exact strings of it, in plain text or as hashes.

None of them folds what they read (full width, hyphens, readings), none asks whether two values are
of one row nearby, and all keep the list in
memory. So they do less than what they are compared with.
"""

import hashlib
import re
import time
from collections.abc import Iterator
from typing import Any, Final

from tests.bench.case import Figures
from tests.bench.children import own_rss_mib
from tests.bench.rows.searching import KEY, rows
from tests.bench.rows.speed import SEED, Search, Texts, searched

BEST_OF: Final = 2
COLUMNS: Final = {"ja": (0, 1, 3, 4), "en": (0, 1, 2, 3)}
"""Customer number, name, e-mail and telephone: what names a row, and the name."""

TOKEN: Final = re.compile(r"[^\t\n,;、。「」()（）]+")
"""Cells of a table and parts of sentences. What stands in a sentence without a comma is missed."""


def measured(which: str, language: str, count: int) -> Figures:
    """Measure one of them."""
    texts = Texts(language, count)
    memory, began = own_rss_mib(), time.process_time()
    search = {"hashes": hashes, "automaton": automaton}[which](language, count)
    took = time.process_time() - began
    began = time.process_time()
    for _ in values(language, count):
        pass
    took -= time.process_time() - began
    built = {"build s": took, "private MiB": own_rss_mib() - memory}
    return built | dict(searched(search, texts, best_of=BEST_OF))


def values(language: str, count: int) -> Iterator[tuple[str, int]]:
    """Give what is looked for, each with its row."""
    places = COLUMNS[language]
    for number, row in rows(language, SEED, count):
        for place in places:
            yield row[place], number


def hashes(language: str, count: int) -> Search:
    """Cut a text by a regular expression, and ask for the keyed hash of each token."""

    def digest(text: str) -> bytes:
        return hashlib.blake2b(text.encode(), key=KEY, digest_size=8).digest()

    known: dict[bytes, int] = {}
    for value, number in values(language, count):
        known[digest(value)] = number

    def search(text: str) -> int:
        seen = (known.get(digest(token.strip())) for token in TOKEN.findall(text))
        return len({number for number in seen if number is not None})

    return search


def automaton(language: str, count: int) -> Search:
    """Look for all values at once, as Aho and Corasick do it."""
    import ahocorasick

    known: Any = ahocorasick.Automaton()
    for value, number in values(language, count):
        known.add_word(value, number)
    known.make_automaton()

    def search(text: str) -> int:
        return len({number for _, number in known.iter(text)})

    return search
