"""The page behind the link, without a socket."""

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from asgi import request
from factories import (
    COLLEAGUE,
    HELD_AT,
    MEANT,
    TYPED,
    content,
    customer_rows,
    hold,
    lookalike,
    match,
)
from one_hold_desk import TOKEN, OneHoldDesk
from starlette.applications import Starlette
from structlog.testing import capture_logs

from guard.compose.letterhead import Letterhead
from guard.model.errors import StoreError
from guard.model.hold import Choice, Hold, HoldState
from guard.model.verdict import Confirm
from guard.web.confirm import create_app
from guard.web.headers import POLICY

PAGE = f"/m/{TOKEN}"
NOW = HELD_AT + timedelta(minutes=2)


def desk_of(held: Hold, *, error: Exception | None = None) -> OneHoldDesk:
    return OneHoldDesk(held, lambda: NOW, error=error)


def app(desk: OneHoldDesk, public_url: str = "https://guard.example.co.jp") -> Starlette:
    letterhead = Letterhead(
        from_="Mail check <guard@example.co.jp>",
        public_url=public_url,
        time_zone="Asia/Tokyo",
        our_domains=frozenset({"example.co.jp"}),
    )
    return create_app(desk, letterhead=letterhead, clock=lambda: NOW)


class Form(HTMLParser):
    """What a browser sees of a page: its text, its form, its boxes and buttons."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.action = ""
        self.methods: list[str] = []
        self.boxes: dict[str, bool] = {}
        self.files: dict[str, bool] = {}
        self.hidden: dict[str, str] = {}
        self.buttons: list[str] = []
        self.fields: dict[str, str] = {}
        self.text = ""
        self.tags: set[str] = set()
        self.first_submit: dict[str, str | None] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        values = dict(attrs)
        if tag == "form":
            self.action = values["action"] or ""
            self.methods.append(values["method"] or "")
        if tag == "input" and values["type"] == "checkbox":
            wishes: dict[str, bool] = {}  # a wish is no answer
            places = {"confirm": self.boxes, "without": self.files, "never_again": wishes}
            boxes = places[values["name"] or ""]
            boxes[values["value"] or ""] = "checked" in values
        if tag == "input" and values["type"] == "hidden":
            self.hidden[values["name"] or ""] = values["value"] or ""
        if tag == "input" and values["type"] == "text":
            self.fields[values["name"] or ""] = values["value"] or ""
        if tag == "button":
            self.first_submit = self.first_submit or values
            if values.get("name") == "action":
                self.buttons.append(values["value"] or "")

    def handle_data(self, data: str) -> None:
        self.text += data


async def test_question() -> None:
    """Reason first, then the boxes, then the two buttons, then the rest; one form, posting here."""
    answered = await request(app(desk_of(hold())), "GET", PAGE)
    form = Form(answered.text)

    assert answered.status == 200
    assert form.action == PAGE
    assert form.methods == ["post"]
    assert form.boxes == {TYPED: False}
    assert form.buttons == ["send", "cancel", "replace", "drop"]
    assert COLLEAGUE in form.text
    places = [
        answered.text.index(words)
        for words in ("よく似ています", 'type="checkbox"', 'value="send"', "添付")
    ]
    assert places == sorted(places)
    assert '<html lang="ja">' in answered.text
    assert "<mark>sy</mark>" in answered.text
    assert "「sy」と「sh」" in form.text


@pytest.mark.parametrize("sentences", [(), None], ids=["policy without words", "policy"])
async def test_both_addresses_stand_unbroken(sentences: tuple[()] | None) -> None:
    """For searching and copying, whatever the policy's sentence says."""
    held = hold(match() if sentences is None else match(sentences=sentences))
    form = Form((await request(app(desk_of(held)), "GET", PAGE)).text)

    assert TYPED in form.text
    assert MEANT in form.text


