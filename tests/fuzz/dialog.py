"""A client that remembers what it was told, as a mail program does: the model of a dialog."""

from dataclasses import dataclass, field
from typing import Final

from front import PLAIN, Client
from mutation import cut

LIMIT_BYTES: Final = 2048
"""Largest message of the front."""

BAD_SENDER, NOBODY = "bad@a.test", "nobody@b.test"
"""Refused by the upstream at MAIL, at RCPT."""

SPAM, LATER, LOST = "spam@b.test", "later@b.test", "lost@b.test"
"""Refused after the dot, for good and for now; taken, but the answer is lost."""


@dataclass(frozen=True)
class Mail:
    """A message as it was given."""

    sender: str
    recipients: tuple[str, ...]
    octets: bytes


@dataclass(frozen=True)
class Step:
    """One thing that a client does."""

    verb: str
    argument: str = ""
    octets: bytes = b""
    last: bool = False
    """Of a chunk."""

    waits: bool = True
    """Whether the client reads its replies before it goes on."""


def is_legal(octets: bytes) -> bool:
    """Whether a message may be taken (RFC 5321 §2.3.8 and §4.1.1.4), and is not too big."""
    lines = octets.split(b"\r\n")
    whole = lines[-1] == b"" and not any(set(line) & {0, 10, 13} for line in lines)
    return whole and len(octets) <= LIMIT_BYTES


@dataclass
class Dialog:
    """
    A client in the middle of a session.

    `answered` is what it was told to be taken; `unknown` what it was told that nobody knows of.
    """

    client: Client
    sizes: list[int]
    """Of the packets that it sends."""

    certificates: object
    answered: list[Mail] = field(default_factory=list)
    arrived: list[Mail] = field(default_factory=list)
    """What must be at the upstream: all that was answered, and the unknown ones."""

    greeted: bool = False
    tls: bool = False
    logged_in: bool = False
    sender: str | None = None
    recipients: list[str] = field(default_factory=list)
    chunks: bytes | None = None
    refused: bool = False
    """Whether a chunk was refused, and all others are up to the last one."""

    pending: list[Step] = field(default_factory=list)

    async def do(self, step: Step) -> None:
        """Take a step; read what it brings, now or later."""
        if step.verb in {"DATA", "STARTTLS", "AUTH"}:
            await self.catch_up()  # nothing may follow them, nor stand before unread
        match step.verb:
            case "BDAT":
                last = " LAST" if step.last else ""
                line = f"BDAT {len(step.octets)}{last}\r\n".encode() + step.octets
            case "AUTH":
                line = f"AUTH PLAIN {PLAIN}\r\n".encode()
            case "junk":
                line = step.octets + b"\r\n"
            case "MAIL" | "RCPT":
                word = "FROM" if step.verb == "MAIL" else "TO"
                line = f"{step.verb} {word}:<{step.argument}>\r\n".encode()
            case "EHLO":
                line = b"EHLO client.test\r\n"
            case verb:
                line = f"{verb}\r\n".encode()
        self.send(line)
        self.pending.append(step)
        if step.waits or step.verb in {"DATA", "STARTTLS", "AUTH"}:
            await self.catch_up()

    def send(self, octets: bytes) -> None:
        """Send octets in packets."""
        for piece in cut(octets, self.sizes):
            self.client.send(piece)

    async def catch_up(self) -> None:
        """Read the replies to all that was sent, and draw the conclusions."""
        steps, self.pending = self.pending, []
        for step in steps:
            await self._learn(step, (await self.client.reply())[-1])

    async def _learn(self, step: Step, reply: str) -> None:
        took = reply[0] == "2"
        match step.verb:
            case "EHLO" | "RSET" | "NOOP" | "junk":
                assert took == (step.verb != "junk"), reply
                if step.verb in {"EHLO", "RSET"}:
                    self._forget()
                self.greeted = self.greeted or step.verb == "EHLO"
            case "MAIL":
                can = self.greeted and self.sender is None and step.argument != BAD_SENDER
                assert took == can, reply
                self.sender = step.argument if took else self.sender
            case "RCPT":
                can = self.sender is not None and self.chunks is None and not self.refused
                assert took == (can and step.argument != NOBODY), reply
                self.recipients += [step.argument] if took else []
            case "STARTTLS":
                assert (reply[:3] == "220") == (self.sender is None and not self.tls), reply
                if took:
                    await self.client.start_tls(self.certificates)
                    self._forget()
                    self.tls, self.greeted, self.logged_in = True, False, False
            case "AUTH":
                can = self.tls and self.greeted and self.sender is None and not self.logged_in
                assert took == can, reply
                self.logged_in = self.logged_in or took
            case "DATA":
                can = bool(self.recipients) and self.chunks is None and not self.refused
                assert (reply[:3] == "354") == can, reply
                if can:
                    await self._send_message(step.octets)
            case "BDAT":
                self._learn_chunk(step, reply)

    async def _send_message(self, octets: bytes) -> None:
        self.send((b"\r\n" + octets).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n")
        self._judge(octets, (await self.client.reply())[-1])

    def _learn_chunk(self, step: Step, reply: str) -> None:
        if self.refused or not self.recipients:
            why = {"552"} if self.chunks is not None else {"503", "554"}
            assert reply[:3] in why, reply
            # Without this chunk nothing is whole; those before MAIL are no part of its message.
            self.refused = self.sender is not None
            if step.last:
                self._forget()
            return
        self.chunks = (self.chunks or b"") + step.octets
        if step.last:
            self._judge(self.chunks, reply)
        else:
            self.refused = len(self.chunks) > LIMIT_BYTES
            assert (reply[:3] == "552") == self.refused, reply

    def _judge(self, octets: bytes, reply: str) -> None:
        """Hear what became of a message."""
        assert self.sender is not None
        mail = Mail(self.sender, tuple(self.recipients), octets)
        given = set(self.recipients)
        if not is_legal(octets):
            assert reply[:10] in {"550 5.6.11", "552 5.3.4 "}, reply
        elif given & {SPAM, LATER, LOST}:
            assert reply[0] == "5" if SPAM in given else reply[0] == "4", reply
            if LOST in given and not given & {SPAM, LATER}:
                self.arrived.append(mail)
        else:
            assert reply[:4] == "250 ", reply
            self.answered.append(mail)
            self.arrived.append(mail)
        self._forget()

    def _forget(self) -> None:
        """Be outside of a transaction."""
        self.sender, self.recipients, self.chunks, self.refused = None, [], None, False
