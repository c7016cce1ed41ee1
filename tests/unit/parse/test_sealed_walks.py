"""Walks over CMS and OpenPGP: what everybody can read comes out, and no octets do harm."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.parse import cms, openpgp
from tests.unit.parse import odd_mail as odd

CONTENT = b"Content-Type: text/plain\r\n\r\nhello\r\n" * 20


@pytest.mark.parametrize("wrap", [odd.signed_data, odd.signed_data_ber, odd.compressed_data])
def test_content_of_cms(wrap: odd.Build) -> None:
    """Definite or not, in pieces or not: the same octets."""
    assert cms.content(wrap(CONTENT)) == CONTENT


def test_a_detached_signature_has_none() -> None:
    """Its content stands elsewhere in the mail."""
    inner = odd.der(0x30, odd.OID_DATA)
    body = odd.der(0x30, odd.der(2, b"\1"), odd.der(0x31), inner, odd.der(0x31))
    assert cms.content(odd.der(0x30, odd.OID_SIGNED, odd.der(0xA0, body))) is None


def test_an_envelope_is_told() -> None:
    """What nobody can read is no broken file."""
    with pytest.raises(cms.EncryptedError):
        cms.content(odd.enveloped_data(CONTENT))


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "octets",
    [
        b"\x30\x80" * 100_000,
        b"\x30\x80" + odd.OID_SIGNED + b"\xa0\x80" * 100_000,
        odd.der(0x30, odd.OID_SIGNED, odd.der(0xA0, odd.der(0x30, b"\x02\0" * 300_000))),
        odd.compressed_data(bytes(80_000_000)),
        odd.signed_data(CONTENT)[:-9],
        b"",
    ],
    ids=["deep", "deep inside", "many values", "a bomb", "cut off", "nothing"],
)
def test_hostile_cms_ends(octets: bytes) -> None:
    """Depth, number and size have limits."""
    with pytest.raises(cms.NotReadError):
        cms.content(octets)


@given(
    st.sampled_from([odd.signed_data, odd.signed_data_ber, odd.compressed_data]),
    st.binary(max_size=60),
    st.integers(0, 400),
    st.binary(max_size=4),
)
def test_any_cms(wrap: odd.Build, content: bytes, at: int, patch: bytes) -> None:
    """Whatever is written over, it reads or says that it cannot."""
    octets = wrap(content)
    assert cms.content(octets) == content
    with contextlib.suppress(cms.EncryptedError, cms.NotReadError):
        cms.content(octets[:at] + patch + octets[at + len(patch) :])


@pytest.mark.parametrize("method", [1, 2, 3])
def test_content_of_openpgp(method: int) -> None:
    """Packed by any method, signed or not: the literal data."""
    octets = odd.packet(4, b"x") + odd.compressed(method, odd.literal(CONTENT)) + odd.packet(2, b"")
    assert openpgp.content(octets) == CONTENT
    assert openpgp.messages(b"hi\n" + odd.armored(octets)) == [CONTENT]


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "octets",
    [
        odd.packet(18, CONTENT),
        odd.compressed(2, bytes(80_000_000)),
        odd.packet(2, b"") * 100_000,
        b"\xcb\xe1",
        b"",
    ],
    ids=["encrypted", "a bomb", "many packets", "cut off", "nothing"],
)
def test_hostile_openpgp_ends(octets: bytes) -> None:
    """What is encrypted, or has no end, is not read."""
    with pytest.raises(openpgp.NotReadError):
        openpgp.content(octets)


@pytest.mark.timeout(20)
def test_armour_without_end() -> None:
    """Beginnings of messages end the reading."""
    with pytest.raises(openpgp.NotReadError):
        openpgp.messages(b"-----BEGIN PGP MESSAGE-----\n" * 50_000)


@given(st.binary(max_size=60), st.integers(0, 200), st.binary(max_size=4), st.sampled_from([1, 2]))
def test_any_openpgp(content: bytes, at: int, patch: bytes, method: int) -> None:
    """Whatever is written over, it reads or says that it cannot."""
    octets = odd.compressed(method, odd.literal(content))
    assert openpgp.content(octets) == content
    with contextlib.suppress(openpgp.NotReadError):
        openpgp.content(octets[:at] + patch + octets[at + len(patch) :])
