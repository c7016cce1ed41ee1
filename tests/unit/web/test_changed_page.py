"""The page of a mail that its sender changes, that was split, or that two people decide about."""

from dataclasses import replace
from datetime import timedelta

import pytest
from asgi import request
from factories import COLLEAGUE, HELD_AT, MEANT, SENDER, TYPED, address, hold, match, verdict
from one_hold_desk import TOKEN, OneHoldDesk, Says
from test_confirm_page import NOW, PAGE, Form, app

from guard.model.errors import StoreError
from guard.model.hold import Choice, Hold, HoldState
from guard.model.verdict import Action, Confirm, Verdict
from guard.web.browser import family

EN = PAGE + "?lang=en"
BOSS = address("boss@example.co.jp")
FILES = {
    "attachments": (("名簿.xlsx", 48 * 1024), ("署名.asc", 900)),
    "parts": ("2", ""),
}
NEEDS_TWO = match(confirm=Confirm.SECOND_PERSON)


def desk_of(held: Hold, said: Verdict | Exception | None = None, **more: object) -> OneHoldDesk:
    return OneHoldDesk(held, lambda: NOW, judge=Says(said), **more)  # type: ignore[arg-type]


async def form_of(desk: OneHoldDesk, target: str = EN) -> Form:
    return Form((await request(app(desk), "GET", target)).text)


async def test_a_new_question_is_asked_on_the_same_page() -> None:
    """After the redirect: what it is about now, with the new box, and the dropped shown as such."""
    again = match(recipients=[MEANT], rule="customer-rows", sentences=(("en", ("Not theirs.",)),))
    desk = desk_of(hold(), verdict(again))
    page = app(desk)

    answered = await request(page, "POST", EN, form={"action": "replace"})
    shown = await request(page, "GET", answered.headers["location"])

    assert (answered.status, shown.status) == (303, 200)
    assert "this question is about the mail as it would go out now" in shown.text
    assert "Not theirs." in shown.text
    assert list(Form(shown.text).boxes) == [MEANT]
    assert desk.hold.state is HoldState.WAITING
    assert "not receiving" in shown.text


async def test_the_first_question_says_nothing_of_changes() -> None:
    """Nobody changed anything yet."""
    assert "You changed" not in (await form_of(desk_of(hold()))).text


async def test_what_the_policy_refuses() -> None:
    """422, in words; the question stays."""
    desk = desk_of(hold(), verdict(match(action=Action.REFUSE), action=Action.REFUSE))
    answered = await request(app(desk), "POST", EN, form={"action": "drop"})

    assert answered.status == 422
    assert "does not let it be sent like that" in answered.text
    assert list(Form(answered.text).boxes) == [TYPED]


async def test_nobody_can_judge_now() -> None:
    """503, and nothing changed."""
    desk = desk_of(hold(), StoreError("away"))
    answered = await request(app(desk), "POST", EN, form={"action": "drop"})

    assert answered.status == 503
    assert desk.hold == hold()


async def test_attachments_that_can_be_left_out() -> None:
    """Only those with a part number; the page says what it does to the mail."""
    form = await form_of(desk_of(hold(**FILES)))
    none = await form_of(desk_of(hold()))

    assert form.files == {"2": False}
    assert "without" in form.buttons
    assert "The mail is rebuilt without them" in form.text
    assert "will not see that something was left out" in form.text
    assert "DKIM" not in form.text
    assert "DKIM" in (await form_of(desk_of(hold(**FILES, signed=True)))).text
    assert (none.files, "without" in none.buttons) == ({}, False)


async def test_without_an_attachment() -> None:
    """The ticks come back when something is missing, and count when nothing is."""
    desk = desk_of(hold(**FILES), verdict())
    page = app(desk)

    none = await request(page, "POST", EN, form={"action": "without", "confirm": TYPED})
    unticked = await request(page, "POST", EN, form={"action": "without", "without": "2"})
    whole = {"action": "without", "without": "2", "confirm": TYPED}
    sent = await request(page, "POST", EN, form=whole)

    assert (none.status, unticked.status, sent.status) == (422, 422, 303)
    assert "tick the attachment that is to be left out" in none.text
    assert Form(unticked.text).files == {"2": True}
    assert "tick each recipient" in unticked.text
    assert (desk.hold.state, desk.hold.without) == (HoldState.UNDO, ("2",))


async def test_what_was_left_out_is_shown_as_such() -> None:
    """In the list of files; it is not offered again."""
    held = hold(verdict=verdict(without=("2",), recipients=(address(TYPED),)), **FILES)
    form = await form_of(desk_of(replace(held, without=("2",))))

    assert "48 KB · left out" in form.text
    assert form.files == {}


async def test_an_answer_from_an_old_tab() -> None:
    """The form says which question it answers; the other tab is shown how it stands."""
    desk = desk_of(hold(match(confirm=Confirm.ONE_CLICK)), verdict(match(rule="new")))
    old = (await form_of(desk)).hidden
    await request(app(desk), "POST", EN, form={"action": "drop"} | old)
    assert desk.hold.state is HoldState.WAITING
    answered = await request(app(desk), "POST", EN, form={"action": "send", "confirm": TYPED} | old)

    assert answered.status == 303
    assert desk.hold.state is HoldState.WAITING
    assert (await form_of(desk)).hidden != old