async def test_enter_in_a_field_sends_nothing() -> None:
    """The form's default button is the first one, and it is dead."""
    form = Form((await request(app(desk_of(hold())), "GET", PAGE)).text)

    assert form.first_submit == {"type": "submit", "disabled": None, "hidden": None}


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
@pytest.mark.parametrize("target", [PAGE, PAGE + "?action=send&confirm=" + TYPED])
async def test_looking_changes_nothing(method: str, target: str) -> None:
    """R-F1, R-F8: whoever opens the link, and however: the mail goes on waiting."""
    desk = desk_of(hold())

    answered = await request(app(desk), method, target, form={"action": "send", "confirm": TYPED})

    assert answered.status in {200, 405}
    assert desk.answers == []
    assert desk.hold.state is HoldState.WAITING


async def test_send_with_the_tick() -> None:
    """One POST sends; the browser is sent to look, and sees the undo window."""
    desk = desk_of(hold())
    page = app(desk)

    answered = await request(page, "POST", PAGE, form={"action": "send", "confirm": [TYPED]})
    looked = await request(page, "GET", answered.headers["location"])

    assert (answered.status, answered.headers["location"]) == (303, PAGE)
    assert desk.answers[0].choice is Choice.SEND
    assert desk.answers[0].ticked == {TYPED}
    assert desk.answers[0].peer == "192.0.2.55"
    assert "あと 10 秒で送信します" in looked.text
    assert Form(looked.text).buttons == ["undo"]
    assert TYPED in looked.text


async def test_undo() -> None:
    """What was sent by mistake waits again."""
    desk = desk_of(hold())
    page = app(desk)
    await request(page, "POST", PAGE, form={"action": "send", "confirm": TYPED})

    await request(page, "POST", PAGE, form={"action": "undo"})

    assert desk.hold.state is HoldState.WAITING
    assert [each.choice for each in desk.answers] == [Choice.SEND, Choice.UNDO]


async def test_send_without_the_tick() -> None:
    """422, the same page, an alert at the top and at the box, and what was ticked is kept."""
    other = "keiri@nishi.example"
    desk = desk_of(hold(match(recipients=(TYPED, other)), recipients=(TYPED, other)))

    answered = await request(app(desk), "POST", PAGE, form={"action": "send", "confirm": [other]})
    form = Form(answered.text)

    assert answered.status == 422
    assert desk.answers == []
    assert form.boxes == {TYPED: False, other: True}
    assert answered.text.count('role="alert"') == 1
    assert answered.text.count('aria-invalid="true"') == 1
    assert answered.text.index('role="alert"') < answered.text.index('aria-invalid="true"')


@pytest.mark.parametrize(
    "form", [{}, {"action": ""}, {"action": "explode"}, {"confirm": TYPED}], ids=str
)
async def test_a_form_without_a_choice(form: dict[str, str]) -> None:
    """A robot that submits forms, or Enter: nothing happens, and the page says what to do."""
    desk = desk_of(hold())

    answered = await request(app(desk), "POST", PAGE, form=form)

    assert answered.status == 422
    assert desk.answers == []
    assert 'role="alert"' in answered.text
    assert Form(answered.text).boxes == {TYPED: "confirm" in form}


@pytest.mark.parametrize("action", ["cancel", "drop", "replace"])
async def test_other_answers_need_no_tick(action: str) -> None:
    """Not sending to the one in doubt is always one press away."""
    desk = desk_of(hold())

    answered = await request(app(desk), "POST", PAGE, form={"action": action})

    assert answered.status == 303
    assert desk.hold.recipients != hold().recipients or action == "cancel"
    assert [each.choice for each in desk.answers] == [Choice(action)]


async def test_of_two_answers_the_first_counts() -> None:
    """The second is told what became of the first."""
    desk = desk_of(hold())
    page = app(desk)
    await request(page, "POST", PAGE, form={"action": "cancel"})

    second = await request(page, "POST", PAGE, form={"action": "send", "confirm": TYPED})
    looked = await request(page, "GET", second.headers["location"])

    assert len(desk.answers) == 1
    assert "送信を取りやめました" in looked.text


