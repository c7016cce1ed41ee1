"""Messages of Outlook: .msg and winmail.dat, well made and ill."""

import struct

import compressed_rtf
import pytest
from compounds import Tree, compound
from hypothesis import given
from hypothesis import strategies as st

from guard.extract.budget import Budget
from guard.extract.lzfu import unpack
from guard.extract.read import read
from guard.model.extract import Extract, ReadState, Reason

PAGE = 0x3FFD


def fixed(**_: int) -> bytes:
    """The head of a message's properties, and that its strings are CP932."""
    return bytes(32) + struct.pack("<HHIQ", 3, PAGE, 6, 932)


def stream(number: int, kind: int) -> str:
    """Name of the stream of a property."""
    return f"__substg1.0_{number:04X}{kind:04X}"


def wide(text: str) -> bytes:
    """A string as Outlook keeps it today."""
    return text.encode("utf-16-le")


INNER: Tree = {
    "__properties_version1.0": bytes(24) + struct.pack("<HHIQ", 3, PAGE, 6, 932),
    stream(0x0037, 0x1F): wide("内側 inner subject"),
    stream(0x1000, 0x1E): "内側 inner body 表".encode("cp932"),
}
MESSAGE: Tree = {
    "__properties_version1.0": fixed(),
    "__nameid_version1.0": {stream(2, 0x102): b"names of properties"},
    stream(0x001A, 0x1F): wide("IPM.Note"),
    stream(0x0037, 0x1F): wide("件名 subject"),
    stream(0x0C1A, 0x1E): "佐藤 sender 能".encode("cp932"),
    stream(0x1000, 0x1F): wide("本文 body\r\nline"),
    stream(0x1013, 0x102): "<p>頁 page <img src='cid:one@x'></p>".encode("cp932"),
    stream(0x1009, 0x102): compressed_rtf.compress(rb"{\rtf1\ansi rtf body body body}"),
    stream(0x8001, 0x1F): wide("090-1234-5678"),
    "__recip_version1.0_#00000000": {
        "__properties_version1.0": bytes(8) + struct.pack("<HHIQ", 3, 0x0C15, 6, 2),
        stream(0x3001, 0x1F): wide("田中"),
        stream(0x39FE, 0x1F): wide("tanaka@example.com"),
    },
    "__attach_version1.0_#00000000": {
        "__properties_version1.0": bytes(8),
        stream(0x3707, 0x1F): wide("名簿.csv"),
        stream(0x3701, 0x102): b"an,attached,row",
    },
    "__attach_version1.0_#00000001": {
        "__properties_version1.0": bytes(8),
        stream(0x3001, 0x1F): wide("forwarded"),
        stream(0x3701, 0x0D): INNER,
    },
}


def places(found: Extract) -> dict[str, str]:
    """Text by place."""
    return {passage.place: passage.text for passage in found.passages}


def test_message() -> None:
    """Header, every body, other properties, attachments and messages within are read."""
    found = read("m.msg", compound(MESSAGE), budget=Budget())
    by = places(found)
    assert by[""] == "本文 body\nline"
    assert by["header"] == (
        "Subject: 件名 subject\nFrom: 佐藤 sender 能\nCc: 田中 tanaka@example.com"
    )
    assert by["properties"] == "090-1234-5678"
    assert any("頁 page" in text for place, text in by.items() if "m.msg/body.html" in place)
    assert by["m.msg/body.rtf"] == "rtf body body body"
    assert by["m.msg/名簿.csv"] == "an,attached,row"
    assert by["m.msg/forwarded.msg"] == "内側 inner body 表"
    assert by["m.msg/forwarded.msg, header"] == "Subject: 内側 inner subject"
    assert found.state is ReadState.READ


def test_attachment_without_its_octets() -> None:
    """What is not there is told, unless it says that it lies elsewhere."""
    name = {stream(0x3707, 0x1F): wide("a.csv")}
    here: Tree = {**name, "__properties_version1.0": bytes(8)}
    elsewhere: Tree = {
        **name,
        "__properties_version1.0": bytes(8) + struct.pack("<HHIQ", 3, 0x3705, 6, 2),
    }
    root: Tree = {"__properties_version1.0": bytes(32)}
    for attachment, reasons in ((here, (Reason.CORRUPT,)), (elsewhere, ())):
        octets = compound({**root, "__attach_version1.0_#00000000": attachment})
        assert read("m.msg", octets, budget=Budget()).reasons == reasons


@pytest.mark.parametrize("text", [b"{\\rtf1 a}", b"abcabcabcabc" * 500, bytes(range(256)) * 9])
def test_packed_rtf(text: bytes) -> None:
    """What another packer packed comes out whole; damage is seen by the checksum."""
    packed = compressed_rtf.compress(text)
    assert unpack(packed) == (text, True)
    assert not unpack(packed[:-3])[1]
    assert not unpack(packed[:20] + bytes((packed[20] ^ 1,)) + packed[21:])[1]
    assert unpack(compressed_rtf.compress(text, compressed=False)) == (text, True)


