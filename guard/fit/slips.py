"""
Slips planted in real mail: what a hurried hand, or a list that completes, would have written.

The address is typed wrongly; or somebody whom the sender writes to is taken instead, whose address
begins or looks the same; or somebody known here who has the same surname, the same given name or a
similar name.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from rapidfuzz.distance import JaroWinkler

from guard.contacts.history import History
from guard.model.address import Address, AddressError, Mailbox
from guard.model.contact import Exchange
from guard.names.compare import compare
from guard.names.domains import domain
from guard.names.fold import Person, person

LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
TAKEN_FOR: Final = {
    "o": "0", "l": "1", "i": "l", "m": "rn", "e": "е", "a": "а", "w": "vv", "1": "l", "0": "o"
}  # fmt: skip
"""A letter, and what the eye takes for it."""

ENDINGS: Final = (
    "com", "net", "co.jp", "jp", "org", "co", "de", "ne.jp", "cm", "com.au", "fr"
)  # fmt: skip
KINDS: Final = (
    "typo_local",
    "typo_domain",
    "tld_swap",
    "homoglyph",
    "completion",
    "similar",
    "similar_here",
    "same_surname",
    "same_given",
    "other_company",
)
_MOST_LOOKED_AT: Final = 2000
"""People of a large history among whom a similar one is looked for, chosen by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A message with a slip in it."""

    exchange: Exchange
    wrong: str
    """The address that was written."""

    meant: str
    """The address that would have been right."""

    known: bool
    """Whether the sender wrote to the wrong one before."""


class Slips:
    """Plants slips by what a history knows so far."""

    def __init__(self, history: History, rng: Random) -> None:
        self._history = history
        self._rng = rng

    def plant(self, exchange: Exchange, kind: str) -> "Planted | None":
        """
        Give the message with a slip of *kind*.

        `None` where no recipient can be taken for another in that way. Only people who are known
        are replaced: nobody could have meant a stranger.
        """
        people = [box for box in exchange.recipients if box.address.key in self._history.numbers]
        self._rng.shuffle(people)
        there = {box.address for box in (*exchange.recipients, exchange.sender)}
        for meant in people:
            wrong = self._instead_of(meant, exchange, kind)
            if wrong is not None and wrong.address not in there:
                boxes = tuple(wrong if box is meant else box for box in exchange.recipients)
                asked = replace(exchange, recipients=boxes)
                number = self._history.numbers.get(wrong.address.key)
                book = self._history.book(exchange.sender.address)
                return Planted(
                    exchange=asked,
                    wrong=wrong.address.text,
                    meant=meant.address.text,
                    known=book is not None and number in book.sent,
                )
        return None

    def others_of(self, meant: str) -> Iterator[str]:
        """Give other addresses of the same full name: to suggest one of them is right as well."""
        history = self._history
        number = history.numbers.get(Address.parse(meant).key)
        if number is None:
            return
        who = person(history.entries[number].face.name)
        for other in history.index.bearers(who):
            if person(history.entries[other].face.name).folded == who.folded:
                yield history.entries[other].address.text

    def _instead_of(self, meant: Mailbox, exchange: Exchange, kind: str) -> Mailbox | None:
        match kind:
            case "typo_local" | "typo_domain" | "tld_swap" | "homoglyph":
                text = mistyped(meant.address.key, kind, self._rng)
                name = meant.name if self._rng.random() < 0.6 else ""
                return None if text is None else _mailbox(text, name)
            case "other_company":
                local = meant.address.local
                where = self._rng.choice(list(self._history.domains) or [""])
                return _mailbox(f"{local}@{where}", "") if where != meant.address.domain else None
        number = self._among(meant, exchange, kind)
        if number is None:
            return None
        entry = self._history.entries[number]
        return Mailbox(address=entry.address, name=entry.face.name)

    def _among(self, meant: Mailbox, exchange: Exchange, kind: str) -> int | None:
        """Choose somebody else who is known."""
        history, rng = self._history, self._rng
        book = history.book(exchange.sender.address)
        own = list(book.sent) if book else []
        itself = history.numbers.get(meant.address.key)
        who = person(meant.name)
        if kind in {"completion", "similar"}:
            pool = own
        else:
            everybody = range(len(history.entries))
            pool = rng.sample(everybody, min(_MOST_LOOKED_AT, len(everybody)))
            pool = [number for number in pool if not book or number not in book.sent]
        pool = [number for number in pool if number != itself and not self._is_same(number, meant)]
        if kind == "completion":
            typed = meant.address.local[: rng.choice((1, 1, 2, 3))]
            pool = [n for n in pool if history.entries[n].face.local.startswith(typed)]
        elif kind in {"similar", "similar_here"}:
            pool = self._most_similar(meant, pool)
        else:
            pool = [number for number in pool if self._is_alike(number, who, kind)]
        return rng.choice(pool) if pool else None

    def _is_same(self, number: int, meant: Mailbox) -> bool:
        """Whether an address bears the same full name: most likely it is the same person's."""
        name = self._history.entries[number].face.name
        return bool(name) and bool(meant.name) and person(name).folded == person(meant.name).folded

    def _most_similar(self, meant: Mailbox, pool: Iterable[int]) -> list[int]:
        mine = f"{person(meant.name).folded} {meant.address.local}"

        def likeness(number: int) -> float:
            face = self._history.entries[number].face
            found: float = JaroWinkler.similarity(mine, f"{person(face.name).folded} {face.local}")
            return found

        return sorted(pool, key=likeness, reverse=True)[:2]

    def _is_alike(self, number: int, who: Person, kind: str) -> bool:
        other = person(self._history.entries[number].face.name)
        return not other.keys.isdisjoint(who.keys) and compare(who, other).kind == kind


