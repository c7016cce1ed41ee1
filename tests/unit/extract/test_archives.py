"""Files within files, and what they may cost."""

import bz2
import gzip
import io
import lzma
import re
import zipfile
from email.message import EmailMessage

import pytest
from containers import packed

from guard.extract.budget import Budget
from guard.extract.read import read
from guard.model.extract import ReadState, Reason


def test_archive_in_archive() -> None:
    """Places name the way to the text."""
    found = read("out.zip", packed({"in.zip": packed({"a.txt": b"row"})}), budget=Budget())
    assert [(passage.place, passage.text) for passage in found.passages] == [
        ("out.zip/in.zip/a.txt", "row")
    ]
    assert found.file == "out.zip"
    assert found.state is ReadState.READ


def test_names_in_shift_jis() -> None:
    """Windows writes names of members in CP932, and no flag says so."""
    octets = packed({"XXXX.txt": b"row"}).replace(b"XXXX", "顧客".encode("cp932"))
    assert read("a.zip", octets, budget=Budget()).passages[0].place == "a.zip/顧客.txt"


def test_encrypted_member() -> None:
    """What is locked is told; what is not is read."""
    octets = bytearray(packed({"a.txt": b"open", "b.txt": b"shut"}))
    octets[octets.rindex(b"PK\x01\x02") + 8] |= 1  # the flag in the directory
    found = read("a.zip", bytes(octets), budget=Budget())
    assert (found.text, found.state, found.reasons) == (
        "open",
        ReadState.PARTIAL,
        (Reason.ENCRYPTED,),
    )


def test_damaged_member() -> None:
    """A checksum that does not fit is damage, whatever came out."""
    octets = packed({"a.txt": b"some row"}, zipfile.ZIP_STORED).replace(b"some row", b"some rot", 1)
    assert read("a.zip", octets, budget=Budget()).reasons == (Reason.CORRUPT,)


def test_directory_that_hides_its_files() -> None:
    """An empty directory behind a file, and a folder with octets in it, are no silence."""
    octets = packed({"a.txt": b"row"}, zipfile.ZIP_STORED)
    empty = packed({})
    assert read("a.zip", octets[: octets.index(b"PK\x01\x02")] + empty, budget=Budget()).reasons
    assert read("a.zip", packed({"a.txt/": b"row"}), budget=Budget()).text == "row"
    assert read("a.zip", empty, budget=Budget()).state is ReadState.READ


def hidden_entry() -> bytes:
    """Two files, and a directory that knows one of them."""
    octets = packed({"a.txt": b"row" * 50, "b.txt": b"b"}, zipfile.ZIP_STORED)
    first, second = (found.start() for found in re.finditer(b"PK\x01\x02", octets))
    end = octets.index(b"PK\x05\x06")
    length = (end - second).to_bytes(4, "little")
    tail = octets[end : end + 8] + b"\1\0\1\0" + length + octets[end + 16 :]
    return octets[:first] + octets[second:end] + tail


def with_gap() -> bytes:
    """Text between the last file and the directory."""
    octets = bytearray(packed({"a.txt": b"a"}))
    at, end = octets.index(b"PK\x01\x02"), octets.index(b"PK\x05\x06")
    gap = b"some row\n" * 20
    octets[end + 16 : end + 20] = (at + len(gap)).to_bytes(4, "little")
    return bytes(octets[:at] + gap + octets[at:])


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(hidden_entry(), id="an entry that the directory leaves out"),
        pytest.param(packed({"a.txt": b"row"}) + packed({"b.txt": b"b"}), id="two archives"),
        pytest.param(with_gap(), id="a gap"),
    ],
)
def test_octets_that_belong_to_no_entry(octets: bytes) -> None:
    """What the directory does not tell of is told; what it does is read."""
    found = read("a.zip", octets, budget=Budget())
    assert found.state is ReadState.PARTIAL
    assert Reason.DEFECT in found.reasons


def test_comments_are_text() -> None:
    """A comment of the archive is read like a file; a stream's data descriptor is no gap."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("a.txt", b"row")
        made.comment = "山田".encode()
    found = read("a.zip", target.getvalue(), budget=Budget())
    assert [(passage.place, passage.text) for passage in found.passages] == [
        ("comment", "山田"),
        ("a.zip/a.txt", "row"),
    ]
    assert found.state is ReadState.READ


class Pipe(io.BytesIO):
    """A target that cannot go back: sizes stand behind the data."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise OSError

    def tell(self) -> int:
        raise OSError