@pytest.mark.parametrize(
    ("rung", "boxes", "fields"),
    [
        (Confirm.ONE_CLICK, [], []),
        (Confirm.TICK_EACH, [TYPED], []),
        (Confirm.TYPE_DOMAIN, [TYPED], ["domain"]),
        (Confirm.GIVE_REASON, [TYPED], ["reason"]),
    ],
)
async def test_the_ladder(rung: Confirm, boxes: list[str], fields: list[str]) -> None:
    """Each rung asks for its own, and an answer that lacks it comes back with the words kept."""
    desk = desk_of(hold(match(confirm=rung)))
    form = Form((await request(app(desk), "GET", PAGE)).text)

    assert list(form.boxes) == boxes
    assert list(form.fields) == fields
    if fields:
        said = {"action": "send", fields[0]: " <b>kita "}
        again = Form((await request(app(desk), "POST", PAGE, form=said)).text)
        assert again.fields == {fields[0]: "<b>kita"}


async def test_drop_and_replace_are_offered_where_they_make_sense() -> None:
    """Nothing remains to send when the only recipient is dropped; rows suggest nobody else."""
    alone = Form((await request(app(desk_of(hold(recipients=(TYPED,)))), "GET", PAGE)).text)
    rows = hold(match(customer_rows()))
    listed = Form((await request(app(desk_of(rows)), "GET", PAGE)).text)
    gone = replace(hold(), recipients=hold().recipients[1:])
    left = Form((await request(app(desk_of(gone)), "GET", PAGE)).text)

    assert alone.buttons == ["send", "cancel", "replace"]
    assert listed.buttons == ["send", "cancel", "drop"]
    assert left.buttons == ["send", "cancel"]
    assert left.boxes == {}


async def test_drop_without_boxes_names_whom() -> None:
    """With one click there is no box to say who is left out, so the button does."""
    held = hold(match(confirm=Confirm.ONE_CLICK))
    form = Form((await request(app(desk_of(held)), "GET", PAGE + "?lang=en")).text)

    assert f"Send without {TYPED}" in form.text


async def test_drop_that_leaves_nobody() -> None:
    """Said in words; nothing happens."""
    other = "keiri@nishi.example"
    desk = desk_of(hold(match(recipients=(TYPED, other)), recipients=(TYPED, other)))

    answered = await request(app(desk), "POST", PAGE + "?lang=en", form={"action": "drop"})

    assert answered.status == 422
    assert "Nobody would be left" in answered.text
    assert desk.answers == []


async def test_replace_what_was_ticked_as_right() -> None:
    """Two answers that exclude each other are neither."""
    desk = desk_of(hold())

    answered = await request(
        app(desk), "POST", PAGE + "?lang=en", form={"action": "replace", "confirm": TYPED}
    )

    assert answered.status == 422
    assert "take the tick off" in answered.text
    assert desk.answers == []


async def test_several_domains_to_type() -> None:
    """The field says that it wants all of them."""
    other = "keiri@nishi.example"
    held = hold(
        match(recipients=(TYPED, other), confirm=Confirm.TYPE_DOMAIN), recipients=(TYPED, other)
    )
    desk = desk_of(held)
    page = app(desk)
    said = {"action": "send", "confirm": [TYPED, other]}

    short = await request(page, "POST", PAGE + "?lang=en", form=said | {"domain": "nishi.example"})
    whole = await request(
        page, "POST", PAGE, form=said | {"domain": "nishi.example KITA-SYOJI.example"}
    )

    assert short.status == 422
    assert "Please type the recipient’s domain." in short.text
    assert "with blanks between" in short.text
    assert whole.status == 303


