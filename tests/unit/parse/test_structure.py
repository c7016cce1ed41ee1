"""The parts of a message, and what of its structure different programs read differently."""

import base64
import email
import email.message
import email.policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.model.message import Message
from guard.parse import parse
from guard.parse.fields import Field


def crlf(text: str) -> bytes:
    """A message as it comes over the wire."""
    return text.lstrip("\n").replace("\n", "\r\n").encode()


def mixed(*parts: str, preamble: str = "", epilogue: str = "", close: bool = True) -> bytes:
    """A multipart/mixed of *parts*."""
    body = "".join(f"--b\n{part}\n" for part in parts)
    end = "--b--\n" if close else ""
    return crlf(
        "From: a@example.com\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        f"{preamble}{body}{end}{epilogue}"
    )


def hidden(message: Message) -> set[str]:
    """Codes of the defects that hide content."""
    return {defect.code for defect in message.defects if defect.hides_content}


PLAIN = "Content-Type: text/plain\n\nhello"

ROWS = "".join(f"山田 {number}郎,090-1234-{number:04}\n" for number in range(20))
LETTERS = base64.encodebytes(ROWS.encode()).decode()


def test_parts_are_numbered_as_in_imap() -> None:
    """RFC 3501 §6.4.5: multiparts count, a message's own text is .1."""
    message = parse(
        crlf("""
Content-Type: multipart/mixed; boundary=a

--a
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

one
--b
Content-Type: text/html

<p>two</p>
--b--
--a
Content-Type: message/rfc822

Subject: =?utf-8?B?6Lui6YCB?=
Content-Type: multipart/mixed; boundary=c

--c

three
--c
Content-Type: application/pdf; name=x.pdf
Content-Transfer-Encoding: base64

YWJj
--c--
--a
Content-Type: message/rfc822
Content-Transfer-Encoding: base64

U3ViamVjdDogaW5uZXINCg0KZm91cg0K
--a
Content-Type: image/png
Content-Disposition: attachment

x
--a--
""")
    )
    assert [(body.part, body.text.strip()) for body in message.bodies] == [
        ("1.1", "one"),
        ("1.2", "two"),
        ("2.1", "three"),
        ("3.1", "four"),
        ("2.HEADER", "Subject: 転送"),
        ("3.HEADER", "Subject: inner"),
    ]
    assert [(file.part, file.name, file.octets) for file in message.attachments] == [
        ("2.2", "x.pdf", b"abc"),
        ("4", "part-4.png", b"x"),
    ]
    assert hidden(message) == set()


def test_header_of_a_message() -> None:
    """What detectors ask for first."""
    message = parse(
        crlf("""
Message-ID: <1@example.com>
References: <a@x> <b@x>
In-Reply-To: <b@x>
Date: Tue, 24 Nov 2026 10:00:00 +0900
From: =?utf-8?B?5bGx55Sw?= <y@example.co.jp>
To: a@example.com,
 B <b@example.com>
Cc: nobody at all
Subject: hello
 again

body
""")
    )
    assert message.subject == "hello again"
    assert [person.name for person in message.from_] == ["山田"]
    assert [person.address.text for person in message.to] == ["a@example.com", "b@example.com"]
    assert message.message_id == "<1@example.com>"
    assert message.references == ("<a@x>", "<b@x>")
    assert message.date is not None
    assert message.date.isoformat() == "2026-11-24T10:00:00+09:00"
    assert [defect.code for defect in message.defects] == ["bad-address"]
    assert message.header("SUBJECT") == "hello again"


