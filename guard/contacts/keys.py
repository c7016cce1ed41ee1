"""
An index that finds resembling addresses among very many, by keys that a slip leaves whole.

A slip in one half of a local part leaves the other half; one that swaps two letters leaves the
letters; another domain leaves the local part; another address leaves the name. Each of these is
a key. Candidates are then compared properly, so a key that is too coarse costs time only.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product
from typing import Final

from guard.names.compare import local_forms
from guard.names.domains import Domain, domain, skeleton
from guard.names.fold import Person, plain, romaji, untagged

LONGEST_LIST: Final = 500
"""Addresses kept under one key: beyond, the key says too little (there are many Satos)."""


class KeyIndex:
    """Numbers of addresses by key. Keys are hashes: rare collisions only cost a comparison."""

    def __init__(self) -> None:
        self._lists: dict[int, int | list[int]] = {}
        self._domains: dict[int, list[str]] = {}
        self._known_domains: set[str] = set()
        self.changes = 0
        """Rises whenever an answer may have changed."""

    def add(self, number: int, local: str, domain_text: str) -> None:
        """Index one address; *local* and *domain_text* as `Address` folds them."""
        letters = _squeezed(local)
        home = domain(domain_text).registrable
        self._put(hash(("local", romaji(letters))), number)
        self._put(hash(("spoken", home, romaji(letters))), number)
        self._put(hash(("letters", home, "".join(sorted(letters)))), number)
        for key in _half_keys(home, letters, len(letters)):
            self._put(key, number)
        if domain_text not in self._known_domains:
            self._known_domains.add(domain_text)
            for key in _domain_keys(domain_text):
                under = self._domains.setdefault(key, [])
                if len(under) < LONGEST_LIST:
                    under.append(domain_text)
            self.changes += 1

    def add_name(self, number: int, who: Person) -> None:
        """Index the name of an address; a new name is added beside the old."""
        for key in _name_keys(who):
            self._put(key, number)

    def slips(self, local: str, domain_text: str) -> set[int]:
        """Find addresses of the same company whose local part may be a slip away; itself too."""
        return self._under(_slip_keys(local, domain_text))

    def namesakes(self, local: str, who: Person) -> set[int]:
        """Find addresses anywhere with the same local part, one made of the name, or the name."""
        forms = (hash(("local", form)) for form in local_forms(who))
        return self._under((hash(("local", romaji(_squeezed(local)))), *_name_keys(who), *forms))

    def bearers(self, who: Person) -> set[int]:
        """Find addresses that were seen with the same full name."""
        return self._under(_name_keys(who))

    def near_domains(self, domain_text: str) -> set[str]:
        """Find known domains that *domain_text* may be a slip for."""
        keys = _domain_keys(domain_text)
        return {text for key in keys for text in self._domains.get(key, ())} - {domain_text}

    def _put(self, key: int, number: int) -> None:
        under = self._lists.get(key)
        if under is None:
            self._lists[key] = number
        elif isinstance(under, int):
            if under == number:
                return
            self._lists[key] = [under, number]
        elif len(under) < LONGEST_LIST and number not in under:
            under.append(number)
        else:
            return
        self.changes += 1

    def _under(self, keys: Iterable[int]) -> set[int]:
        found: set[int] = set()
        for key in keys:
            under = self._lists.get(key)
            if isinstance(under, int):
                found.add(under)
            elif under is not None:
                found.update(under)
        return found


def _squeezed(local: str) -> str:
    """Take tag and separators out of a local part; one that is all separators stays."""
    return plain(untagged(local)).replace(".", "").replace("-", "").replace("_", "") or local


@lru_cache(maxsize=4096)
def _slip_keys(local: str, domain_text: str) -> tuple[int, ...]:
    """Keys of addresses of the same company that are at most one slip away."""
    letters, home = _squeezed(local), domain(domain_text).registrable
    lengths = (len(letters) - 1, len(letters), len(letters) + 1)
    return (
        hash(("letters", home, "".join(sorted(letters)))),
        hash(("spoken", home, romaji(letters))),
        *(key for length in lengths for key in _half_keys(home, letters, length)),
    )


def _half_keys(home: str, letters: str, length: int) -> Iterator[int]:
    """Keys that an address of *length* letters has where *letters* are it with at most one slip."""
    if length < 2:
        return
    half = length // 2
    yield hash(("head", home, length, letters[:half]))
    yield hash(("tail", home, length, letters[-(length - half) :]))


@lru_cache(maxsize=4096)
def _name_keys(who: Person) -> frozenset[int]:
    if len(who.words) < 2:
        return frozenset()
    first, last = who.words[0].keys, who.words[-1].keys
    return frozenset(hash(("name", *sorted(pair))) for pair in product(first, last))


@lru_cache(maxsize=4096)
def _domain_keys(text: str) -> frozenset[int]:
    return frozenset(_keys_of_domain(domain(text)))


def _keys_of_domain(one: Domain) -> Iterator[int]:
    """Give a domain as eye and ear take it, its label, its front, and all of it less one letter."""
    yield hash(("label", one.label))
    yield hash(("home", one.registrable))
    yield hash(("sound", romaji(one.text)))
    yield hash(("joined", one.text.replace(".", "").replace("-", "")))
    labels = one.text.split(".")
    for length in range(2, len(labels) + 1):
        yield hash(("front", *labels[:length]))
    shown = skeleton(one.text)
    yield hash(("eye", shown))
    yield hash(("cut", shown))
    for place in range(len(shown)):
        yield hash(("cut", shown[:place] + shown[place + 1 :]))
