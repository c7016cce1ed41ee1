"""R-B8, R-E5: what proxies, logins and upstreams say, near the grammar, in any pieces."""

import ipaddress
import re
import struct
from base64 import b64encode
from contextlib import suppress

from budget import examples
from hypothesis import given
from hypothesis import strategies as st
from mutation import SIZES, cut, mutated

from guard.model.errors import LoginRefusedError
from guard.model.reply import Reply
from guard.ports import Credentials
from guard.submission.entry.proxy import BODY_OCTETS, SIGNATURE, ProxyError, ProxyHeader, crc32c
from guard.submission.entry.xclient import XclientError, introduction
from guard.submission.login.sasl import MECHANISMS, MalformedError, begin, decoded, initial_response
from guard.upstream.replies import LINES, OCTETS, SHOWN, NotSmtpError, ReplyReader

FOUR = bytes((192, 0, 2, 7, 198, 51, 100, 1)) + struct.pack("!HH", 51000, 25)
SIX = ipaddress.ip_address("2001:db8::7").packed * 2 + struct.pack("!HH", 51000, 25)


def binary_header(command: int, family: int, body: bytes) -> bytes:
    """A PROXY header of version 2."""
    return SIGNATURE + bytes((command, family)) + struct.pack("!H", len(body)) + body


def summed(octets: bytes) -> bytes:
    """The same with a checksum, which is the last of its TLVs."""
    octets += b"\x03\x00\x04" + bytes(4)
    octets = octets[:14] + struct.pack("!H", len(octets) - 16) + octets[16:]
    return octets[:-4] + struct.pack("!I", crc32c(octets))


HEADERS = st.sampled_from(
    [
        b"PROXY TCP4 192.0.2.7 198.51.100.1 51000 25\r\n",
        b"PROXY TCP6 2001:db8::7 2001:db8::1 51000 25\r\n",
        b"PROXY TCP4 2001:db8::7 2001:db8::1 51000 25\r\n",
        b"PROXY TCP6 192.0.2.7 2001:db8::1 51000 25\r\n",
        b"PROXY TCP6 fe80::1%eth0 2001:db8::1 51000 25\r\n",
        b"PROXY UNKNOWN\r\n",
        b"PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n",
        binary_header(0x21, 0x11, FOUR),
        binary_header(0x21, 0x21, SIX),
        binary_header(0x20, 0x00, b""),
        binary_header(0x21, 0x31, bytes(216)),
        binary_header(0x21, 0x11, FOUR + b"\x04\x00\x02ab"),
        summed(binary_header(0x21, 0x11, FOUR)),
        summed(binary_header(0x21, 0x21, SIX + b"\x02\x00\x01a")),
    ]
)


def by_the_book(octets: bytes) -> tuple[str | None, int] | None:
    """
    Read a header that is there as a whole: the source and the length; `None`: it is refused.

    The source is empty where the proxy knows none, and `None` where it speaks for itself.
    """
    line = re.match(
        rb"PROXY (?:(TCP4|TCP6) (\S+) (\S+) (\d{1,5}) (\d{1,5})|UNKNOWN.*?)\r\n", octets
    )
    if octets.startswith(b"PROXY "):
        if line is None or len(line.group()) > 107:
            return None
        if line[1] is None:
            return "", line.end()
        with suppress(ValueError):
            places = [ipaddress.ip_address(text.decode("ascii")) for text in (line[2], line[3])]
            is_whole = b"%" not in line.group() and max(int(line[4]), int(line[5])) <= 65535
            if is_whole and {place.version for place in places} == {int(line[1][3:])}:
                return str(places[0]), line.end()
        return None
    if not octets.startswith(SIGNATURE) or len(octets) < 16:
        return None
    size = int.from_bytes(octets[14:16], "big")
    if size > BODY_OCTETS or len(octets) < 16 + size or octets[12] not in {0x20, 0x21}:
        return None
    width = {0x11: 4, 0x21: 16}.get(octets[13], 0)
    if octets[12] == 0x20:
        return None, 16 + size
    if not width:
        return "", 16 + size
    body = octets[16 : 16 + size]
    if size < 2 * width + 4:
        return None
    return str(ipaddress.ip_address(body[:width])), 16 + size


@examples(500)
@given(octets=mutated(HEADERS, most=2), rest=st.binary(max_size=20), sizes=SIZES)
def test_proxy(octets: bytes, rest: bytes, sizes: list[int]) -> None:
    """R-B8: the same client as by the book, in any pieces and not an octet beyond; or a refusal."""
    wire = octets + rest
    header, at = ProxyHeader(), 0
    sizes = sizes or [len(wire)]
    number = 0
    try:
        while header.wants and at < len(wire):
            size = min(header.wants, sizes[number % len(sizes)])
            number += 1
            header.feed(wire[at : at + size])
            at += len(wire[at : at + size])
    except ProxyError:
        # What the book takes and Guard does not is stricter still: a wrong checksum, odd text.
        return
    if header.wants:
        return
    assert by_the_book(wire) == (header.source, at)


