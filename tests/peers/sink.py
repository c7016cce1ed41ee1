"""Where all mail of the tests ends, and how each finds its own."""

import asyncio
import email
import email.policy
import re
import urllib.parse
import urllib.request
from collections.abc import Callable
from email.message import EmailMessage
from typing import Final

from smarthost import Mail, Smarthost

PATIENCE_S: Final = 20

_RECEIVED = re.compile(rb"Received: [^\r]*\r\n(?:[ \t][^\r]*\r\n)*")


class Sink:
    """The recording mail server, shared by tests that each look for one mail."""

    def __init__(self, smarthost: Smarthost) -> None:
        self.smarthost = smarthost
        self.port = int(smarthost.address.rpartition(":")[2])

    async def mail(self, message_id: str, *, patience_s: float = PATIENCE_S) -> Mail:
        """Wait for the mail with this Message-ID, which must come once."""
        return await self._one(_is(message_id), patience_s)

    async def notice(self, subject: str) -> Mail:
        """Wait for the mail of Guard's own that speaks of one with this subject."""
        return await self._one(lambda mail: mail.mail_from == "" and subject in self._text(mail))

    async def follow(self, notice: Mail, about: str, **fields: str) -> None:
        """Answer on the page that a notice links to, about the mail with this in its subject."""
        # One notice may ask about several mails: the link of each stands below its subject.
        _, _, below = self._text(notice).partition(about)
        link = re.search(r"https?://\S+", below)
        assert link is not None
        data = urllib.parse.urlencode(fields).encode()

        def post() -> int:
            request = urllib.request.Request(link.group(), data)
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return answer.status

        assert await asyncio.to_thread(post) == 200

    async def bounce(self, message_id: str) -> Mail:
        """Wait for a mail server's own mail about the one with this Message-ID."""
        mark = b"<" + message_id.encode() + b">"
        return await self._one(lambda mail: mail.mail_from == "" and mark in mail.octets)

    def has(self, message_id: str) -> bool:
        """Whether the mail with this Message-ID has come."""
        return any(map(_is(message_id), self.smarthost.messages))

    @staticmethod
    def parsed(mail: Mail) -> EmailMessage:
        """Read a mail."""
        return email.message_from_bytes(mail.octets, policy=email.policy.default)

    def _text(self, mail: Mail) -> str:
        body = self.parsed(mail).get_body(("plain",))
        return str(body.get_content()) if body is not None else ""

    async def _one(self, fits: Callable[[Mail], bool], patience_s: float = PATIENCE_S) -> Mail:
        mails: list[Mail] = []
        looked_at = 0

        def came() -> bool:
            nonlocal looked_at
            mails.extend(filter(fits, self.smarthost.messages[looked_at:]))
            looked_at = len(self.smarthost.messages)
            return bool(mails)

        await self.smarthost.wait_until(came, patience_s)
        (mail,) = mails
        return mail


def below_trace(octets: bytes, hops: int) -> bytes:
    """Give the message without the trace lines that so many servers have put on top."""
    for _ in range(hops):
        trace = _RECEIVED.match(octets)
        assert trace is not None, octets[:500]
        octets = octets[trace.end() :]
    return octets


def _is(message_id: str) -> Callable[[Mail], bool]:
    """Tell the mail with this Message-ID from all others; notices and bounces only name it."""
    line = re.compile(rb"(?im)^message-id: *<" + re.escape(message_id.encode()) + rb">")
    return lambda mail: line.search(mail.octets, 0, 4096) is not None
