"""Text files in every encoding that Japanese and Western programs write."""

import base64
import random

import pytest
from containers import packed

from guard.extract.budget import Budget
from guard.extract.read import read
from guard.model.extract import ReadState, Reason

ROW = "山田 太郎,ヤマダタロウ,090-1234-5678,やまだ"


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(ROW.encode(), id="UTF-8"),
        pytest.param(ROW.encode("utf-8-sig"), id="UTF-8 with a mark"),
        pytest.param(ROW.encode("utf-16"), id="UTF-16"),
        pytest.param(ROW.encode("utf-16-be"), id="UTF-16 BE without a mark"),
        pytest.param(ROW.encode("utf-32"), id="UTF-32"),
        pytest.param(ROW.encode("utf-32-le"), id="UTF-32 LE without a mark"),
        pytest.param(ROW.encode("utf-32-be"), id="UTF-32 BE without a mark"),
        pytest.param(ROW.encode("cp932"), id="Shift_JIS"),
        pytest.param(ROW.encode("euc_jp"), id="EUC-JP"),
        pytest.param(ROW.encode("iso2022_jp"), id="ISO-2022-JP"),
        pytest.param(f"{ROW}\n".encode() + ROW.encode("cp932"), id="two encodings in one file"),
        pytest.param(ROW.encode()[:20] + b"\0" + ROW.encode()[20:], id="one zero"),
        pytest.param(b"a\0" + f"\n{ROW}\n".encode() * 9, id="one zero, even length"),
        pytest.param(
            b"".join(b"%c\0" % octet for octet in ROW.encode()), id="UTF-8, zeros between"
        ),
        pytest.param(b"\xff\xfe" + f"{ROW}\n".encode() * 2, id="a mark that lies"),
        pytest.param(b"\xff\xfe" + f"{ROW}\n".encode("cp932") * 2, id="a mark before Shift_JIS"),
        pytest.param(ROW.encode("unicode_escape"), id="JSON escapes"),
        pytest.param("".join(f"&#{ord(char)};" for char in ROW).encode(), id="references"),
    ],
)
def test_japanese(octets: bytes) -> None:
    """The row is found, whatever the encoding."""
    found = read("a.csv", octets, budget=Budget())
    assert ROW in found.text
    assert found.state is ReadState.READ


def test_kanji_alone_are_read_in_every_encoding_that_fits() -> None:
    """Two characters fit many encodings: the right one is among what is given."""
    for codec in ("cp932", "euc_jp", "gb18030"):
        assert "山田" in read("a.txt", "山田".encode(codec), budget=Budget()).text


def test_western() -> None:
    """Latin-1 reads as what Windows writes."""
    assert "Müller" in read("a.txt", "Müller – Größe".encode("cp1252"), budget=Budget()).text


def test_declared_charset_comes_first() -> None:
    """What the mail declares is one more candidate, and the first."""
    found = read("a.txt", "привет мир".encode("koi8-r"), budget=Budget(), charset="koi8-r")
    assert "привет мир" in found.text


def test_damage_is_told() -> None:
    """An octet of no encoding makes the rest partial, not lost."""
    damaged = f"{ROW}\n".encode() * 5 + b"abc \x81\xff\xa0\n"
    found = read("a.csv", damaged, budget=Budget())
    assert ROW in found.text
    assert (found.state, found.reasons) == (ReadState.PARTIAL, (Reason.CORRUPT,))


def test_quoted_printable_in_a_card() -> None:
    """Phones write vCards so."""
    card = b"BEGIN:VCARD\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=B1=B1=E7=94=B0\nEND:VCARD"
    assert "山田" in read("a.vcf", card, budget=Budget()).text


def test_html_in_shift_jis() -> None:
    """A page declares its charset itself; attributes are given too."""
    page = '<html><meta charset="Shift_JIS"><table><tr><td>山田<td>090</table><a title="隠し">'
    found = read("a.html", page.encode("cp932"), budget=Budget())
    assert "山田\t090" in found.text
    assert "隠し" in found.text
    assert found.state is ReadState.READ