def test_data_descriptors_are_no_gap() -> None:
    """Archives written to a pipe are everyday files."""
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as made:
        for number in range(20):
            made.writestr(f"{number}.txt", b"row")
    assert read("a.zip", pipe.getvalue(), budget=Budget()).state is ReadState.READ


@pytest.mark.parametrize(
    "budget",
    [
        Budget(entries=1),
        Budget(member_bytes=1_000),
        Budget(expanded_bytes=1_000),
        Budget(depth=0),
    ],
    ids=["entries", "member", "expanded", "depth"],
)
def test_limits(budget: Budget) -> None:
    """Each budget ends in `LIMIT`."""
    octets = packed({"a.txt": b"a" * 2_000, "b.txt": b"b"})
    assert Reason.LIMIT in read("a.zip", octets, budget=budget).reasons


@pytest.mark.parametrize("squeeze", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_streams(squeeze) -> None:
    """One file packed by itself, in one piece or in two."""
    octets = squeeze(b"first ") + squeeze(b"second")
    found = read("a.csv.gz", octets, budget=Budget())
    assert (found.text, found.state) == ("first second", ReadState.READ)


@pytest.mark.parametrize("squeeze", [gzip.compress, bz2.compress, lzma.compress])
def test_stream_cut_off(squeeze) -> None:
    """What came out before the end is read, and the damage is told."""
    octets = squeeze(bytes(range(32, 127)) * 1_000)
    assert Reason.CORRUPT in read("a.gz", octets[:-10], budget=Budget()).reasons


@pytest.mark.parametrize("squeeze", [gzip.compress, bz2.compress, lzma.compress])
def test_stream_bomb(squeeze) -> None:
    """Unpacking stops at the budget, whatever would follow."""
    found = read("a.gz", squeeze(bytes(8_000_000)), budget=Budget(expanded_bytes=5_000_000))
    assert found.reasons == (Reason.LIMIT,)


def test_stream_bomb_by_ratio() -> None:
    """So it does when one octet becomes a thousand."""
    found = read("a.gz", bz2.compress(bytes(25_000_000)), budget=Budget())
    assert found.reasons == (Reason.LIMIT,)


def mail() -> EmailMessage:
    """A mail with a text, and an archive attached."""
    message = EmailMessage()
    message["Subject"] = "見積書"
    message["From"] = "a@example.com"
    message.set_content("本文です")
    message.add_attachment(
        packed({"b.csv": "山田,かな".encode("cp932")}),
        maintype="application",
        subtype="zip",
        filename="顧客.zip",
    )
    return message


def test_mail() -> None:
    """Header, bodies and attachments of a mail, with their places."""
    found = read("a.eml", mail().as_bytes(), budget=Budget())
    places = {passage.place: passage.text for passage in found.passages}
    assert "Subject: 見積書" in places["header"]
    assert places["part 1"].strip() == "本文です"
    assert places["a.eml/顧客.zip/b.csv"] == "山田,かな"
    assert found.state is ReadState.READ


def test_mailbox() -> None:
    """Every message of a box is read."""
    line = b"From a@example.com Tue Nov 24 10:00:00 2026\n"
    octets = line + mail().as_bytes() + b"\n" + line + b"Subject: second\nFrom: b@x\n\nend\n"
    found = read("a.mbox", octets, budget=Budget())
    assert "山田,かな" in found.text
    assert any(
        p.place.startswith("a.mbox/message 2.eml") and "end" in p.text for p in found.passages
    )


def test_mail_with_hidden_content() -> None:
    """A structure that may hide something is a defect of the file."""
    octets = b"Subject: x\nFrom: a@example.com\nContent-Type: multipart/mixed\n\nhi"
    assert read("a.eml", octets, budget=Budget()).reasons == (Reason.DEFECT,)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_each_of_many_entries_with_one_name_is_paid_for() -> None:
    """A bomb may call all its members the same."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for _ in range(10):
            archive.writestr("a.txt", bytes(100_000))
    budget = Budget(expanded_bytes=500_000)
    found = read("a.zip", target.getvalue(), budget=budget)

    assert Reason.LIMIT in found.reasons
    assert budget.expanded_bytes <= 0