@pytest.mark.parametrize(
    ("octets", "codes"),
    [
        pytest.param(mixed(PLAIN), set(), id="nothing odd"),
        pytest.param(
            mixed(PLAIN, preamble="This is a multi-part message in MIME format.\n"),
            set(),
            id="usual preamble",
        ),
        pytest.param(
            mixed(PLAIN, preamble="これは MIME 形式のメールです。\n"), set(), id="Japanese preamble"
        ),
        pytest.param(
            mixed(PLAIN, preamble="Content-Type: text/html\n\n<p>x"),
            {"preamble"},
            id="header first",
        ),
        pytest.param(
            mixed(PLAIN, preamble="--x\n\nhi\n"), {"preamble"}, id="another boundary first"
        ),
        pytest.param(mixed(PLAIN, preamble="=E5=B1=B1=E7\n"), {"preamble"}, id="coded preamble"),
        pytest.param(mixed(PLAIN, preamble="a\0\1\2\3\n"), {"preamble"}, id="binary preamble"),
        pytest.param(mixed(PLAIN, epilogue="\n\n"), set(), id="blank epilogue"),
        pytest.param(
            mixed(PLAIN, epilogue=f"{'_' * 47}\nlist mailing list\nlist@example.com\n"),
            set(),
            id="footer of a mailing list",
        ),
        pytest.param(mixed(PLAIN, epilogue=LETTERS), {"epilogue"}, id="base64 in the epilogue"),
        pytest.param(
            mixed(PLAIN, epilogue=f"--b\n{PLAIN}\n"), {"epilogue"}, id="a part after the end"
        ),
        pytest.param(
            mixed(PLAIN, close=False), set(), id="no closing boundary: all read to the end"
        ),
        pytest.param(
            mixed(f"Content-Transfer-Encoding: secret\n\n{LETTERS}"),
            {"unknown-encoding"},
            id="unknown encoding",
        ),
        pytest.param(
            mixed("Content-Transfer-Encoding: secret\n\na\0\1\2\3"),
            {"unknown-encoding"},
            id="unknown encoding of binary",
        ),
        pytest.param(
            mixed("Content-Transfer-Encoding: plain\n\nhello"),
            set(),
            id="unknown encoding of what is text",
        ),
        pytest.param(
            mixed("Content-Type: text/plain\nContent-Type: text/html\n\nx"),
            {"duplicate-header"},
            id="two types",
        ),
        pytest.param(
            mixed("Content-Type: text/plain\nContent-Type:  text/plain\n\nx"),
            set(),
            id="the same type twice",
        ),
        pytest.param(
            mixed("Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\nYWJj"),
            {"duplicate-header"},
            id="two encodings",
        ),
        pytest.param(
            mixed("Content-Type: message/partial; id=x; number=1\n\nx"),
            {"partial-message"},
            id="partial",
        ),
        pytest.param(
            mixed("Content-Type: message/external-body; access-type=url\n\nx"),
            {"external-body"},
            id="external",
        ),
        pytest.param(
            mixed("Content-Type: application/pkcs7-mime\n\nx"), {"opaque-smime"}, id="S/MIME"
        ),
        pytest.param(
            crlf("Content-Type: multipart/encrypted; boundary=b\n\n--b\n\nx\n--b--\n"),
            {"encrypted"},
            id="PGP/MIME",
        ),
        pytest.param(
            crlf("Subject: x\n\n-----BEGIN PGP MESSAGE-----\n"), {"encrypted"}, id="PGP in the text"
        ),
        pytest.param(
            crlf("Content-Type: multipart/mixed\n\n--b\n\nx\n--b--\n"),
            {"no-boundary"},
            id="no boundary",
        ),
        pytest.param(
            crlf("Content-Type: multipart/mixed; boundary=c\n\n--b\n\nx\n"),
            {"boundary-not-found"},
            id="another boundary",
        ),
        pytest.param(
            crlf("Content-Type: multipart/mixed; boundary=b; boundary=c\n\n--b\n\nx\n--b--\n"),
            {"duplicate-parameter"},
            id="two boundaries",
        ),
        pytest.param(
            crlf("Subject: x\njunk\nContent-Type: text/html\n\nx"),
            {"broken-header"},
            id="junk in the header",
        ),
        pytest.param(b"just text, no header", set(), id="no header at all"),
        pytest.param(b"Subject: x\rContent-Type: text/html\r\n\r\nx", {"bare-cr"}, id="bare CR"),
        pytest.param(
            b"X: " + b"y" * 70_000 + b"\r\n\r\nx", {"header-too-long"}, id="a field too long"
        ),
        pytest.param(
            b"X: yyyyyyyy\r\n" * 30_000 + b"\r\nx", {"header-too-long"}, id="a header too long"
        ),
        pytest.param(
            crlf("Content-Type: text/plain; charset=x-none\n\nあ"),
            {"unknown-charset"},
            id="unknown charset",
        ),
        pytest.param(
            crlf("Content-Type: text/plain; charset=x-none\n\na"),
            set(),
            id="unknown charset, ASCII",
        ),
    ],
)
def test_what_hides_content(octets: bytes, codes: set[str]) -> None:
    """A structure hides content where a reader could show text that we did not see; only there."""
    assert hidden(parse(octets)) == codes


