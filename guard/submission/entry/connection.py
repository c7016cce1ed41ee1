"""
One client connection below the level of commands: lines in, replies out, and time.

Commands may come in a batch (RFC 2920), and their replies leave in one. No timer runs while we
work ourselves.
"""

import asyncio
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import prometheus_client
import structlog

from guard.model.reply import Reply
from guard.steps import reached
from guard.submission.answers import (
    BARE_LF,
    EARLY_OCTETS,
    GOING_DOWN,
    ODD_OCTETS,
    TIMEOUT,
    TOO_LONG,
    fault,
)
from guard.submission.entry.wire import INPUT_OCTETS, GoneError, Wire
from guard.upstream.patience import Patience

__all__ = ["ClientConnection", "GoneError"]

log = structlog.get_logger()

INJECTED = prometheus_client.Counter(
    "guard_submission_injected", "Sessions ended because octets came in clear behind STARTTLS."
)

LINE_OCTETS: Final = 2048
"""Longest command line with its CRLF: 512 (RFC 5321 §4.5.3.1.4) and what extensions need."""

AUTH_LINE_OCTETS: Final = 12_352
"""The same for AUTH: an initial response of 12,288 octets (RFC 4954 §4) and what comes before."""

LINE_CUT: Final = 65_536
"""Octets without a line end after which the client is no mail client."""

CARRIAGE_RETURN: Final = 13

BATCH: Final = 16_384
"""Octets of replies after which others get their turn."""

_CONTROLS = re.compile(rb"[\x00-\x1f\x7f]")


class ClientConnection(Wire):
    """What `guard.submission.session` is built on."""

    def __init__(self, *, peer: str, command_s: float, data_s: float) -> None:
        """
        Wait for the connection.

        Args:
            peer: The client's address.
            command_s: How long to wait for a command, and for replies to be read.
            data_s: How long to wait for message octets.
        """
        super().__init__(peer)
        self._command_s = command_s
        self._data_s = data_s
        self._patience = Patience(self.loop, self._time_is_up)
        self._output: list[bytes] = []
        self._output_octets = 0
        self._draining = False
        self._between_commands = False

    def connection_lost(self, error: Exception | None) -> None:
        """Wait for nothing any more."""
        self._patience.close()
        super().connection_lost(error)

    def drain(self) -> None:
        """End the session with 421: at once between commands, else after the present one."""
        self._draining = True
        if self._shaking_hands:
            self.abort()
        elif self._between_commands:
            self.part(GOING_DOWN)

    # The session calls these.

    def say(self, reply: Reply) -> None:
        """Reply; it leaves when the next input is waited for."""
        octets = b"".join(f"{line}\r\n".encode() for line in reply.lines())
        self._output.append(octets)
        self._output_octets += len(octets)

    async def flush(self) -> None:
        """
        Send the replies so far in one packet.

        Raises:
            GoneError: The client hung up, or does not read.
        """
        if not self._output:
            return
        octets = self._unsent()
        if self._transport is not None and not self._parted:
            self._transport.write(octets)
        if not self._writable.is_set():
            self._patience.begin(self._command_s)
            await self._writable.wait()
            self._patience.end()
        if self._transport is None or self._parted:
            raise GoneError

    def has_line(self) -> bool:
        """Whether the next command is here already; a line that ends the session is none."""
        end = self._input.find(b"\n")
        return end > 0 and self._input[end - 1] == CARRIAGE_RETURN

    async def line(self, most: int | None = None) -> str | Reply:
        """
        Wait for the next line; give it without its CRLF, or the reply that refuses it.

        *most*: octets that it may have with its CRLF; left out: what a command may have. A
        `GoneError` follows where the client cannot be kept in step.
        """
        if self._draining:
            self.part(GOING_DOWN)
            raise GoneError
        end = self._input.find(b"\n")
        if end < 0:
            await self.flush()
            end = await self._line_end()
        elif self._output_octets > BATCH:
            await self.flush()
            await asyncio.sleep(0)
        line = bytes(self._input[: end + 1])
        del self._input[: end + 1]
        if len(line) > (most or _most(line)):
            return TOO_LONG
        if not line.endswith(b"\r\n"):
            self.part(BARE_LF)  # who knows where it thinks that the next command begins
            raise GoneError
        if _CONTROLS.search(line, 0, len(line) - 2):
            return ODD_OCTETS
        try:
            return line[:-2].decode()
        except UnicodeDecodeError:
            return ODD_OCTETS

    async def chunk(self, most: int = INPUT_OCTETS) -> bytes:
        """
        Wait for message octets; give what is there, *most* octets of it.

        Raises:
            GoneError: The client hung up or fell silent.
        """
        if not self._input:
            await self.flush()
            reached("accept.after_354")
            self._patience.begin(self._data_s)
            await self._read(INPUT_OCTETS)
            self._patience.end()
        octets = bytes(self._input[:most])
        del self._input[:most]
        return octets

    @contextmanager
    def amid_octets(self) -> Iterator[None]:
        """
        Hang up where the block fails: what is left of a message would be taken for commands.

        Raises:
            GoneError: It did, or the client hung up.
        """
        try:
            yield
        except GoneError:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever it is, the client keeps its mail
            self.part(replace(fault(error), code=421))
            raise GoneError from None

    def push_back(self, octets: bytes) -> None:
        """Put back what `chunk` gave beyond the message."""
        self._input[:0] = octets

    async def start_tls(self, context: ssl.SSLContext, go_ahead: Reply) -> None:
        """
        Say *go_ahead* and encrypt; nothing that came in clear is kept (RFC 3207 §4.2).

        Raises:
            GoneError: The handshake failed; or octets came before it, so that somebody may have
                put them there, and the session is over.
        """
        await self.flush()
        if self._input:
            INJECTED.inc()
            log.warning("client.injected")
            self.part(EARLY_OCTETS)
        self.say(go_ahead)
        await self._shake_hands(context, self._unsent())

    def part(self, reply: Reply) -> None:
        """Say a last word and hang up. Whoever waits for the client gets a `GoneError`."""
        self.say(reply)
        self.hang_up()

    def hang_up(self) -> None:
        """Close the connection; what was said still leaves."""
        self._hang_up(self._unsent())

    def _unsent(self) -> bytes:
        """Take the replies that were not sent."""
        octets = b"".join(self._output)
        self._output.clear()
        self._output_octets = 0
        return octets

    async def _line_end(self) -> int:
        """Wait until there is a line end, and say where, in what is kept of the line."""
        dropped = 0
        self._between_commands = True
        self._patience.begin(self._command_s)
        try:
            while (end := self._input.find(b"\n")) < 0:
                if dropped + len(self._input) > LINE_CUT:
                    self.part(TOO_LONG)
                # Of a line that is too long for any command no more is kept than shows it.
                dropped += len(self._input[AUTH_LINE_OCTETS:])
                del self._input[AUTH_LINE_OCTETS:]
                await self._read()
        finally:
            self._patience.end()
            self._between_commands = False
        return end

    def _time_is_up(self) -> None:
        log.info("client.timeout")
        self.part(TIMEOUT)


def _most(line: bytes) -> int:
    return AUTH_LINE_OCTETS if line[:5].upper() == b"AUTH " else LINE_OCTETS
