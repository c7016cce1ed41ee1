"""
Who writes to whom, in memory: counts, threads and names, and the search for resembling contacts.

`learn` takes in delivered mail, `acquaintance` says what is known about the people of one message.
"""

from dataclasses import replace
from itertools import islice

from guard.contacts.acquaintance import Acquaintance, Candidate
from guard.contacts.answers import Answered
from guard.contacts.companies import companies, keys_of_clue
from guard.contacts.memory import NO_RELATION, Memory
from guard.contacts.nearest import nearest
from guard.contacts.neighbours import Neighbourhood
from guard.contacts.question import Question
from guard.contacts.travels import clues_of
from guard.model.address import Address, Mailbox
from guard.model.contact import Contact, Exchange, Relation
from guard.model.pair_answer import PairAnswer
from guard.names.fold import plain


class History(Memory):
    """A memory that can be asked. Not safe for use by several threads at once."""

    def __init__(self) -> None:
        super().__init__()
        self._neighbourhood = Neighbourhood(self)

    def answered(self, answer: PairAnswer) -> None:
        """Take in what a sender said about a pair."""
        pairs = self.answers.setdefault((answer.sender.key, answer.written.key), {})
        pairs[answer.meant.key] = Answered.after(pairs.get(answer.meant.key), answer)

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
            for number, entry in self.entries.items()
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
        box = Mailbox(address=address, name=name)
        return nearest(self, self._neighbourhood, box, sender=sender)[:limit]

    def acquaintance(self, exchange: Exchange) -> Acquaintance:
        """Say what is known about the people of *exchange*, which is not learned by this."""
        travelled = self.travels.of(exchange)
        clues = tuple(dict.fromkeys((*exchange.clues, *clues_of(travelled))))
        people, domains = {}, {}
        for key in {key for clue in clues for key in keys_of_clue(clue)}:
            people[key] = [self.contact(number) for number in sorted(self.index.under(key))]
            domains[key] = self.index.domains_under(key)
        return replace(
            Question(self, self._neighbourhood, exchange).answer(),
            companies=companies(clues, people, domains),
            travelled=travelled,
        )
