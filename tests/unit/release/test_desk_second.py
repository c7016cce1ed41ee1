"""A second person: who may agree, what is theirs to say, and what the owner still can."""

from dataclasses import replace
from datetime import timedelta

import pytest
from factories import COLLEAGUE, HELD_AT, MEANT, SENDER, TYPED, address, hold, match, verdict
from memory_store import MemoryStore
from one_hold_desk import Says

from guard.holding import first_audit
from guard.model.address import Address
from guard.model.errors import StaleHoldError
from guard.model.hold import Choice, Hold, HoldState
from guard.model.job import JobKind, mark_of
from guard.model.verdict import Confirm
from guard.ports import Kept
from guard.release import Answer, Desk, Links, Unconfirmed

BOSS, DEPUTY = address("boss@example.co.jp"), address("deputy@example.co.jp")
OWNER = address(SENDER)
NEEDS_TWO = match(confirm=Confirm.SECOND_PERSON)
NOT_THEIRS = [choice for choice in Choice if choice not in {Choice.AGREE, Choice.REFUSE}]


class Talk:
    """One hold that two people have to agree to, and a link for each of them."""

    def __init__(self, *second: Address, **more: object) -> None:
        self.now = HELD_AT + timedelta(minutes=2)
        self.store = MemoryStore(lambda: self.now)
        self.judge = Says()
        self.desk = Desk(self.store, lambda: self.now, self.judge)
        self.links = Links(("k1", b"k" * 32), lambda _: b"k" * 32)
        self.held: Hold = hold(NEEDS_TWO, second_persons=second, **more)

    async def begin(self) -> "Talk":
        """Put the hold."""
        tokens, audit = self.links.tokens(self.held), first_audit(self.held)
        await self.store.put(
            Kept(hold=self.held, octets=b"octets", tokens=tokens, jobs=(), audit=audit)
        )
        return self

    async def say(self, person: Address, choice: Choice, *ticked: str) -> Hold:
        token = self.links.token(self.held, person)
        return await self.desk.answer(token, Answer(choice=choice, ticked=frozenset(ticked)))

    @property
    def state(self) -> HoldState:
        return self.store.holds[self.held.id].state

    def kinds(self) -> list[JobKind]:
        return [job.kind for job in self.store.jobs.values()]


async def asked(*second: Address, **more: object) -> Talk:
    """A hold whose owner said “send”."""
    talk = await Talk(*second, **more).begin()
    await talk.say(OWNER, Choice.SEND, TYPED)
    return talk


async def test_send_asks_the_others() -> None:
    """Each gets a mail of their own; the owner's own address never counts."""
    talk = await asked(OWNER, BOSS, DEPUTY)

    assert talk.state is HoldState.SECOND_PERSON
    jobs = list(talk.store.jobs.values())
    assert [(job.kind, job.person) for job in jobs] == [
        (JobKind.SECOND, mark_of(BOSS)),
        (JobKind.SECOND, mark_of(DEPUTY)),
    ]


async def test_agreed() -> None:
    """Then it goes, with an undo window; the audit log names both people."""
    talk = await asked(BOSS, DEPUTY)
    talk.now += timedelta(minutes=5)
    sent = await talk.say(DEPUTY, Choice.AGREE, TYPED)

    assert (sent.state, sent.decided_by) == (HoldState.UNDO, str(DEPUTY))
    assert sent.release_at == talk.now + timedelta(seconds=10)
    assert JobKind.RELEASE in talk.kinds()
    assert [(row.event, row.actor) for row in talk.store.log[1:]] == [
        ("hold.decided", SENDER),
        ("hold.agreed", str(DEPUTY)),
    ]
    with pytest.raises(StaleHoldError):
        await talk.say(BOSS, Choice.REFUSE)


async def test_agreed_without_undo_window() -> None:
    """It is released at once."""
    talk = await asked(BOSS, undo_s=0.0)

    assert (await talk.say(BOSS, Choice.AGREE, TYPED)).state is HoldState.RELEASING


async def test_agreeing_wants_the_ticks_too() -> None:
    """R-F2: whatever presses a button on every page agrees to nothing."""
    talk = await asked(BOSS)
    with pytest.raises(Unconfirmed) as caught:
        await talk.say(BOSS, Choice.AGREE)

    assert caught.value.missing == {TYPED}
    assert talk.state is HoldState.SECOND_PERSON


async def test_refused() -> None:
    """The owner gets it back."""
    talk = await asked(BOSS)
    back = await talk.say(BOSS, Choice.REFUSE)

    assert (back.state, back.choice) == (HoldState.RETURNED, Choice.REFUSE)
    assert JobKind.RESULT in talk.kinds()
    assert talk.store.log[-1].event == "hold.refused"


