"""Files are known by their content."""

import pytest
from containers import packed
from hypothesis import given
from hypothesis import strategies as st

from guard.extract.budget import Budget
from guard.extract.formats import READERS
from guard.extract.kinds import Kind, kind_of
from guard.extract.read import read
from guard.model.extract import ReadState, Reason
from tests.unit.parse.odd_mail import der, enveloped_data


def zip_of(*names: str) -> bytes:
    """A ZIP archive with members of these names."""
    return packed(dict.fromkeys(names, "x"))


def compound(*streams: str) -> bytes:
    """Something like an OLE compound file with these names in its directory."""
    names = b"".join(f"{name}\0".encode("utf-16-le") for name in streams)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + names


PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        (b"", Kind.EMPTY),
        (b"a,b\n", Kind.TEXT),
        ("山田".encode("cp932"), Kind.TEXT),
        ("<html>山田".encode("utf-16"), Kind.HTML),
        (b"\xef\xbb\xbf<!DOCTYPE html><p>", Kind.HTML),
        (b"<?xml version='1.0'?><a/>", Kind.XML),
        (b"<?xml version='1.0'?><html/>", Kind.HTML),
        (b"From: a@example.com\r\nSubject: x\r\n\r\nhi", Kind.MAIL),
        (b"Note: see below\n\nhi", Kind.TEXT),
        (b"From a@example.com Tue Nov 24 10:00:00 2026\nSubject: x\n\nhi", Kind.MBOX),
        (b"%PDF-1.7\n", Kind.PDF),
        (PNG, Kind.IMAGE),
        (zip_of("a.txt"), Kind.ZIP),
        (zip_of("[Content_Types].xml", "xl/workbook.xml"), Kind.XLSX),
        (zip_of("[Content_Types].xml", "xl/workbook.bin"), Kind.XLSB),
        (zip_of("[Content_Types].xml", "word/document.xml"), Kind.DOCUMENT),
        (zip_of("META-INF/manifest.xml", "content.xml"), Kind.DOCUMENT),
        (compound("Workbook"), Kind.XLS),
        (compound("EncryptedPackage", "EncryptionInfo"), Kind.ENCRYPTED_OFFICE),
        (compound("WordDocument"), Kind.WORD),
        (compound("__properties_version1.0"), Kind.OUTLOOK),
        (b"-----BEGIN PGP SIGNATURE-----\n", Kind.PGP),
        (b"  -lh5-".replace(b"  ", b"\x21\x8f"), Kind.LZH),
        (b"{\\rtf1 x}", Kind.RTF),
    ],
)
def test_kind_of(octets: bytes, kind: Kind) -> None:
    """The signature decides; names are not asked."""
    assert kind_of(octets) is kind


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"%PDF-1.7\n1 0 obj", Reason.CORRUPT),
        (compound("WordDocument"), Reason.CORRUPT),
        (b"\0\1\0\0Standard Jet DB\0" + bytes(99), Reason.UNSUPPORTED),
        (compound("EncryptedPackage"), Reason.ENCRYPTED),
        (PNG, Reason.IMAGE_ONLY),
        (bytes(range(256)) * 10, Reason.UNKNOWN_BINARY),
        (b"PK\x03\x04" + bytes(100), Reason.CORRUPT),
        (b"-----BEGIN PGP MESSAGE-----\nabc", Reason.ENCRYPTED),
    ],
)
def test_unreadable(octets: bytes, reason: Reason) -> None:
    """What cannot be read says why."""
    found = read("file", octets, budget=Budget())
    assert (found.state, found.reasons) == (ReadState.UNREADABLE, (reason,))


@pytest.mark.parametrize(
    ("octets", "inline", "state"),
    [
        pytest.param(PNG, True, ReadState.READ, id="a logo in a signature"),
        pytest.param(PNG, False, ReadState.UNREADABLE, id="a picture that is attached"),
        pytest.param(PNG + bytes(70_000), True, ReadState.UNREADABLE, id="a big picture"),
    ],
)
def test_pictures(octets: bytes, inline: bool, state: ReadState) -> None:
    """Only a small picture that the HTML shows passes."""
    assert read("a.png", octets, budget=Budget(), inline=inline).state is state


def test_a_picture_with_an_archive_behind_it() -> None:
    """What hides behind a picture is read."""
    found = read("a.png", PNG + zip_of("secret.txt"), budget=Budget())
    assert "x" in found.text
    assert found.reasons == (Reason.IMAGE_ONLY,)


def test_signatures() -> None:
    """A signature that stands alone has nothing to read; broken, or sealed, it holds the mail."""
    data = bytes.fromhex("06092a864886f70d010701")
    start = bytes.fromhex("06092a864886f70d010702")
    body = der(0x30, der(2, b"\1"), der(0x31), der(0x30, data), der(0x31))
    detached = der(0x30, start, der(0xA0, body))
    assert read("smime.p7s", detached, budget=Budget()).state is ReadState.READ
    assert read("smime.p7m", detached[:-4], budget=Budget()).reasons == (Reason.UNSUPPORTED,)
    sealed = read("smime.p7m", enveloped_data(b"x"), budget=Budget())
    assert sealed.reasons == (Reason.ENCRYPTED,)


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b", b"<?xml ", PNG]))
def test_any_octets_read(octets: bytes, magic: bytes) -> None:
    """No octets raise, and a state agrees with its reasons."""
    found = read("x", magic + octets, budget=Budget())
    assert (found.state is ReadState.READ) == (not found.reasons)


def test_every_kind_that_is_read_is_told_apart() -> None:
    """A reader without a kind could never be reached."""
    assert set(READERS) <= set(Kind)
