"""How often passwords may be tried for one hold, and by how many at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from factories import HELD_AT, TYPED, hold, match, verdict
from one_hold_desk import TOKEN, OneHoldDesk, Says

from guard.model.errors import StaleHoldError, StoreError
from guard.model.extract import ReadState, Reason
from guard.model.finding import Unread
from guard.model.hold import Choice, Hold, HoldState
from guard.model.verdict import Action, Verdict
from guard.release import Answer, Desk, Unconfirmed
from guard.release.answer import Sending
from guard.release.links import fingerprint

UNREAD = Unread(file="a.zip", state=ReadState.UNREADABLE, reasons=(Reason.ENCRYPTED,))
LOCKED = verdict(match(UNREAD, rule="encrypted-attachment", recipients=[TYPED]))
WRONG = "wrong"
CLEAN = Verdict(action=Action.DELIVER)


class Slow(Says):
    """Says nothing until it is let."""

    def __init__(self, said: Verdict) -> None:
        super().__init__(said)
        self.let = asyncio.Event()

    async def verdict(self, hold: Hold, sending: Sending, *, password: str = "") -> Verdict:
        given = await super().verdict(hold, sending, password=password)
        await self.let.wait()
        return given


class Talk:
    """Says passwords, at a time of its own."""

    def __init__(self, judge: Says | None = None) -> None:
        self.now = HELD_AT + timedelta(minutes=2)
        self.judge = judge or Says(LOCKED)
        self.desk = OneHoldDesk(replace(hold(), verdict=LOCKED), lambda: self.now, judge=self.judge)

    async def says(self, password: str = WRONG, desk: Desk | None = None) -> Unconfirmed | None:
        """Say one; give what was lacking."""
        try:
            answer = Answer(choice=Choice.OPEN, password=password)
            await (desk or self.desk).answer(TOKEN, answer)
        except Unconfirmed as lacking:
            return lacking
        return None

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @property
    def events(self) -> list[str]:
        return [row.event for row in self.desk.store.log]


def lacks(answers: Sequence[Unconfirmed | None]) -> list[str]:
    return ["".join(one.missing) if one else "" for one in answers]


async def test_ever_more_slowly_and_then_no_more() -> None:
    """Three at once, then after 5, 10, 20 … seconds; ten in all. The hold stays as it was."""
    talk = Talk()
    before = talk.desk.hold
    assert lacks([await talk.says() for _ in range(4)]) == [*["password"] * 3, "wait"]
    for wait in (5, 10, 20, 40, 80, 160, 320):
        early = await talk.says("right")
        assert early is not None
        assert (early.missing, early.wait_s) == ({"wait"}, wait)
        talk.later(wait - 0.5)
        assert lacks([await talk.says()]) == ["wait"]
        talk.later(0.5)
        assert lacks([await talk.says()]) == ["password"]
    talk.later(36_000)
    talk.judge.verdict_given = CLEAN
    assert lacks([await talk.says("right")]) == ["ended"]

    assert talk.desk.hold == before
    assert len(talk.judge.passwords) == 10
    assert talk.events == ["hold.opening", "hold.not_opened"] * 10


async def test_another_process_goes_on_counting() -> None:
    """What counts is the log: neither a restart nor another node begins anew."""
    talk = Talk()
    for _ in range(3):
        await talk.says()
    other = Desk(talk.desk.store, lambda: talk.now, Says(CLEAN))

    assert lacks([await talk.says("right", other)]) == ["wait"]


async def test_the_log_says_who_and_nothing_more() -> None:
    talk = Talk()
    await talk.says("himitsu")
    begun, ended = talk.desk.store.log

    assert (begun.actor, ended.event) == (str(hold().owner), "hold.not_opened")
    assert "himitsu" not in repr((begun, ended))
    assert "a.zip" not in repr((begun, ended))


async def test_a_right_one_is_not_counted() -> None:
    """Nor is one of which nobody could say whether it is."""
    talk = Talk()
    for _ in range(2):
        await talk.says()
    talk.judge.verdict_given = StoreError("away")
    for _ in range(5):
        with pytest.raises(StoreError):
            await talk.says("right")
    talk.judge.verdict_given = CLEAN
    assert await talk.says("right") is None
    assert talk.events[4:] == [
        *["hold.opening", "hold.opening_failed"] * 5,
        "hold.opening",
        "hold.opened",
    ]


async def test_one_at_a_time() -> None:
    """In this process, and in another; the one on its way is not disturbed."""
    talk = Talk(slow := Slow(CLEAN))
    first = asyncio.create_task(talk.says("right"))
    await asyncio.sleep(0)
    other = Desk(talk.desk.store, lambda: talk.now, Says(CLEAN))

    assert lacks([await talk.says(), await talk.says("right", other)]) == ["busy", "busy"]
    slow.let.set()
    assert await first is None
    assert slow.passwords == ["right"]
    assert talk.desk.hold.verdict.opened == 1


async def test_a_process_that_died_while_it_tried_one() -> None:
    """Its try counts as wrong, after a while; then the next may come."""
    talk = Talk(Slow(CLEAN))
    lost = asyncio.create_task(talk.says("right"))
    await asyncio.sleep(0)
    lost.cancel()
    await asyncio.wait([lost])
    after = Desk(talk.desk.store, lambda: talk.now, Says(LOCKED))
    assert lacks([await talk.says("right", after)]) == ["busy"]
    talk.later(180)

    answers = [await talk.says("wrong", after) for _ in range(3)]
    assert lacks(answers) == ["password", "password", "wait"]


async def test_all_holds_of_a_process_have_one_turn() -> None:
    """A robot with many links: one is tried, three wait, others are told to come again."""
    talk = Talk(slow := Slow(LOCKED))
    store = talk.desk.store
    tokens = [f"{number:043}" for number in range(6)]
    for token in tokens:
        held = replace(hold(), id=token[-32:], verdict=LOCKED)
        store.holds[held.id] = held
        store.links[fingerprint(token)] = (held.id, held.owner)
    trying = [
        asyncio.create_task(talk.desk.answer(token, Answer(choice=Choice.OPEN, password="wrong")))
        for token in tokens
    ]
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(slow.passwords) == 1
    slow.let.set()
    told = await asyncio.gather(*trying, return_exceptions=True)
    missing = [one.missing for one in told if isinstance(one, Unconfirmed)]

    assert missing == [{"password"}] * 4 + [{"busy"}] * 2
    assert len(slow.passwords) == 4


@pytest.mark.parametrize("choice", [Choice.SEND, Choice.CANCEL])
async def test_a_password_and_a_decision_at_the_same_moment(choice: Choice) -> None:
    """Whatever the sender decided meanwhile stays decided."""
    talk = Talk(slow := Slow(CLEAN))
    opening = asyncio.create_task(talk.says("right"))
    await asyncio.sleep(0)
    decided = await talk.desk.answer(TOKEN, Answer(choice=choice, ticked=frozenset({TYPED})))
    slow.let.set()
    with pytest.raises(StaleHoldError):
        await opening

    assert talk.desk.hold == decided
    assert decided.state in {HoldState.UNDO, HoldState.RETURNED}
