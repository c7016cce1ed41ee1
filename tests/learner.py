"""Contacts that know nobody, and remember what they were taught."""

from collections.abc import Sequence

from guard.contacts.acquaintance import Acquaintance
from guard.model.address import Address
from guard.model.contact import Exchange
from guard.model.pair_answer import PairAnswer


class Learner:
    """`ports.Contacts` for tests."""

    def __init__(self) -> None:
        self.learned: list[Exchange] = []
        self.answers: list[PairAnswer] = []
        self.new: frozenset[Address] = frozenset()
        """Whom to call confirmed for the first time."""

    async def acquaintance(self, _: Exchange) -> Acquaintance:
        return Acquaintance()

    async def learn(self, exchange: Exchange) -> None:
        self.learned.append(exchange)

    async def answered(self, answers: Sequence[PairAnswer], *, about: str) -> frozenset[Address]:
        assert about
        self.answers += answers
        return self.new