@examples(500)
@given(
    octets=mutated(
        st.sampled_from(
            [
                b"ADDR=192.0.2.7 PORT=51000 NAME=c.test HELO=c.test PROTO=ESMTP LOGIN=ann+40a.test",
                b"ADDR=IPv6:2001:db8::7 DESTADDR=192.0.2.1 DESTPORT=25",
                b"ADDR=[UNAVAILABLE] NAME=[TEMPUNAVAIL] LOGIN=",
                b"login=+E8+8A+B1+E5+AD+90",
            ]
        )
    )
)
def test_xclient(octets: bytes) -> None:
    """R-B8: an address that is one, a name and a login that can be printed; or a refusal."""
    try:
        argument = octets.decode()
    except UnicodeDecodeError:
        return
    try:
        said = introduction(argument)
    except XclientError:
        return
    assert not said.address or str(ipaddress.ip_address(said.address)) == said.address
    assert not said.helo or re.fullmatch(r"[!-~]+", said.helo)
    assert (said.login or "").isprintable()
    names = [word.partition("=")[0].upper() for word in argument.split()]
    assert len(names) == len(set(names))


RESPONSES = {
    "PLAIN": b"\0ann\0correct horse",
    "LOGIN": b"ann",
    "XOAUTH2": b"user=ann@example.com\x01auth=Bearer dG9rZW4=\x01\x01",
    "OAUTHBEARER": b"n,a=ann@example.com,\x01host=h.test\x01port=587\x01auth=Bearer dG9r\x01\x01",
    "EXTERNAL": b"ann",
}


@examples(500)
@given(data=st.data(), mechanism=st.sampled_from([*MECHANISMS, "EXTERNAL"]))
def test_sasl(data: st.DataObject, mechanism: str) -> None:
    """R-B8, R-B12: whole credentials that stand in the responses, or a refusal without words."""
    near = mutated(st.just(RESPONSES[mechanism]), most=2)
    first, second = data.draw(near), data.draw(near)
    credentials: Credentials | None = None
    refusal: str | None = None
    try:
        exchange = begin(mechanism, certificate="ann")
        next(exchange)
        assert initial_response(b64encode(first).decode() or "=") == first
        exchange.send(decoded(b64encode(first).decode()))
        exchange.send(second)
    except StopIteration as end:
        credentials = end.value
    except (MalformedError, LoginRefusedError) as error:
        refusal = str(error)
    if refusal is not None:
        assert refusal in {"", "login refused"}
        return
    assert credentials is not None, "two responses are enough for every mechanism"
    assert credentials.mechanism == mechanism
    assert credentials.identity
    assert "\0" not in credentials.identity + credentials.secret
    both = first + second
    identity = credentials.identity.encode()
    escaped = identity.replace(b"=", b"=3D").replace(b",", b"=2C")
    if mechanism == "EXTERNAL":
        assert identity == b"ann"  # as the certificate says, whatever the response
    else:
        assert identity in both or escaped in both or b"=" in identity or b"," in identity
    assert credentials.secret.encode() in both
    assert repr(credentials) == f"Credentials({mechanism=}, identity={credentials.identity!r})"
    assert bool(credentials.secret) == (mechanism != "EXTERNAL")


LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])([^\r\n]*))?\r\n")
TALK = st.sampled_from(
    [
        b"250 2.0.0 Ok\r\n",
        b"250-a\r\n250-b\r\n250 c\r\n",
        b"354\r\n",
        b"550-5.1.1 No\r\n550 5.1.1 such user\r\n",
        b"250 " + b"x" * 600 + b"\r\n",
        b"421 4.3.2 Bye\r\n",
        b"250-x\r\n" * (LINES - 1) + b"250 x\r\n",
        b"250-" + b"x" * (OCTETS - 20) + b"\r\n250 x\r\n",
        b"",
    ]
)


def replies_by_the_book(wire: bytes) -> tuple[list[tuple[int, list[bytes]]], bool]:
    """Read all replies, line by line, and whether something that is none comes then."""
    replies: list[tuple[int, list[bytes]]] = []
    texts: list[bytes] = []
    code = size = 0
    while (end := wire.find(b"\n")) >= 0:
        line, wire = wire[: end + 1], wire[end + 1 :]
        match = LINE.fullmatch(line)
        size += len(line)
        if match is None or (texts and int(match[1]) != code):
            return replies, True
        code = int(match[1])
        texts.append(match[3] or b"")
        if len(texts) > LINES or size > OCTETS:
            return replies, True
        if match[2] != b"-":
            replies.append((code, texts))
            texts, size = [], 0
    return replies, size + len(wire) > OCTETS


@examples(400)
@given(parts=st.lists(mutated(TALK, most=1), max_size=4), sizes=SIZES)
def test_replies(parts: list[bytes], sizes: list[int]) -> None:
    """R-E5: the same replies as by the book up to what is none, cleaned; then nothing more."""
    wire = b"".join(parts)
    expected, ends_badly = replies_by_the_book(wire)
    reader, found, broke = ReplyReader(), list[Reply](), ""
    for piece in cut(wire, [*sizes, 4096]):
        try:
            found += reader.feed(piece)
        except NotSmtpError as error:
            broke = str(error)
            break
    assert bool(broke) == ends_badly
    assert broke in {"", "no reply line", "reply too long", "code changes within a reply"}
    # Replies of the piece that breaks are lost with it: the connection is of no more use.
    assert len(found) == len(expected) or broke
    for reply, (code, texts) in zip(found, expected, strict=False):
        shown = [
            "".join(chr(octet) if 32 <= octet < 127 else "?" for octet in text[:SHOWN])
            for text in texts
        ]
        # The enhanced code of the first line stands for all (RFC 2034 §4).
        prefix = f"{reply.enhanced} " if reply.enhanced else ""
        said = [line[4:].removeprefix(prefix) for line in reply.lines()]
        assert reply.code == code
        assert said == [
            text.removeprefix(reply.enhanced).removeprefix(" ") if prefix else text
            for text in shown
        ]
