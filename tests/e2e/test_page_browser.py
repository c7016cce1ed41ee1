"""The sender's page in a real browser: both languages, a phone, and without JavaScript."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from factories import HELD_AT, TYPED, customer_rows, hold, match, verdict
from one_hold_desk import TOKEN, OneHoldDesk
from playwright.async_api import Browser, Page, async_playwright

from guard.compose.letterhead import Letterhead
from guard.model.extract import ReadState, Reason
from guard.model.finding import Unread
from guard.model.hold import Choice, Hold, HoldState
from guard.model.verdict import Confirm
from guard.web.confirm import create_app
from guard.web.server import WebServer

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = (390, 844)
NARROW = (320, 640)
DESK = (1100, 900)
TARGET = 44
"""Least height of what is pressed, in CSS pixels."""

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),  # one browser for all
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None and os.environ.get("CI") != "true", reason="Chromium is not installed"
    ),
]

SEND = {"ja": "このまま送信する", "en": "Send as it is"}
CANCEL = {"ja": "送信をやめる", "en": "Do not send"}
OPEN = {"ja": "開いて確認する", "en": "Open and check"}
UNDO = {"ja": "取り消す", "en": "Undo"}
BOTH = pytest.mark.parametrize("language", ["ja", "en"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
                *("--disable-background-networking", "--disable-component-update"),
                "--disable-sync",
            ],
        )
        yield browser
        await browser.close()


class Visit:
    """One sender with the link of one hold; what the browser asked for and complained about."""

    def __init__(self, desk: OneHoldDesk, page: Page, url: str) -> None:
        self.desk = desk
        self.page = page
        self.url = url
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))

    async def box(self, selector: str) -> dict[str, float]:
        found = await self.page.locator(selector).first.bounding_box()
        assert found is not None, selector
        return {"top": found["y"], "bottom": found["y"] + found["height"], **found}

    async def press(self, name: str) -> int:
        async with self.page.expect_navigation() as navigation:
            await self.page.get_by_role("button", name=name, exact=True).click()
        response = await navigation.value
        assert response is not None
        return response.status


@asynccontextmanager
async def visiting(
    browser: Browser, held: Hold, size: tuple[int, int] = DESK, *, scheme: str = "light"
) -> AsyncIterator[Visit]:
    """Serve *held*, and open its link, with JavaScript off."""

    def clock():
        return HELD_AT + timedelta(minutes=2)

    desk = OneHoldDesk(held, clock)
    # The port is only known once the server listens; a reverse proxy's address does as well.
    letterhead = Letterhead(
        from_="Mail check <guard@example.co.jp>",
        public_url="https://guard.example.co.jp",
        time_zone="Asia/Tokyo",
        our_domains=frozenset({"example.co.jp"}),
    )
    server = WebServer(create_app(desk, letterhead=letterhead, clock=clock), "127.0.0.1:0")
    await server.start()
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        java_script_enabled=False,
    )
    try:
        page = await context.new_page()
        visit = Visit(desk, page, f"http://{server.address}/m/{TOKEN}")
        await page.goto(visit.url)
        yield visit
        assert all(asked.startswith(f"http://{server.address}/") for asked in visit.asked)
        assert [each for each in visit.complaints if "422" not in each] == []
    finally:
        await context.close()
        await server.stop()


@BOTH
async def test_tick_and_send_and_undo(browser: Browser, language: str) -> None:
    """A person reads, ticks, sends, thinks again, and takes it back."""
    async with visiting(browser, hold(language=language)) as visit:
        await visit.page.get_by_label(TYPED).check()
        assert await visit.press(SEND[language]) == 200

        assert visit.desk.hold.state is HoldState.UNDO
        assert "10" in await visit.page.locator("h1").inner_text()

        assert await visit.press(UNDO[language]) == 200
        assert visit.desk.hold.state is HoldState.WAITING
        assert not await visit.page.get_by_label(TYPED).is_checked()


@BOTH
async def test_send_without_a_tick(browser: Browser, language: str) -> None:
    """The same page comes back with an alert in sight, and nothing was sent."""
    async with visiting(browser, hold(language=language), PHONE) as visit:
        assert await visit.press(SEND[language]) == 422

        assert visit.desk.answers == []
        assert await visit.page.get_by_role("alert").count() == 1
        assert (await visit.box("[role=alert]"))["bottom"] <= PHONE[1]
        assert await visit.page.locator("[aria-invalid=true]").count() == 1


@BOTH
async def test_do_not_send(browser: Browser, language: str) -> None:
    """Cancelling is one press, with nothing to tick."""
    async with visiting(browser, hold(language=language)) as visit:
        await visit.press(CANCEL[language])

        assert [each.choice for each in visit.desk.answers] == [Choice.CANCEL]


@BOTH
async def test_the_password_of_a_file(browser: Browser, language: str) -> None:
    """On a phone the field is as wide as the others, and what was typed is not on the next page."""
    unread = Unread(file="a.zip", state=ReadState.UNREADABLE, reasons=(Reason.ENCRYPTED,))
    locked = replace(hold(language=language), verdict=verdict(match(unread)))
    async with visiting(browser, locked, NARROW) as visit:
        field = await visit.box("#password")
        assert field["width"] > NARROW[0] * 0.8
        assert field["height"] >= TARGET

        await visit.page.fill("#password", "himitsu")
        assert await visit.press(OPEN[language]) == 200
        assert visit.desk.answers[-1].password == "himitsu"
        assert "himitsu" not in await visit.page.content()
        assert await visit.press(SEND[language]) == 200
        assert visit.desk.hold.state is HoldState.UNDO


async def test_enter_in_a_field_sends_nothing(browser: Browser) -> None:
    """Who types the domain and presses Enter is still on the page, with the words kept."""
    held = hold(match(confirm=Confirm.TYPE_DOMAIN), language="en")
    async with visiting(browser, held) as visit:
        await visit.page.get_by_label(TYPED).check()
        before = len(visit.asked)
        await visit.page.get_by_role("textbox").fill("kita-syoji.example")
        await visit.page.get_by_role("textbox").press("Enter")

        assert len(visit.asked) == before
        assert visit.desk.answers == []
        assert await visit.press(SEND["en"]) == 200
        assert [each.choice for each in visit.desk.answers] == [Choice.SEND]


@BOTH
async def test_the_first_screen_of_a_phone(browser: Browser, language: str) -> None:
    """Reason, recipient and both buttons are there without scrolling."""
    async with visiting(browser, hold(language=language), PHONE) as visit:
        reason = await visit.box(".why")
        recipient = await visit.box(".tick")
        send = await visit.box("button[value=send]")
        cancel = await visit.box("button[value=cancel]")

        assert reason["bottom"] <= recipient["top"]
        assert recipient["bottom"] <= send["top"]
        assert max(send["bottom"], cancel["bottom"]) <= PHONE[1]
        assert (send["width"], send["height"]) == (cancel["width"], cancel["height"])
        assert (send["top"], send["x"]) < (cancel["top"], cancel["x"])


@BOTH
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_narrowest_screen(browser: Browser, language: str, scheme: str) -> None:
    """At 320 pixels nothing is cut off, and everything can be hit with a thumb."""
    long = "very.long.local.part.of.an.address@" + "department." * 6 + "example"
    held = hold(
        match(recipients=(TYPED, long)),
        recipients=(TYPED, long),
        language=language,
        subject="x" * 200,
    )
    async with visiting(browser, held, NARROW, scheme=scheme) as visit:
        for selector in ("main", ".why", "form", "dl"):
            box = await visit.box(selector)
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= NARROW[0]
        for pressed in await visit.page.locator("form button:visible, .tick, nav a").all():
            box = await pressed.bounding_box()
            assert box is not None
            assert box["height"] >= TARGET
            assert box["x"] + box["width"] <= NARROW[0]


async def test_the_language_can_be_switched(browser: Browser) -> None:
    """One link, and the answer stays in that language."""
    async with visiting(browser, hold(language="ja")) as visit:
        await visit.page.get_by_role("link", name="English").click()
        assert await visit.page.locator("h1").inner_text() == "This mail has not been sent yet"

        await visit.press(CANCEL["en"])
        assert await visit.page.locator("h1").inner_text() == "This mail was not sent"


async def test_what_a_screen_reader_says(browser: Browser) -> None:
    """The differing letters are spelled, the difference is named, every box has its address."""
    async with visiting(browser, hold(language="en")) as visit:
        said = await visit.page.locator("main").aria_snapshot()

        assert "sato@kita-, s, y, oji.example" in said
        assert "sy" in said
        assert "instead of" in said
        assert f'checkbox "{TYPED}' in said


async def test_values_of_a_phone_stay_whole(browser: Browser) -> None:
    """A masked number, and the addresses of a mail on its way, are not broken over two lines."""
    samples = ("鈴木○○ 090-****-5000 ya***@mi***.example", "山田○○ ya***@m***.example 03-****-1234")
    rows = match(customer_rows(samples=samples))
    going = replace(hold(), state=HoldState.RELEASING)
    for held, selector, count in ((hold(rows), ".rows .address", 6), (going, "main .address", 2)):
        async with visiting(browser, held, PHONE) as visit:
            values = await visit.page.locator(selector).all()
            assert len(values) == count
            for value in values:
                box = await value.bounding_box()
                assert box is not None
                assert box["height"] < 2 * 16 * 1.6, await value.inner_text()