async def test_a_split_mail() -> None:
    """Whoever was in doubt to nobody has it already; there is nobody to drop for."""
    held = hold(recipients=[TYPED], already=(address(COLLEAGUE),), cc=(COLLEAGUE,))
    form = await form_of(desk_of(held))

    assert f"{COLLEAGUE} has it already · our company" in " ".join(form.text.split())
    assert "not receiving" not in form.text
    assert list(form.boxes) == [TYPED]


async def test_the_owner_is_told_who_will_be_asked() -> None:
    """Before they send; and with nobody to ask, why it cannot be sent."""
    form = await form_of(desk_of(hold(NEEDS_TWO, second_persons=(BOSS,))))
    nobody = desk_of(hold(NEEDS_TWO))
    answered = await request(app(nobody), "POST", EN, form={"action": "send", "confirm": TYPED})

    assert str(BOSS) in form.text
    assert "nobody is named who may" in (await form_of(nobody)).text
    assert answered.status == 422
    assert "Please ask your IT" in answered.text


async def test_the_second_person_is_asked() -> None:
    """The same reasons and boxes, two buttons of their own, and nothing to change."""
    held = replace(hold(NEEDS_TWO, second_persons=(BOSS,), **FILES), state=HoldState.SECOND_PERSON)
    desk = desk_of(held, person=BOSS)
    form = await form_of(desk)
    page = app(desk)

    assert form.buttons == ["agree", "refuse"]
    assert (list(form.boxes), form.files) == ([TYPED], {})
    assert f"{SENDER} wants to send it" in form.text
    assert (await request(page, "POST", EN, form={"action": "agree"})).status == 422
    answered = await request(page, "POST", EN, form={"action": "agree", "confirm": TYPED})
    assert answered.status == 303
    assert desk.hold.state is HoldState.UNDO
    assert [each.choice for each in desk.answers] == [Choice.AGREE]


async def test_the_second_person_before_and_after() -> None:
    """They learn how it stands; the original is returned to somebody else."""
    held = hold(NEEDS_TWO, second_persons=(BOSS,))
    waiting = await form_of(desk_of(held, person=BOSS))
    over = await form_of(desk_of(replace(held, state=HoldState.RETURNED), person=BOSS))

    assert "The sender has not decided yet" in waiting.text
    assert waiting.buttons == []
    assert "This mail was not sent" in over.text
    assert "returned to you" not in over.text


async def test_the_owner_while_somebody_is_asked() -> None:
    """They see who it is, and can still call it off."""
    held = replace(hold(NEEDS_TWO, second_persons=(BOSS,)), state=HoldState.SECOND_PERSON)
    desk = desk_of(held)
    form = await form_of(desk)

    assert str(BOSS) in form.text
    assert form.buttons == ["cancel"]
    await request(app(desk), "POST", EN, form={"action": "cancel"})
    assert desk.hold.state is HoldState.RETURNED


async def test_time_runs_for_the_second_person() -> None:
    """R-F6: over is over, before the worker has come."""
    held = hold(NEEDS_TWO, second_persons=(BOSS,), expires_at=HELD_AT + timedelta(minutes=1))
    desk = desk_of(replace(held, state=HoldState.SECOND_PERSON), person=BOSS)

    assert "No answer until" in (await form_of(desk)).text


async def test_the_audit_says_by_what_browser() -> None:
    """Coarsely: who decided, from where, by what, and how long it took."""
    desk = desk_of(hold())
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
    said = {"action": "send", "confirm": TYPED}
    await request(app(desk), "POST", EN, form=said, headers={"User-Agent": agent})

    row = desk.store.log[-1]
    assert (row.event, row.actor, row.peer) == ("hold.decided", SENDER, "192.0.2.55")
    assert row.details["how"] == "link"
    assert row.details["browser"] == "firefox"
    assert row.details["seconds"] == 120.0
    assert TOKEN not in repr(desk.store.log)


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("Mozilla/5.0 … AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130 Safari/537.36", "chrome"),
        ("Mozilla/5.0 … (KHTML, like Gecko) Chrome/130 Safari/537.36 Edg/130.0", "edge"),
        ("Mozilla/5.0 (iPhone; …) AppleWebKit/605.1.15 Version/18.0 Safari/604.1", "safari"),
        ("curl/8.5.0", "other"),
        ("", "other"),
        ("x" * 100_000, "other"),
    ],
)
def test_browsers(agent: str, expected: str) -> None:
    """A family and no more: it need not tell people apart."""
    assert family(agent) == expected


@pytest.mark.parametrize(
    ("language", "said", "returned"),
    [
        ("en", "suzuki@example.co.jp answered.", "as an attachment"),
        ("ja", "suzuki@example.co.jp が回答しました", "お返しします"),
    ],
)
async def test_other_members_see_who_answered(language: str, said: str, returned: str) -> None:
    """And are not promised the original, which goes to whoever decided."""
    members = (address("yamada@example.co.jp"), address("suzuki@example.co.jp"))
    held = hold(
        owner=address("sales@example.co.jp"),
        members=members,
        state=HoldState.RETURNED,
        choice=Choice.CANCEL,
        decided_by=members[1].text,
        decided_at=NOW,
    )

    mine, others = [
        (await request(app(desk_of(held, person=person)), "GET", f"{PAGE}?lang={language}")).text
        for person in members[::-1]
    ]

    assert said in others
    assert said not in mine
    assert returned in mine
    assert returned not in others
