"""
Replies of the upstream, read as hostile input (RFC 5321 §4.2).

What comes out is bounded, printable ASCII and safe to hand on to a client: a reply that carried a
line end or a control character could otherwise answer commands that were never given.
"""

import re
from typing import Final

from guard.model.reply import Reply

LINES: Final = 512
"""Most lines of one reply."""

OCTETS: Final = 65_536
"""Longest reply, line ends counted."""

SHOWN: Final = 480
"""Characters of a line that are kept, so that it fits the 512 of RFC 5321 §4.5.3.1.5."""

_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])([^\r\n]*))?\r\n")
_PRINTABLE = bytes(octet if 0x20 <= octet <= 0x7E else 0x3F for octet in range(256))


class NotSmtpError(Exception):
    """The octets are no SMTP reply, or one beyond all bounds; the message says which."""


class ReplyReader:
    """Puts replies together from octets that come in any pieces."""

    __slots__ = ("_buffer", "_code", "_octets", "_texts")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._code = 0
        self._texts: list[str] = []
        self._octets = 0

    @property
    def pending(self) -> bool:
        """Whether a reply has begun and not ended."""
        return bool(self._buffer or self._texts)

    def feed(self, octets: bytes) -> list[Reply]:
        """
        Take what came, and give the replies that it completes.

        Raises:
            NotSmtpError: From here on nothing can be believed.
        """
        self._buffer += octets
        replies = []
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[: end + 1])
            del self._buffer[: end + 1]
            if (reply := self._take(line)) is not None:
                replies.append(reply)
        if self._octets + len(self._buffer) > OCTETS:
            raise NotSmtpError("reply too long")
        return replies

    def _take(self, line: bytes) -> Reply | None:
        match = _LINE.fullmatch(line)
        if match is None:
            raise NotSmtpError("no reply line")
        code, separator, text = int(match[1]), match[2], match[3] or b""
        self._octets += len(line)
        if self._texts and code != self._code:
            raise NotSmtpError("code changes within a reply")
        if len(self._texts) >= LINES or self._octets > OCTETS:
            raise NotSmtpError("reply too long")
        self._code = code
        self._texts.append(text[:SHOWN].translate(_PRINTABLE).decode("ascii"))
        if separator == b"-":
            return None
        reply = Reply.read(code, "\n".join(self._texts))
        self._texts = []
        self._octets = 0
        return reply
