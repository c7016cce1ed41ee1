"""One submission to its end: what is sent, what is kept, and what the client is told."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from factories import HELD_AT, SENDER, envelope, submission
from in_process_readers import InProcessReaders
from memory_store import MemoryStore

from guard.contacts.acquaintance import Acquaintance
from guard.examine import Examination, Knowledge
from guard.model.contact import Exchange
from guard.model.envelope import Submission
from guard.model.errors import StoreError, StoreFullError
from guard.model.hold import Hold, HoldState
from guard.model.job import JobKind
from guard.model.reply import Reply
from guard.pipeline import Pipeline
from guard.policy import Policy
from guard.ports import Fate, Outcome
from guard.release import Links
from guard.release.links import fingerprint

OCTETS = b"From: yamada@example.co.jp\r\nSubject: x\r\n\r\nhello\r\n"
TAKEN = Reply(250, "2.0.0", "Taken as 1")


def rule(action: str) -> dict[str, Any]:
    """A rule about everybody at ``ACTION.example``."""
    return {
        "id": f"to-{action}",
        "message": {"en": f"{{recipient}} is for {action}."},
        "when": {"recipient": {"address": f"*@{action}.example"}},
        "then": action,
    }


def policy(**more: Any) -> Policy:
    rules = [rule(action) for action in ("tell", "hold", "refuse")]
    return Policy.model_validate(
        {"guard": 1, "us": {"domains": ["example.co.jp"]}, "rules": rules} | more
    )


class Transaction:
    """Takes what it is given, and says so."""

    def __init__(self, fate: Fate, reply: Reply) -> None:
        self.fate = fate
        self.reply = reply
        self.sent: list[bytes] = []
        self.resets = 0

    async def data(self, *chunks: bytes) -> Outcome:
        self.sent.append(b"".join(chunks))
        to = envelope(recipients=["a@b.example"]).addresses[0]
        return Outcome(reply=self.reply, recipients=((to, self.fate, self.reply),))

    async def reset(self) -> None:
        self.resets += 1


class Strangers:
    """Contacts that know nobody, or are away."""

    def __init__(self) -> None:
        self.away = False
        self.learned: list[Exchange] = []

    async def acquaintance(self, exchange: Exchange) -> Acquaintance:
        if self.away:
            raise StoreError("away")
        return Acquaintance()

    async def learn(self, exchange: Exchange) -> None:
        self.learned.append(exchange)


class NoLists:
    """No list was ever imported."""

    async def has(self, name: str) -> bool:
        return False

    async def search(self, names: Sequence[str], *_: object) -> tuple[()]:
        raise AssertionError(names)


@dataclass
class House:
    """A pipeline with all that it needs, and what it did with it."""

    policy: Policy = field(default_factory=policy)
    fate: Fate = Fate.TAKEN
    reply: Reply = TAKEN

    def __post_init__(self) -> None:
        self.store = MemoryStore(lambda: HELD_AT)
        self.contacts = Strangers()
        self.transaction = Transaction(self.fate, self.reply)
        self.links = Links(("k1", b"k" * 32), lambda _: b"k" * 32)
        self.told: list[Hold] = []
        self.seen: list[tuple[Examination, Reply]] = []
        self.later: list[Coroutine[Any, Any, None]] = []
        self.pipeline = Pipeline(
            knowledge=Knowledge(
                readers=InProcessReaders(), contacts=self.contacts, lists=NoLists()
            ),
            holds=self.store,
            links=self.links,
            clock=lambda: HELD_AT,
            policy=lambda: self.policy,
            name="guard.example.co.jp",
            address_for_log=str,
            afterwards=self.later.append,
            tell=self.tell,
            observer=lambda examination, reply: self.seen.append((examination, reply)),
        )

    async def tell(self, sent: Hold) -> None:
        self.told.append(sent)

    async def accept(self, mail: Submission, gone: Callable[[], bool] = lambda: False) -> Reply:
        try:
            return await self.pipeline.accept(mail, self.transaction, gone)
        finally:
            for work in self.later:
                await work


def mail(*recipients: str, sender: str | None = SENDER, octets: bytes = OCTETS) -> Submission:
    return submission(octets, envelope=envelope(sender, recipients))


async def test_clean_mail_gets_the_upstreams_own_reply() -> None:
    """What was inspected is what is sent, with one line on top; only then it counts."""
    house = House()

    assert await house.accept(mail("ann@clean.example")) == TAKEN

    (sent,) = house.transaction.sent
    assert sent.startswith(b"Received: from ")
    assert sent.endswith(b"\r\n" + OCTETS)
    assert sent.count(b"Received:") == 1
    assert len(house.contacts.learned) == 1
    assert (house.store.holds, house.told) == ({}, [])


@pytest.mark.parametrize(
    ("fate", "reply"),
    [
        pytest.param(Fate.REFUSED, Reply(550, "5.1.1", "Nobody"), id="refused"),
        pytest.param(Fate.UNKNOWN, Reply(451, "4.4.2", "Who knows"), id="unknown"),
    ],
)
async def test_what_was_not_taken_is_not_learned(fate: Fate, reply: Reply) -> None:
    """The client hears the upstream, and nobody becomes a contact by a mail that did not arrive."""
    house = House(fate=fate, reply=reply)

    assert await house.accept(mail("ann@tell.example")) == reply
    assert (house.contacts.learned, house.told) == ([], [])


async def test_held_mail_is_kept_and_not_sent() -> None:
    """250 with hold, octets, link, jobs and history in the store; the upstream is let go."""
    house = House()

    reply = await house.accept(mail("ann@hold.example", "bob@clean.example"))

    assert house.transaction.sent == []
    assert house.transaction.resets
    (held,) = house.store.holds.values()
    assert (reply.code, reply.text) == (250, f"Held for your confirmation: {held.number}")
    assert held.state is HoldState.WAITING
    assert house.store.raw[held.id] == OCTETS
    assert house.store.links == {fingerprint(house.links.token(held)): held.id}
    assert [job.kind for job in house.store.jobs.values()] == [JobKind.NOTICE, JobKind.EXPIRE]
    assert [entry.event for entry in house.store.log] == ["hold.created"]
    assert house.contacts.learned == []


async def test_refused_mail_says_why() -> None:
    """The strictest rule counts, whomever it is about, and speaks; nothing is kept or sent."""
    house = House()

    reply = await house.accept(mail("ann@hold.example", "bob@refuse.example"))

    assert (reply.code, reply.enhanced) == (550, "5.7.1")
    assert reply.text == "bob@refuse.example is for refuse."
    assert (house.transaction.sent, house.store.holds) == ([], {})
    assert house.transaction.resets


async def test_told_mail_is_sent_and_its_sender_told() -> None:
    """``then: tell`` holds nothing up."""
    house = House()

    assert await house.accept(mail("ann@tell.example")) == TAKEN

    assert len(house.transaction.sent) == 1
    assert [str(sent.owner) for sent in house.told] == [SENDER]
    assert house.store.holds == {}


async def test_a_bounce_is_never_held() -> None:
    """No person wrote it, and nobody could answer."""
    house = House()

    assert await house.accept(mail("ann@hold.example", sender=None)) == TAKEN
    assert house.store.holds == {}


async def test_with_nobody_to_ask_nothing_waits() -> None:
    """Mail of a sender who is not one of ours would wait for ever: refused, with the reason."""
    house = House()

    reply = await house.accept(mail("ann@hold.example", sender="ann@elsewhere.example"))

    assert (reply.code, reply.enhanced) == (550, "5.7.1")
    assert "ann@hold.example is for hold." in reply.text
    assert (house.transaction.sent, house.store.holds) == ([], {})


@pytest.mark.parametrize("recipient", ["ann@clean.example", "ann@hold.example"])
async def test_a_client_that_left_will_try_again(recipient: str) -> None:
    """So nothing is sent and nothing is kept: its mail must not be doubled."""
    house = House()

    reply = await house.accept(mail(recipient), lambda: True)

    assert reply.code == 421
    assert (house.transaction.sent, house.store.holds) == ([], {})
    assert house.transaction.resets


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"Received: from a\r\n" * 31 + OCTETS, id="too many hops"),
        pytest.param(b"X-Guard-Loop: 1\r\n" + OCTETS, id="a mail of our own"),
    ],
)
async def test_loops_end(octets: bytes) -> None:
    """The one fault that no later try mends (RFC 5321 §6.3)."""
    house = House()

    assert (await house.accept(mail("ann@clean.example", octets=octets))).code == 554
    assert house.transaction.sent == []
    assert house.transaction.resets


async def test_while_contacts_are_away() -> None:
    """The policy says: try later (a temporary fault of ours), hold, or deliver all the same."""
    for choice, code, sent in (("hold", 250, 0), ("deliver", 250, 1)):
        house = House(policy(if_guard_cannot_check=choice))
        house.contacts.away = True
        assert (await house.accept(mail("ann@clean.example"))).code == code
        assert (len(house.transaction.sent), len(house.store.holds)) == (sent, 1 - sent)

    house = House(policy(if_guard_cannot_check="try_later"))
    house.contacts.away = True
    with pytest.raises(StoreError):
        await house.accept(mail("ann@clean.example"))
    assert (house.transaction.sent, house.store.holds) == ([], {})
    assert house.transaction.resets


async def test_without_room_nothing_is_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    """No 250 before the commit; the error carries the temporary reply."""
    house = House()

    async def full(*_: object, **__: object) -> None:
        raise StoreFullError

    monkeypatch.setattr(house.store, "put", full)
    with pytest.raises(StoreFullError) as refused:
        await house.accept(mail("ann@hold.example"))
    assert refused.value.reply.code == 452
    assert house.transaction.sent == []
    assert house.transaction.resets


async def test_a_watching_policy_only_records() -> None:
    """``mode: watch``: all goes out, and what would have been done is known."""
    house = House(policy(mode="watch"))

    assert await house.accept(mail("ann@hold.example")) == TAKEN

    ((examination, reply),) = house.seen
    assert [(m.rule, m.watched) for m in examination.verdict.matches] == [("to-hold", True)]
    assert reply == TAKEN
    assert house.store.holds == {}
