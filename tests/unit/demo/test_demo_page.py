"""The demo's page over a journal and a catcher that are filled by hand."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from asgi import request

from guard.demo.catcher import Catcher, catching, is_inside
from guard.demo.journal import Decision, Journal
from guard.demo.letter import Letter, hand_in
from guard.demo.page import create_page
from guard.demo.words import WORDS, words
from guard.model.reply import Reply
from guard.model.verdict import Action

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
CONFIRM = "http://127.0.0.1:8027"
LINK = f"{CONFIRM}/m/3fJ-abc_x9Q"
HOST = {"host": "127.0.0.1:8025"}
SLIP = Letter(
    id="slip",
    sender="yamada@example.co.jp",
    to=(("", "sato@kita-syoji.example"),),
    subject="11月分お見積り",
    text="佐藤様 <b>\n",
)


class Written(Journal):
    """A journal that tests write into."""

    def write(self, letter: Letter, action: Action, rule: str | None = None) -> None:
        held = action is Action.HOLD
        self._kept.append(
            Decision(
                at=NOW,
                sender=letter.sender,
                recipients=letter.recipients,
                subject=letter.subject,
                attachments=(),
                message_id=letter.message_id,
                action=action,
                rule=rule,
                sentences={"ja": ("似ています。",), "en": ("They look alike.",)} if rule else {},
                number="H-7K3Q-M2" if held else "",
                reply=Reply(250, "2.0.0", "Ok"),
            )
        )


class Scene:
    """The page with what it reads from."""

    def __init__(self, mail_in=("127.0.0.1", 1)) -> None:
        self.journal, self.catcher = Written(), Catcher()
        self.page = create_page(
            self.journal, self.catcher, mail_in=mail_in, confirm_url=CONFIRM, language="ja"
        )

    async def caught(self, sender: str, recipients: tuple[str, ...], octets: bytes) -> None:
        envelope = SimpleNamespace(
            original_content=octets, mail_from=sender, rcpt_tos=list(recipients)
        )
        await self.catcher.handle_DATA(None, None, envelope)

    async def get(self, target: str = "/") -> str:
        answer = await request(self.page, "GET", target, headers=HOST)
        assert answer.status == 200
        return answer.text

    async def held(self) -> None:
        """A held mail, and the notice to its sender."""
        self.journal.write(SLIP, Action.HOLD, "lookalike-recipient")
        await self.caught("", (SLIP.sender,), guards_mail(f"Open {LINK} please"))


def guards_mail(text: str, subject: str = "[Not sent yet] hello", more: str = "") -> bytes:
    """A mail that the guard writes about `SLIP`."""
    head = f"From: Guard <guard@example.co.jp>\r\nSubject: {subject}\r\n"
    return f"{head}References: {SLIP.message_id}\r\n{more}\r\n{text}\r\n".encode()


def pane(page: str, name: str) -> str:
    """The section of the page that has the heading with this id."""
    found = re.search(rf'<section aria-labelledby="{name}".*?</section>', page, re.DOTALL)
    assert found is not None
    return found.group()


def test_every_text_is_there_in_both_languages() -> None:
    """No text is missing, and the placeholders of both are the same."""
    assert set(words("ja")) == set(words("en")) == set(WORDS)
    for japanese, english in WORDS.values():
        assert japanese
        assert english
        assert re.findall(r"\{\w+\}", japanese) == re.findall(r"\{\w+\}", english)


async def test_notice_stands_in_the_inbox_with_its_link_and_reason() -> None:
    """The sender's inbox has the notice, why, and the way to the confirm page; nothing has left."""
    scene = Scene()
    await scene.held()

    page = await scene.get("/?lang=en")
    inbox = pane(page, "inboxes")
    assert f'class="button" href="{LINK}"' in inbox
    assert "They look alike." in inbox
    assert "山田 太郎" in inbox
    assert "<article" not in pane(page, "left")
    assert WORDS["waiting"][1] in pane(page, "log")


async def test_released_mail_has_left_and_its_notice_says_so() -> None:
    """Once the mail server behind the guard has it, the question is answered."""
    scene = Scene()
    await scene.held()
    await scene.caught(SLIP.sender, SLIP.recipients, SLIP.octets(at=NOW))

    page = await scene.get("/?lang=en")
    assert 'class="button"' not in pane(page, "inboxes")
    assert WORDS["sent"][1] in pane(page, "inboxes")
    assert WORDS["confirmed"][1] in pane(page, "left")
    assert "sato@kita-syoji.example" in pane(page, "left")


async def test_returned_mail_is_told_of() -> None:
    """A result with the original attached ends the waiting."""
    scene = Scene()
    await scene.held()
    kind = (
        'Content-Type: application/octet-stream; name="original.eml"\r\n'
        'Content-Disposition: attachment; filename="original.eml"\r\n'
    )
    await scene.caught("", (SLIP.sender,), guards_mail("original", "[Not sent]", kind))

    page = await scene.get("/?lang=en")
    assert WORDS["returned"][1] in pane(page, "log")
    assert "original.eml" in pane(page, "inboxes")
    assert 'class="button"' not in pane(page, "inboxes")
    assert "<article" not in pane(page, "left")


