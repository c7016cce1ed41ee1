"""What sort of automatic mail a message is (R-G4): told by what it is made of, not by a header."""

import pytest
from factories import SENDER, envelope
from hypothesis import given
from hypothesis import strategies as st

from guard.model.automatic import ANSWERS, Automatic
from guard.parse import parse
from guard.parse.automatic import automatic

REPLY = b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
REQUEST = REPLY.replace(b"REPLY", b"REQUEST")
DATA_IN_IT = REPLY.replace(b"END:VEVENT", b"ATTACH;ENCODING=BASE64:eA==\r\nEND:VEVENT")
DISPOSITION = (b"message/disposition-notification", b"Final-Recipient: rfc822;a@b.example\r\n")
READ = (b"message/rfc822", b"Subject: x\r\nFrom: a@b.example\r\n\r\nhello\r\n")
LIST = (b'application/octet-stream; name="list.csv"', b"a,b\r\n")
TEXT = (b"text/plain", b"hello")


def mail(*headers: str, parts: tuple[tuple[bytes, bytes], ...] = (TEXT,), kind: str = "") -> bytes:
    """A message of *parts*, of which one alone is its body."""
    top = "".join(f"{header}\r\n" for header in ("From: yamada@example.co.jp", *headers)).encode()
    if len(parts) == 1 and not kind:
        return top + b"Content-Type: " + parts[0][0] + b"\r\n\r\n" + parts[0][1]
    top += f"Content-Type: {kind or 'multipart/mixed'}; boundary=X\r\n\r\n".encode()
    inner = (
        b"--X\r\nContent-Type: " + type_ + b"\r\n\r\n" + text + b"\r\n" for type_, text in parts
    )
    return top + b"".join(inner) + b"--X--\r\n"


def sort_of(octets: bytes, *, sender: str | None = SENDER, to: int = 1, login: bool = True) -> str:
    people = [f"ann{number}@partner.example" for number in range(to)]
    return automatic(envelope(sender, recipients=people), parse(octets), login=login) or ""


CALENDAR = (b"text/calendar; method=REPLY", REPLY)
RECEIPT = "multipart/report; report-type=disposition-notification"
STATUS = "multipart/report; report-type=delivery-status"
OOF = ("Auto-Submitted: auto-generated", "In-Reply-To: <1@b.example>")


@pytest.mark.parametrize(
    ("octets", "sort"),
    [
        pytest.param(mail(), "", id="a person's"),
        pytest.param(mail("Auto-Submitted: no"), "", id="says that a person sent it"),
        pytest.param(mail("Auto-Submitted: No (really)"), "", id="with a comment"),
        pytest.param(mail("Auto-Submitted: auto-replied"), "auto_reply", id="vacation"),
        pytest.param(
            mail("Auto-Submitted: Auto-Replied; owner-email=a@b"), "auto_reply", id="parameters"
        ),
        pytest.param(mail(*OOF), "auto_reply", id="out of office of Exchange"),
        pytest.param(mail(OOF[0]), "generated", id="answers nothing"),
        pytest.param(mail("Auto-Submitted: auto-notified"), "generated", id="RFC 5436"),
        pytest.param(mail("X-Autoreply: yes"), "auto_reply", id="X-Autoreply"),
        pytest.param(mail("X-Autorespond: away"), "auto_reply", id="X-Autorespond"),
        pytest.param(
            mail("Auto-Submitted: auto-replied", "Precedence: bulk"),
            "auto_reply",
            id="a responder that calls itself bulk",
        ),
        pytest.param(mail("Precedence: list"), "bulk", id="Precedence"),
        pytest.param(mail("List-Id: All <all.example.co.jp>"), "bulk", id="List-Id"),
        pytest.param(mail("Precedence: first-class"), "", id="another Precedence"),
        pytest.param(mail(parts=(TEXT, DISPOSITION), kind=RECEIPT), "receipt", id="read"),
        pytest.param(
            mail(parts=(TEXT, DISPOSITION, READ), kind=RECEIPT), "receipt", id="read, with the mail"
        ),
        pytest.param(mail(parts=(TEXT, DISPOSITION), kind=STATUS), "", id="a report by a person"),
        pytest.param(mail(parts=(CALENDAR,)), "calendar_reply", id="accepted"),
        pytest.param(
            mail(parts=(TEXT, CALENDAR), kind="multipart/alternative"),
            "calendar_reply",
            id="accepted, with a text",
        ),
        pytest.param(
            mail(parts=((b"text/calendar; method=REQUEST", REQUEST),)), "", id="invitation"
        ),
        pytest.param(
            mail(parts=((b"text/calendar; method=REPLY", REQUEST),)), "", id="only says it answers"
        ),
        pytest.param(
            mail(parts=(CALENDAR, (b"text/calendar", REQUEST))),
            "",
            id="an answer and an invitation",
        ),
        pytest.param(
            mail(parts=((b"text/calendar", DATA_IN_IT),)), "", id="a file in the calendar"
        ),
    ],
)
def test_sorts(octets: bytes, sort: str) -> None:
    """One recipient, somebody logged in."""
    assert sort_of(octets) == sort