def test_xml_and_entities() -> None:
    """Text between tags is given; entities are refused, never expanded."""
    assert (
        "山田" in read("a.xml", "<?xml version='1.0'?><a>山田</a>".encode(), budget=Budget()).text
    )
    bomb = b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"
    assert read("a.xml", bomb, budget=Budget()).reasons == (Reason.LIMIT,)


def test_next_to_no_text_in_a_big_page() -> None:
    """A big file of a text format that gives nothing was not understood."""
    found = read("a.html", b"<html>" + b"<p></p>" * 5_000, budget=Budget())
    assert found.reasons == (Reason.CORRUPT,)


def test_text_limit() -> None:
    """More characters than may be given back end in a limit."""
    assert read("a.txt", b"a" * 100, budget=Budget(text_chars=50)).reasons == (Reason.LIMIT,)


@pytest.mark.parametrize("cut", range(20, 26))
def test_calendar_folded_within_a_character(cut: int) -> None:
    """RFC 5545 §3.1 allows it; names that are torn apart so are whole once more."""
    line = f"SUMMARY:{ROW}".encode()
    octets = b"BEGIN:VCALENDAR\r\n" + line[:cut] + b"\r\n " + line[cut:] + b"\r\nEND:VCALENDAR"
    found = read("a.ics", octets, budget=Budget())
    assert ROW in found.text
    assert found.state is ReadState.READ


def test_base64_in_a_text_file() -> None:
    """A file without its transfer encoding, once or twice over, is opened."""
    coded = base64.encodebytes((f"{ROW}\n" * 20).encode())
    assert ROW in read("a.csv", coded, budget=Budget()).text
    assert ROW in read("a.csv", base64.encodebytes(coded), budget=Budget()).text
    assert ROW in read("a.html", b"<html><!-- " + coded + b" -->", budget=Budget()).text


def test_keys_are_text() -> None:
    """What a key or certificate says in base64 is no file that could not be read."""
    noise = random.Random(1).randbytes(900)  # noqa: S311 -- a stand-in for a key
    for kind in ("CERTIFICATE", "PGP PUBLIC KEY BLOCK"):
        pem = f"-----BEGIN {kind}-----\n{base64.encodebytes(noise).decode()}-----END {kind}-----\n"
        assert read("a.asc", pem.encode(), budget=Budget()).state is ReadState.READ


def test_utf7() -> None:
    """ASCII to all who look, and names to whoever opens it as what it is (RFC 2152)."""
    octets = "山田 太郎,yamada@example.com,090-1234-5678\n".encode("utf-7")
    found = read("a.csv", octets, budget=Budget())
    assert "山田 太郎,yamada@example.com,090-1234-5678" in found.text
    plain = read("a.txt", b"1+1 = 2, C++ and a+b@example.com\n", budget=Budget())
    assert [passage.place for passage in plain.passages] == [""]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("width", [10, 76, 100_000])
def test_a_file_in_flat_xml(encoding: str, width: int) -> None:
    """In base64 that begins behind a tag, in lines of any length (Flat OPC)."""
    letters = base64.b64encode(packed({"in.txt": "ann@example.com"})).decode()
    lines = "\r\n".join(letters[at : at + width] for at in range(0, len(letters), width))
    flat = (
        '<?xml version="1.0"?><pkg:part xmlns:pkg="p"><pkg:binaryData>'
        f"{lines}</pkg:binaryData></pkg:part>"
    )
    found = read("a.xml", flat.encode(encoding), budget=Budget())
    assert "ann@example.com" in found.text


@pytest.mark.parametrize("front", ["<html><p>hello</p></html>", "hello"])
def test_an_archive_behind_text(front: str) -> None:
    """Where the text is long, the few octets behind it make no difference to what it is."""
    octets = (f"{front}\n" * 20_000).encode() + packed({"in.txt": "ann@example.com"})
    found = read("a.txt", octets, budget=Budget())
    assert "ann@example.com" in found.text or found.state is not ReadState.READ
