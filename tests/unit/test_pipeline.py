"""One submission to its end: what is sent, what is kept, and what the client is told."""

import asyncio
import gc
import hashlib
import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from factories import HELD_AT, SENDER, envelope, submission
from in_process_readers import InProcessReaders
from memory_store import MemoryStore

from guard.contacts.acquaintance import Acquaintance
from guard.detect.lookalike import NOTHING
from guard.detect.recent import Recent
from guard.examine import Examination, Knowledge
from guard.model.contact import Exchange
from guard.model.envelope import Submission
from guard.model.errors import StoreError, StoreFullError
from guard.model.hold import Fate, Hold, HoldState
from guard.model.job import JobKind
from guard.model.message import Message
from guard.model.octets import InMemory, Octets
from guard.model.reply import Reply
from guard.pipeline import HELD, UNASKED, Pipeline
from guard.policy import Policy
from guard.policy.past.features import Features, Recorder
from guard.policy.past.pseudonyms import Pseudonyms
from guard.ports import Outcome
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
        self.chunked: list[bool] = []
        self.trouble: Exception | None = None
        self.resets = 0

    async def data(self, *parts: bytes | Octets, chunking: bool = False, **_: object) -> Outcome:
        if self.trouble is not None:
            raise self.trouble
        self.chunked.append(chunking)
        self.sent.append(b"".join(p if isinstance(p, bytes) else p.whole() for p in parts))
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


