"""One question to history: the people of this message, and whom they resemble."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from guard.contacts.acquaintance import (
    NEVER,
    Acquaintance,
    Acquainted,
    Candidate,
    Greeted,
    Standing,
)
from guard.contacts.boxes import is_shared
from guard.contacts.memory import COMPANY, NO_RELATION, Memory, real_name, relation
from guard.contacts.mentions import GreetingLine, Mentions, mentions
from guard.contacts.neighbours import Neighbourhood
from guard.contacts.tally import worth
from guard.contacts.threads import message_key
from guard.model.address import Mailbox
from guard.model.contact import Exchange, Relation
from guard.names.domains import registrable_of
from guard.names.fold import person, romaji
from guard.names.likeness import SLIPS, UNLIKE, Face, Likeness

LIKELY: Final = 120
"""Most people whom a message is taken to be for, beside those who resemble a recipient."""


TYPED: Final = SLIPS - {"subdomain"}
"""Slips that no house makes by intent; a second host it may well have."""

MANY: Final = 5
"""Mails from which an address is in use, and one that is nearly the same may be a slip for it."""


class _Known(NamedTuple):
    """What is known of one address."""

    standing: Standing
    relation: Relation


class Question:
    """The asking about one message; each person is looked up once."""

    def __init__(
        self,
        memory: Memory,
        neighbourhood: Neighbourhood,
        exchange: Exchange,
        mentioned: Mentions | None = None,
    ) -> None:
        self.memory = memory
        self.neighbourhood = neighbourhood
        self.exchange = exchange
        self.now = 1 / worth(exchange.at.timestamp())
        self.day = exchange.at.timestamp() / 86400
        self.sender = memory.numbers.get(exchange.sender.address.key)
        self.book = memory.books.get(self.sender) if self.sender is not None else None
        self.sent = {} if self.book is None else self.book.sent
        self.parents = [message_key(parent) for parent in exchange.references]
        self.thread = memory.threads.standing(self.parents) if self.parents else {}
        self.mentions = mentions(exchange.text) if mentioned is None else mentioned
        quoted = (memory.numbers.get(address) for address in self.mentions.addresses)
        self.quoted = {number for number in quoted if number is not None}
        self.boxes = [
            memory.mailbox(one.address.local, one.address.domain) for one in exchange.recipients
        ]
        self.typed = [
            self._typed(mailbox, box)
            for mailbox, box in zip(exchange.recipients, self.boxes, strict=True)
        ]
        self.addressed = {number for box in self.boxes for number in box}
        if self.sender is not None:
            self.addressed.add(self.sender)
        self.together = self._together()
        self._known: dict[int, _Known] = {}

    def answer(self) -> Acquaintance:
        """Say what is known about each recipient, and find those who resemble it."""
        recipients = []
        people = zip(self.exchange.recipients, self.typed, self.boxes, strict=True)
        for mailbox, typed, box in people:
            number = box[0] if box else None
            standing = self._standing_of_box(box) if box else self._stranger(typed)
            candidates: tuple[Candidate, ...] = ()
            if not self._belongs(mailbox, standing):
                candidates = tuple(self._candidates(typed, number, self._settled(mailbox)))
                if box and self._is_a_slip_of_once(box, candidates):
                    # One such mail went out before. That makes nobody known.
                    standing = self._stranger(typed)._replace(at_domain=0.0)
            recipients.append(
                Acquainted(
                    address=mailbox.address,
                    name=typed.name,
                    company="" if number is None else self.memory.entries[number].company,
                    relation=NO_RELATION if number is None else self.known(number).relation,
                    standing=standing,
                    candidates=candidates,
                )
            )
        return Acquaintance(
            recipients=tuple(recipients),
            thread_known=bool(self.thread),
            thread_homes=frozenset(
                registrable_of(self.memory.entries[number].face.domain) for number in self.thread
            ),
            reply=bool(self.parents),
            sender_mails=self.book.total.weight * self.now if self.book else 0.0,
            novelty=self.book.novelty if self.book else 1.0,
            missing=sum(
                near > 1 and number not in self.addressed for number, near in self.thread.items()
            ),
            greetings=tuple(self._greetings()),
        )

    def _belongs(self, mailbox: Mailbox, standing: Standing) -> bool:
        """Whether a recipient is so much part of the conversation that nobody else is meant."""
        if standing.thread > 1 or (standing.thread and standing.own > 2):
            return True
        # An answer quotes the address of whoever wrote: that is no slip.
        return bool(self.parents) and mailbox.address.key in self.mentions.addresses

    def _is_a_slip_of_once(self, box: Sequence[int], candidates: Sequence[Candidate]) -> bool:
        """Whether an address got one mail, and is written like one that gets many."""
        received = [self.memory.received.get(number) for number in box]
        tallies = [tally for tally in received if tally]
        if sum(tally.count for tally in tallies) > 1:
            return False
        if any(self.day - tally.last / 86400 < 1 for tally in tallies):
            return False  # a mail that follows at once: whoever sent the first saw it, too
        entries = [self.memory.entries[number] for number in box]
        if any(entry.writes or entry.imported for entry in entries):
            return False
        return any(
            one.likeness.kind in TYPED and one.relation.by_organisation >= MANY
            for one in candidates
        )

    def known(self, number: int) -> "_Known":
        """Say what is known of an address."""
        known = self._known.get(number)
        if known is None:
            known = self._known[number] = self._look_up(number)
        return known

    def _standing_of_box(self, box: Sequence[int]) -> Standing:
        """Say how much a mailbox belongs to the message, by whichever address does most."""
        first, *others = (self.known(number).standing for number in box)
        if not others:
            return first
        days = min(one.days for one in (first, *others))
        return Standing(*map(max, first, *others))._replace(days=days)

    def _look_up(self, number: int) -> "_Known":
        memory, now, entry = self.memory, self.now, self.memory.entries[number]
        face = entry.face
        own = self.sent.get(number)
        received = memory.received.get(number)
        writer = memory.books.get(number)
        inbound = writer.sent.get(self.sender) if writer and self.sender is not None else None
        mine = own.weight * now if own else 0.0
        standing = Standing(
            mine,
            max(0.0, received.weight * now - mine) if received else 0.0,
            inbound.weight * now if inbound else 0.0,
            self._together_with(number) if self.together else 0.0,
            memory.domains.get(face.domain, 0.0) * now,
            self.thread.get(number, 0),
            number in self.quoted or self._is_named(face),
            self._is_greeted(face),
            memory.lasts(number, now),
            entry.imported,
            entry.writes,
            max(0.0, self.day - own.last / 86400) if own else NEVER,
            is_shared(face),
        )
        return _Known(standing, relation(own, received))

    def _stranger(self, face: Face) -> Standing:
        return Standing(
            at_domain=self.memory.domains.get(face.domain, 0.0) * self.now,
            mentioned=f"{face.local}@{face.domain}" in self.mentions.addresses
            or self._is_named(face),
            greeted=self._is_greeted(face),
            shared=is_shared(face),
        )

    def _is_named(self, face: Face) -> bool:
        return bool(self.mentions.names) and person(face.name).folded in self.mentions.names

    def _is_greeted(self, face: Face) -> bool:
        if not self.mentions.greetings:
            return False
        if not face.name:
            local = romaji(face.local)
            return any(local in greeting.words for greeting in self.mentions.greetings)
        keys = person(face.name).keys
        return any(greeting.names(keys) for greeting in self.mentions.greetings)

    def _typed(self, mailbox: Mailbox, box: Iterable[int]) -> Face:
        """Give a mailbox as its reader sees it, by the name that history has where none stands."""
        name = real_name(mailbox.name) or self.memory.name(box)
        return Face(mailbox.address.local, mailbox.address.domain, name)

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
            found.update(dict.fromkeys(self.book.most_written_to))
        for one in self.together:
            found.update(dict.fromkeys(self.memory.closest(one)))
        found.update(dict.fromkeys(sorted(self.quoted)))
        return [number for number in found if number not in self.addressed][:LIKELY]

    def _settled(self, mailbox: Mailbox) -> frozenset[str]:
        """Give whom the sender need not be asked about in place of this recipient, by key."""
        key = mailbox.address.key
        said = self.memory.answers.get((self.exchange.sender.address.key, key))
        if not said:
            return frozenset()
        own = self.sent.get(self.memory.numbers.get(key, -1))
        now, last = self.exchange.at.timestamp(), own.last if own else 0.0
        return frozenset(meant for meant, word in said.items() if word.settles(now, last))

    def _candidates(
        self, typed: Face, recipient: int | None, settled: frozenset[str]
    ) -> Iterator[Candidate]:
        neighbours = self.neighbourhood.of(typed, self.sender)
        found, entries = neighbours.found, self.memory.entries
        beside_of = {} if recipient is None else self.memory.companions.get(recipient, {})
        for number in found | dict.fromkeys(self.likely):
            if number in self.addressed or entries[number].address.key in settled:
                continue
            alike = neighbours.likeness(number, entries[number].face)
            if not self._plausible(number, alike, number in found):
                continue
            standing, relation_ = self.known(number)
            beside = beside_of.get(number, 0.0) * self.now
            yield Candidate(
                self.memory.contact(number), relation_, standing, alike or UNLIKE, beside
            )

    def _plausible(self, number: int, alike: Likeness | None, by_key: bool) -> bool:
        """Whether somebody whom nothing else speaks for is alike enough to be meant."""
        if not self.memory.lasts(number, self.now) and number not in self.thread:
            return False
        if number in self.sent or self.thread.get(number):
            return True
        return alike is not None and (by_key or alike.kind in SLIPS)

    # Greetings

    def _greetings(self) -> Iterator[Greeted]:
        if not self.mentions.greetings:
            return
        sender = self.exchange.sender
        box = self.memory.mailbox(sender.address.local, sender.address.domain)
        faces = [*self.typed, self._typed(sender, box)]
        for greeting in self.mentions.greetings:
            addressed = any(_bears(face, greeting) for face in faces)
            bearers = []
            if not addressed:
                bearers = [
                    number
                    for number in self.likely
                    if _bears(self.memory.entries[number].face, greeting)
                ]
                bearers.sort(key=self._by_mails)
            yield Greeted(
                line=greeting.line,
                addressed=addressed,
                bearers=tuple(self.memory.contact(number) for number in bearers[:3]),
            )

    def _by_mails(self, number: int) -> tuple[float, str]:
        """Order people by how often the sender wrote to them, equals the same in every process."""
        return -self.known(number).standing.own, self.memory.entries[number].address.key


def _bears(face: Face, greeting: GreetingLine) -> bool:
    """Whether a face goes with a greeting: a word of the name, or of the local part."""
    if not greeting.words.isdisjoint(person(face.name).keys):
        return True
    local = romaji(face.local)
    return any(word in local for word in greeting.written if len(word) > 2)
