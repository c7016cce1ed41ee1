"""Quoted and forwarded text, and the header that is quoted with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.contacts.mentions import mentions
from guard.model.quotation import quoted_at
from guard.parse import page
from guard.parse.quoting import quotations

SATO = "sato@kita.example"

MARKED = "ok\n\n> one\n>\n> two\n\nbye"
GMAIL = f"ok\n\nOn Tue, Nov 24, 2026 at 10:00 AM Ken Sato <{SATO}>\nwrote:\n\n> one\n> two\n\nbye"
GMAIL_JA = f"はい\n\n2026年11月24日(火) 10:00 佐藤 健 <{SATO}>:\n\n> one\n> two"
APPLE_JA = f"はい\n\n2026/11/24 10:00、佐藤 健 <{SATO}>のメール:\n\none\ntwo"
KAITA = f"はい\n\n佐藤 健 <{SATO}> さんは書きました:\n> one"
OUTLOOK = (
    "ok\n\n-----Original Message-----\nFrom: Ken Sato [mailto:sato@kita.example]\n"
    "Sent: Tuesday, November 24, 2026 10:00 AM\nTo: Ann <ann@north.example>\n"
    "Cc: bob@north.example\nSubject: hello\n\nDear Ann,\n\none"
)
OUTLOOK_JA = (
    f"はい\n\n________________________________\n差出人: 佐藤 健 <{SATO}>\n"
    "送信日時: 2026年11月24日 10:00\n宛先: Ann <ann@north.example>\n"
    "CC: bob@north.example\n件名: hello\n\n山田様\n\none"
)
FORWARDED = (
    f"see\n\n---------- Forwarded message ---------\nFrom: Ken Sato <{SATO}>\n"
    "Date: Tue, Nov 24, 2026 at 10:00 AM\nSubject: hello\nTo: <ann@north.example>\n\n\none"
)
FORWARDED_JA = (
    f"転送します\n\n転送されたメッセージ:\n\n差出人: 佐藤 健 <{SATO}>\n件名: hello\n"
    "日付: 2026年11月24日 10:00:00 JST\n宛先: ann@north.example\n\none"
)


@pytest.mark.parametrize(
    ("text", "first", "last", "writer"),
    [
        pytest.param(MARKED, 3, 5, "", id="marks alone"),
        pytest.param(GMAIL, 3, 7, SATO, id="Gmail"),
        pytest.param(GMAIL_JA, 3, 6, SATO, id="Gmail, Japanese"),
        pytest.param(APPLE_JA, 3, 6, SATO, id="Apple Mail, Japanese"),
        pytest.param(KAITA, 3, 4, SATO, id="wrote, Japanese"),
        pytest.param(OUTLOOK, 3, 12, SATO, id="Outlook"),
        pytest.param(OUTLOOK_JA, 3, 12, SATO, id="Outlook, Japanese"),
        pytest.param(FORWARDED, 3, 10, SATO, id="forwarded"),
        pytest.param(FORWARDED_JA, 3, 10, SATO, id="forwarded, Japanese"),
    ],
)
def test_what_is_quoted(text: str, first: int, last: int, writer: str) -> None:
    """Its lines are known, and who wrote it."""
    (found,) = quotations(text)
    assert (found.first_line, found.last_line) == (first, last)
    assert [box.address.text for box in found.from_] == [writer] * bool(writer)


@pytest.mark.parametrize("text", [OUTLOOK, OUTLOOK_JA])
def test_quoted_header(text: str) -> None:
    """What heads a quotation is read like a header."""
    (found,) = quotations(text)
    assert [box.address.text for box in found.to] == ["ann@north.example", "bob@north.example"]
    assert found.subject == "hello"
    assert "2026" in found.sent


def test_the_innermost_counts() -> None:
    """In a thread each line belongs to whoever wrote it."""
    text = f"ok\n\nOn 1 Nov 2026 at 10, Ann <ann@north.example> wrote:\n> yes\n>\n> {FORWARDED}"
    text = text.replace(FORWARDED, FORWARDED.replace("\n", "\n> "))
    quoted = quotations(text)
    lines = text.split("\n")
    writers = []
    for line in (1, lines.index("> yes") + 1, len(lines)):
        within = quoted_at(quoted, line)
        writers.append(within.from_[0].address.text if within else "")
    assert writers == ["", "ann@north.example", SATO]


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "件名: 見積\n金額: 100",
        "To: the moon\nand back",
        "a > b\nc: d",
        "-- \nAnn\n----------------------",
        "",
    ],
)
def test_what_is_not_quoted(text: str) -> None:
    """Colons and rules stand in many a text."""
    assert quotations(text) == ()


@pytest.mark.parametrize(
    "text", [OUTLOOK, OUTLOOK_JA, f"はい\n\n2026/11/24 10:00 <{SATO}>:\n鈴木様\n"]
)
def test_quoted_greetings_are_none_of_ours(text: str) -> None:
    """Whom another greeted is not whom this mail is for; the greeting above it is."""
    assert mentions(text).greetings == ()
    assert len(mentions(f"山田様\n\n{text}").greetings) == 1


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<p>ok<blockquote type="cite">a<br>b</blockquote>c', "ok\n> a\n> b\nc"),
        ('<blockquote class="gmail_quote" style="border-left:1px #ccc solid">a', "> a"),
        ("<blockquote>a<blockquote>b</blockquote>c</blockquote>d", "> a\n> > b\n> c\nd"),
        ('<blockquote style="margin:0 0 0 40px;border:none">a</blockquote>b', "a\nb"),
        ("<blockquote><table><tr><td>a<td>b</table></blockquote>c", "> a\tb\nc"),
    ],
)
def test_a_page_quotes_as_plain_text_does(html: str, text: str) -> None:
    """Lines of a block that quotes have the mark; text that is only indented has none."""
    assert page(html).text == text


SIGNS = [
    "> ", "\n", "\n\n", "From: ", "差出人: ", "To: a@b.example", "件名: x", "wrote:",
    "On Mon, 1 Jan,",
    "2026年1月1日 <a@b.example>:", "-----Original Message-----", "x", ">>", " ", "@", "*",
]  # fmt: skip


@given(st.lists(st.sampled_from(SIGNS), max_size=40).map("".join))
def test_any_text(text: str) -> None:
    """Any text has quotations within it, and none beyond its end."""
    lines = text.count("\n") + 1
    assert all(1 <= one.first_line <= one.last_line <= lines for one in quotations(text))


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    ["From: a\n" * 30_000, "> " * 60_000, ">\n" * 50_000, "x wrote:\n" * 20_000, "-" * 300_000],
)
def test_hostile_quoting_ends(text: str) -> None:
    """A text of nothing but signs is read within the limits."""
    quotations(text[:100_000])