@pytest.mark.parametrize(
    ("head", "body", "text"),
    [
        ("Content-Transfer-Encoding: BASE64 ", "YWJj", "abc"),
        ("Content-Transfer-Encoding: (x) Quoted-Printable", "=61bc", "abc"),
        ('Content-Type: text/plain; charset="utf-8"; format=flowed; DelSp=yes', "ab \nc", "abc"),
        (
            "Content-Type: text/plain; format=flowed",
            "a \nb\n> c \n> d\n-- \ne",
            "a b\n> c d\n-- \ne",
        ),
        ("Content-Type: text", "abc", "abc"),
        ("Content-Type: ;;;", "abc", "abc"),
    ],
)
def test_bodies_decode(head: str, body: str, text: str) -> None:
    """Text comes out as its reader sees it, however its fields are spelt."""
    assert parse(crlf(f"{head}\n\n{body}")).text.replace("\r\n", "\n") == text


def test_what_is_attached() -> None:
    """A name or `attachment` makes a file of text; a Content-ID in the HTML is inline."""
    message = parse(
        mixed(
            "Content-Type: text/plain; name=a.txt\n\na",
            "Content-Type: text/html\nContent-Disposition: attachment\n\n<p>b",
            "Content-Type: text/calendar\n\nc",
            'Content-Type: text/html\n\n<img src="cid:logo%40x">',
            "Content-Type: image/png\nContent-ID: <logo@x>\n\nd",
            "Content-Type: image/png\nContent-ID: <other@x>\n\ne",
        )
    )
    assert [(file.name, file.inline) for file in message.attachments] == [
        ("a.txt", False),
        ("part-2.html", False),
        ("part-3.ics", False),
        ("part-5.png", True),
        ("part-6.png", False),
    ]


def test_uuencoded_files_in_text() -> None:
    """What old programs write into the text is a file."""
    message = parse(crlf("Subject: x\n\nhi\nbegin 644 a.txt\n#86)C\n`\nend\n"))
    assert [(file.name, file.octets) for file in message.attachments] == [("a.txt", b"abc")]


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(
            b"".join(
                b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n)
                for n in range(5_000)
            ),
            id="5,000 deep",
        ),
        pytest.param(b"Content-Type: message/rfc822\n\n" * 5_000, id="5,000 messages deep"),
        pytest.param(
            b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 20_000,
            id="20,000 parts",
        ),
    ],
)
@pytest.mark.timeout(30)
def test_limits(octets: bytes) -> None:
    """Depth and number end in a defect."""
    assert hidden(parse(octets)) & {"too-deep", "too-many-parts"}


LINES = [
    b"--a",
    b"--b",
    b"--a--",
    b"--b--",
    b"",
    b"Content-Type: multipart/mixed; boundary=a",
    b'Content-Type: multipart/alternative; boundary="b"',
    b"Content-Type: message/rfc822",
    b"Content-Transfer-Encoding: base64",
    b"Content-Disposition: attachment; filename*=''%41",
    b"Subject: =?utf-8?q?x?=",
    b"To: a@example.com, <",
    b"YWJj",
    b" folded",
    b"From x",
    b"\xff\x1b$B",
]


