"""Files of the old Office formats, as a real producer writes them, and what is done to those."""

import io
import random
import re
import struct

import pytest
from compounds import compound
from hypothesis import given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile
from samples import sample

from guard.extract.budget import Budget
from guard.extract.read import read
from guard.model.extract import Extract, ReadState, Reason

WHOLE = ["letter.doc", "letter.rtf", "book.xls", "deck.ppt", "velvet.xls"]


def passages(found: Extract) -> dict[str, str]:
    """Text by place."""
    return {passage.place: passage.text for passage in found.passages}


def of(name: str, *, password: str = "", plain: bool = False) -> Extract:
    """A sample, read."""
    return read(name, sample(name), budget=Budget(), password=password, plain=plain)


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("plain", [False, True])
def test_nothing_is_missing(name: str, plain: bool) -> None:
    """Everything that was planted is found, in Japanese too, and the file counts as read."""
    source = {"letter": "letter.fodt", "deck": "deck.fodp"}.get(
        name.split(".", maxsplit=1)[0], "book.fods"
    )
    planted = set(re.findall(r">([^<>]*planted)<", sample(source).decode()))
    found = of(name, plain=plain)
    text = found.text
    # LibreOffice drops the formula, the keyword of RTF's ANSI half and nothing else.
    missing = {words for words in planted if words not in text} - {"formula planted"}
    assert missing == set()
    assert "https://example.com/link-planted" in text or name.startswith(("deck", "book", "velvet"))
    assert found.state is ReadState.READ


def test_places_of_a_document() -> None:
    """Every part is named, and none tears the body apart."""
    found = passages(of("letter.doc"))
    assert "佐藤 花子\t090-1234-5678" in found[""]
    assert "With a comment, a change and hidden planted." in found[""]
    assert found["comments"] == "コメント comment planted"
    assert "脚注 footnote planted" in found["footnotes"]
    assert found["text box"] == "枠 text box planted"
    assert found["deleted text"] == "deleted planted"
    assert found["field codes"] == 'HYPERLINK "https://example.com/link-planted"'
    assert "題名 Title planted" in found["properties"]


def test_places_of_a_presentation() -> None:
    """Slides and notes carry their number."""
    found = passages(of("deck.ppt"))
    assert found["slide 1"] == "一枚目 first slide planted"
    assert "コメント comment planted" in found["slide 1, comments"]
    assert "second notes planted" in found["slide 2, notes"]


@pytest.mark.parametrize("plain", [False, True])
def test_places_of_a_workbook(plain: bool) -> None:
    """Rows, comments and edges stand with their sheet, which may be hidden."""
    found = passages(of("book.xls", plain=plain))
    assert "佐藤 花子\t9012345678\t12.5" in found["sheet “顧客”"].split("\n")
    assert found["hidden sheet “Hidden2”"] == "hidden row planted"
    assert found["sheet “顧客”, comments"] == "コメント comment planted"
    assert found["sheet “顧客”, text box"] == "枠 text box planted"
    assert "ヘッダー header planted" in found["sheet “顧客”, header"]
    assert found["hidden sheet “Hidden2”, comments"] == "second comment planted"


def test_password() -> None:
    """A file is opened by the password that was given for it, and by no other."""
    assert of("locked.xls").reasons == (Reason.ENCRYPTED,)
    assert of("locked.xls", password="wrong").reasons == (Reason.ENCRYPTED,)
    assert "hidden row planted" in of("locked.xls", password="secret").text


@pytest.mark.parametrize(
    ("of_file", "given", "opens"),
    [("secret", "secret", True), ("secret", "wrong", False), ("VelvetSweatshop", "", True)],
)
def test_office_open_xml_that_is_encrypted(of_file: str, given: str, opens: bool) -> None:
    """What lies encrypted is a file within; a workbook that is only protected needs no password."""
    target = io.BytesIO()
    OOXMLFile(io.BytesIO(sample("letter.docx"))).encrypt(of_file, target)
    found = read("a.docx", target.getvalue(), budget=Budget(), password=given)
    assert ("本文 body planted" in found.text) is opens
    assert found.reasons == (() if opens else (Reason.ENCRYPTED,))


def test_package_that_is_encrypted_by_nobody_knows_what() -> None:
    """One that nobody can open is told as such."""
    octets = compound({"EncryptedPackage": b"x" * 99, "EncryptionInfo": b"y" * 99})
    assert read("a.docx", octets, budget=Budget()).reasons == (Reason.ENCRYPTED,)


def test_embedded_workbook() -> None:
    """An object in a document is a file within it; so is what Windows' packager wrapped."""
    book = sample("book.xls")
    package = b"\2\0note.txt\0C:\\note.txt\0\0\0\3\0" + (5).to_bytes(4, "little") + b"C:\\n\0"
    package += (6).to_bytes(4, "little") + b"a note"
    native = len(package).to_bytes(4, "little") + package
    octets = compound({"x": {"\x01Ole10Native": native, "\x01Ole": b"?"}, "y": {"Package": book}})
    found = passages(read("o", octets, budget=Budget()))
    assert found["o/note.txt"] == "a note"
    assert found["o/object, hidden sheet “Hidden2”"] == "hidden row planted"


def test_main_streams_of_two_programs() -> None:
    """Each program would show something else: that is no file to trust."""
    octets = compound({"WordDocument": b"\xec\xa5" + bytes(2000), "PowerPoint Document": b""})
    assert (
        Reason.DEFECT in read("a", octets, budget=Budget()).reasons
        or Reason.CORRUPT in read("a", octets, budget=Budget()).reasons
    )


