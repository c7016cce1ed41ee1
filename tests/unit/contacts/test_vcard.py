"""Contacts from vCards."""

import quopri
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.contacts.sources.changes import Broken
from guard.contacts.sources.vcard import MOST_OCTETS, read_vcards
from guard.model.contact import Contact


def told(octets: bytes) -> list[str]:
    """Give contacts as ``address name company``, and broken parts as their messages."""
    return [
        each.message
        if isinstance(each, Broken)
        else f"{each.address.text}|{each.name}|{each.company}"
        for each in read_vcards(octets, "x.vcf")
    ]


def card(*lines: str, version: str = "3.0") -> str:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


SJIS = quopri.encodestring("佐藤;健".encode("cp932"), quotetabs=True).decode()


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        pytest.param(
            card(
                "FN:Ann Bell", "N:Bell;Ann;;;", "ORG:North;Sales", "EMAIL;TYPE=work:ann@n.example"
            ),
            "ann@n.example|Ann Bell|North",
            id="3.0",
        ),
        pytest.param(
            card("N:佐藤;健", "EMAIL;PREF=1:s@n.example", version="4.0"),
            "s@n.example|佐藤 健|",
            id="4.0, no FN",
        ),
        pytest.param(
            card("item1.EMAIL;type=INTERNET:a@n.example", "FN:a\\, b\\;c\\nd\\\\"),
            "a@n.example|a, b;c d\\|",
            id="group, escapes",
        ),
        pytest.param(
            card("ORG:北商事\\; 株式会社;営業", 'EMAIL;X="a:b;c":<mailto:a@n.example>'),
            "a@n.example||北商事; 株式会社",
            id="quoted parameter",
        ),
        pytest.param(
            card("FN:An", " n Be", "\tll", "EMAIL:a@n.example"),
            "a@n.example|Ann Bell|",
            id="folded",
        ),
        pytest.param(
            card(f"N;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:{SJIS}", "EMAIL:a@n.example"),
            "a@n.example|佐藤 健|",
            id="2.1, quoted-printable",
        ),
        pytest.param(
            card(
                "N;ENCODING=QUOTED-PRINTABLE:=E4=BD=90=\r\n=E8=97=A4;=\r\n=E5=81=A5",
                "EMAIL:a@n.example",
            ),
            "a@n.example|佐藤 健|",
            id="2.1, soft breaks",
        ),
        pytest.param(
            card("FN;ENCODING=B:QW5u", "EMAIL:a@n.example"), "a@n.example|Ann|", id="base64"
        ),
        pytest.param(
            card(
                "FN:Ann",
                "AGENT:",
                "BEGIN:VCARD",
                "FN:Bob",
                "EMAIL:b@n.example",
                "END:VCARD",
                "EMAIL:a@n.example",
            ),
            "a@n.example|Ann|",
            id="an assistant within",
        ),
        pytest.param(
            card("FN:Ann", "stray", "PHOTO;ENCODING=b:" + "A" * 200_000, "EMAIL:a@n.example"),
            "a@n.example|Ann|",
            id="a stray line, a picture",
        ),
        pytest.param(
            card("fn:Ann", "email:a@n.example").lower(), "a@n.example|ann|", id="small letters"
        ),
    ],
)
def test_one_card(octets: str, expected: str) -> None:
    """What address books and telephones write is read."""
    assert told(octets.encode()) == [expected]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16"])
def test_encodings(encoding: str) -> None:
    """A file that does not say its encoding may have any usual one."""
    text = card("FN:表 健", "EMAIL:a@n.example") + card("FN:小野", "EMAIL:b@n.example")
    assert told(text.encode(encoding)) == ["a@n.example|表 健|", "b@n.example|小野|"]


def test_several() -> None:
    """A card with several addresses is several contacts; one without is none."""
    text = card("FN:Ann", "EMAIL:a@n.example", "EMAIL:b@n.example", "EMAIL:") + card("FN:Bob")
    assert told(text.encode()) == ["a@n.example|Ann|", "b@n.example|Ann|"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.vcf:1: no vCard"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR", "x.vcf:1: no vCard"),
        ("\n\nBEGIN:VCARD\nFN:Ann\nEMAIL:a@n.example\n", "x.vcf:3: .* no END:VCARD"),
        (card("FN:Ann", "EMAIL:ann at north"), "x.vcf:4: “ann at north” is not an e-mail"),
    ],
)
def test_broken(text: str, message: str) -> None:
    """What is wrong is told with its line."""
    (found,) = told(text.encode())
    assert re.match(message, found)


def test_rest_after_a_broken_card() -> None:
    """A card that does not end takes no other with it."""
    text = "BEGIN:VCARD\nFN:Ann\nEMAIL:a@n.example\n" + card("FN:Bob", "EMAIL:b@n.example")
    broken, bob = told(text.encode())
    assert broken.startswith("x.vcf:1:")
    assert bob == "b@n.example|Bob|"


_WORDS = st.sampled_from(
    [
        b"BEGIN:VCARD",
        b"END:VCARD",
        b"\n",
        b"\r\n ",
        b"EMAIL",
        b";",
        b":",
        b"=",
        b'"',
        b"\\",
        b"N",
        b"ENCODING=QUOTED-PRINTABLE",
        b"ENCODING=B",
        b"CHARSET=SHIFT_JIS",
        b"CHARSET=x",
        b"AGENT:",
        b"a@b.example",
        b"FN",
        b"\xff\xfe",
        b"\x83\x5c",
    ]
)


@given(st.lists(_WORDS | st.binary(max_size=20), max_size=60).map(b"".join))
def test_any_octets(octets: bytes) -> None:
    """Any octets are contacts and broken parts."""
    assert all(isinstance(each, Contact | Broken) for each in read_vcards(octets, "x"))


@pytest.mark.parametrize(
    "octets",
    [b";" * 10**6, b"N;" + b'"' * 10**6, b"EMAIL;QUOTED-PRINTABLE:=\n" * 10**5, b"FN:\\" * 10**6],
)
@pytest.mark.timeout(10)
def test_no_hang(octets: bytes) -> None:
    """Megabytes of one sign take no longer than megabytes of cards."""
    list(read_vcards(b"BEGIN:VCARD\n" + octets, "x"))
    assert MOST_OCTETS < 10**6