@given(st.lists(st.sampled_from(LINES), max_size=40), st.sampled_from([b"\r\n", b"\n", b"\r"]))
def test_any_lines_parse(lines: list[bytes], end: bytes) -> None:
    """Lines of MIME in any order give a message."""
    parse(end.join(lines))


@given(st.binary(max_size=400))
def test_any_octets_parse(octets: bytes) -> None:
    """So do any octets, and an empty message is one too."""
    parse(octets)


TEXTS = st.text("abc 山田\n", max_size=30)


@st.composite
def well_formed(draw: st.DrawFn, depth: int = 3) -> email.message.Message:
    """A message as the standard library writes it."""
    message = email.message.EmailMessage()
    message["Subject"] = draw(st.text("abc山田", max_size=20))
    message.set_content(draw(TEXTS), cte=draw(st.sampled_from(["base64", "quoted-printable"])))
    if draw(st.booleans()):
        message.add_alternative(f"<p>{draw(TEXTS)}</p>", subtype="html")
    for number in range(draw(st.integers(0, 2))):
        if depth and draw(st.booleans()):
            message.add_attachment(draw(well_formed(depth - 1)))
        else:
            message.add_attachment(
                draw(st.binary(max_size=40)),
                maintype="application",
                subtype="octet-stream",
                filename=f"顧客{number}.xlsx",
            )
    return message


@settings(max_examples=50, deadline=None)
@given(well_formed())
def test_agrees_with_the_standard_library(written: email.message.Message) -> None:
    """On a well-formed message two parsers see the same files, and nothing is hidden."""
    octets = written.as_bytes()
    message = parse(octets)
    files = [
        (part.get_filename(), part.get_payload(decode=True))
        for part in email.message_from_bytes(octets, policy=email.policy.default).walk()
        if part.get_filename()
    ]
    assert [(file.name, file.octets) for file in message.attachments] == files
    assert hidden(message) == set()


def test_text_beside_the_parts_is_read() -> None:
    """What stands before the first part or behind the last is searched like the rest."""
    message = parse(mixed(PLAIN, preamble="山田\n", epilogue="鈴木\n"))
    bodies = [(body.part, body.text.strip()) for body in message.bodies]
    assert bodies[:1] == [("1", "hello")]
    assert {("PREAMBLE", "山田"), ("EPILOGUE", "鈴木")} <= {*bodies}


def test_words_in_headers_of_parts_and_messages() -> None:
    """A description is text; who, when and which type are none."""
    message = parse(
        mixed(
            "Content-Type: image/png; name=a.png\nContent-Description: a.png\n\nx",
            "Content-Type: image/png; name=b.png\nContent-Description: 山田\n\nx",
            "Content-Type: message/rfc822\n\n"
            "Subject: s\nReceived: r\nX-A: =?utf-8?B?5bGx55Sw?=\n\nt",
        )
    )
    assert [(body.part, body.text) for body in message.bodies] == [
        ("3.1", "t"),
        ("3.HEADER", "Subject: s\nX-A: 山田"),
        ("2.MIME", "Content-Description: 山田"),
    ]


@pytest.mark.parametrize("charset", ["utf-16", "cp037", "iso-8859-1", "gb18030"])
def test_utf8_that_is_declared_as_something_else(charset: str) -> None:
    """A charset that fits any octets does not hide what they say."""
    message = parse(crlf(f"Content-Type: text/plain; charset={charset}\n\n{ROWS} "))
    assert "山田 1郎,090-1234-0001" in message.text


def test_thousands_of_fields_are_compared_with_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with each would take seconds for a header of 100 KB."""
    compared = 0
    same = Field.__eq__

    def counting(one: Field, other: object) -> bool:
        nonlocal compared
        compared += 1
        return bool(same(one, other))

    monkeypatch.setattr(Field, "__eq__", counting)
    parse(b"".join(b"Content-Type: text/x%d\r\n" % n for n in range(2_000)) + b"\r\nrow\r\n")
    assert compared < 200 * 2_000
