"""R-C2 with a whole guard in a process of its own: what clients have signed still verifies."""

import asyncio
import base64
import email
import email.policy
import itertools
import re
import signal
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import dkim
import pytest
from bodies import BODIES, HEADERS, SEALED
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from front import Client
from running import HELD_DOMAIN, running
from smarthost import Mail, Smarthost
from whole import below_trace

CANONICAL = ((b"simple", b"simple"), (b"relaxed", b"relaxed"), (b"relaxed", b"simple"))
SIGNED = {
    "signed already": SEALED["multipart/signed"],
    "odd spacing": HEADERS["odd spacing"],
    "trailing blanks and lines": BODIES["trailing blanks"] + b"\r\n" * 3,
    "8 bit and dots": BODIES["UTF-8"] + BODIES["dots to the end"].partition(b"\r\n\r\n")[2],
}


class Signatures:
    """Signs for example.com, and verifies."""

    def __init__(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self._record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)

    def signed(self, octets: bytes, canonical: tuple[bytes, bytes]) -> bytes:
        """The message with a signature on top, over all of its header fields."""
        names = {line.partition(b":")[0].strip().lower() for line in _fields(octets)}
        signature = dkim.sign(
            octets,
            b"s1",
            b"example.com",
            self._private,
            canonicalize=canonical,
            include_headers=sorted(names | {b"from"}),
        )
        return bytes(signature + octets)

    def verify(self, octets: bytes) -> bool:
        """Whether the signature is right."""
        return bool(dkim.verify(octets, dnsfunc=lambda *_, **__: self._record))


def _fields(octets: bytes) -> list[bytes]:
    head = octets.partition(b"\r\n\r\n")[0]
    return [line for line in head.split(b"\r\n") if line[:1] not in b" \t"]


@pytest.mark.parametrize("octet", [b"x", b" "])
def test_a_changed_octet_would_be_seen(octet: bytes) -> None:
    """R-C2: what is verified below is what it says."""
    signatures = Signatures()
    signed = signatures.signed(SIGNED["signed already"], CANONICAL[0])
    assert signatures.verify(signed)
    assert not signatures.verify(signed[:-4] + octet + signed[-4:])


async def test_signatures_verify(tmp_path: Path) -> None:
    """R-C2: 12 of 12 at once; 12 of 12 that were held, killed with the guard, and released."""
    signatures = Signatures()
    mails = [
        signatures.signed(octets, canonical)
        for octets, canonical in itertools.product(SIGNED.values(), CANONICAL)
    ]
    assert len(mails) == 12
    async with Smarthost() as smarthost, running(tmp_path, smarthost) as guard:
        await _send(await Client.greeted(guard), mails, "<bob@example.net>")
        assert [below_trace(mail.octets) for mail in smarthost.messages] == mails
        assert all(signatures.verify(mail.octets) for mail in smarthost.messages)

        await _send(await Client.greeted(guard), mails, f"<eve@{HELD_DOMAIN}>")
        # Notices that wait together go in one mail.
        await smarthost.wait_until(lambda: len(_links(smarthost.messages)) == 12, 30)
        await guard.end(signal.SIGKILL)
        await guard.start()
        before = len(smarthost.messages)
        for link in _links(smarthost.messages):
            await asyncio.to_thread(_confirm, link)
        released = (await smarthost.wait_for(before + 12, 30))[before:]
        assert sorted(below_trace(mail.octets) for mail in released) == sorted(mails)
        assert all(signatures.verify(mail.octets) for mail in released)
        assert {mail.rcpts for mail in released} == {(f"eve@{HELD_DOMAIN}",)}
    assert smarthost.violations == []


async def _send(client: Client, mails: list[bytes], recipient: str) -> None:
    async with client:
        for octets in mails:
            stuffed = (b"\r\n" + octets).replace(b"\r\n.", b"\r\n..")[2:]
            assert (await client.mail(stuffed, recipients=(recipient,))).startswith("250 ")


def _links(messages: Sequence[Mail]) -> set[str]:
    """Give the links of all notices."""
    found: set[str] = set()
    for mail in messages:
        if not mail.mail_from:
            message = email.message_from_bytes(mail.octets, policy=email.policy.default)
            body = message.get_body(("plain",))
            assert body is not None
            found |= set(re.findall(r"https?://\S+", body.get_content()))
    return found


def _confirm(link: str) -> None:
    """Follow the link of a notice and say: send it."""
    form = {"action": "send", "confirm": f"eve@{HELD_DOMAIN}"}
    data = urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(urllib.request.Request(link, data), timeout=10) as answer:
        assert answer.status == 200