def attribute(level: int, identity: int, data: bytes) -> bytes:
    """One attribute of TNEF with its checksum."""
    return (
        struct.pack("<BII", level, identity, len(data))
        + data
        + struct.pack("<H", sum(data) & 0xFFFF)
    )


def prop(number: int, kind: int, *values: bytes) -> bytes:
    """One property of TNEF, of a kind whose values say how long they are."""
    padded = (struct.pack("<I", len(one)) + one + bytes(-len(one) % 4) for one in values)
    return struct.pack("<HHI", kind, number, len(values)) + b"".join(padded)


def named(number: int, name: str, value: str) -> bytes:
    """A property with a name of its own."""
    octets = wide(name + "\0")
    head = struct.pack("<HH16xII", 0x1F, number, 1, len(octets)) + octets + bytes(-len(octets) % 4)
    return head + prop(0, 0x1F, wide(value))[4:]


def properties(*found: bytes) -> bytes:
    """A list of properties."""
    return struct.pack("<I", len(found)) + b"".join(found)


HEAD = b"\x78\x9f\x3e\x22\1\0"
WINMAIL = HEAD + b"".join(
    (
        attribute(1, 0x00089006, b"\0\0\1\0"),
        attribute(1, 0x00069007, struct.pack("<II", 932, 0)),
        attribute(1, 0x00018004, "件名 subject 表\0".encode("cp932")),
        attribute(
            1,
            0x00069003,
            properties(
                prop(0x1000, 0x1E, "本文 body\0".encode("cp932")),
                named(0x8001, "電話", "090-1234-5678"),
                struct.pack("<HHI", 0x0B, 0x0E1F, 1),
                prop(0x1009, 0x102, compressed_rtf.compress(rb"{\rtf1 rtf body}")),
            ),
        ),
        attribute(
            1, 0x00069004, struct.pack("<I", 1) + properties(prop(0x3001, 0x1F, wide("田中")))
        ),
        attribute(2, 0x00069002, bytes(14)),
        attribute(2, 0x00018010, b"MEIBO~1.CSV\0"),
        attribute(2, 0x0006800F, b"an,attached,row"),
        attribute(2, 0x00069005, properties(prop(0x3707, 0x1F, wide("名簿.csv")))),
    )
)


def test_winmail() -> None:
    """The message with its properties and attachments is read."""
    found = read("winmail.dat", WINMAIL, budget=Budget())
    by = places(found)
    assert by[""] == "本文 body"
    assert by["header"] == "Subject: 件名 subject 表\nTo: 田中"
    assert by["properties"] == "090-1234-5678"
    assert by["winmail.dat/body.rtf"] == "rtf body"
    assert by["winmail.dat/名簿.csv"] == "an,attached,row"
    assert found.state is ReadState.READ


def test_message_within_winmail() -> None:
    """An attached message is TNEF again, behind the identity of its interface."""
    inner = bytes(16) + WINMAIL
    octets = HEAD + attribute(2, 0x00069002, bytes(14))
    octets += attribute(2, 0x00069005, properties(prop(0x3701, 0x0D, inner)))
    assert "本文 body" in read("winmail.dat", octets, budget=Budget()).text


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xff\xff\xff\x7f", id="a count of properties"),
        pytest.param(struct.pack("<IHHI", 1, 0x101F, 0x8001, 0), id="a name that is not there"),
        pytest.param(struct.pack("<IHHI", 1, 0x1002, 0x1000, 0xFFFFFFFF), id="a count of values"),
        pytest.param(struct.pack("<IHHI", 1, 0x1000, 0x1000, 0xFFFFFFFF), id="values of nothing"),
        pytest.param(struct.pack("<IHHII", 1, 0x1E, 0x1000, 1, 0xFFFFFFFF), id="a length"),
        pytest.param(struct.pack("<IHHI", 1, 0x7777, 0x1000, 1), id="an unknown type"),
    ],
)
@pytest.mark.parametrize("identity", [0x00069003, 0x00069004])
def test_counts_that_lie(data: bytes, identity: int) -> None:
    """A few octets ask for gigabytes, and get nothing; what follows them is read."""
    if identity == 0x00069004:
        data = b"\1\0\0\0" + data
    octets = HEAD + attribute(1, identity, data) + attribute(1, 0x00018004, b"after\0")
    found = read("winmail.dat", octets, budget=Budget())
    assert found.reasons == (Reason.CORRUPT,)
    assert "after" in found.text


@given(st.data())
def test_any_damage(data: st.DataObject) -> None:
    """Whatever is written over one, reading it ends, and a change of any octet is seen."""
    octets = bytearray(WINMAIL)
    at = data.draw(st.integers(4, len(octets) - 1))
    octets[at] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.integers(5, len(octets)))
    found = read("winmail.dat", bytes(octets[:cut]), budget=Budget())
    assert len(found.text) < 4 * len(octets)


@given(st.binary(max_size=200))
def test_any_attributes(octets: bytes) -> None:
    """Any octets behind the signature are read as far as they make sense."""
    found = read("winmail.dat", HEAD + octets, budget=Budget())
    assert (found.state is ReadState.READ) == (not found.reasons)