async def test_what_happens_without_an_answer() -> None:
    """The original is promised only where the policy gives it back."""
    kept = hold(give_back=False)
    waiting = await request(app(desk_of(kept)), "GET", PAGE + "?lang=en")
    over = replace(kept, state=HoldState.EXPIRED)
    expired = await request(app(desk_of(over)), "GET", PAGE + "?lang=en")
    usual = await request(app(desk_of(hold())), "GET", PAGE + "?lang=en")

    assert "sending is cancelled on Tue 24 Nov, 15:04 JST." in waiting.text
    assert "returned to you" not in waiting.text + expired.text
    assert "returned to you" in usual.text


async def test_several_lookalikes() -> None:
    """Each pair is compared, and every contact that was perhaps meant is named."""
    pairs = (lookalike(), lookalike("ann@nrod.example", "ann@nord.example"))
    held = hold(
        match(*pairs, recipients=(TYPED, "ann@nrod.example"), sentences=()),
        recipients=(TYPED, "ann@nrod.example", COLLEAGUE),
    )
    form = Form((await request(app(desk_of(held)), "GET", PAGE + "?lang=en")).text)

    assert "Send to the usual addresses instead of those not ticked" in form.text
    assert "ann@nord.example" in form.text
    assert "Send without the recipients not ticked" in form.text


async def test_customer_rows_are_masked() -> None:
    """Counts, places in the reader's language, and masked samples; no value in clear."""
    rows = match(customer_rows(places=("sheet “顧客”, rows 2–49",)), sentences=())
    text = Form((await request(app(desk_of(hold(rows))), "GET", PAGE)).text).text

    assert "48" in text
    assert "シート「顧客」の 2～49 行" in text
    assert "山田○○ ya***@m***.example" in text


async def test_what_was_found_without_a_list() -> None:
    """Counts, marks and places in the reader's language."""
    found = match(*content(), sentences=())
    text = Form((await request(app(desk_of(hold(found))), "GET", PAGE)).text).text

    for said in (
        "48人分の名簿",
        "カード番号3件",
        "個人番号(マイナンバー)1件",
        "社外秘、CONFIDENTIAL",
    ):
        assert said in text
    assert "シート「顧客」の 1～49 行" in text
    assert "ファイル名" in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": HoldState.SECOND_PERSON}, "waits for a second person"),
        ({"state": HoldState.UNDO, "release_at": NOW + timedelta(seconds=1)}, "in 1 second<"),
        ({"state": HoldState.UNDO, "release_at": NOW}, "is being sent"),
        ({"state": HoldState.RELEASING}, "is being sent"),
        ({"state": HoldState.DELIVERED, "reply": "250 2.0.0 Ok: <q>"}, "250 2.0.0 Ok: &lt;q&gt;"),
        ({"state": HoldState.FAILED, "reply": "550 5.1.1 no\tsuch"}, "550 5.1.1 no such"),
        ({"state": HoldState.DELIVERED, "reply": "250 Ok\nb@c.example: 550 no"}, "550 no</code>"),
        ({"state": HoldState.UNKNOWN}, "perhaps delivered"),
        ({"state": HoldState.RETURNED, "decided_at": NOW}, "Mon 23 Nov, 15:06 JST"),
        ({"state": HoldState.EXPIRED}, "Tue 24 Nov, 15:04 JST"),
        ({"expires_at": NOW}, "No answer until"),
    ],
    ids=lambda value: value.get("state", "time") if isinstance(value, dict) else "",
)
async def test_a_used_link_tells_how_it_stands(changes: dict[str, object], words: str) -> None:
    """Never a 404 for a link that once was good; and once all is over, no details."""
    held: Hold = replace(hold(), **changes)  # type: ignore[arg-type] # fields by name
    answered = await request(app(desk_of(held)), "GET", PAGE + "?lang=en")

    assert answered.status == 200
    assert words in answered.text
    going = held.state.is_open and held.expires_at > NOW
    assert (TYPED in answered.text) is going
    assert (held.subject in answered.text) is going


@pytest.mark.parametrize(
    "target",
    [
        "/m/" + TOKEN[:-1],
        "/m/" + TOKEN + "A",
        "/m/" + TOKEN.swapcase(),
        "/m/%2e%2e",
        "/m/\u0661\u0662",
        "/m/" + "A" * 5000,
        "/m/",
        "/m",
        "/static/nothing.css",
        "/admin",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_unknown_links_look_all_the_same(target: str, method: str) -> None:
    """404, and the same page in both languages, whatever was asked for."""
    page = app(desk_of(hold()))
    known = await request(page, "GET", "/m/nothing")

    answered = await request(page, method, target, form={"action": "send"})

    if method == "POST" and target.startswith("/static"):
        assert answered.status == 405
    else:
        assert (answered.status, answered.body) == (404, known.body)
    assert "このアドレスには何もありません" in known.text
    assert "There is nothing at this address" in known.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": "null"}, 303),
        ({"Origin": "https://guard.example.co.jp"}, 303),
        ({"Origin": "https://GUARD.example.co.jp:443", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://guard.example.co.jp"}, 403),
        ({"Origin": "https://guard.example.co.jp.evil.example"}, 403),
        ({"Origin": "https://["}, 403),
        ({"Host": "evil.example", "Origin": "https://evil.example"}, 403),
    ],
    ids=str,
)
async def test_other_sites_cannot_answer(headers: dict[str, str], status: int) -> None:
    """R-F8: a form on another site is refused; what no browser sends holds the token, and may."""
    desk = desk_of(hold())

    answered = await request(
        app(desk), "POST", PAGE, headers=headers, form={"action": "send", "confirm": TYPED}
    )

    assert answered.status == status
    assert len(desk.answers) == (status == 303)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"action=cancel&x=" + b"x" * 65_536, "application/x-www-form-urlencoded", 413),
        (b"action=cancel", "text/plain", 415),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 415),
        (b"action=%ff", "application/x-www-form-urlencoded", 415),
        (b"action=cancel", "application/x-www-form-urlencoded; charset=utf-8", 303),
    ],
)
async def test_bodies_that_are_no_form_of_ours(body: bytes, kind: str, status: int) -> None:
    """Too large or something else: refused, and nothing happens."""
    desk = desk_of(hold())

    answered = await request(app(desk), "POST", PAGE, headers={"Content-Type": kind}, body=body)

    assert answered.status == status
    assert len(desk.answers) == (status == 303)


async def test_ten_thousand_recipients() -> None:
    """R-F9: the page has them all."""
    recipients = [f"someone.with.a.name{number}@example.net" for number in range(10_000)]
    held = hold(match(recipients=recipients), recipients=recipients)

    form = Form((await request(app(desk_of(held)), "GET", PAGE)).text)

    assert list(form.boxes) == recipients


async def test_an_answer_as_large_as_its_own_boxes() -> None:
    """A form of ours is never too large, however many boxes it has; anything else is."""
    recipients = [f"someone.with.a.long.name{number}@example.net" for number in range(1500)]
    desk = desk_of(hold(match(recipients=recipients), recipients=recipients))
    page = app(desk)
    said = {"action": "send", "confirm": recipients}

    larger = await request(page, "POST", PAGE, form=said | {"reason": "x" * 9000})
    answered = await request(page, "POST", PAGE, form=said)

    assert larger.status == 413
    assert answered.status == 303
    assert desk.hold.state is HoldState.UNDO


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\u202egpj.exe", "⟨U+202E⟩gpj.exe"),
        ('" onload="x', "&#34; onload=&#34;x"),
        ("\U0001f600", "\U0001f600"),
        ("", "(件名なし)"),
        ("x" * 10_000, "…"),
    ],
)
async def test_hostile_texts(subject: str, expected: str) -> None:
    """R-F9: whatever the mail is called, it is text."""
    held = hold(
        match(sentences=(("ja", (subject,)),)), subject=subject, attachments=((subject, 1),)
    )
    answered = await request(app(desk_of(held)), "GET", PAGE)

    assert expected in answered.text
    assert "script" not in Form(answered.text).tags
    assert len(answered.body) < 20_000


