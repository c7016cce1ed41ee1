"""A password of the sender's opens an attachment for the check, and nothing more."""

from dataclasses import replace
from datetime import timedelta

import pytest
from factories import HELD_AT, MEANT, TYPED, customer_rows, hold, match, verdict
from one_hold_desk import TOKEN, OneHoldDesk, Says

from guard.model.errors import StaleHoldError
from guard.model.extract import ReadState, Reason
from guard.model.finding import Unread
from guard.model.hold import Choice, Hold, HoldState
from guard.model.verdict import Action, Verdict
from guard.release import Answer, Unconfirmed

PASSWORD = "ひらけごま 1"


def locked(file: str = "a.zip") -> Unread:
    return Unread(file=file, state=ReadState.UNREADABLE, reasons=(Reason.ENCRYPTED,))


LOCKED = verdict(match(locked(), rule="encrypted-attachment", recipients=[TYPED]))
ROWS = verdict(match(customer_rows(), rule="customer-rows", recipients=[TYPED]))


class Talk:
    def __init__(self, said: Verdict, *, asked: Verdict = LOCKED) -> None:
        self.now = HELD_AT + timedelta(minutes=2)
        self.judge = Says(said)
        held = replace(hold(), verdict=asked)
        self.desk = OneHoldDesk(held, lambda: self.now, judge=self.judge)

    async def say(self, choice: Choice, *ticked: str, **more: str) -> Hold:
        answer = Answer(choice=choice, ticked=frozenset(ticked), **more)  # type: ignore[arg-type]
        return await self.desk.answer(TOKEN, answer)


async def test_nothing_found_leaves_the_word_to_the_sender() -> None:
    """It is opened, judged, and still waits: one click sends it."""
    talk = Talk(Verdict(action=Action.DELIVER))
    opened = await talk.say(Choice.OPEN, password=PASSWORD)

    assert talk.judge.passwords == [PASSWORD]
    assert (opened.state, opened.verdict.action) == (HoldState.WAITING, Action.DELIVER)
    assert (await talk.say(Choice.SEND)).state is HoldState.UNDO


async def test_what_is_inside_is_the_next_question() -> None:
    talk = Talk(ROWS)
    before = talk.desk.hold.question
    opened = await talk.say(Choice.OPEN, password=PASSWORD)

    assert [each.rule for each in opened.verdict.acting] == ["customer-rows"]
    with pytest.raises(StaleHoldError):
        await talk.say(Choice.SEND, TYPED, question=before)
    with pytest.raises(Unconfirmed):
        await talk.say(Choice.SEND, question=opened.question)
    assert (await talk.say(Choice.SEND, TYPED, question=opened.question)).state is HoldState.UNDO


@pytest.mark.parametrize(
    ("said", "password"),
    [
        pytest.param(LOCKED, "wrong", id="it does not fit"),
        pytest.param(Verdict(action=Action.DELIVER), "", id="none was typed"),
    ],
)
async def test_what_opens_nothing_changes_nothing(said: Verdict, password: str) -> None:
    talk = Talk(said)
    before = talk.desk.hold
    with pytest.raises(Unconfirmed) as caught:
        await talk.say(Choice.OPEN, password=password)

    assert caught.value.missing == {"password"}
    assert talk.desk.hold == before
    tried = ["hold.opening", "hold.not_opened"] if password else []
    assert [row.event for row in talk.desk.store.log] == tried


async def test_one_of_two_is_progress() -> None:
    both = verdict(match(locked("a.zip"), locked("b.zip"), recipients=[TYPED]))
    one = verdict(match(locked("b.zip"), recipients=[TYPED]))

    opened = await Talk(one, asked=both).say(Choice.OPEN, password=PASSWORD)
    assert opened.verdict.opened == 1


async def test_there_must_be_something_to_open() -> None:
    talk = Talk(Verdict(action=Action.DELIVER), asked=ROWS)
    with pytest.raises(Unconfirmed):
        await talk.say(Choice.OPEN, password=PASSWORD)
    assert talk.judge.asked == []


async def test_what_a_rule_refuses_is_not_sent_once_it_is_known() -> None:
    """Before, nobody knew; now “send as it is” would send what the policy turns away."""
    refused = match(customer_rows(), action=Action.REFUSE, recipients=[TYPED])
    talk = Talk(verdict(refused, action=Action.REFUSE))
    await talk.say(Choice.OPEN, password=PASSWORD)

    with pytest.raises(Unconfirmed) as caught:
        await talk.say(Choice.SEND, TYPED)
    assert caught.value.missing == {"refused"}


async def test_the_password_is_kept_nowhere() -> None:
    talk = Talk(ROWS)
    opened = await talk.say(Choice.OPEN, password=PASSWORD)
    log = talk.desk.store.log

    assert [row.event for row in log] == ["hold.opening", "hold.opened"]
    assert PASSWORD not in repr((log, opened, talk.desk.store.jobs))
    assert PASSWORD not in repr(Answer(choice=Choice.OPEN, password=PASSWORD))


async def test_opening_after_a_change_stays_with_the_change() -> None:
    """The question was about other recipients than the envelope's: it still is."""
    changed = replace(LOCKED, recipients=replace(hold()).recipients[:1])
    opened = await Talk(ROWS, asked=changed).say(Choice.OPEN, password=PASSWORD)

    assert opened.verdict.recipients == changed.recipients
    assert MEANT not in [each.text for each in opened.recipients]
