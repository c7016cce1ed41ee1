"""
Who writes to whom, in memory: counts, threads and names, and the search for resembling contacts.

`learn` takes in delivered mail, `acquaintance` says what is known about the people of one message.
"""

from itertools import islice

from guard.contacts.acquaintance import Acquaintance, Candidate, Standing
from guard.contacts.memory import NO_RELATION, Memory
from guard.contacts.question import Question, resembling
from guard.model.address import Address
from guard.model.contact import Contact, Exchange, Relation
from guard.names.fold import plain
from guard.names.likeness import Face, likeness


class History(Memory):
    """A memory that can be asked. Not safe for use by several threads at once."""

    def relation(self, sender: Address | None, recipient: Address) -> Relation:
        """Say how often *recipient* was written to, by *sender* and by all."""
        number = self.numbers.get(recipient.key)
        if number is None:
            return NO_RELATION
        return self.relation_in(self.book(sender), number)

    def search(self, text: str, limit: int = 100) -> tuple[Contact, ...]:
        """Find contacts with *text*, in any spelling, in address, name or company."""
        wanted = plain(text)
        found = (
            number
            for number, entry in enumerate(self.entries)
            if wanted in plain(entry.address.key)
            or wanted in plain(entry.face.name)
            or wanted in plain(entry.company)
        )
        return tuple(self.contact(number) for number in islice(found, limit))

    def near(
        self, address: Address, limit: int = 10, *, name: str = "", sender: Address | None = None
    ) -> tuple[Candidate, ...]:
        """
        Find contacts that *address* resembles, the closest first, the oftener written to on ties.

        With *sender* also those of the sender's own contacts that are only a little alike.
        """
        face = Face(address.local, address.domain, name or self.name(address))
        book = self.book(sender)
        found = resembling(self, face, book)
        found.discard(self.numbers.get(address.key, -1))
        candidates = [
            Candidate(
                contact=self.contact(number),
                relation=self.relation_in(book, number),
                standing=Standing(known=True, imported=self.entries[number].imported),
                likeness=alike,
            )
            for number in found
            if (alike := likeness(face, self.entries[number].face)) is not None
            and alike.closeness >= 70
        ]
        candidates.sort(
            key=lambda one: (
                -one.likeness.closeness,
                -one.relation.by_sender,
                -one.relation.by_organisation,
                one.contact.address.key,
            )
        )
        return tuple(candidates[:limit])

    def acquaintance(self, exchange: Exchange) -> Acquaintance:
        """Say what is known about the people of *exchange*, which is not learned by this."""
        return Question(self, exchange).answer()
