"""The PROXY protocol: headers that are taken, and all that are not."""

import ipaddress
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.submission.entry.proxy import BODY_OCTETS, SIGNATURE, ProxyError, ProxyHeader, crc32c

PORTS = struct.pack("!HH", 51000, 587)
FOUR = ipaddress.ip_address("192.0.2.7").packed + ipaddress.ip_address("198.51.100.1").packed
SIX = ipaddress.ip_address("2001:db8::7").packed + ipaddress.ip_address("2001:db8::1").packed


def binary(family: int, body: bytes, *, command: int = 0x21, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return SIGNATURE + bytes((command, family)) + struct.pack("!H", size) + body


def tlv(kind: int, value: bytes) -> bytes:
    return bytes((kind,)) + struct.pack("!H", len(value)) + value


def summed(body: bytes) -> bytes:
    """A header with a right checksum behind *body*."""
    blank = binary(0x11, body + tlv(0x03, bytes(4)))
    return blank[:-4] + struct.pack("!I", crc32c(blank))


def read(octets: bytes) -> tuple[str | None, bytes]:
    """Read as a socket is read; give the source, and what stands behind the header."""
    header, at = ProxyHeader(), 0
    while header.wants:
        piece = octets[at : at + header.wants]
        assert piece, "more is wanted than the header has"
        header.feed(piece)
        at += len(piece)
    return header.source, octets[at:]


GOOD = [
    (b"PROXY TCP4 192.0.2.7 198.51.100.1 51000 587\r\n", "192.0.2.7"),
    (b"PROXY TCP4 1.1.1.1 1.1.1.1 1 1\r\n", "1.1.1.1"),
    (b"PROXY TCP6 2001:db8::7 2001:db8::1 51000 587\r\n", "2001:db8::7"),
    (b"PROXY UNKNOWN\r\n", ""),
    (b"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", ""),
    (binary(0x11, FOUR + PORTS), "192.0.2.7"),
    (binary(0x21, SIX + PORTS), "2001:db8::7"),
    (binary(0x11, FOUR + PORTS + tlv(0x04, b"x" * 300)), "192.0.2.7"),
    (summed(FOUR + PORTS + tlv(0x01, b"h2")), "192.0.2.7"),
    (binary(0x11, FOUR + PORTS, command=0x20), None),
    (binary(0x00, b""), ""),
    (binary(0x00, b"", command=0x20), None),
    (binary(0x31, b"/run/a".ljust(216, b"\0")), ""),
    (binary(0x12, FOUR + PORTS), ""),
]


@pytest.mark.parametrize(("octets", "source"), GOOD)
def test_headers(octets: bytes, source: str | None) -> None:
    """PROXY: both versions; UNKNOWN and what is no TCP name nobody, LOCAL the proxy itself."""
    assert read(octets) == (source, b"")


@pytest.mark.parametrize(
    "octets",
    [
        b"EHLO client.test\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 51000 587\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 51000\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 51000 70000\r\n",
        b"PROXY TCP4 192.0.2.300 198.51.100.1 51000 587\r\n",
        b"PROXY TCP4 2001:db8::7 2001:db8::1 51000 587\r\n",
        b"PROXY TCP6 192.0.2.7 198.51.100.1 51000 587\r\n",
        b"PROXY TCP6 fe80::1%eth0 2001:db8::1 51000 587\r\n",
        b"PROXY TCP4  192.0.2.7 198.51.100.1 51000 587\r\n",
        b"PROXY TCP4 \xd9\xa1.1.1.1 198.51.100.1 51000 587\r\n",
        b"PROXY TCP5 192.0.2.7 198.51.100.1 51000 587\r\n",
        b"proxy TCP4 192.0.2.7 198.51.100.1 51000 587\r\n",
        b"PROXY UNKNOWN " + b"x" * 120 + b"\r\n",
        b"PROXY " + b"x" * 120,
        SIGNATURE[:-1] + b"?" + bytes(10),
        binary(0x11, FOUR + PORTS, command=0x11),
        binary(0x11, FOUR + PORTS, command=0x22),
        binary(0x11, FOUR),
        binary(0x21, FOUR + PORTS),
        binary(0x11, b"", length=BODY_OCTETS + 1),
        binary(0x11, FOUR + PORTS + b"\x04"),
        binary(0x11, FOUR + PORTS + tlv(0x04, b"abc")[:-1]),
        binary(0x11, FOUR + PORTS + tlv(0x03, bytes(4))),
        binary(0x11, FOUR + PORTS + tlv(0x03, b"")),
    ],
)
def test_no_headers(octets: bytes) -> None:
    """Anything else ends the connection, as soon as that is certain."""
    with pytest.raises(ProxyError):
        read(octets)


def test_checksum() -> None:
    """CRC-32C, as the protocol asks for, by its well-known example."""
    assert crc32c(b"123456789") == 0xE3069283


@given(good=st.sampled_from(GOOD), rest=st.binary(max_size=50), data=st.data())
def test_nothing_beyond_the_header_is_read(
    good: tuple[bytes, str | None], rest: bytes, data: st.DataObject
) -> None:
    """However the octets are cut, the answer is the same, and the rest is left to the session."""
    octets, source = good
    header, at = ProxyHeader(), 0
    while header.wants:
        assert at + header.wants <= len(octets)
        size = data.draw(st.integers(1, header.wants))
        header.feed((octets + rest)[at : at + size])
        at += size
    assert (header.source, at) == (source, len(octets))


@given(
    octets=st.one_of(
        st.binary(max_size=300),
        st.binary(max_size=300).map(lambda rest: SIGNATURE + rest),
        st.binary(max_size=300).map(lambda rest: b"PROXY " + rest),
        st.text("TCP46 .:1\r\nUNKOW", max_size=60).map(lambda text: f"PROXY {text}".encode()),
    )
)
def test_any_octets(octets: bytes) -> None:
    """A source that is an address, or nobody, or a clean refusal; never more than was bounded."""
    header, at = ProxyHeader(), 0
    try:
        while header.wants and at < len(octets):
            assert header.wants <= BODY_OCTETS + 16
            piece = octets[at : at + header.wants]
            header.feed(piece)
            at += len(piece)
    except ProxyError:
        return
    if header.source:
        assert str(ipaddress.ip_address(header.source)) == header.source
