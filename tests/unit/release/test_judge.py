"""Asking the policy again about exactly what would be sent."""

from collections.abc import Sequence
from typing import Any

import pytest
from factories import COLLEAGUE, HELD_AT, SENDER, address, envelope, hold
from in_process_readers import InProcessReaders
from memory_store import MemoryStore

from guard.contacts.acquaintance import Acquaintance
from guard.examine import Knowledge
from guard.memory import Lane
from guard.model.contact import Exchange
from guard.model.errors import DamagedError, StoreError
from guard.model.hold import Hold
from guard.policy import Policy
from guard.release import Judge
from guard.release.answer import Sending

STRANGER = address("ann@hold.example")
OCTETS = (
    b"From: yamada@example.co.jp\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
    b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nnone at all\r\n"
    b"--b--\r\n"
)
RULES: list[dict[str, Any]] = [
    {"id": "strangers", "when": {"recipient": {"address": str(STRANGER)}}, "then": "hold"},
    {"id": "files", "when": {"attachment": {"name": "*.pdf"}}, "then": "hold"},
    {"id": "as-whom", "when": {"sender": {"not_theirs": True}}, "then": "hold"},
]


class Contacts:
    """Knows nobody, and remembers what it was asked; or is away."""

    def __init__(self) -> None:
        self.asked: list[Exchange] = []
        self.away = False

    async def acquaintance(self, exchange: Exchange) -> Acquaintance:
        if self.away:
            raise StoreError("away")
        self.asked.append(exchange)
        return Acquaintance()

    async def learn(self, exchange: Exchange) -> None:
        raise AssertionError(exchange)


class NoLists:
    """No list was ever imported."""

    async def has(self, name: str) -> bool:
        return False

    async def search(self, names: Sequence[str], *_: object, **__: object) -> tuple[()]:
        raise AssertionError(names)


class Court:
    """A judge with a hold to judge."""

    def __init__(self, **more: Any) -> None:
        self.held: Hold = hold(
            recipients=[STRANGER, COLLEAGUE], parts=("2",), attachments=(("a.pdf", 11),), **more
        )
        self.store = MemoryStore(lambda: HELD_AT)
        self.store.raw[self.held.id] = OCTETS
        self.contacts = Contacts()
        rules = [rule | {"message": {"en": "Hm."}} for rule in RULES]
        policy = Policy.model_validate(
            {"guard": 1, "us": {"domains": ["example.co.jp"]}, "rules": rules}
        )
        self.judge = Judge(
            holds=self.store,
            knowledge=Knowledge(
                readers=InProcessReaders(), contacts=self.contacts, lists=NoLists()
            ),
            policy=lambda: policy,
            clock=lambda: HELD_AT,
            lane=Lane(),
        )

    async def rules(self, *recipients: str, without: tuple[str, ...] = ()) -> list[str]:
        """Give the rules that speak about what would be sent."""
        people = tuple(address(each) for each in recipients)
        verdict = await self.judge.verdict(self.held, Sending(recipients=people, without=without))
        assert (verdict.recipients, verdict.without) == (people, without)
        return [match.rule for match in verdict.acting]


async def test_the_new_envelope_and_the_octets_that_are_left() -> None:
    """Neither who was dropped nor the file that was left out is judged any more."""
    court = Court()

    assert await court.rules(str(STRANGER), COLLEAGUE) == ["strangers", "files"]
    assert await court.rules(COLLEAGUE) == ["files"]
    assert await court.rules(str(STRANGER), COLLEAGUE, without=("2",)) == ["strangers"]
    assert await court.rules(COLLEAGUE, without=("2",)) == []
    assert [len(each.recipients) for each in court.contacts.asked] == [2, 1, 2, 1]


async def test_who_submitted_it_is_as_at_receipt() -> None:
    """A login stays what it was: its own address may send, another's is still in doubt."""
    logged_in = {"login": "yamada", "login_address": address(SENDER)}
    own = Court(**logged_in)
    other = Court(**logged_in, envelope=envelope("info@brand.example"))

    assert "as-whom" not in await own.rules(COLLEAGUE)
    assert "as-whom" in await other.rules(COLLEAGUE)


async def test_nobody_can_say_now() -> None:
    """Contacts are away: an error, and no verdict."""
    court = Court()
    court.contacts.away = True
    with pytest.raises(StoreError):
        await court.rules(COLLEAGUE)


async def test_a_part_that_is_not_there() -> None:
    """The hold and its octets do not fit together: damage, which is no bug of the page."""
    with pytest.raises(DamagedError):
        await Court().rules(COLLEAGUE, without=("7",))
