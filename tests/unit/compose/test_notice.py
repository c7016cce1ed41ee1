"""The mail that asks."""

import email
import os
import re
from dataclasses import replace
from datetime import date, timedelta
from email.header import decode_header
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from factories import (
    HELD_AT,
    MEANT,
    TYPED,
    address,
    content,
    customer_rows,
    hold,
    lookalike,
    match,
    verdict,
)
from hypothesis import example, given
from hypothesis import strategies as st

from guard.compose.language import speak
from guard.compose.letter import Addressee, letter
from guard.compose.letterhead import Letterhead
from guard.compose.notice import notice
from guard.compose.shown import shown
from guard.compose.wrap import width
from guard.model.contact import Contact, Relation
from guard.model.extract import ReadState, Reason
from guard.model.finding import SenderNotTheirs, Sign, Unread, WrongFile
from guard.model.hold import Hold
from guard.model.verdict import Action, Match

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "notices"
LETTERHEAD = Letterhead(
    from_="送信確認 <guard@example.co.jp>",
    public_url="https://guard.example.co.jp",
    time_zone="Asia/Tokyo",
    our_domains=frozenset({"example.co.jp"}),
)
LINK = LETTERHEAD.link("3fJ8kQ2mZ_x9QvB7tYwLr5NcD1eHgUaP0sKiMoXjF4E")
NOW = HELD_AT + timedelta(seconds=3)