async def test_the_owner_cannot_agree() -> None:
    """Two people are two people, also where the owner's address is on the list."""
    talk = await asked(OWNER, BOSS)
    for choice in (Choice.AGREE, Choice.REFUSE, Choice.SEND, Choice.DROP):
        with pytest.raises(StaleHoldError):
            await talk.say(OWNER, choice, TYPED)

    assert talk.state is HoldState.SECOND_PERSON


async def test_the_owner_can_think_better_of_it() -> None:
    """As long as nobody has agreed, and then within the undo window."""
    talk = await asked(BOSS)
    assert (await talk.say(OWNER, Choice.CANCEL)).state is HoldState.RETURNED

    talk = await asked(BOSS)
    await talk.say(BOSS, Choice.AGREE, TYPED)
    assert (await talk.say(OWNER, Choice.CANCEL)).state is HoldState.RETURNED


@pytest.mark.parametrize("choice", NOT_THEIRS)
async def test_what_is_not_theirs_to_say(choice: Choice) -> None:
    """A second person neither sends for the owner, nor changes what is sent."""
    waiting = await Talk(BOSS).begin()
    with pytest.raises(StaleHoldError):
        await waiting.say(BOSS, choice, TYPED)
    assert waiting.state is HoldState.WAITING

    talk = await asked(BOSS)
    with pytest.raises(StaleHoldError):
        await talk.say(BOSS, choice, TYPED)
    assert talk.state is HoldState.SECOND_PERSON


@pytest.mark.parametrize("choice", [Choice.AGREE, Choice.REFUSE])
async def test_not_before_the_owner(choice: Choice) -> None:
    """Nobody is asked to agree to what nobody wants sent."""
    talk = await Talk(BOSS).begin()
    with pytest.raises(StaleHoldError):
        await talk.say(BOSS, choice, TYPED)

    assert talk.state is HoldState.WAITING


@pytest.mark.parametrize("second", [(), (OWNER,)], ids=["nobody", "only the owner"])
async def test_nobody_left_to_agree(second: tuple[Address, ...]) -> None:
    """Nothing is sent, and the page says why; an administrator can decide."""
    talk = await Talk(*second).begin()
    with pytest.raises(Unconfirmed) as caught:
        await talk.say(OWNER, Choice.SEND, TYPED)

    assert caught.value.missing == {"second"}
    assert talk.state is HoldState.WAITING


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=1)])
async def test_after_its_time(late: timedelta) -> None:
    """R-F6: time runs for the second person as it does for the first."""
    talk = await asked(BOSS)
    talk.now = talk.held.expires_at + late
    for person, choice in ((BOSS, Choice.AGREE), (BOSS, Choice.REFUSE), (OWNER, Choice.CANCEL)):
        with pytest.raises(StaleHoldError):
            await talk.say(person, choice, TYPED)

    assert talk.state is HoldState.SECOND_PERSON


async def test_they_are_asked_about_what_would_be_sent() -> None:
    """Where the owner changed the mail, the question is the policy's word about the new one."""
    talk = await Talk(BOSS).begin()
    talk.judge.verdict_given = verdict(match(confirm=Confirm.SECOND_PERSON, recipients=[MEANT]))
    await talk.say(OWNER, Choice.REPLACE)
    await talk.say(OWNER, Choice.SEND, MEANT)

    held = talk.store.holds[talk.held.id]
    assert held.state is HoldState.SECOND_PERSON
    assert held.verdict.doubtful == (address(MEANT),)
    assert [each.text for each in held.recipients] == [MEANT, COLLEAGUE]


async def test_undone_it_is_the_owner_who_is_asked() -> None:
    """Either of the two can take it back; the owner's next “send” asks anew."""
    for person in (OWNER, BOSS):
        talk = await asked(BOSS)
        await talk.say(BOSS, Choice.AGREE, TYPED)
        assert (await talk.say(person, Choice.UNDO)).state is HoldState.WAITING
        assert (await talk.say(OWNER, Choice.SEND, TYPED)).state is HoldState.SECOND_PERSON


async def test_agreeing_to_an_older_question_is_stale() -> None:
    """The sender took it back, changed it and sent it again: an old page agrees to nothing."""
    talk = await asked(BOSS)
    shown = talk.store.holds[talk.held.id].question
    changed = replace(talk.store.holds[talk.held.id], recipients=(address(MEANT),))
    talk.store.holds[talk.held.id] = changed
    token = talk.links.token(talk.held, BOSS)

    with pytest.raises(StaleHoldError):
        await talk.desk.answer(token, Answer(choice=Choice.AGREE, question=shown))
    assert talk.state is HoldState.SECOND_PERSON

    agreed = Answer(choice=Choice.AGREE, question=changed.question)
    assert (await talk.desk.answer(token, agreed)).recipients == (address(MEANT),)