async def test_mail_of_both_kinds_stands_on_both_sides() -> None:
    """To a colleague and to somebody outside: each side shows its own recipients."""
    scene = Scene()
    await scene.caught(
        SLIP.sender, ("suzuki@example.co.jp", "sato@kita-shoji.example"), SLIP.octets(at=NOW)
    )

    page = await scene.get()
    assert "鈴木 花" in pane(page, "inboxes")
    assert "sato@kita-shoji.example" in pane(page, "left")
    assert "suzuki@example.co.jp" not in pane(page, "left")


async def test_what_a_mail_says_is_text() -> None:
    """Nothing in a mail becomes part of the page, and only the guard's own links are links."""
    scene = Scene()
    await scene.caught(SLIP.sender, SLIP.recipients, SLIP.octets(at=NOW))
    await scene.caught("", (SLIP.sender,), guards_mail("http://evil.example/m/abc", "<i>hi"))

    page = await scene.get()
    assert "佐藤様 &lt;b&gt;" in page
    assert "<i>hi" not in page
    assert "&lt;i&gt;hi" in page
    assert 'href="http://evil' not in page


async def test_languages_and_refreshing() -> None:
    """The page speaks the demo's language unless asked; it refreshes itself only when told to."""
    scene = Scene()

    assert '<html lang="ja">' in await scene.get()
    assert '<html lang="en">' in await scene.get("/?lang=en")
    assert "http-equiv" not in await scene.get()
    live = await scene.get("/?live=1")
    assert 'http-equiv="refresh"' in live
    assert "<form" not in live


async def test_page_runs_no_script_and_keeps_strangers_out() -> None:
    """The product's own policy of headers; a name that points at this machine is refused."""
    scene = Scene()
    answer = await request(scene.page, "GET", "/", headers=HOST)
    rebound = await request(scene.page, "GET", "/", headers={"host": "evil.example"})

    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert rebound.status == 400


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "http://a.test"}])
async def test_another_page_cannot_post(headers) -> None:
    """A form elsewhere sends no mail through the demo."""
    answer = await request(
        Scene().page, "POST", "/", headers=HOST | headers, form={"to": "a@b.example"}
    )
    assert answer.status == 403


async def test_mail_of_ones_own_goes_out_by_smtp() -> None:
    """The form hands a real message in, with the file that was chosen."""
    catcher = Catcher()
    async with catching(catcher, "127.0.0.1", 0) as address:
        answer = await request(
            Scene(mail_in=address).page,
            "POST",
            "/?lang=ja",
            headers=HOST,
            form={
                "from": SLIP.sender,
                "to": "a@b.example、c@d.example",
                "subject": "一\r\nBcc: x@y.example",
                "text": "こんにちは\r\n",
                "attach": "list",
            },
        )

    (caught,) = catcher
    assert answer.status == 303
    assert answer.headers["location"] == "/?lang=ja#log"
    assert caught.recipients == ("a@b.example", "c@d.example")
    assert caught.message.subject == "一 Bcc: x@y.example"
    assert caught.message.text.strip() == "こんにちは"
    assert [each.name for each in caught.message.attachments] == ["顧客リスト.xlsx"]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        pytest.param({"to": " , "}, "no_to", id="nobody"),
        pytest.param({"to": "no address"}, "bad_to", id="no address"),
        pytest.param({"to": "a@b.example", "from": "x"}, "bad_to", id="no sender"),
        pytest.param({"to": "a@b.example", "subject": "x" * 501}, "too_long", id="long subject"),
        pytest.param({"to": "a@b.example," * 101}, "too_long", id="many recipients"),
        pytest.param({"to": "a@b.example"}, "refusal", id="nobody answers"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_lost(said, name) -> None:
    """The same form comes back with what was typed, marked and explained."""
    form = {"from": SLIP.sender, "subject": "s", "text": "typed <text>"} | said

    answer = await request(Scene().page, "POST", "/", headers=HOST, form=form)

    assert answer.status == 422
    assert WORDS[name][0] in answer.text
    assert 'role="alert"' in answer.text
    assert "typed &lt;text&gt;" in answer.text


async def test_form_has_a_limit() -> None:
    """What is far too long is not read to its end."""
    answer = await request(Scene().page, "POST", "/", headers=HOST, form={"text": "x" * 300_000})
    assert answer.status == 413


async def test_catcher_keeps_octets_and_tells_inside_from_outside() -> None:
    """What comes in by SMTP is kept as it was, lines with dots too, whatever the addresses."""
    catcher = Catcher()
    octets = b"Subject: dots\r\n\r\n.one\r\n..two\r\n"
    async with catching(catcher, "127.0.0.1", 0) as address:
        reply = await asyncio.to_thread(hand_in, SLIP, octets, address)

    (caught,) = catcher
    assert reply == Reply(250, "2.0.0", "Kept, and not sent anywhere")
    assert (caught.octets, caught.place) == (octets, 1)
    assert (caught.inside, caught.outside) == ((), SLIP.recipients)
    assert caught.sender == SLIP.sender
    assert is_inside("Yamada@EXAMPLE.co.jp")
    assert not is_inside("yamada@example.co.jp.example")
    assert not is_inside("nonsense")


async def test_catcher_knows_the_null_sender() -> None:
    """Notices come from nobody (RFC 5321 §4.5.5), however the library writes that."""
    catcher = Catcher()
    async with catching(catcher, "127.0.0.1", 0) as address:
        await asyncio.to_thread(hand_in, replace(SLIP, sender=""), b"\r\n", address)

    (caught,) = catcher
    assert caught.sender == ""
