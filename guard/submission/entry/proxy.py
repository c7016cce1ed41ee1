"""
The PROXY protocol, versions 1 and 2: who a proxy says that its client is.

See "The PROXY protocol" (HAProxy, `doc/proxy-protocol.txt`), sections 2.1 and 2.2.
"""

import ipaddress
import re
from typing import Final

SIGNATURE: Final = b"\r\n\r\n\0\r\nQUIT\n"
"""What a header of version 2 begins with."""

SHORTEST_OCTETS: Final = len(b"PROXY UNKNOWN\r\n")
"""Of all headers of both versions: so much is there to be read, whatever it is."""

LINE_OCTETS: Final = 107
"""Longest header of version 1, with its CRLF."""

BODY_OCTETS: Final = 4096
"""Most that we read behind the first 16 octets of version 2: addresses and all its TLVs."""

_FIXED: Final = 16
_LOCAL, _PROXY = 0x20, 0x21
_TCP4, _TCP6 = 0x11, 0x21
_CRC32C: Final = 0x03

_LINE = re.compile(rb"PROXY (?:UNKNOWN(?: [ -~]*)?|(TCP[46]) (\S+) (\S+) (\d{1,5}) (\d{1,5}))\r\n")


class ProxyError(ValueError):
    """These octets are no PROXY header that we take."""


class ProxyHeader:
    """
    Reads one header from octets that come in any pieces, and not one octet beyond it.

    `wants` says how many octets are certainly part of the header and still to come; 0: it is whole.
    """

    def __init__(self) -> None:
        self.wants: int = SHORTEST_OCTETS
        self.source: str | None = None
        """
        Once the header is whole, the client's IP address; empty: the proxy does not know it, and
        `None`: the proxy speaks for itself.
        """

        self._octets = bytearray()

    def feed(self, octets: bytes) -> None:
        """
        Take up to `wants` octets.

        Raises:
            ProxyError: Whatever may follow, this becomes no header.
        """
        if len(octets) > self.wants:
            raise ValueError("more octets than were wanted")
        self._octets += octets
        head = bytes(self._octets[: len(SIGNATURE)])
        if SIGNATURE.startswith(head):
            self._feed_binary()
        elif b"PROXY ".startswith(head[:6]):
            self._feed_line()
        else:
            raise ProxyError("no PROXY header")

    def _feed_line(self) -> None:
        line = bytes(self._octets)
        if not line.endswith(b"\r\n"):
            if len(line) >= LINE_OCTETS or b"\n" in line:
                raise ProxyError("no end of line")
            # At least CRLF is missing, or its second half; of the shortest line, more.
            self.wants = max(SHORTEST_OCTETS - len(line), 1 if line.endswith(b"\r") else 2)
            self.wants = min(self.wants, LINE_OCTETS - len(line))
            return
        match = _LINE.fullmatch(line)
        if match is None:
            raise ProxyError("malformed line")
        self.wants = 0
        if match[1] is None:
            self.source = ""
            return
        version = 4 if match[1] == b"TCP4" else 6
        self.source = _address(match[2], version)
        _address(match[3], version)
        if any(int(port) > 65535 for port in (match[4], match[5])):
            raise ProxyError("no port")

    def _feed_binary(self) -> None:
        octets = bytes(self._octets)
        if len(octets) < _FIXED:
            self.wants = _FIXED - len(octets)
            return
        body_octets = int.from_bytes(octets[14:16], "big")
        if body_octets > BODY_OCTETS:
            raise ProxyError("too long")
        self.wants = _FIXED + body_octets - len(octets)
        if self.wants:
            return
        command, family, body = octets[12], octets[13], octets[_FIXED:]
        if command not in {_LOCAL, _PROXY}:
            raise ProxyError("unknown version or command")
        if command == _LOCAL:
            return
        width = {_TCP4: 4, _TCP6: 16}.get(family, 0)
        if not width:
            self.source = ""
            return
        if len(body) < 2 * width + 4:
            raise ProxyError("addresses are cut short")
        _check_sum(octets, _FIXED + 2 * width + 4)
        self.source = str(ipaddress.ip_address(body[:width]))


def _address(text: bytes, version: int) -> str:
    try:
        address = ipaddress.ip_address(text.decode("ascii"))
    except ValueError:
        raise ProxyError("no address") from None
    if address.version != version or "%" in str(address):
        raise ProxyError("an address of another family")
    return str(address)


def _check_sum(octets: bytes, at: int) -> None:
    """Walk the TLVs that begin *at*; where a checksum is among them, it has to be right."""
    while at < len(octets):
        if at + 3 > len(octets):
            raise ProxyError("a TLV is cut short")
        kind, length = octets[at], int.from_bytes(octets[at + 1 : at + 3], "big")
        start, end = at + 3, at + 3 + length
        if end > len(octets):
            raise ProxyError("a TLV is cut short")
        if kind == _CRC32C:
            blank = octets[:start] + bytes(length) + octets[end:]
            if length != 4 or crc32c(blank) != int.from_bytes(octets[start:end], "big"):
                raise ProxyError("wrong checksum")
        at = end


def crc32c(octets: bytes) -> int:
    """Give the CRC-32 of *octets* by Castagnoli's polynomial (RFC 9260, appendix A)."""
    crc = 0xFFFFFFFF
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF
