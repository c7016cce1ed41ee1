"""Odd mail: a planted row where one program shows it and another does not."""

import base64
import binascii
import bz2
import quopri
import zlib
from collections.abc import Callable
from typing import Final

from guard.examine import own_text
from guard.extract.budget import Budget
from guard.extract.read import read
from guard.lists.fold import fold
from guard.model.extract import ReadState
from guard.model.message import Message
from guard.parse import parse

ROW: Final = "山田太郎 090-1234-5678 taro@kokyaku.example"
HARMLESS: Final = "ありがとうございます。よろしくおねがいします。"

Build = Callable[[bytes], bytes]
"""Makes a message that says what it is given, in UTF-8."""


def crlf(text: bytes) -> bytes:
    """Lines as they come over the wire."""
    return text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def b64(octets: bytes) -> bytes:
    """Octets in base64, in lines."""
    return base64.encodebytes(octets)


def qp(octets: bytes) -> bytes:
    """Octets in quoted-printable."""
    return quopri.encodestring(octets)


def uu(octets: bytes) -> bytes:
    """A file in uuencode."""
    lines = (binascii.b2a_uu(octets[at : at + 45]) for at in range(0, len(octets), 45))
    return b"begin 644 a.txt\n" + b"".join(lines) + b"`\nend\n"


def yenc(octets: bytes) -> bytes:
    """A file in yEnc, each octet that must be escaped escaped."""
    coded = bytearray()
    for octet in octets:
        moved = (octet + 42) % 256
        coded += bytes((0x3D, (moved + 64) % 256)) if moved in b"\0\n\r=" else bytes((moved,))
    return b"=ybegin line=128 size=%d name=a.txt\n%b\n=yend size=%d\n" % (
        len(octets), bytes(coded), len(octets),
    )  # fmt: skip


def tags(octets: bytes) -> bytes:
    """ASCII in the invisible tag characters of Unicode."""
    return "".join(chr(0xE0000 + ord(char)) for char in octets.decode() if char < "\x7f").encode()


def one(head: str, code: Callable[[bytes], bytes] = bytes) -> Build:
    """A message without parts."""
    return lambda row: crlf(head.encode() + b"\n\n" + code(row + b"\n"))


def parts(
    *texts: str,
    kind: str = "multipart/mixed; boundary=b",
    code: Callable[[bytes], bytes] = b64,
) -> Build:
    """A multipart, written out; ``ROW`` in it stands for the row in plain, ``CODED`` for *code*."""
    body = "\n".join(texts).encode()

    def build(row: bytes) -> bytes:
        head = f"MIME-Version: 1.0\nContent-Type: {kind}\n\n".encode()
        coded = code(row + b"\n").rstrip(b"\n")
        return crlf(head + body.replace(b"CODED", coded).replace(b"ROW", row) + b"\n")

    return build


def page(html: str) -> Build:
    """A page in UTF-8; ``ROW`` in it stands for the row."""
    return lambda row: crlf(
        b"Content-Type: text/html; charset=utf-8\n\n" + html.encode().replace(b"ROW", row)
    )


def spread(row: bytes, between: str) -> str:
    """The characters of the row with markup between them."""
    return between.join(row.decode())


