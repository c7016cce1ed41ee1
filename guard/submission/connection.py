"""
One client connection below the level of commands: lines in, replies out, time, and its end.

aiosmtpd's class is built for one command at a time, and it cancels whatever is going on when the
client hangs up. Here commands may come in a batch (RFC 2920) and their replies leave in one, no
timer runs while we work ourselves, and what was begun for a client is also finished.
"""

import asyncio
import logging
import re
from typing import Final

import structlog
from aiosmtpd.smtp import SMTP

from guard.model.reply import Reply
from guard.submission.answers import BARE_LF, GOING_DOWN, ODD_OCTETS, TIMEOUT, TOO_LONG
from guard.upstream.patience import Patience

# aiosmtpd writes addresses, and at DEBUG whole messages.
logging.getLogger("mail.log").disabled = True

log = structlog.get_logger()

LINE_OCTETS: Final = 2048
"""Longest command line with its CRLF: 512 (RFC 5321 §4.5.3.1.4) and what extensions need."""

LINE_CUT: Final = 65_536
"""Octets without a line end after which the client is no mail client."""

CHUNK: Final = 262_144
"""Octets read at once."""

BATCH: Final = 16_384
"""Octets of replies after which others get their turn."""

_CONTROLS = re.compile(rb"[\x00-\x1f\x7f]")


class GoneError(Exception):
    """Nothing more will come from the client, or nothing more reaches it."""


class ClientConnection(SMTP):
    """What `guard.submission.session` is built on. `_handle_client` there runs in a task."""

    def __init__(self, *, command_s: float, data_s: float) -> None:
        # SMTP.__init__ looks through the whole class for each connection and asks the resolver
        # for our name; nothing of what it sets up is used here but what stands below.
        loop = asyncio.get_running_loop()
        asyncio.StreamReaderProtocol.__init__(
            self,
            asyncio.StreamReader(limit=CHUNK // 2, loop=loop),
            client_connected_cb=self._cb_client_connected,
            loop=loop,
        )
        self.loop = loop
        self.peer = ""
        """IP address of the client."""

        self.task: asyncio.Task[None] | None = None
        self._command_s = command_s
        self._data_s = data_s
        self._patience = Patience(loop, self._time_is_up)
        self._input = bytearray()
        self._output: list[bytes] = []
        self._output_octets = 0
        self._hung_up = False
        self._draining = False
        self._between_commands = False

    # asyncio calls these.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the session."""
        asyncio.StreamReaderProtocol.connection_made(self, transport)
        self.transport = transport
        self.peer = str((transport.get_extra_info("peername") or ("",))[0])
        self.task = self.loop.create_task(self._handle_client())

    def connection_lost(self, error: Exception | None) -> None:
        """Wake whoever waits for the client; work that needs no client goes on."""
        self._hung_up = True
        self._patience.close()
        asyncio.StreamReaderProtocol.connection_lost(self, error)
        self.transport = None

    def eof_received(self) -> bool:
        """Note that the client has nothing more to say; it may still listen."""
        self._hung_up = True
        asyncio.StreamReaderProtocol.eof_received(self)
        return self._writer.get_extra_info("sslcontext") is None

    # The server calls these.

    def gone(self) -> bool:
        """
        Whether the client hung up, so that no reply of ours would be believed.

        One that only closed its sending side counts as gone: the two cannot be told apart, and a
        client has to wait for the reply to QUIT (RFC 5321 §4.1.1.10).
        """
        return self._hung_up

    def drain(self) -> None:
        """End the session with 421: at once between commands, else after the present one."""
        self._draining = True
        if self._between_commands:
            self.part(GOING_DOWN)

    def abort(self) -> None:
        """End the session now."""
        if self.transport is not None:
            self._writer.transport.abort()
        if self.task is not None:
            self.task.cancel()

    # The session calls these.

    def say(self, reply: Reply) -> None:
        """Reply; it leaves when the next input is waited for."""
        octets = b"".join(f"{line}\r\n".encode() for line in reply.lines())
        self._output.append(octets)
        self._output_octets += len(octets)

    async def flush(self) -> None:
        """Send the replies so far in one packet."""
        if self._output:
            octets = b"".join(self._output)
            self._output.clear()
            self._output_octets = 0
            self._patience.begin(self._command_s)
            self._writer.write(octets)
            try:
                await self._writer.drain()
            except ConnectionError:
                raise GoneError from None
            self._patience.end()

    def has_line(self) -> bool:
        """Whether the next command is here already."""
        return b"\n" in self._input

    async def line(self) -> str | Reply:
        """
        Wait for the next command line; give it without its CRLF, or the reply that refuses it.

        A `GoneError` follows where the client cannot be kept in step.
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
        if len(line) > LINE_OCTETS:
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

    async def chunk(self) -> bytes:
        """
        Wait for message octets; give what is there.

        Raises:
            GoneError: The client hung up or fell silent.
        """
        if self._input:
            octets = bytes(self._input)
            self._input.clear()
            return octets
        await self.flush()
        self._patience.begin(self._data_s)
        octets = await self._read()
        self._patience.end()
        return octets

    def push_back(self, octets: bytes) -> None:
        """Put back what `chunk` gave beyond the message."""
        self._input[:0] = octets

    async def _line_end(self) -> int:
        """Wait until there is a line end, and say where."""
        self._between_commands = True
        self._patience.begin(self._command_s)
        try:
            while (end := self._input.find(b"\n")) < 0:
                if len(self._input) > LINE_CUT:
                    self.part(TOO_LONG)
                self._input += await self._read()
        finally:
            self._patience.end()
            self._between_commands = False
        return end

    async def _read(self) -> bytes:
        try:
            octets = await self._reader.read(CHUNK)
        except OSError:  # whatever broke the connection
            raise GoneError from None
        if not octets:
            raise GoneError
        return octets

    def _time_is_up(self) -> None:
        log.info("client.timeout")
        self.part(TIMEOUT)

    def part(self, reply: Reply) -> None:
        """Say a last word and hang up. Whoever waits for the client gets a `GoneError`."""
        if self.transport is None or self.transport.is_closing():
            return
        if self._writer.transport.get_write_buffer_size():  # it does not even read
            self._writer.transport.abort()
            return
        self.say(reply)
        self._writer.write(b"".join(self._output))
        self._output.clear()
        self.transport.close()
