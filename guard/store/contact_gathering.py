"""
What one question about contacts needs, gathered from their rows into a small `Memory`.

The question itself is asked as of any other memory, so that its answer is the same as if all had
been in memory. Only the ends of long lists are cut: see `contact_reads`.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from guard.contacts import keys
from guard.contacts.answers import Answered
from guard.contacts.memory import (
    CLOSEST,
    COMPANY,
    MOST_TAGS,
    Memory,
    real_name,
)
from guard.contacts.threads import message_key
from guard.model.address import Address, Mailbox
from guard.model.pair_answer import Said
from guard.names.fold import NOBODY, Person, person, untagged
from guard.names.likeness import Face
from guard.store.contact_adding import MOST_PARENTS
from guard.store.contact_books import Books
from guard.store.contact_reads import Reads
from guard.store.contact_rows import address_id, address_of
from guard.store.contact_working_set import WorkingSet, people_of

MOST_NAMESAKES: Final = 100
"""People of the same name or local part who are read: of these `neighbours.SOME` are looked at."""

MOST_SLIPS: Final = 300
"""Addresses that one recipient may be a slip of, by key."""

FULL_CARE: Final = 30
"""Recipients up to which so many are read for each; of more, fewer for each."""

MOST_QUOTED: Final = 100
MOST_IN_THREAD: Final = 120
"""People quoted in a text, and of its thread, who are read."""


def gather(
    reads: Reads,
    books: Books,
    *,
    sender: Address | None,
    recipients: Sequence[Mailbox],
    references: Sequence[str] = (),
    quoted: Iterable[str] = (),
) -> Memory:
    """Give a memory that knows all that a question about these people asks it."""
    gathering = _Gathering(reads, sender, recipients)
    gathering.addressed(quoted)
    gathering.thread(references)
    gathering.company()
    gathering.look_alikes(books)
    gathering.answers(sender)
    return gathering.known.finished(gathering.under)


class _Gathering:
    """One gathering; its steps in their order."""

    def __init__(self, reads: Reads, sender: Address | None, recipients: Sequence[Mailbox]) -> None:
        self._reads = reads
        self._addresses = [one.address for one in recipients]
        self._typed = [real_name(one.name) for one in recipients]
        self._sender = address_id(sender.key) if sender is not None else -1
        self._everybody = [*self._addresses, *([] if sender is None else [sender])]
        self.known = WorkingSet(self._sender)
        self._memory = self.known.memory
        self.under: dict[int, list[int]] = {}
        """Ids by key, for every key that was asked for."""

        self._wanted: dict[int, None] = {}
        """Ids of those who may be meant, to be read together."""

    def addressed(self, quoted: Iterable[str]) -> None:
        """Read those to whom the message goes, the sender, and whom it quotes."""
        asked = [_box_key(one) for one in self._everybody]
        for address, name in zip(self._addresses, self._typed, strict=True):
            asked += keys.slip_keys(address.local, address.domain)
            asked += keys.namesake_keys(address.local, person(name) if name else NOBODY)
            asked += keys.domain_keys(address.domain)
        self._ask(asked)
        people = [number for one in self._everybody for number in self._box(one)]
        self._read([*people, *map(address_id, islice(sorted(quoted), MOST_QUOTED))])

    def thread(self, references: Sequence[str]) -> None:
        """Read the messages that this one answers, and the latest of their thread."""
        parents = [message_key(parent) for parent in references[-MOST_PARENTS:]]
        rows = self._reads.messages(parents)
        seen: dict[int, int] = {}
        for row in reversed(rows):
            seen.setdefault(row.answers, row.thread)
        seen |= {row.message: row.thread for row in rows}
        thread = next((seen[one] for one in reversed(parents) if one in seen), None)
        if thread is None:
            return
        rows = [*rows, *self._reads.thread(thread)]
        self.known.note(rows)
        people = dict.fromkeys(number for row in rows for number in people_of(row))
        self._wanted.update(dict.fromkeys(islice(people, MOST_IN_THREAD)))

    def company(self) -> None:
        """Read who usually gets what the recipients get."""
        if len(self._addresses) > COMPANY:
            return
        companions = self._memory.companions
        people = {number for one in self._addresses for number in self._box(one)}
        received = self._memory.received
        for one, other, weight in self._reads.companions(people & received.keys()):
            company = companions.setdefault(one, {})
            company[other] = weight
            if len(company) <= CLOSEST:
                self._wanted[other] = None

    def answers(self, sender: Address | None) -> None:
        """Read what the sender said when asked about these recipients."""
        if sender is None:
            return
        recipients = {address_id(one.key): one.key for one in self._addresses}
        for written, meant, said, at, never in self._reads.answers(self._sender, recipients):
            if (row := self.known.rows.get(meant)) is not None:
                pairs = self._memory.answers.setdefault((sender.key, recipients[written]), {})
                pairs[address_of(row.address).key] = Answered(Said(said), at, never)

    def look_alikes(self, books: Books) -> None:
        """Read whom the recipients resemble: by keys, and of the sender's own contacts by any."""
        faces = [self._face(*each) for each in zip(self._addresses, self._typed, strict=True)]
        homes = self._near_homes()
        asked: list[int] = []
        for face, who in faces:
            asked += keys.namesake_keys(face.local, who)
            box = untagged(face.local)
            asked += (keys.box_key(box, home) for home in homes[face.domain])
        self._ask(asked)
        for face, who in faces:
            self._want(keys.slip_keys(face.local, face.domain), MOST_SLIPS)
            self._want(keys.namesake_keys(face.local, who), MOST_NAMESAKES)
            for home in homes[face.domain]:
                self._wanted.update(dict.fromkeys(self._box_at(face.local, home)))
        sender = self.known.rows.get(self._sender)
        if sender is not None and sender.sent_weight:
            whole = books.of(self._reads.conn, self._sender, sender.changed)
            kept = self.known.keep_book(whole, faces, sender.sent_weight)
            self._wanted.update(dict.fromkeys(kept))
        self._read(self._wanted)

    # Steps of these

    def _ask(self, asked: Iterable[int]) -> None:
        """Read who stands under these keys."""
        new = set(asked) - self.under.keys()
        found = self._reads.keys(new)
        self.under |= {key: found.get(key, []) for key in new}

    def _read(self, ids: Iterable[int]) -> None:
        """Read these people."""
        self.known.take(self._reads.people(set(ids) - self.known.rows.keys(), self._sender))

    def _box(self, address: Address) -> list[int]:
        """Give the ids that `Memory.mailbox` looks up, whether or not they are known."""
        return self._box_at(address.local, address.domain)

    def _box_at(self, local: str, domain: str) -> list[int]:
        box = untagged(local)
        tagged = self.under.get(keys.box_key(box, domain), [])[:MOST_TAGS]
        if tagged:
            self.known.tag(f"{box}@{domain}", tagged)
        own = {address_id(f"{local}@{domain}"), address_id(f"{box}@{domain}")}
        return [*own, *tagged]

    def _face(self, address: Address, typed: str) -> tuple[Face, Person]:
        """Give a recipient as `Question` does, by the name that history has where none stands."""
        box = self._memory.mailbox(address.local, address.domain)
        face = Face(address.local, address.domain, typed or self._memory.name(box))
        return face, person(face.name)

    def _want(self, under: Iterable[int], most: int) -> None:
        """Want those under several keys, of each the most used first."""
        most = max(10, most * FULL_CARE // max(FULL_CARE, len(self._addresses)))
        lists = [self.under[key] for key in under if self.under.get(key)]
        longest = max(map(len, lists), default=0)
        turns = (each[turn] for turn in range(longest) for each in lists if turn < len(each))
        self._wanted.update(islice(dict.fromkeys(turns).items(), most))

    def _near_homes(self) -> dict[str, set[str]]:
        """Give the known domains that each recipient's may be a slip for."""
        domains = {one.domain for one in self._addresses}
        asked = {domain: keys.domain_keys(domain) for domain in domains}
        found = {number for under in asked.values() for key in under for number in self.under[key]}
        found.update(map(address_id, domains))
        memory, texts = self._memory, {}
        for number, domain, weight in self._reads.domains(found):
            texts[number] = domain
            memory.domains[domain] = weight
        for key in {key for under in asked.values() for key in under}:
            # These are keys of domains alone: no person stands under them.
            for number in self.under.pop(key):
                if number in texts:
                    memory.index.put_domain(texts[number], [key])
        return {domain: memory.index.near_domains(domain) for domain in domains}


def _box_key(address: Address) -> int:
    return keys.box_key(untagged(address.local), address.domain)