def mistyped(address: str, kind: str, rng: Random) -> str | None:
    """
    Write an address as a slip of *kind* has it; `None` where it cannot be.

    By chance the slip may hit the right letter, and nothing is wrong.
    """
    local, _, home = address.rpartition("@")
    match kind:
        case "typo_local":
            return f"{typo(local, rng)}@{home}"
        case "typo_domain":
            label, dot, rest = home.partition(".")
            made = f"{typo(label, rng)}{dot}{rest}" if rng.random() < 0.8 else _cut(home, rng)
            return f"{local}@{made}"
        case "tld_swap":
            made = home.removesuffix(domain(home).suffix) + rng.choice(ENDINGS)
            return f"{local}@{made}" if made != home else None
    part = home if rng.random() < 0.6 else local
    places = [place for place, char in enumerate(part) if char in TAKEN_FOR]
    if not places:
        return None
    place = rng.choice(places)
    made = part[:place] + TAKEN_FOR[part[place]] + part[place + 1 :]
    return f"{local}@{made}" if part == home else f"{made}@{home}"


def _cut(home: str, rng: Random) -> str:
    """Lose the last letter, or a dot where there are several."""
    if rng.random() < 0.6 or home.count(".") < 2:
        return home[:-1]
    return home.replace(".", "", 1)


def typo(word: str, rng: Random) -> str:
    """Slip once on the keys: a letter less, twice, swapped, other or more, or the last one gone."""
    if len(word) < 2:
        return word + rng.choice(LETTERS)
    place = rng.randrange(len(word) - 1)
    return rng.choice(
        (
            word[:place] + word[place + 1 :],
            word[:place] + word[place] + word[place:],
            word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            word[:place] + rng.choice(LETTERS) + word[place + 1 :],
            word[: place + 1] + rng.choice(LETTERS) + word[place + 1 :],
            word[:-1],
        )
    )


def _mailbox(text: str, name: str) -> Mailbox | None:
    try:
        return Mailbox(address=Address.parse(text), name=name)
    except AddressError:
        return None
