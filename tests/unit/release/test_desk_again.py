"""What the sender makes of a mail is judged again, and what is new is asked about."""

from datetime import timedelta

import pytest
from factories import (
    COLLEAGUE,
    HELD_AT,
    MEANT,
    TYPED,
    address,
    customer_rows,
    hold,
    lookalike,
    match,
    verdict,
)
from one_hold_desk import TOKEN, OneHoldDesk, Says

from guard.model.errors import StaleHoldError, StoreError
from guard.model.extract import ReadState, Reason
from guard.model.finding import Unread
from guard.model.hold import Choice, Hold, HoldState
from guard.model.verdict import Action, Confirm, Verdict
from guard.release import Answer, Unconfirmed
from guard.release.answer import Sending
from guard.release.confirmation import is_news

ROWS = match(customer_rows(), rule="customer-rows", recipients=[MEANT])
"""What the policy says once the mail would go to the contact: these are not their customers."""

FILES = {
    "attachments": (("名簿.xlsx", 48), ("図.png", 9), ("見積.pdf", 7)),
    "parts": ("2", "", "4"),
}


class Talk:
    """A desk, with a clock that a test can move."""

    def __init__(self, held: Hold, said: Verdict | Exception | None = None) -> None:
        self.now = HELD_AT + timedelta(minutes=2)
        self.judge = Says(said)
        self.desk = OneHoldDesk(held, lambda: self.now, judge=self.judge)

    async def say(self, choice: Choice, *ticked: str, **more: object) -> Hold:
        answer = Answer(choice=choice, ticked=frozenset(ticked), **more)  # type: ignore[arg-type]
        return await self.desk.answer(TOKEN, answer)


def texts(held: Hold) -> list[str]:
    return [each.text for each in held.recipients]


async def test_what_is_clean_now_goes_on() -> None:
    """The policy is asked about the very envelope that would go out, and has no more doubts."""
    talk = Talk(hold())
    sent = await talk.say(Choice.REPLACE)

    assert talk.judge.asked == [
        Sending(recipients=(address(MEANT), address(COLLEAGUE)), without=())
    ]
    assert (sent.state, texts(sent)) == (HoldState.UNDO, [MEANT, COLLEAGUE])


async def test_send_as_it_is_was_judged_already() -> None:
    """The question on the page is the policy's word about just that."""
    talk = Talk(hold(), StoreError("away"))

    assert (await talk.say(Choice.SEND, TYPED)).state is HoldState.UNDO
    assert talk.judge.asked == []


async def test_a_new_doubt_is_the_next_question() -> None:
    """Nothing is sent; the hold waits with the new recipients, for a word about them."""
    talk = Talk(hold(), verdict(ROWS))
    asked = await talk.say(Choice.REPLACE)

    assert (asked.state, texts(asked)) == (HoldState.WAITING, [MEANT, COLLEAGUE])
    assert asked.verdict.matches == (ROWS,)
    assert talk.desk.store.jobs == {}
    row = talk.desk.store.log[-1]
    assert row.event == "hold.asked_again"
    assert row.details["recipients"] == [MEANT, COLLEAGUE]
    assert row.details["rules"] == ["customer-rows"]

    with pytest.raises(Unconfirmed) as caught:
        await talk.say(Choice.SEND, TYPED)
    assert caught.value.missing == {MEANT}

    sent = await talk.say(Choice.SEND, MEANT)
    assert (sent.state, texts(sent)) == (HoldState.UNDO, [MEANT, COLLEAGUE])
    assert len(talk.judge.asked) == 1


async def test_a_tick_for_the_old_question_is_none_for_the_new() -> None:
    """Even where the box with that address was ticked beforehand: nobody had asked about it."""
    talk = Talk(hold(), verdict(ROWS))

    assert (await talk.say(Choice.REPLACE, MEANT, COLLEAGUE)).state is HoldState.WAITING


async def test_an_old_doubt_is_no_news_and_wants_its_tick() -> None:
    """The same rule about the same recipient: asked already, and answered or not."""
    other = "tanaka@abc.example"
    rows = match(customer_rows(), rule="customer-rows", recipients=[other])
    held = hold(match(), rows, recipients=[TYPED, other])

    with pytest.raises(Unconfirmed) as caught:
        await Talk(held, verdict(rows)).say(Choice.REPLACE)
    assert caught.value.missing == {other}

    sent = await Talk(held, verdict(rows)).say(Choice.REPLACE, other)
    assert (sent.state, texts(sent)) == (HoldState.UNDO, [MEANT, other])


