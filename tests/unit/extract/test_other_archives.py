"""Archives of other programs, by libarchive."""

import io
import random
import struct
import tarfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.extract.budget import Budget
from guard.extract.formats import READERS
from guard.extract.inner_names import inner_name
from guard.extract.kinds import Kind
from guard.extract.pieces import Source, UnreadError
from guard.extract.read import read
from guard.model.extract import ReadState, Reason

SAMPLES = Path(__file__).parents[2] / "samples" / "archives"
ROWS = [
    "C1,山田太郎,090-1234-0001,taro@example.com",
    "C2,佐藤花子,090-1234-0002,hanako@example.com",
    "C3,鈴木一郎,090-1234-0003,ichiro@example.com",
]
WHOLE = [
    "lzma2.7z", "ppmd.7z", "ppmd.zip", "xz.zip", "lh5.lzh", "mszip.cab", "pax.tar", "v7.tar",
    "a.tar.zst", "newc.cpio", "binary.cpio", "a.ar", "a.iso",
]  # fmt: skip
CHECKED = ["lzma2.7z", "ppmd.7z", "ppmd.zip", "xz.zip", "lh5.lzh", "mszip.cab", "a.tar.zst"]


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


@pytest.mark.parametrize("name", WHOLE)
def test_whole(name: str) -> None:
    """Every row is found in its file, and nothing is said to be missing."""
    found = read(name, sample(name), budget=Budget())
    assert found.state is ReadState.READ
    assert set(ROWS) <= set(found.text.splitlines())
    assert "高橋次郎" in found.text
    assert any(passage.place.endswith("/customers.csv") for passage in found.passages)


def test_stream_of_compress() -> None:
    """A stream has one file, called as the stream without its suffix."""
    found = read("customers.csv.Z", sample("customers.csv.Z"), budget=Budget())
    assert [passage.place for passage in found.passages] == ["customers.csv.Z/customers.csv"]
    assert set(ROWS) <= set(found.text.splitlines())


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("encrypted.7z", Reason.ENCRYPTED),
        ("encrypted-names.7z", Reason.ENCRYPTED),
        ("aes.zip", Reason.ENCRYPTED),
        ("zipcrypto.zip", Reason.ENCRYPTED),
        ("deflate64.7z", Reason.UNSUPPORTED),
        ("deflate64.zip", Reason.UNSUPPORTED),
    ],
)
def test_not_read(name: str, reason: Reason) -> None:
    """What cannot be read says why, and nothing else."""
    assert read(name, sample(name), budget=Budget()).reasons == (reason,)


@pytest.mark.parametrize("name", ["aes.zip", "zipcrypto.zip"])
def test_password(name: str) -> None:
    """A password opens it; a wrong one leaves it as it was."""
    opened = read(name, sample(name), budget=Budget(), password="secret")
    assert set(ROWS) <= set(opened.text.splitlines())
    assert opened.state is ReadState.READ
    for attempt in range(300):  # one of 256 passes the check of ZipCrypto
        wrong = read(name, sample(name), budget=Budget(), password=f"wrong {attempt}")
        assert wrong.reasons == (Reason.ENCRYPTED,)


@pytest.mark.parametrize("name", CHECKED)
def test_mutations(name: str) -> None:
    """
    Formats with checksums lose no row in silence, by cuts and flipped bits.

    What is shorter than a signature is a few letters of text.
    """
    octets = sample(name)
    dice = random.Random(name)  # noqa: S311
    for number in range(150):
        broken = bytearray(octets)
        if number % 2:
            del broken[dice.randrange(8, len(broken)) :]
        else:
            broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
        found = read(name, bytes(broken), budget=Budget())
        if found.state is ReadState.READ:
            assert set(ROWS) <= set(found.text.splitlines())


@pytest.mark.parametrize("name", ["lzma2.7z", "pax.tar", "newc.cpio", "lh5.lzh", "mszip.cab"])
def test_octets_behind_the_end(name: str) -> None:
    """What stands behind an archive is not passed over."""
    found = read(name, sample(name) + b"hidden row\n" * 40, budget=Budget())
    assert found.state is ReadState.PARTIAL
    assert set(found.reasons) & {Reason.DEFECT, Reason.CORRUPT}


def test_tar_in_a_row() -> None:
    """Archives that follow each other are all read."""
    octets = sample("pax.tar") + tar_of({"late.txt": b"late row"})
    assert "late row" in read("a.tar", octets, budget=Budget()).text