@pytest.mark.parametrize("target", [PAGE, "/m/nothing", "/", "/static/guard.css", "/nowhere"])
async def test_headers_stand_on_every_answer(target: str) -> None:
    """R-F8, R-F9: no script, frame, referrer, index; nothing kept but what has a version."""
    answered = await request(app(desk_of(hold())), "GET", target)

    assert answered.headers["content-security-policy"] == POLICY
    assert answered.headers["referrer-policy"] == "no-referrer"
    assert answered.headers["x-content-type-options"] == "nosniff"
    assert answered.headers["x-robots-tag"].startswith("noindex")
    static = target.startswith("/static")
    assert answered.headers["cache-control"].startswith("public" if static else "no-store")
    assert "set-cookie" not in answered.headers


async def test_language() -> None:
    """The hold's own, until the reader switches; the switch outlives an answer."""
    page = app(desk_of(hold(language="en")))

    own = await request(page, "GET", PAGE)
    switched = await request(page, "GET", PAGE + "?lang=ja")
    strange = await request(page, "GET", PAGE + "?lang=%3Cb%3E")
    sent = await request(page, "POST", PAGE + "?lang=ja", form={"action": "cancel"})

    assert '<html lang="en">' in own.text
    assert f'href="{PAGE}?lang=ja"' in own.text
    assert '<html lang="ja">' in switched.text
    assert Form(switched.text).action == PAGE + "?lang=ja"
    assert strange.text == own.text
    assert sent.headers["location"] == PAGE + "?lang=ja"


async def test_the_host_header_is_not_believed() -> None:
    """R-F12: neither the page nor where it sends the browser names whom the request named."""
    page = app(desk_of(hold()))
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}

    shown = await request(page, "GET", PAGE, headers=headers)
    sent = await request(page, "POST", PAGE, form={"action": "cancel"}, headers=headers)

    assert "evil.example" not in shown.text
    assert sent.headers["location"] == PAGE


async def test_a_public_url_with_a_path() -> None:
    """Links carry the path, whether or not a proxy takes it off again."""
    page = app(desk_of(hold()), "https://www.example.co.jp/guard")

    inside = await request(page, "GET", PAGE)
    whole = await request(page, "GET", "/guard" + PAGE)
    style = re.search(r'href="(/guard/static/guard\.css)\?', whole.text)

    assert inside.text == whole.text
    assert Form(whole.text).action == "/guard" + PAGE
    assert style is not None
    assert (await request(page, "GET", style[1])).status == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("error", [StoreError(f"locked {TOKEN}"), RuntimeError(TOKEN)], ids=repr)
async def test_a_failing_store(method: str, error: Exception) -> None:
    """503 with comforting words; the log says which error, and never the token."""
    with capture_logs() as logs:
        answered = await request(
            app(desk_of(hold(), error=error)), method, PAGE, form={"action": "cancel"}
        )

    assert answered.status == 503
    assert answered.headers["retry-after"] == "30"
    assert "Nothing was changed" in answered.text
    assert TOKEN not in answered.text
    assert [(each["event"], each["error"]) for each in logs] == [
        ("page.failed", type(error).__name__)
    ]
    assert TOKEN not in repr(logs)


async def test_home_and_style() -> None:
    """Somebody who types the name learns what this is; page and style are small."""
    page = app(desk_of(hold()))

    home = await request(page, "GET", "/")
    style = await request(page, "GET", "/static/guard.css")
    icon = await request(page, "GET", "/static/guard.svg")

    assert "送信確認" in home.text
    assert style.headers["content-type"].startswith("text/css")
    assert icon.headers["content-type"].startswith("image/svg+xml")
    assert len(style.body) < 4096