async def test_a_new_reason_of_an_old_rule_is_news() -> None:
    """The contact who was meant resembles a third, says the same rule."""
    third = match(lookalike(MEANT, "sato@kita-shoji.test"), recipients=[MEANT])

    assert (await Talk(hold(), verdict(third)).say(Choice.REPLACE)).state is HoldState.WAITING


async def test_what_the_policy_refuses_is_not_sent() -> None:
    """A rule that turns mail away is not for the sender to overrule; nothing changes."""
    talk = Talk(hold(), verdict(match(action=Action.REFUSE), action=Action.REFUSE))
    with pytest.raises(Unconfirmed) as caught:
        await talk.say(Choice.DROP)

    assert caught.value.missing == {"refused"}
    assert talk.desk.hold == hold()
    assert talk.desk.store.log == []


async def test_nobody_can_judge_now() -> None:
    """Contacts or lists are away: an error for the page, and nothing changed."""
    talk = Talk(hold(), StoreError("away"))
    with pytest.raises(StoreError):
        await talk.say(Choice.DROP)

    assert talk.desk.hold == hold()
    assert talk.desk.store.log == []


async def test_time_can_run_out_while_it_is_judged() -> None:
    """R-F6: what is decided after its time is not sent."""
    talk = Talk(hold())

    class Slow(Says):
        async def verdict(self, hold: Hold, sending: Sending) -> Verdict:
            talk.now = hold.expires_at
            return await super().verdict(hold, sending)

    slow = OneHoldDesk(hold(), lambda: talk.now, judge=Slow())
    with pytest.raises(StaleHoldError):
        await slow.answer(TOKEN, Answer(choice=Choice.DROP))
    assert slow.hold.state is HoldState.WAITING


async def test_undo_goes_back_to_the_question_as_it_stood() -> None:
    """Not to the first one: that was answered."""
    talk = Talk(hold(**FILES), verdict(ROWS))
    asked = await talk.say(Choice.REPLACE)
    talk.judge.verdict_given = verdict(action=Action.DELIVER)
    sent = await talk.say(Choice.WITHOUT, without=frozenset({"2"}))
    assert (sent.state, sent.without) == (HoldState.UNDO, ("2",))

    back = await talk.say(Choice.UNDO)
    assert (back.recipients, back.without, back.verdict) == (
        asked.recipients,
        asked.without,
        asked.verdict,
    )
    assert back.state is HoldState.WAITING


async def test_without_an_attachment() -> None:
    """Only parts that can be left out, each once, in the order of the mail."""
    talk = Talk(hold(match(confirm=Confirm.ONE_CLICK), **FILES))
    sent = await talk.say(Choice.WITHOUT, without=frozenset({"4", "2", "9", ""}))

    assert (sent.without, texts(sent)) == (("2", "4"), [TYPED, COLLEAGUE])
    assert talk.desk.store.log[-1].details["without"] == ["2", "4"]


@pytest.mark.parametrize("parts", [set(), {""}, {"9"}, {"3"}])
async def test_without_nothing(parts: set[str]) -> None:
    """No part chosen, or none that there is: 422."""
    with pytest.raises(Unconfirmed) as caught:
        await Talk(hold(**FILES)).say(Choice.WITHOUT, TYPED, without=frozenset(parts))
    assert caught.value.missing == {"without"}


async def test_an_answer_to_an_older_question_does_nothing() -> None:
    """Another tab still showed the first one; the mail has other recipients by now."""
    talk = Talk(hold(match(confirm=Confirm.ONE_CLICK)), verdict(ROWS))
    first = talk.desk.hold.question
    await talk.say(Choice.REPLACE, question=first)
    with pytest.raises(StaleHoldError):
        await talk.say(Choice.SEND, MEANT, question=first)

    now = talk.desk.hold.question
    assert (await talk.say(Choice.SEND, MEANT, question=now)).state is HoldState.UNDO


def test_news() -> None:
    """A doubt less, or other figures of an old doubt, are none; a higher rung is."""
    both = verdict(match(), match(customer_rows(), rule="rows"))
    fresher = match(lookalike(score=0.99, closeness=97))
    locked = Unread(file="a.zip", state=ReadState.UNREADABLE, reasons=(Reason.ENCRYPTED,))

    assert not is_news(verdict(), both)
    assert not is_news(verdict(fresher), verdict())
    assert not is_news(verdict(match(watched=True), action=Action.TELL), both)
    assert is_news(both, verdict())
    assert is_news(verdict(match(confirm=Confirm.GIVE_REASON)), verdict())
    assert is_news(verdict(match(locked)), verdict())
    assert is_news(
        verdict(match(customer_rows(49), rule="rows")),
        verdict(match(customer_rows(48), rule="rows")),
    )