def tar_of(files: dict[str, bytes], *links: tarfile.TarInfo) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as made:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))
        for link in links:
            made.addfile(link)
    return target.getvalue()


def test_links_are_told_and_not_followed() -> None:
    """A link is a line of text; a device is nothing."""
    link = tarfile.TarInfo("passwd")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    device = tarfile.TarInfo("null")
    device.type = tarfile.CHRTYPE
    found = read("a.tar", tar_of({"../../a.txt": b"row"}, link, device), budget=Budget())
    assert [(passage.place, passage.text) for passage in found.passages] == [
        ("a.tar/../../a.txt", "row"),
        ("links", "passwd → etc/passwd"),
    ]


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("顧客.csv".encode("cp932"), "顧客.csv"),
        ("顧客.csv".encode(), "顧客.csv"),
        (b"C:\\a\\b.txt", "C:/a/b.txt"),
        ("a\nb\u202etxt.exe", "a\ufffdb\ufffdtxt.exe"),
        ("x" * 300, "…" + "x" * 255),
    ],
)
def test_names(raw: bytes | str, name: str) -> None:
    """Names are for showing: in any encoding, without what turns or breaks a line."""
    assert inner_name(raw) == name


def rar5(content: bytes, crc: int | None = None) -> bytes:
    """A RAR 5 archive with one stored file."""

    def block(body: bytes, data: bytes = b"") -> bytes:
        sized = bytes([len(body)]) + body
        return zlib.crc32(sized).to_bytes(4, "little") + sized + data

    checksum = (zlib.crc32(content) if crc is None else crc).to_bytes(4, "little")
    size = bytes([len(content)])
    file = b"\x02\x02" + size + b"\x04" + size + b"\x20" + checksum + b"\x00\x01\x05a.txt"
    main, end = block(b"\x01\x00\x00"), block(b"\x05\x00\x00")
    return b"Rar!\x1a\x07\x01\x00" + main + block(file, content) + end


def rar3(content: bytes) -> bytes:
    """A RAR 3 archive with one stored file."""

    def block(body: bytes) -> bytes:
        return (zlib.crc32(body) & 0xFFFF).to_bytes(2, "little") + body

    size = len(content)
    name = b"a.txt"
    head = struct.pack("<BHHIIBIIBBHI", 0x74, 0x8000, 32 + len(name), size, size, 3,
                       zlib.crc32(content), 0, 20, 0x30, len(name), 0x81A4)  # fmt: skip
    return (
        b"Rar!\x1a\x07\x00"
        + block(struct.pack("<BHHHI", 0x73, 0, 13, 0, 0))
        + block(head + name)
        + content
        + block(struct.pack("<BHH", 0x7B, 0x4000, 7))
    )


@pytest.mark.parametrize("made", [rar3, rar5])
def test_rar(made) -> None:
    """Both versions are read, and their checksums are."""
    found = read("a.rar", made("山田太郎".encode()), budget=Budget())
    assert (found.text, found.state) == ("山田太郎", ReadState.READ)
    broken = made("山田太郎".encode()).replace("郎".encode(), "朗".encode())
    assert Reason.CORRUPT in read("a.rar", broken, budget=Budget()).reasons


@pytest.mark.parametrize("name", ["lzma2.7z", "lh5.lzh", "mszip.cab", "pax.tar", "newc.cpio"])
@pytest.mark.parametrize("budget", [{"entries": 1}, {"expanded_bytes": 50}, {"member_bytes": 20}])
def test_limits(name: str, budget: dict[str, int]) -> None:
    """Each budget ends in `LIMIT`, in every format."""
    assert Reason.LIMIT in read(name, sample(name), budget=Budget(**budget)).reasons


@pytest.mark.parametrize(
    "kind", [Kind.SEVEN_ZIP, Kind.RAR, Kind.LZH, Kind.CAB, Kind.TAR, Kind.CPIO, Kind.AR, Kind.ISO,
             Kind.ZSTD, Kind.COMPRESS],
)  # fmt: skip
@given(octets=st.binary(max_size=400))
@settings(max_examples=30, deadline=None)
def test_any_octets(kind: Kind, octets: bytes) -> None:
    """Whatever is said to be an archive comes to some end."""
    try:
        pieces = list(READERS[kind](Source(name="a", octets=octets), Budget()))
    except UnreadError as unread:
        pieces = [unread.reason]
    assert all(piece is not None for piece in pieces)