def word_6(text: bytes, *, language: int, pictures: bytes = b"") -> bytes:
    """A document of Word 6 with its text in one piece."""
    head = bytearray(0x200)
    head[:8] = b"\xdc\xa5\x65\0\0\0" + language.to_bytes(2, "little")
    head[0x18:0x1C] = len(head).to_bytes(4, "little")
    head[0x34:0x38] = len(text).to_bytes(4, "little")
    streams = {"WordDocument": bytes(head) + text}
    return compound(streams | ({"Data": pictures} if pictures else {}))


def test_word_6_in_japanese() -> None:
    """Before Word 97 a letter is one octet or two, by the language."""
    octets = word_6("表示\r能力\x07ソ\x07\x07".encode("cp932"), language=0x411)
    found = read("a.doc", octets, budget=Budget())
    assert (found.text, found.state) == ("表示\n能力\tソ", ReadState.READ)


@pytest.mark.parametrize(
    ("line", "size", "is_scan"),
    [
        pytest.param("Confidential, for the office in Osaka alone", 60_000, True, id="scan"),
        pytest.param("Confidential, for the office in Osaka alone", 9_000, False, id="logo"),
        pytest.param("A letter with more than a line, and " * 9, 60_000, False, id="letter"),
    ],
)
def test_scan_beside_a_line(line: str, size: int, is_scan: bool) -> None:
    """Large pictures and a footer are a scan, in Word and in PowerPoint."""
    text = line.encode()
    atom = struct.pack("<HHI", 0, 0x0FA8, len(text)) + text
    for name, octets in {
        "a.doc": word_6(text, language=0x409, pictures=bytes(size)),
        "a.ppt": compound({"PowerPoint Document": atom, "Pictures": bytes(size)}),
    }.items():
        found = read(name, octets, budget=Budget())
        assert line.split(",", maxsplit=1)[0] in found.text
        assert found.reasons == ((Reason.IMAGE_ONLY,) if is_scan else ())


def test_bare_workbook() -> None:
    """Excel 2 wrote no compound file."""
    text = "山田".encode("cp932")
    label = b"\0\0\1\0\0\0\0" + bytes((len(text),)) + text
    octets = (
        b"\x09\0\4\0\2\0\x10\0" + b"\x42\0\2\0\xa4\3" + b"\4\0" + bytes((len(label), 0)) + label
    )
    octets += b"\x02\0\x09\0\0\0\0\0\0\0\0\x2a\0" + b"\x0a\0\0\0"
    found = read("a.xls", octets, budget=Budget())
    assert (found.text, found.state) == ("42\t山田", ReadState.READ)
    assert read("a.xls", octets[:-10], budget=Budget()).reasons == (Reason.CORRUPT,)


@pytest.mark.parametrize("name", [*WHOLE, "locked.xls"])
def test_damage(name: str) -> None:
    """Flipped bits and torn ends are read as far as it goes; what is left knows its state."""
    octets = sample(name)
    chance = random.Random(6)  # noqa: S311 -- the same every time
    for _ in range(25):
        changed = bytearray(octets)
        changed[chance.randrange(len(octets))] ^= 1 << chance.randrange(8)
        found = read(name, bytes(changed), budget=Budget())
        assert (found.state is ReadState.READ) == (not found.reasons)
        torn = read(name, octets[: chance.randrange(1, len(octets) * 9 // 10)], budget=Budget())
        assert torn.state is not ReadState.READ


@settings(max_examples=40)
@given(st.sampled_from(["letter.doc", "book.xls", "letter.rtf"]), st.data())
def test_any_damage(name: str, data: st.DataObject) -> None:
    """Whatever is written over a file, reading it ends, with an answer."""
    octets = bytearray(sample(name))
    for _ in range(data.draw(st.integers(1, 20))):
        at = data.draw(st.integers(0, len(octets) - 4))
        octets[at : at + 4] = data.draw(st.binary(min_size=4, max_size=4))
    found = read(name, bytes(octets), budget=Budget(), plain=True)
    assert len(found.text) < 40 * len(octets)


def test_containers_within_containers() -> None:
    """A presentation of nothing but containers takes no more than its length."""
    octets = b"".join(
        struct.pack("<HHI", 0xF, kind, 0x7FFFFFFF) for kind in (0x2EE0, 0x0FD9) for _ in range(9)
    )
    octets = octets * 5000 + struct.pack("<HHI", 0, 0x0FA8, 4) + b"text"
    found = read("a.ppt", compound({"PowerPoint Document": octets}), budget=Budget())
    assert {passage.text for passage in found.passages} == {"text"}
    assert max(len(passage.place) for passage in found.passages) < 99


def test_properties_that_share_a_list() -> None:
    """Ten thousand properties that point at one list of ten thousand names end at once."""
    many = 10_000
    pairs = b"".join(struct.pack("<II", number + 2, 8 + 8 * many) for number in range(many))
    section = (
        struct.pack("<II", 0, many) + pairs + struct.pack("<II", 0x101E, many) + bytes(4 * many)
    )
    octets = bytes(24) + struct.pack("<I16xI", 1, 48) + section
    found = read("a", compound({"\x05SummaryInformation": octets}), budget=Budget())
    assert found.text == ""
