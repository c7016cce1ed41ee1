"""
An index that finds resembling addresses among very many, by keys that a slip leaves whole.

A slip in one half of a local part leaves the other half; one that swaps two letters leaves the
letters; another domain leaves the local part; another address leaves the name. Each of these is
a key. Candidates are then compared properly, so a key that is too coarse costs time only.

A key is a hash of 63 bits that is the same in every process, so that a database can have it, too.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from itertools import product
from typing import Final

from guard.names.compare import local_forms
from guard.names.domains import Domain, domain, skeleton
from guard.names.fold import Person, plain, romaji, untagged

LONGEST_LIST: Final = 500
"""Addresses kept under one key: beyond, the key says too little (there are many Satos)."""


VERSION: Final = 2
"""Rises with every change of what an address or a name is kept under, or of how names are folded:
databases then make their keys anew."""


class KeyIndex:
    """Numbers of addresses by key. Rare collisions of keys only cost a comparison."""

    def __init__(self) -> None:
        self._lists: dict[int, int | list[int]] = {}
        self._domains: dict[int, list[str]] = {}
        self._known_domains: set[str] = set()
        self.changes = 0
        """Rises whenever an answer may have changed."""

    def add(self, number: int, local: str, domain_text: str) -> None:
        """Index one address; *local* and *domain_text* as `Address` folds them."""
        for key in address_keys(local, domain_text):
            self._put(key, number)
        if domain_text not in self._known_domains:
            self.put_domain(domain_text, domain_keys(domain_text))

    def add_name(self, number: int, who: Person) -> None:
        """Index the name of an address; a new name is added beside the old."""
        for key in name_keys(who):
            self._put(key, number)

    def add_company(self, number: int, keys: Iterable[int]) -> None:
        """Index an address under the keys of its company."""
        for key in keys:
            self._put(key, number)

    def under(self, key: int) -> set[int]:
        """Find the addresses that stand under one key."""
        return self._under((key,))

    def domains_under(self, key: int) -> list[str]:
        """Find the known domains that stand under one key."""
        return self._domains.get(key, [])

    def put(self, key: int, numbers: Iterable[int]) -> None:
        """Take in what an index elsewhere has under one key."""
        self._lists[key] = list(numbers)
        self.changes += 1

    def put_domain(self, domain_text: str, keys: Iterable[int]) -> None:
        """Take in a domain under all of its keys, or under some."""
        self._known_domains.add(domain_text)
        for key in keys:
            under = self._domains.setdefault(key, [])
            if len(under) < LONGEST_LIST:
                under.append(domain_text)
        self.changes += 1

    def slips(self, local: str, domain_text: str) -> set[int]:
        """Find addresses of the same company whose local part may be a slip away; itself too."""
        return self._under(slip_keys(local, domain_text))

    def namesakes(self, local: str, who: Person) -> set[int]:
        """Find addresses anywhere with the same local part, one made of the name, or the name."""
        return self._under(namesake_keys(local, who))

    def bearers(self, who: Person) -> set[int]:
        """Find addresses that were seen with the same full name."""
        return self._under(name_keys(who))

    def near_domains(self, domain_text: str) -> set[str]:
        """Find known domains that *domain_text* may be a slip for."""
        keys = domain_keys(domain_text)
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


def stable(*parts: str) -> int:
    """Give the key of some words: 63 bits."""
    octets = "\0".join(parts).encode(errors="replace")
    return int.from_bytes(blake2b(octets, digest_size=8).digest()) >> 1


def address_keys(local: str, domain_text: str) -> Iterator[int]:
    """Give the keys that an address is kept under."""
    letters, home = _squeezed(local), domain(domain_text).registrable
    yield stable("local", romaji(letters))
    yield stable("spoken", home, romaji(letters))
    yield stable("letters", home, "".join(sorted(letters)))
    yield from _half_keys(home, letters, len(letters))


def box_key(box: str, domain_text: str) -> int:
    """Give the key of addresses that only a tag tells from the mailbox ``box@domain_text``."""
    return stable("box", f"{box}@{domain_text}")


@lru_cache(maxsize=4096)
def slip_keys(local: str, domain_text: str) -> tuple[int, ...]:
    """Give the keys of addresses of the same company that are at most one slip away."""
    letters, home = _squeezed(local), domain(domain_text).registrable
    lengths = (len(letters) - 1, len(letters), len(letters) + 1)
    return (
        stable("letters", home, "".join(sorted(letters))),
        stable("spoken", home, romaji(letters)),
        *(key for length in lengths for key in _half_keys(home, letters, length)),
    )


def namesake_keys(local: str, who: Person) -> tuple[int, ...]:
    """Give the keys of addresses with the same local part, one made of the name, or the name."""
    forms = (stable("local", form) for form in local_forms(who))
    return (stable("local", romaji(_squeezed(local))), *name_keys(who), *forms)


@lru_cache(maxsize=4096)
def name_keys(who: Person) -> frozenset[int]:
    """Give the keys that a full name is kept under."""
    if len(who.words) < 2:
        return frozenset()
    first, last = who.words[0].keys, who.words[-1].keys
    return frozenset(stable("name", *sorted(pair)) for pair in product(first, last))


@lru_cache(maxsize=4096)
def domain_keys(text: str) -> frozenset[int]:
    """Give the keys that a domain is kept under: those of two that are one slip apart meet."""
    return frozenset(_keys_of_domain(domain(text)))


def _squeezed(local: str) -> str:
    """Take tag and separators out of a local part; one that is all separators stays."""
    return plain(untagged(local)).replace(".", "").replace("-", "").replace("_", "") or local


def _half_keys(home: str, letters: str, length: int) -> Iterator[int]:
    """Keys that an address of *length* letters has where *letters* are it with at most one slip."""
    if length < 2:
        return
    half = length // 2
    yield stable("head", home, str(length), letters[:half])
    yield stable("tail", home, str(length), letters[-(length - half) :])


def _keys_of_domain(one: Domain) -> Iterator[int]:
    """Give a domain as eye and ear take it, its label, its front, and all of it less one letter."""
    yield stable("label", one.label)
    yield stable("home", one.registrable)
    yield stable("sound", romaji(one.text))
    yield stable("joined", one.text.replace(".", "").replace("-", ""))
    labels = one.text.split(".")
    for length in range(2, len(labels) + 1):
        yield stable("front", *labels[:length])
    shown = skeleton(one.text)
    yield stable("eye", shown)
    yield stable("cut", shown)
    for place in range(len(shown)):
        yield stable("cut", shown[:place] + shown[place + 1 :])