class Counted:
    """Suspicions that only count."""

    recent = Recent()

    def __init__(self) -> None:
        self.held: list[bool] = []

    def count(self, log_odds: float, *, at: datetime, held: bool) -> None:
        assert (log_odds, at) == (NOTHING, HELD_AT)
        self.held.append(held)


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
        self.counted = Counted()
        self.transaction = Transaction(self.fate, self.reply)
        self.links = Links(("k1", b"k" * 32), lambda _: b"k" * 32)
        self.told: list[Hold] = []
        self.seen: list[tuple[Examination, Reply]] = []
        self.later: list[Coroutine[Any, Any, None]] = []
        self.pipeline = Pipeline(
            knowledge=Knowledge(
                readers=InProcessReaders(),
                contacts=self.contacts,
                lists=NoLists(),
                suspicions=self.counted,
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
    assert house.store.links == {fingerprint(house.links.token(held)): (held.id, held.owner)}
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


AWAY = b"From: yamada@example.co.jp\r\nAuto-Submitted: auto-replied\r\n\r\naway\r\n"


@pytest.mark.parametrize("domain", ["hold.example", "tell.example"])
async def test_about_an_automatic_answer_nobody_is_asked_or_told(domain: str) -> None:
    """It goes out, and the audit log says which rules would have spoken, and why they did not."""
    house = House()
    before = UNASKED.labels("auto_reply", domain[:4])._value.get()

    assert await house.accept(mail(f"ann@{domain}", octets=AWAY)) == TAKEN

    assert (house.told, house.store.holds) == ([], {})
    (row,) = house.store.log
    assert (row.event, row.actor) == ("mail.unasked", SENDER)
    assert row.details["rules"] == [f"to-{domain[:4]}"]
    assert row.details["mail"] == "auto_reply"
    assert row.details["recipients"] == [f"ann@{domain}"]
    assert UNASKED.labels("auto_reply", domain[:4])._value.get() == before + 1
    assert house.counted.held == []


async def test_what_is_refused_is_refused_to_machines_too() -> None:
    """``then: refuse`` asks nobody, so it stands."""
    house = House()

    for sender in (SENDER, None):
        reply = await house.accept(mail("ann@refuse.example", octets=AWAY, sender=sender))
        assert reply.code == 550

    assert (house.store.log, house.transaction.sent) == ([], [])


async def test_clean_answers_leave_no_row() -> None:
    """Only what a rule would have spoken of is written down."""
    house = House()

    assert await house.accept(mail("ann@clean.example", octets=AWAY)) == TAKEN
    assert house.store.log == []


async def test_the_owner_of_a_machine_is_asked() -> None:
    """Without one, mail that says that a machine made it is refused, for there is nobody to ask."""
    machine = AWAY.replace(b"auto-replied", b"auto-generated")
    house = House()
    assert (await house.accept(mail("ann@hold.example", octets=machine))).code == 550

    house = House(policy(machines={"owners": {SENDER: "kimura@example.co.jp"}}))
    assert (await house.accept(mail("ann@hold.example", octets=machine))).code == 250

    (held,) = house.store.holds.values()
    assert held.owner.text == "kimura@example.co.jp"


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


@pytest.mark.parametrize(
    ("recipient", "sender", "gone", "fate", "counted"),
    [
        pytest.param("ann@clean.example", SENDER, False, Fate.TAKEN, 1, id="delivered"),
        pytest.param("ann@tell.example", SENDER, False, Fate.TAKEN, 1, id="told"),
        pytest.param("ann@hold.example", SENDER, False, Fate.TAKEN, 1, id="held"),
        pytest.param("ann@refuse.example", SENDER, False, Fate.TAKEN, 0, id="refused"),
        pytest.param("ann@clean.example", None, False, Fate.TAKEN, 0, id="a bounce"),
        pytest.param("ann@clean.example", SENDER, True, Fate.TAKEN, 0, id="client gone"),
        pytest.param("ann@clean.example", SENDER, False, Fate.UNKNOWN, 0, id="comes again"),
    ],
)
async def test_what_counts_for_the_budget(
    recipient: str, sender: str | None, gone: bool, fate: Fate, counted: int
) -> None:
    """A mail that was taken over, once; not what the client will hand in again, or nobody wrote."""
    reply = TAKEN if fate is Fate.TAKEN else Reply(451, "4.4.2", "Who knows")
    house = House(fate=fate, reply=reply)

    await house.accept(mail(recipient, sender=sender), lambda: gone)

    assert house.counted.held == [False] * counted


async def test_what_could_not_be_judged_does_not_count() -> None:
    """Mail that went out while nobody knew the contacts says nothing about suspicion."""
    house = House(policy(if_guard_cannot_check="deliver"))
    house.contacts.away = True

    assert (await house.accept(mail("ann@clean.example"))).code == 250
    assert house.counted.held == []


class Watched(InMemory):
    """Octets of which it is known whether somebody let go of them."""

    closed = False

    def close(self) -> None:
        super().close()
        self.closed = True


def big(octets: bytes = OCTETS) -> bytes:
    """The same mail, with an attachment's worth of text behind it."""
    return octets + b"All quiet here, nothing to see in this line.\r\n" * 30_000


@pytest.mark.parametrize(
    ("recipient", "trouble", "gone"),
    [
        pytest.param("ann@clean.example", None, False, id="delivered"),
        pytest.param("ann@hold.example", None, False, id="held"),
        pytest.param("ann@refuse.example", None, False, id="refused"),
        pytest.param("ann@clean.example", None, True, id="client gone"),
        pytest.param("ann@clean.example", OSError("damaged"), False, id="disk broken"),
        pytest.param("ann@clean.example", ValueError("no CRLF lines"), False, id="a bug"),
    ],
)
@pytest.mark.parametrize("octets", [OCTETS, big()], ids=["small", "big"])
async def test_octets_are_let_go_of(
    recipient: str, trouble: Exception | None, gone: bool, octets: bytes
) -> None:
    """R-B5: on every way out, and the transaction with them; memory for big mail is given back."""
    house = House()
    house.transaction.trouble = trouble
    watched = Watched(octets)
    sent = replace(mail(recipient), octets=watched)
    if trouble is None:
        await house.accept(sent, lambda: gone)
    else:
        with pytest.raises(type(trouble)):
            await house.accept(sent)
    assert watched.closed
    assert house.transaction.resets
    async with asyncio.timeout(10), house.pipeline.lane.through(1 << 40):
        pass  # wider than the lane: nobody is in it


async def test_octets_are_let_go_of_when_judging_fails() -> None:
    """R-B5: the same when contacts are away, and when it goes round in a loop."""
    house = House(policy(if_guard_cannot_check="try_later"))
    house.contacts.away = True
    watched = Watched(big())
    with pytest.raises(StoreError):
        await house.accept(replace(mail("ann@clean.example"), octets=watched))
    assert watched.closed

    looping = Watched(b"X-Guard-Loop: 1\r\n" + OCTETS)
    reply = await house.accept(replace(mail("ann@clean.example"), octets=looping))
    assert reply.code == 554
    assert looping.closed


@pytest.mark.parametrize("chunked", [False, True])
async def test_as_it_came_it_goes_on(chunked: bool) -> None:
    """What came by BDAT is handed on so."""
    house = House()
    await house.accept(replace(mail("ann@clean.example"), chunked=chunked))
    assert house.transaction.chunked == [chunked]


async def test_a_client_that_left_while_its_mail_waited_for_memory() -> None:
    """It will try again, so nothing is kept: asked again right before the commit."""
    house = House()
    answers = iter([False, True])

    reply = await house.accept(mail("ann@hold.example", octets=big()), lambda: next(answers))

    assert reply.code == 421
    assert house.store.holds == {}


async def test_big_mail_is_held_and_sent_whole() -> None:
    """R-C1: as small mail is."""
    house = House()
    await house.accept(mail("ann@clean.example", octets=big()))
    assert house.transaction.sent[0].endswith(b"\r\n" + big())

    house = House()
    await house.accept(mail("ann@hold.example", octets=big()))
    (held,) = house.store.holds.values()
    assert house.store.raw[held.id] == big()
    assert held.octets_sha256 == hashlib.sha256(big()).hexdigest()


def judgements() -> list[object]:
    """Everything that is made of a message by looking into it, and still there."""
    gc.collect()
    return [found for found in gc.get_objects() if isinstance(found, Examination | Message)]


async def test_a_slow_upstream_keeps_no_big_mail_in_memory() -> None:
    """R-B5: while one is delivered, another is looked into; of the first only the octets remain."""
    house = House()
    house.pipeline = replace(house.pipeline, observer=None)
    before = judgements()
    kept: list[object] = []

    class Slow(Transaction):
        async def data(
            self, *parts: bytes | Octets, chunking: bool = False, **_: object
        ) -> Outcome:
            async with house.pipeline.lane.through(1 << 40):
                kept.extend(each for each in judgements() if all(each is not b for b in before))
            return await super().data(*parts, chunking=chunking)

    house.transaction = Slow(Fate.TAKEN, TAKEN)
    async with asyncio.timeout(10):
        assert await house.accept(mail("ann@clean.example", octets=big())) == TAKEN
    assert kept == []


async def test_only_who_is_in_doubt_waits() -> None:
    """``hold_only``: both holds are kept in one go after RSET, and then the client gets its 250."""
    only = rule("hold") | {"hold_only": "doubtful_recipients"}
    house = House(policy=policy(rules=[only]))
    mail = submission(OCTETS, envelope=envelope(recipients=["a@b.example", "c@hold.example"]))
    reply = await house.accept(mail)

    waiting, copy = house.store.holds.values()
    assert reply.code == 250
    assert waiting.number in reply.text
    assert house.transaction.sent == []
    assert house.transaction.resets >= 1
    assert [each.text for each in waiting.recipients] == ["c@hold.example"]
    assert (copy.state, copy.part_of) == (HoldState.RELEASING, waiting.number)
    assert [each.text for each in copy.recipients] == ["a@b.example"]
    assert house.store.raw == {waiting.id: OCTETS, copy.id: OCTETS}
    assert [entry.event for entry in house.store.log] == ["hold.created", "hold.split"]
    assert set(house.store.links.values()) == {(waiting.id, waiting.owner)}


async def test_of_two_holds_none_is_kept_without_the_other() -> None:
    """The store says no: 451, and nobody gets anything."""
    only = rule("hold") | {"hold_only": "doubtful_recipients"}
    house = House(policy=policy(rules=[only]))
    calls: list[int] = []

    async def full(*kept: object) -> None:
        calls.append(len(kept))
        raise StoreFullError

    house.store.put = full  # type: ignore[method-assign, assignment]
    mail = submission(OCTETS, envelope=envelope(recipients=["a@b.example", "c@hold.example"]))
    with pytest.raises(StoreFullError):
        await house.accept(mail)

    assert calls == [2]
    assert house.transaction.sent == []


class Kept:
    """What is kept of past mail, in a list."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []

    def keep(self, features: Features) -> None:
        self.records.append(json.loads(features.record))


@pytest.mark.parametrize(
    ("recipient", "gone", "reply", "did"),
    [
        pytest.param("ann@clean.example", False, TAKEN, ["deliver"], id="delivered"),
        pytest.param("ann@hold.example", False, TAKEN, ["hold"], id="held"),
        pytest.param("ann@refuse.example", False, TAKEN, ["refuse"], id="refused"),
        pytest.param("ann@clean.example", True, TAKEN, [], id="gone: it comes again"),
        pytest.param("ann@clean.example", False, Reply(451, "4.3.0", "x"), [], id="comes again"),
        pytest.param(
            "a@clean.example", False, Reply(550, "5.1.1", "x"), ["deliver"], id="not taken"
        ),
    ],
)
async def test_each_mail_is_kept_once_for_a_trial(
    recipient: str, gone: bool, reply: Reply, did: list[str]
) -> None:
    """A mail that its client will hand in again is kept when it comes to its end."""
    house, past = House(reply=reply), Kept()
    recorder = Recorder(Pseudonyms(b"k" * 32))
    house.pipeline = replace(house.pipeline, past=past, recorder=recorder)

    await house.accept(mail(recipient), lambda: gone)

    assert [record["did"] for record in past.records] == did


async def test_features_that_cannot_be_taken_change_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A bug in what is only kept for later must not hold mail up, nor lose it."""
    house, past = House(), Kept()
    recorder = Recorder(Pseudonyms(b"k" * 32))
    house.pipeline = replace(house.pipeline, past=past, recorder=recorder)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(recorder, "take", broken)

    assert await house.accept(mail("ann@clean.example")) == TAKEN
    assert past.records == []


async def test_what_a_rule_held_is_counted() -> None:
    """Once a mail and rule, and only what is really kept."""
    before = HELD.labels("to-hold")._value.get()

    await House().accept(mail("ann@hold.example", "bob@tell.example"))
    await House(policy(mode="watch")).accept(mail("ann@hold.example"))
    await House().accept(mail("ann@hold.example", sender="ann@elsewhere.example"))

    assert HELD.labels("to-hold")._value.get() - before == 1
    assert HELD.labels("to-tell")._value.get() == 0
