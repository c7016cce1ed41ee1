"""The password of an attachment, on the page: asked for where it helps, and never shown again."""

from dataclasses import replace

import pytest
from asgi import request
from factories import TYPED, customer_rows, hold, match, verdict
from structlog.testing import capture_logs
from test_confirm_page import NOW, PAGE, Form, app, desk_of

from guard.model.extract import ReadState, Reason
from guard.model.finding import Unread
from guard.model.hold import Hold
from guard.model.verdict import Action, Verdict
from guard.ports import AuditEntry

PASSWORD = "ひらけ<ごま> & 1"


def locked() -> Hold:
    unread = Unread(file="見積<1>.zip", state=ReadState.UNREADABLE, reasons=(Reason.ENCRYPTED,))
    return replace(hold(), verdict=verdict(match(unread, recipients=[TYPED])))


async def test_it_is_asked_for_where_a_file_is_locked() -> None:
    page = await request(app(desk_of(locked())), "GET", PAGE)
    form = Form(page.text)

    assert "open" in form.buttons
    assert "見積<1>.zip のパスワード" in form.text
    assert 'type="password" autocomplete="off"' in page.text

    other = Form((await request(app(desk_of(hold())), "GET", PAGE)).text)
    assert "open" not in other.buttons


async def test_it_reaches_the_desk_as_it_was_typed_and_is_not_shown_again() -> None:
    """With its blanks: they may belong to it."""
    desk = desk_of(locked())
    desk._judge.verdict_given = locked().verdict  # it does not fit
    with capture_logs() as logged:
        page = await request(
            app(desk), "POST", PAGE, form={"action": "open", "password": f" {PASSWORD} "}
        )

    assert page.status == 422
    assert desk._judge.passwords == [f" {PASSWORD} "]
    assert "このパスワードでは添付ファイルを開けません。" in page.text
    assert "ごま" not in page.text
    assert "ごま" not in repr(logged)


@pytest.mark.parametrize(
    ("said", "words", "why"),
    [
        (Verdict(action=Action.DELIVER), "止める理由は見つかりませんでした", False),
        (verdict(match(customer_rows(), recipients=[TYPED])), "その中身についてのものです", True),
    ],
)
async def test_the_page_tells_what_was_inside(said: Verdict, words: str, why: bool) -> None:
    desk = desk_of(locked())
    desk._judge.verdict_given = said
    done = await request(app(desk), "POST", PAGE, form={"action": "open", "password": "x"})
    assert done.status == 303

    form = Form((await request(app(desk), "GET", PAGE)).text)
    assert words in form.text
    assert ("止めた理由" in form.text) is why
    assert "send" in form.buttons
    assert "open" not in form.buttons


@pytest.mark.parametrize(
    ("tried", "status", "wait", "ja", "en"),
    [
        pytest.param(
            ["hold.opening"],
            429,
            "10",
            "ほかのパスワードを確認しているところです。",
            "Passwords are being tried just now.",
            id="busy",
        ),
        pytest.param(
            ["hold.opening", "hold.not_opened"] * 3,
            429,
            "5",
            "次は 5 秒たってから",
            "Please wait 5 seconds before the next one.",
            id="wait",
        ),
        pytest.param(
            ["hold.opening", "hold.not_opened"] * 10,
            422,
            None,
            "ここではもう確認できません。",
            "the attachment can no longer be checked here.",
            id="ended",
        ),
    ],
)
async def test_the_page_says_when_another_may_come(
    tried: list[str], status: int, wait: str | None, ja: str, en: str
) -> None:
    """In both languages; the other ways stay open, and the mail as it is."""
    desk = desk_of(locked())
    desk.store.log += [
        AuditEntry(event=event, hold_id=desk.hold.id, at=NOW, actor="yamada") for event in tried
    ]
    before = desk.hold
    for language, words in (("ja", ja), ("en", en)):
        page = await request(
            app(desk),
            "POST",
            f"{PAGE}?lang={language}",
            form={"action": "open", "password": PASSWORD},
        )
        form = Form(page.text)
        assert page.status == status
        assert page.headers.get("retry-after") == wait
        assert words in form.text
        assert {"send", "cancel"} <= set(form.buttons)
        assert ("open" in form.buttons) is (wait is not None)
        assert "ごま" not in page.text
    assert desk.hold == before
    assert desk._judge.passwords == []
