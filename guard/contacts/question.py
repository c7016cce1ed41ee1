"""One question to history: the people of this message, and whom they resemble."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple
from functools import cached_property
from heapq import nlargest
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from guard.contacts.acquaintance import (
    Acquaintance,
    Acquainted,
    Candidate,
    Greeted,
    Standing,
)
from guard.contacts.memory import COMPANY, NO_RELATION, Book, Memory, real_name
from guard.contacts.mentions import mentions
from guard.contacts.tally import worth
from guard.contacts.threads import message_key
from guard.model.address import Mailbox
from guard.model.contact import Contact, Exchange, Relation
from guard.names.fold import person, romaji, untagged
from guard.names.likeness import SLIPS, Face, Likeness, likeness

SOME: Final = 40
"""Most candidates taken from each source of them."""


class Question:
    """The asking about one message; each person is looked up once."""

    def __init__(self, memory: Memory, exchange: Exchange) -> None:
        self.memory = memory
        self.exchange = exchange
        self.now = 1 / worth(exchange.at.timestamp())
        self.sender = memory.numbers.get(exchange.sender.address.key)
        self.book = memory.books.get(self.sender) if self.sender is not None else None
        self.parents = [message_key(parent) for parent in exchange.references]
        self.thread = memory.threads.standing(self.parents) if self.parents else {}
        self.mentions = mentions(exchange.text)
        self.greeted: frozenset[str] = frozenset().union(
            *(greeting.words for greeting in self.mentions.greetings)
        )
        self.boxes = [
            memory.mailbox(one.address.local, one.address.domain) for one in exchange.recipients
        ]
        self.addressed = {number for box in self.boxes for number in box}
        if self.sender is not None:
            self.addressed.add(self.sender)
        self.together = self._together()
        self._standings: dict[int, Standing] = {}
        self._contacts: dict[int, Contact] = {}
        self._relations: dict[int, Relation] = {}

    def answer(self) -> Acquaintance:
        """Say what is known about each recipient, and find those who resemble it."""
        recipients = []
        for mailbox, box in zip(self.exchange.recipients, self.boxes, strict=True):
            number = box[0] if box else None
            typed = Face(mailbox.address.local, mailbox.address.domain, self._name_of(mailbox))
            standing = self._standing_of_box(box) if box else self._stranger(typed)
            candidates: tuple[Candidate, ...] = ()
            if standing.thread < 2 and not (standing.thread and standing.own > 2):
                candidates = tuple(self._candidates(typed))
            recipients.append(
                Acquainted(
                    address=mailbox.address,
                    name=typed.name,
                    company="" if number is None else self.memory.entries[number].company,
                    relation=NO_RELATION
                    if number is None
                    else self.memory.relation_in(self.book, number),
                    standing=standing,
                    candidates=candidates,
                )
            )
        return Acquaintance(
            recipients=tuple(recipients),
            thread_known=bool(self.thread),
            reply=bool(self.parents),
            sender_mails=self.book.total.weight * self.now if self.book else 0.0,
            greetings=tuple(self._greetings()),
        )

    def standing(self, number: int) -> Standing:
        """Say how much an address belongs to the message."""
        known = self._standings.get(number)
        if known is None:
            known = self._standings[number] = self._standing(number)
        return known

    def _standing_of_box(self, box: Sequence[int]) -> Standing:
        """Say how much a mailbox belongs to the message, by whichever address does most."""
        first, *others = map(self.standing, box)
        if not others:
            return first
        return Standing(*map(max, *map(astuple, (first, *others))))

    def contact(self, number: int) -> Contact:
        """Give one address as a contact."""
        if number not in self._contacts:
            self._contacts[number] = self.memory.contact(number)
        return self._contacts[number]

    def relation(self, number: int) -> Relation:
        """Say how often an address was written to."""
        if number not in self._relations:
            self._relations[number] = self.memory.relation_in(self.book, number)
        return self._relations[number]

    def _standing(self, number: int) -> Standing:
        memory, entry = self.memory, self.memory.entries[number]
        own = self.book.sent.get(number) if self.book else None
        received = memory.received.get(number)
        writer = memory.books.get(number)
        inbound = writer.sent.get(self.sender) if writer and self.sender is not None else None
        mine = own.weight * self.now if own else 0.0
        return Standing(
            own=mine,
            others=max(0.0, received.weight * self.now - mine) if received else 0.0,
            inbound=inbound.weight * self.now if inbound else 0.0,
            together=self._together_with(number),
            at_domain=memory.domains.get(entry.face.domain, 0.0) * self.now,
            thread=self.thread.get(number, 0),
            mentioned=self._mentioned(entry.face),
            greeted=self._is_greeted(entry.face),
            known=True,
            imported=entry.imported,
            writes=entry.writes,
        )

    def _stranger(self, face: Face) -> Standing:
        return Standing(
            at_domain=self.memory.domains.get(face.domain, 0.0) * self.now,
            mentioned=self._mentioned(face),
            greeted=self._is_greeted(face),
        )

    def _mentioned(self, face: Face) -> bool:
        if f"{face.local}@{face.domain}" in self.mentions.addresses:
            return True
        return bool(self.mentions.names) and person(face.name).folded in self.mentions.names

    def _is_greeted(self, face: Face) -> bool:
        if not self.greeted:
            return False
        return not self.greeted.isdisjoint(person(face.name).keys) or (
            not face.name and romaji(face.local) in self.greeted
        )

    def _name_of(self, mailbox: Mailbox) -> str:
        return real_name(mailbox.name) or self.memory.name(mailbox.address)

    # Company: who usually gets the mail that the other recipients get.

    def _together(self) -> dict[int, dict[int, float]]:
        """For each other recipient, what share of its mail everybody else got too."""
        if len(self.exchange.recipients) > COMPANY:
            return {}
        company = self.memory.companions
        return {
            one: company[one] for one in self.addressed if one in company and one != self.sender
        }

    def _together_with(self, number: int) -> float:
        best = 0.0
        for one, company in self.together.items():
            shared = company.get(number)
            if shared is not None and one != number:
                all_ = self.memory.received[one].weight
                best = max(best, shared / (all_ + 1 / self.now))
        return best

    # Candidates

    @cached_property
    def likely(self) -> list[int]:
        """Everybody whom this message might be for, whomever they resemble."""
        found: dict[int, None] = {}
        for number, _ in sorted(self.thread.items(), key=lambda item: (-item[1], item[0])):
            found[number] = None
        if self.book is not None:
            found.update(dict.fromkeys(_top(self.book.weights, SOME)))
        for company in self.together.values():
            found.update(dict.fromkeys(_top(company, 8)))
        for address in self.mentions.addresses:
            number = self.memory.numbers.get(address, -1)
            if number >= 0:
                found[number] = None
        return [number for number in found if number not in self.addressed][: 3 * SOME]

    def _candidates(self, typed: Face) -> Iterator[Candidate]:
        found = resembling(self.memory, typed, self.book)
        entries = self.memory.entries
        for number in dict.fromkeys((*sorted(found), *self.likely)):
            if number in self.addressed:
                continue
            alike = likeness(typed, entries[number].face)
            if alike is None or not self._plausible(number, alike, number in found):
                continue
            yield Candidate(
                contact=self.contact(number),
                relation=self.relation(number),
                standing=self.standing(number),
                likeness=alike,
            )

    def _plausible(self, number: int, alike: Likeness, by_key: bool) -> bool:
        """Whether somebody whom nothing else speaks for is alike enough to be meant."""
        if self.book is not None and number in self.book.sent:
            return True
        return by_key or alike.kind in SLIPS or self.standing(number).thread > 0

    # Greetings

    def _greetings(self) -> Iterator[Greeted]:
        for greeting in self.mentions.greetings:
            typed = [
                *(Face(m.address.local, m.address.domain, self._name_of(m)) for m in
                  (*self.exchange.recipients, self.exchange.sender)),
            ]  # fmt: skip
            addressed = any(_bears(face, greeting.words) for face in typed)
            bearers = []
            if not addressed:
                bearers = [
                    number
                    for number in self.likely
                    if _bears(self.memory.entries[number].face, greeting.words)
                ]
                bearers.sort(key=lambda number: (-self.standing(number).own, number))
            yield Greeted(
                line=greeting.line,
                addressed=addressed,
                bearers=tuple(self.memory.contact(number) for number in bearers[:3]),
            )


def _bears(face: Face, words: frozenset[str]) -> bool:
    """Whether a face goes with a greeting: a word of the name, or of the local part."""
    if not words.isdisjoint(person(face.name).keys):
        return True
    local = romaji(face.local)
    return any(word in local for word in words if len(word) > 2)


def resembling(memory: Memory, face: Face, book: Book | None) -> set[int]:
    """Search the whole organisation by keys, the sender's own contacts by anything alike."""

    def used(number: int) -> tuple[float, int]:
        received = memory.received.get(number)
        return (received.weight if received else 0.0, number)

    who = person(face.name)
    namesakes = memory.index.namesakes(face.local, who)
    found = set(nlargest(SOME, namesakes, key=used))
    found |= memory.index.slips(face.local, face.domain)
    for home in memory.index.near_domains(face.domain):
        found.update(memory.mailbox(face.local, home))
    if book is not None:
        found.update(_most_alike(untagged(face.local), book.locals))
        if who.words:
            found.update(_most_alike(who.folded, book.names))
    return found


def _most_alike(text: str, choices: Mapping[int, str]) -> Iterator[int]:
    """Find the few of *choices* that look most like *text*."""
    found = process.extract(
        text, choices, scorer=JaroWinkler.similarity, processor=None, limit=8, score_cutoff=0.7
    )
    return (number for _, _, number in found)


def _top(counts: dict[int, float], limit: int) -> list[int]:
    """Give the keys with the largest weights, the largest first."""
    return nlargest(limit, counts, key=counts.__getitem__)
