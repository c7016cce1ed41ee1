"""Structured header fields and address lists."""

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.parse import message, transfer
from guard.parse.addresses import mailboxes
from guard.parse.fields import structured, without_comments
from guard.parse.transfer import encoding_of, undo, uu_blocks


@pytest.mark.parametrize(
    ("text", "value", "params"),
    [
        ("text/plain", "text/plain", {}),
        ("Text/Plain; Charset=UTF-8", "text/plain", {"charset": "UTF-8"}),
        ('text/plain (a; b); charset="utf-8" (c)', "text/plain", {"charset": "utf-8"}),
        ("multipart/(x)mixed; boundary=abc (d)", "multipart/mixed", {"boundary": "abc"}),
        ('a/b; boundary="=_a;b"', "a/b", {"boundary": "=_a;b"}),
        ("attachment; filename=report (1).pdf", "attachment", {"filename": "report (1).pdf"}),
        (
            'attachment; filename="=?UTF-8?B?6aGn5a6i?=.xlsx"',
            "attachment",
            {"filename": "顧客.xlsx"},
        ),
        (
            "attachment; filename*=utf-8''%E9%A1%A7%E5%AE%A2.xlsx; filename=x.xlsx",
            "attachment",
            {"filename": "顧客.xlsx"},
        ),
        (
            "attachment; filename*0*=utf-8''%E9%A1; filename*1*=%A7%E5%AE%A2; filename*2=.csv",
            "attachment",
            {"filename": "顧客.csv"},
        ),
        ("attachment; filename*=shift_jis'ja'%8C%DA%8Bq", "attachment", {"filename": "顧客"}),
        ('attachment; filename="a\\"b.txt"', "attachment", {"filename": 'a"b.txt'}),
        ('attachment; filename="open', "attachment", {"filename": "open"}),
        ("", "", {}),
    ],
)
def test_structured(text: str, value: str, params: dict[str, str]) -> None:
    """Values and parameters come out as mail programs take them."""
    field = structured(text)
    assert (field.value, dict(field.params)) == (value, params)


@pytest.mark.parametrize(
    ("text", "ambiguous"),
    [
        ("multipart/mixed; boundary=a; boundary=b", True),
        ("multipart/mixed; boundary=a; boundary=a", False),
        ("text/plain; charset*=''utf-8; charset=cp932", True),
        ("attachment; filename=a; filename=b", False),
    ],
)
def test_ambiguous(text: str, ambiguous: bool) -> None:
    """A parameter of structure that stands twice with two values is told."""
    assert structured(text).ambiguous is ambiguous


@pytest.mark.parametrize(
    ("text", "found", "refused"),
    [
        ("ann@example.com", [("ann@example.com", "")], 0),
        ("Ann <ann@example.com>", [("ann@example.com", "Ann")], 0),
        ('"Yamada, Taro" <t@example.com>', [("t@example.com", "Yamada, Taro")], 0),
        ("t@example.com (山田 太郎)", [("t@example.com", "山田 太郎")], 0),
        (
            "=?utf-8?B?5bGx55Sw?= =?utf-8?B?5aSq6YOO?= <t@example.com>",
            [("t@example.com", "山田太郎")],
            0,
        ),
        ("=?utf-8?Q?a=2Cb?= <a@example.com>", [("a@example.com", "a,b")], 0),
        (
            "team: a@example.com, B <b@example.com>;",
            [("a@example.com", ""), ("b@example.com", "B")],
            0,
        ),
        ("undisclosed-recipients:;", [], 0),
        ("'Bob' <bob@example.com>", [("bob@example.com", "Bob")], 0),
        ('"a b"@example.com', [('"a b"@example.com', "")], 0),
        ("nobody, ann@example.com", [("ann@example.com", "")], 1),
        ("=?utf-8?q?Ann_=3Cann=40example=2Ecom=3E?=", [("ann@example.com", "Ann")], 0),
        ("", [], 0),
    ],
)
def test_mailboxes(text: str, found: list[tuple[str, str]], refused: int) -> None:
    """Address lists come apart where a mail program parts them, and names are read."""
    people, bad = mailboxes(text)
    assert [(person.address.text, person.name) for person in people] == found
    assert bad == refused


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("BASE64 ", "base64"),
        ("quoted-printable (x)", "quoted-printable"),
        ('"base64"', "base64"),
        ("8bit;", "8bit"),
    ],
)
def test_encoding_names(written: str, meant: str) -> None:
    """A transfer encoding is known however it is spelt."""
    assert encoding_of(written) == meant


@pytest.mark.parametrize(
    ("octets", "encoding", "undone", "problem"),
    [
        (b"YWJj\r\nZGVm\r\n", "base64", b"abcdef", ""),
        (b"YWI=\r\nY2Q=\r\n", "base64", b"abcd", ""),
        (b"YWJj!ZGVm", "base64", b"abcdef", "broken-base64"),
        (b"YWJjZ", "base64", b"abc", "broken-base64"),
        (b"YWJjZGU", "base64", b"abcde", ""),
        (b"caf=C3=A9=\r\n!", "quoted-printable", "café!".encode(), ""),
        (b"abc", "x-secret", b"abc", "unknown-encoding"),
        (b"begin 644 a\n#86)C\n`\nend\n", "x-uuencode", b"abc", ""),
    ],
)
def test_undo(octets: bytes, encoding: str, undone: bytes, problem: str) -> None:
    """Transfer encodings are undone as far as it goes, and damage is told."""
    assert undo(octets, encoding) == (undone, problem)


@given(st.text(max_size=200))
def test_any_field_reads(text: str) -> None:
    """No field raises."""
    structured(text)
    mailboxes(text)
    without_comments(text)


@given(st.binary(max_size=200), st.sampled_from(["base64", "quoted-printable", "x-uuencode"]))
def test_any_octets_undo(octets: bytes, encoding: str) -> None:
    """No octets raise."""
    undo(octets, encoding)
    uu_blocks(b"begin 644 a\n" + octets + b"\nend\n")


@given(
    octets=st.binary(max_size=400)
    | st.text("ABab09+/=\r\n \t.", max_size=400).map(str.encode)
    | st.binary(max_size=300).map(base64.encodebytes)
    | st.binary(max_size=300).map(quopri.encodestring),
    encoding=st.sampled_from(["base64", "quoted-printable"]),
)
def test_steps_change_nothing(octets: bytes, encoding: str) -> None:
    """Decoded in small steps or in one: large content comes out the same, and so does its fault."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transfer, "STEP", 8)
        in_steps = undo(octets, encoding)
    assert in_steps == undo(octets, encoding)


@given(octets=st.text("ab\r\n", max_size=60).map(str.encode))
def test_bare_cr_in_steps(octets: bytes) -> None:
    """A bare CR is seen wherever one step ends and the next begins."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(message, "STEP", 3)
        seen = message._has_bare_cr(octets)
    assert seen == (b"\r" in octets.replace(b"\r\n", b""))