def der(tag: int, *contents: bytes) -> bytes:
    """One value of ASN.1 in DER."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


OID_DATA: Final = bytes.fromhex("06092a864886f70d010701")
OID_SIGNED: Final = bytes.fromhex("06092a864886f70d010702")
OID_ENVELOPED: Final = bytes.fromhex("06092a864886f70d010703")
OID_COMPRESSED: Final = bytes.fromhex("060b2a864886f70d0109100109")


def signed_data(content: bytes) -> bytes:
    """CMS SignedData without signers (RFC 5652 §5.1)."""
    inner = der(0x30, OID_DATA, der(0xA0, der(0x04, content)))
    version, algorithms, signers = der(0x02, b"\x01"), der(0x31), der(0x31)
    return der(0x30, OID_SIGNED, der(0xA0, der(0x30, version, algorithms, inner, signers)))


def signed_data_ber(content: bytes) -> bytes:
    """The same of indefinite length, its content in pieces, as OpenSSL streams it."""
    pieces = b"".join(der(0x04, content[at : at + 7]) for at in range(0, len(content), 7))
    octets = b"\x24\x80" + pieces + b"\0\0"
    inner = b"\x30\x80" + OID_DATA + b"\xa0\x80" + octets + b"\0\0\0\0"
    data = b"\x30\x80" + der(0x02, b"\x01") + der(0x31) + inner + der(0x31) + b"\0\0"
    return b"\x30\x80" + OID_SIGNED + b"\xa0\x80" + data + b"\0\0\0\0"


def compressed_data(content: bytes) -> bytes:
    """CMS CompressedData (RFC 3274)."""
    inner = der(0x30, OID_DATA, der(0xA0, der(0x04, zlib.compress(content))))
    algorithm = der(0x30, bytes.fromhex("060b2a864886f70d0109100308"))
    body = der(0x30, der(0x02, b"\0"), algorithm, inner)
    return der(0x30, OID_COMPRESSED, der(0xA0, body))


def enveloped_data(content: bytes) -> bytes:
    """CMS EnvelopedData, as far as anybody can tell (RFC 5652 §6.1)."""
    hidden = bytes(octet ^ 0xA5 for octet in content)
    body = der(0x30, der(0x02, b"\0"), der(0x31), der(0x04, hidden))
    return der(0x30, OID_ENVELOPED, der(0xA0, body))


def smime(wrap: Callable[[bytes], bytes], kind: str = "signed-data") -> Build:
    """An S/MIME message of one part (RFC 8551 §3.5.2)."""
    return lambda row: crlf(
        f"Content-Type: application/pkcs7-mime; smime-type={kind}; name=smime.p7m\n"
        "Content-Transfer-Encoding: base64\n"
        "Content-Disposition: attachment; filename=smime.p7m\n\n".encode()
        + b64(wrap(crlf(b"Content-Type: text/plain; charset=utf-8\n\n" + row + b"\n")))
    )


def packet(tag: int, body: bytes) -> bytes:
    """An OpenPGP packet in the new format (RFC 9580 §4.2.1)."""
    return bytes((0xC0 | tag, 0xFF)) + len(body).to_bytes(4, "big") + body


def literal(content: bytes) -> bytes:
    """An OpenPGP literal data packet (RFC 9580 §5.9)."""
    return packet(11, b"u\0\0\0\0\0" + content)


def compressed(method: int, content: bytes) -> bytes:
    """An OpenPGP compressed data packet (RFC 9580 §5.6)."""
    raw = zlib.compressobj(wbits=-15)
    coded = {
        1: raw.compress(content) + raw.flush(),
        2: zlib.compress(content),
        3: bz2.compress(content),
    }[method]
    return packet(8, bytes((method,)) + coded)


def armored(octets: bytes) -> bytes:
    """Octets in ASCII armor (RFC 9580 §6.2)."""
    return b"-----BEGIN PGP MESSAGE-----\n\n" + b64(octets) + b"-----END PGP MESSAGE-----\n"


def hidden(message: Message) -> set[str]:
    """Codes of the defects that hide content."""
    return {defect.code for defect in message.defects if defect.hides_content}


def said(octets: bytes) -> tuple[str, set[str]]:
    """All that Guard sees in a message and its files, folded, and what it says that it cannot."""
    message = parse(octets)
    texts = [passage.text for passage in own_text(message)]
    unread = hidden(message)
    for file in message.attachments:
        extract = read(
            file.name, file.octets, budget=Budget(), charset=file.charset, inline=file.inline
        )
        texts.append(extract.text)
        if extract.state is not ReadState.READ:
            unread.update(extract.reasons)
    return fold("\n".join(texts)), unread
