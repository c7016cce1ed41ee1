"""Files within text that no field announces."""

import base64
import binascii
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.parse import parse
from guard.parse.embedded import embedded, is_coded

ROWS = "".join(f"山田 {number}郎,090-1234-{number:04}\n" for number in range(20)).encode()
LINES = base64.encodebytes(ROWS)
NOISE = random.Random(1).randbytes(900)  # noqa: S311 -- a stand-in for a key
UU = b"".join(binascii.b2a_uu(ROWS[at : at + 45]) for at in range(0, len(ROWS), 45))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(LINES, id="lines"),
        pytest.param(b"see below\n\n" + LINES + b"\nbye\n", id="between text"),
        pytest.param(LINES.replace(b"\n", b"\r\n"), id="CRLF"),
        pytest.param(b"> " + LINES.rstrip().replace(b"\n", b"\n> "), id="quoted"),
        pytest.param(LINES.replace(b"\n", b""), id="one run"),
        pytest.param(b"<a href='data:;base64," + base64.b64encode(ROWS) + b"'>", id="data URL"),
        pytest.param(b"x" + LINES.replace(b"\n", b""), id="a letter before"),
        pytest.param(LINES.decode().encode("utf-16-le"), id="UTF-16"),
        pytest.param(base64.urlsafe_b64encode(ROWS), id="URL-safe"),
        pytest.param(b"begin-base64 644 a\n" + LINES + b"====\n", id="begin-base64"),
        pytest.param(b"begin 644 a\n" + UU + b"`\nend\n", id="uuencode"),
        pytest.param(b"begin 644 a\n" + UU, id="uuencode without end"),
        pytest.param(b"  begin 644 a\n  " + UU.replace(b"\n", b"\n  "), id="uuencode, indented"),
    ],
)
def test_found(text: bytes) -> None:
    """What decodes to text is a file, and is found once."""
    assert [octets.strip(b"\0") for _, octets in embedded(text)] == [ROWS]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            b"-----BEGIN CERTIFICATE-----\n"
            + base64.encodebytes(NOISE)
            + b"-----END CERTIFICATE-----\n",
            id="certificate",
        ),
        pytest.param(b"https://example.com/?t=" + base64.b64encode(NOISE), id="token"),
        pytest.param(b"-" * 70 + b"\n" + b"-" * 70 + b"\n", id="ruled lines"),
        pytest.param(b"begin 5\nfoo\nend\n", id="a program"),
        pytest.param(b"begin 644 foo.txt\nNOT A FILE AT ALL\n", id="begins like a file"),
        pytest.param(
            b"data:image/png;base64," + base64.b64encode(b"\x89PNG" + NOISE), id="picture"
        ),
    ],
)
def test_passed_over(text: bytes) -> None:
    """Keys, tokens and ornaments are no files."""
    assert list(embedded(text)) == []


def test_binary_files_are_known_by_how_they_begin() -> None:
    """A workbook in base64 is a file."""
    assert [octets for _, octets in embedded(base64.encodebytes(b"PK\3\4" + NOISE))] == [
        b"PK\3\4" + NOISE
    ]


def test_utf16_inside() -> None:
    """Text in UTF-16 is text; a token that begins like it by chance is none."""
    text = ROWS.decode().encode("utf-16")
    assert [octets for _, octets in embedded(base64.encodebytes(text))] == [text]
    assert list(embedded(base64.b64encode(b"\xff\xfe" + NOISE))) == []


def test_in_a_body_it_is_attached() -> None:
    """Each has a name; too many are a defect."""
    message = parse(b"Subject: x\n\nhi\n\n" + LINES)
    assert [(file.name, file.octets) for file in message.attachments] == [("part-1 base64", ROWS)]
    page = parse(b"Content-Type: text/html\n\n<p>" + LINES.replace(b"\n", b"<br>\n"))
    assert [file.octets for file in page.attachments] == [ROWS]
    many = b"\n\n".join(base64.encodebytes(b"%d" % number + ROWS) for number in range(120))
    found = parse(b"Subject: x\n\n" + many)
    assert len(found.attachments) == 100
    assert [defect.code for defect in found.defects if defect.hides_content] == [
        "too-many-embedded"
    ]


@given(st.lists(st.sampled_from([b"begin 644 a\n", LINES, UU, b"====\n", b"> ", b"x", b"\xff"])))
def test_any_octets(pieces: list[bytes]) -> None:
    """No octets raise."""
    list(embedded(b"".join(pieces)))
    is_coded(b"".join(pieces))