def written(held: Hold) -> EmailMessage:
    octets = notice(held, link=LINK, letterhead=LETTERHEAD, now=NOW)
    message = email.message_from_bytes(octets, policy=default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


ROWS = match(
    customer_rows(places=("顧客!2–49",)),
    rule="customer-rows",
    sentences=(
        ("ja", ("添付 名簿.xlsx に、宛先とは別の会社の顧客 48 件が含まれています。",)),
        ("en", ("名簿.xlsx contains 48 customers of companies other than the recipient.",)),
    ),
)
CYRILLIC = match(
    lookalike("a.weber@n\u043erd.example", "a.weber@nord.example", kind="homoglyph"),
    recipients=("a.weber@n\u043erd.example",),
    sentences=(),
)
CONTENT = match(*content(), rule="without-a-list", sentences=())
IN_TEXT = match(*content(""), rule="without-a-list", sentences=())
WRONG_FILE = WrongFile(
    score=0.9,
    file="請求書_北商事様.xlsx",
    company="北商事",
    domain="kita-shoji.example",
    signs=(
        Sign(whose="addressee", weight=0.75, place="sheet “請求”"),
        Sign(whose="file_name", weight=0.55),
        Sign(whose="sent_before", weight=0.4, count=3, last_on=date(2026, 11, 20)),
        Sign(whose="usual_name", weight=0.25, count=1, last_on=date(2026, 11, 20)),
        Sign(whose="addresses", weight=0.2),
        Sign(whose="properties", weight=0.2),
    ),
)
CASES = {
    "wrong-file.ja": hold(match(WRONG_FILE, sentences=())),
    "wrong-file.en": hold(match(WRONG_FILE, sentences=()), language="en"),
    "lookalike.ja": hold(),
    "lookalike.en": hold(language="en"),
    "customer-rows.ja": hold(ROWS, attachments=(("名簿.xlsx", 3 * 1024 * 1024),)),
    "customer-rows.en": hold(ROWS, language="en", owner_name=""),
    "without-a-list.ja": hold(CONTENT, attachments=(("名簿.xlsx", 3 * 1024 * 1024),)),
    "without-a-list.en": hold(IN_TEXT, language="en", owner_name=""),
    "cyrillic.en": hold(
        CYRILLIC,
        recipients=("a.weber@n\u043erd.example",),
        language="en",
        owner_name="Ann Smith",
        subject="Re: offer",
    ),
    "hostile.ja": hold(
        subject="x\r\nBcc: all@evil.example\r\n\r\n\u202eevil https://evil.example/m/a <b>",
        owner_name='山田\r\nX-Evil: 1 <script>"',
        attachments=(("a\u202egpj.exe http://evil.example", 10),),
        message_id="<a@b>\r\nX-Evil: 2",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str) -> None:
    """The notice reads as it was approved; ``UPDATE_GOLDEN=1`` writes it anew, to be read."""
    message = written(CASES[name])
    head = "".join(f"{field}: {message[field]}\n" for field in ("From", "To", "Subject", "Date"))
    now = head + "\n" + text_of(message).replace("\r\n", "\n")
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(now, "utf-8")

    assert path.read_text("utf-8") == now


def test_headers() -> None:
    """It threads with the held mail, answers nobody, and says that a machine wrote it."""
    message = written(hold())

    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["In-Reply-To"] == "<20261123060400.1@example.co.jp>"
    assert message["References"] == message["In-Reply-To"]
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.co\.jp>", message["Message-ID"])
    assert message["X-Guard-Loop"]
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("name", CASES)
def test_the_link_is_the_first_url(name: str) -> None:
    """Whole, on a line of its own, in text and HTML, before any other URL."""
    message = written(CASES[name])

    text = text_of(message)
    assert re.findall(r"https?://\S+", text)[0] == LINK
    assert LINK in [line.strip() for line in text.splitlines()]
    assert re.findall(r'https?://[^\s"<]+', html_of(message)) == [LINK] * 3  # button, address


@pytest.mark.parametrize("name", CASES)
def test_lines_are_short(name: str) -> None:
    """Text is at most 72 columns wide, but for addresses and links; octets stay within RFC 5322."""
    octets = notice(CASES[name], link=LINK, letterhead=LETTERHEAD, now=NOW)

    for line in text_of(written(CASES[name])).splitlines():
        assert width(line) <= 72 or "@" in line or "://" in line
    assert all(len(line) <= 78 for line in octets.split(b"\r\n"))
    assert octets.isascii()
    assert b"\n" not in octets.replace(b"\r\n", b"")


def test_both_addresses_stand_unbroken() -> None:
    """For copying and searching, and marked beside."""
    text = text_of(written(hold(match(sentences=()))))

    assert TYPED in text
    assert MEANT in text
    assert "sato@kita-[sy]oji.example" in text


def test_nothing_of_a_customer_or_the_body_is_in_it() -> None:
    """R-G5: counts and places, no samples: those are for the page."""
    message = written(hold(ROWS))

    for part in (text_of(message), html_of(message)):
        assert "48" in part
        assert "○○" not in part
        assert "***" not in part


def test_the_same_values_give_the_same_octets() -> None:
    """A job that crashed after sending makes the same mail again; a new link makes a new one."""
    first = notice(hold(), link=LINK, letterhead=LETTERHEAD, now=NOW)
    again = notice(hold(), link=LINK, letterhead=LETTERHEAD, now=NOW)
    later = notice(hold(), link=LINK, letterhead=LETTERHEAD, now=NOW + timedelta(hours=1))
    renewed = written(replace(hold(), token_serial=1))

    assert first == again
    assert email.message_from_bytes(later)["Message-ID"] == written(hold())["Message-ID"]
    assert renewed["Message-ID"] != written(hold())["Message-ID"]


@given(st.text(max_size=300), st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_nothing_can_be_injected(subject: str, name: str, message_id: str, file: str) -> None:
    """Whatever the held mail says, ours has its own headers, two parts and one link."""
    held = hold(subject=subject, owner_name=name, message_id=message_id, attachments=((file, 1),))
    message = written(held)

    assert set(message.keys()) <= {
        *("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References"),
        *("Auto-Submitted", "X-Auto-Response-Suppress", "X-Guard-Loop"),
        *("MIME-Version", "Content-Type"),
    }
    assert message["To"].addresses[0].addr_spec == held.owner.text
    assert len(message["To"].addresses) == 1
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert re.findall(r"https?://\S+", text_of(message)) == [LINK]


@given(st.text(max_size=300))
@example("展示会の案内先リスト")
@example("a =?utf-8?b?eA==?= b")
@example("見積 " * 20)
@example("word " * 20)
def test_the_subject_survives(subject: str) -> None:
    """What a reader decodes is what was written, blank by blank; and its lines are short."""
    composed = shown(f"[未送信] {subject} － ご確認ください", 250)
    for text in (composed, shown(subject, 250)):
        octets = letter(
            "x", Addressee.owner(hold()), subject=text, blocks=(), letterhead=LETTERHEAD, now=NOW
        )
        raw = email.message_from_bytes(octets)["Subject"]
        old_way = "".join(
            part.decode(charset or "ascii") if isinstance(part, bytes) else part
            for part, charset in decode_header(raw)
        )

        assert email.message_from_bytes(octets, policy=default)["Subject"] == text
        assert old_way == text
        assert all(len(line) <= 78 for line in octets.split(b"\r\n"))


def test_addresses_are_as_large_as_the_text() -> None:
    """Browsers show plain ``monospace`` at 13 pixels: the two addresses would be the smallest."""
    html = html_of(written(hold()))

    assert html.count("font-family:Consolas,Menlo,monospace,monospace;font-size:1em") == 2


@pytest.mark.parametrize("language", ["ja", "en"])
def test_mail_and_page_name_the_buttons_alike(language: str) -> None:
    """What the mail tells to press stands on the page."""
    _ = speak(language).gettext
    text = text_of(written(hold(language=language)))

    assert _("Send as it is") in text
    assert _("Do not send") in text


@pytest.mark.parametrize(
    ("message_id", "kept"),
    [
        pytest.param("<" + "a" * 200 + "@example.co.jp>", True, id="long, whole on its line"),
        pytest.param("<a b@example.co.jp>", False, id="blank"),
        pytest.param("<a@b><c@d>", False, id="two"),
        pytest.param("a@b", False, id="no brackets"),
        pytest.param("<\u00e4@example.co.jp>", False, id="not ASCII"),
        pytest.param("", False, id="none"),
    ],
)
def test_only_a_good_message_id_is_repeated(message_id: str, kept: bool) -> None:
    """What is no message id of RFC 5322 is left out."""
    message = written(hold(message_id=message_id))

    assert message["In-Reply-To"] == (message_id if kept else None)


@pytest.mark.parametrize(
    ("owner", "shown"),
    [
        pytest.param('"a b"@example.co.jp', '"a b"@example.co.jp', id="quoted"),
        pytest.param("a@日本.example", "a@xn--wgv71a.example", id="international domain"),
        pytest.param("太郎@example.co.jp", "太郎@example.co.jp", id="international local part"),
        pytest.param("a@[192.0.2.1]", "a@[192.0.2.1]", id="literal"),
        pytest.param("x" * 64 + "@" + "y" * 60 + ".example", None, id="very long"),
    ],
)
def test_odd_owners_are_addressed(owner: str, shown: str | None) -> None:
    """Every address that the envelope can have, To can have."""
    octets = notice(
        hold(owner=address(owner), owner_name=""), link=LINK, letterhead=LETTERHEAD, now=NOW
    )

    message = email.message_from_string(octets.decode(), policy=default)
    assert message["To"].addresses[0].addr_spec == (shown or owner)


@pytest.mark.parametrize(
    ("matches", "expected"),
    [
        pytest.param(
            (match(Unread(file="a.zip", state=ReadState.UNREADABLE, reasons=(Reason.ENCRYPTED,)),
                   sentences=()),),
            "a.zip could not be checked.",
            id="unread",
        ),
        pytest.param(
            (
                match(
                    SenderNotTheirs(login="yamada", address=address(MEANT), where="from"),
                    sentences=(),
                ),
            ),
            f"The mail is sent as {MEANT}, ",
            id="another sender",
        ),
        pytest.param(
            (match(SenderNotTheirs(login="yamada", address=None, where="from"), sentences=()),),
            "The mail is sent as an address that cannot be",
            id="a sender that nobody can read",
        ),
        pytest.param(
            (match(customer_rows(1, file=""), sentences=()),),
            "The text of the mail contains data of 1 customer.",
            id="one customer, in the text",
        ),
        pytest.param(
            (match(sentences=(("ja", ("日本語だけ。",)),)),), "日本語だけ。", id="other language"
        ),
        pytest.param(
            (Match(rule="x", action=Action.HOLD),),
            "A rule of your company asks you to look at it again.",
            id="a rule without words",
        ),
    ],
)  # fmt: skip
def test_there_is_always_a_reason(matches: tuple[Match, ...], expected: str) -> None:
    """Where the policy has no sentence in the language, we have one."""
    assert expected in text_of(written(hold(*matches, language="en")))


def test_nobody_reads_the_login() -> None:
    """Under which name somebody logs in is for the audit log, not for a mail that travels."""
    assert "yamada-t" not in text_of(written(hold(login="yamada-t")))


def test_nothing_is_promised_that_is_not_done() -> None:
    """The original is only promised where it is given back."""
    assert "returned to you" in " ".join(text_of(written(hold(language="en"))).split())
    assert "returned to you" not in text_of(written(hold(language="en", give_back=False)))


def test_watched_rules_say_nothing() -> None:
    """A rule that only records is not a reason."""
    watched = match(watched=True, sentences=(("ja", ("見ているだけ。",)),))

    assert "見ているだけ" not in text_of(written(hold(verdict=verdict(ROWS, watched))))


@pytest.mark.parametrize(
    ("usual", "expected"),
    [
        (Relation(by_sender=1), "1 mail so far)"),
        (Relation(by_organisation=3), "3 mails from your company so far)"),
        (Relation(), "(Ichiro Sato; never written to before)"),
    ],
)
def test_history_is_told(usual: Relation, expected: str) -> None:
    """How often the sender wrote to the contact who was perhaps meant."""
    intended = Contact(address=address(MEANT), name="Ichiro Sato")
    text = text_of(written(hold(match(lookalike(usual=usual, intended=intended)), language="en")))

    assert expected in " ".join(text.split())


def test_many_recipients_are_counted() -> None:
    """A thousand recipients do not make a mail of a thousand lines."""
    recipients = [f"user{number}@example.net" for number in range(1000)]
    text = text_of(written(hold(recipients=[TYPED, *recipients], language="en")))

    assert "and 981 more" in text
    assert len(text.splitlines()) < 60