@pytest.mark.parametrize(
    ("octets", "left"),
    [
        pytest.param(mail("Auto-Submitted: auto-replied"), "generated", id="auto-reply"),
        pytest.param(mail("X-Autoreply: yes"), "generated", id="X-Autoreply"),
        pytest.param(mail(parts=(TEXT, DISPOSITION), kind=RECEIPT), "", id="receipt"),
        pytest.param(mail(parts=(CALENDAR,)), "", id="calendar"),
    ],
)
def test_an_answer_goes_to_one(octets: bytes, left: str) -> None:
    """Who writes to two people chose them, whatever the header says."""
    assert sort_of(octets, to=1) in ANSWERS
    assert sort_of(octets, to=2) == left


@pytest.mark.parametrize(
    ("octets", "left"),
    [
        pytest.param(
            mail("Auto-Submitted: auto-replied", parts=(TEXT, LIST)), "generated", id="auto"
        ),
        pytest.param(mail(parts=(TEXT, DISPOSITION, LIST), kind=RECEIPT), "", id="receipt"),
        pytest.param(mail(parts=(TEXT, CALENDAR, LIST)), "", id="calendar"),
        pytest.param(
            mail("Auto-Submitted: auto-replied", "X-A: b")
            + b"\r\nbegin 644 a.csv\r\n#0V%T\r\n`\r\nend",
            "generated",
            id="uuencoded",
        ),
    ],
)
def test_no_list_slips_past_by_a_header(octets: bytes, left: str) -> None:
    """A file that an answer has no need of makes it a mail like any other."""
    assert sort_of(octets) == left


def test_the_logo_of_a_signature_is_no_file() -> None:
    """Out-of-office texts have one; the same picture beside the text is a file."""
    shown = (b"text/html", b'<p>away</p><img src="cid:a">')
    logo = (b"image/png\r\nContent-ID: <a>", b"png")
    auto = "Auto-Submitted: auto-replied"

    assert sort_of(mail(auto, parts=(shown, logo), kind="multipart/related")) == "auto_reply"
    assert sort_of(mail(auto, parts=(TEXT, logo), kind="multipart/related")) == "generated"


@pytest.mark.parametrize(
    ("octets", "login", "to", "sort"),
    [
        pytest.param(mail(), False, 2, "bounce", id="null sender"),
        pytest.param(mail(), True, 1, "", id="who is logged in can be asked"),
        pytest.param(mail(parts=(TEXT, READ), kind=STATUS), True, 1, "bounce", id="a report"),
        pytest.param(mail(parts=(TEXT, READ), kind=STATUS), True, 2, "", id="a report to two"),
        pytest.param(mail(*OOF), True, 1, "auto_reply", id="out of office"),
    ],
)
def test_the_null_sender(octets: bytes, login: bool, to: int, sort: str) -> None:
    """It is enough where nobody is logged in; else it has to be a report to one."""
    assert sort_of(octets, sender=None, to=to, login=login) == sort


HEADERS = st.sampled_from(
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated",
        "In-Reply-To: <1@b.example>",
        "X-Autoreply: x",
        "Precedence: bulk",
        "List-Id: <a.b>",
        "Subject: hello",
    ]
)


@given(headers=st.lists(HEADERS, max_size=5), to=st.integers(1, 4), login=st.booleans())
def test_headers_alone_excuse_no_list(headers: list[str], to: int, login: bool) -> None:
    """With a file, or to several, no header makes an answer of what has a sender."""
    assert sort_of(mail(*headers, parts=(TEXT, LIST)), to=to, login=login) not in ANSWERS
    if to > 1:
        assert sort_of(mail(*headers), to=to, login=login) not in ANSWERS


@given(octets=st.binary(max_size=400), sender=st.sampled_from([SENDER, None]), login=st.booleans())
def test_any_octets_have_an_answer(octets: bytes, sender: str | None, login: bool) -> None:
    """And nothing but the null sender makes a bounce."""
    sort = sort_of(octets, sender=sender, login=login)

    assert sort == "" or Automatic(sort)
    assert sender is None or sort != Automatic.BOUNCE
