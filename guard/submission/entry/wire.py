"""
The octets of one client connection: what came and waits, what leaves, TLS, and the end.

aiosmtpd's class cancels whatever is going on when the client hangs up; here what was begun for a
client is finished. And it reads by a stream, which could not say whether something came in clear
behind STARTTLS.
"""

import asyncio
import logging
import ssl
from typing import Final, cast

from aiosmtpd.smtp import SMTP

from guard.submission.entry.tls import GOODBYE_S, HANDSHAKE_S, certified_identity, handshake_failed

# aiosmtpd writes addresses, and at DEBUG whole messages.
logging.getLogger("mail.log").disabled = True

COMMAND_OCTETS: Final = 16_384
"""Octets that may wait here, and one read; the rest waits at the client."""

INPUT_OCTETS: Final = 262_144
"""The same while somebody waits for those of a message, who takes them at once."""


class GoneError(Exception):
    """Nothing more will come from the client, or nothing more reaches it."""


class Wire(SMTP):
    """A connection to a client. `_handle_client`, of who builds on this, runs in `task`."""

    def __init__(self, peer: str) -> None:
        """Take *peer* for the client's address: a proxy may know it better than the connection."""
        # SMTP.__init__ looks through the whole class for each connection and asks the resolver
        # for our name, for the sake of things of which nothing is used here.
        loop = asyncio.get_running_loop()
        asyncio.StreamReaderProtocol.__init__(self, None, loop=loop)  # type: ignore[arg-type]
        self.loop = loop
        self.peer = peer
        """IP address of the client; empty once a proxy has said that nobody knows it."""

        self.tls = False
        """Whether what is said is encrypted."""

        self.certificate: str | None = None
        """Whom the client's verified certificate names."""

        self.task: asyncio.Task[None] | None = None
        self.closed: asyncio.Future[None] = loop.create_future()
        """Done when the connection is closed."""

        self._transport: asyncio.Transport | None = None
        self._input = bytearray()
        self._most_input = COMMAND_OCTETS
        self._more_input: asyncio.Future[None] | None = None
        self._is_reading = True
        self._writable = asyncio.Event()
        self._writable.set()
        self._hung_up = False
        self._parted = False
        self._shaking_hands = False

    # asyncio calls these.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the session."""
        self._take_up(transport)
        self.task = self.loop.create_task(self._handle_client())

    def data_received(self, data: bytes) -> None:
        """Keep what came; stop reading where nobody takes it."""
        if self._parted:
            return
        self._input += data
        if len(self._input) > self._most_input and self._is_reading and self._transport is not None:
            self._transport.pause_reading()
            self._is_reading = False
        self._wake()

    def eof_received(self) -> bool:
        """Note that the client has nothing more to say; in clear, it may still listen."""
        self._hung_up = True
        self._wake()
        return not self.tls

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 -- all the same
        """Wake whoever waits for the client; work that needs no client goes on."""
        self._hung_up = True
        self._transport = None
        self._writable.set()
        self._wake()
        if not self.closed.done():
            self.closed.set_result(None)

    def pause_writing(self) -> None:
        """Wait: the client reads slower than we write."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Go on: it has caught up."""
        self._writable.set()

    # The server calls these.

    def gone(self) -> bool:
        """
        Whether the client hung up, so that no reply of ours would be believed.

        One that only closed its sending side counts as gone, for the two cannot be told apart;
        unless QUIT is the next it had to say. Exim parts like that, and waits for the replies.
        """
        if self._transport is None:
            return True
        return self._hung_up and bytes(self._input[:6]).upper() != b"QUIT\r\n"

    def abort(self) -> None:
        """End the session now."""
        if self._transport is not None:
            self._transport.abort()
        if self.task is not None:
            self.task.cancel()

    # Who builds on this calls these.

    def _hang_up(self, last_words: bytes) -> None:
        """Close the connection, to a client that does not read without a word, and hear no more."""
        if self._parted:
            return
        self._parted = True
        self._input.clear()
        if self._transport is not None and self._transport.get_write_buffer_size():
            self._transport.abort()
        elif self._transport is not None:
            self._transport.write(last_words)
            self._transport.close()
        self._writable.set()
        self._wake()

    async def _read(self, most: int = COMMAND_OCTETS) -> None:
        """
        Wait until there is more input; no more than *most* octets and one read come meanwhile.

        Raises:
            GoneError: There will be none.
        """
        before = len(self._input)
        if not (self._hung_up or self._parted):
            self._resume_reading()
            self._more_input = self.loop.create_future()
            self._most_input = most
            await self._more_input
            self._most_input = COMMAND_OCTETS
        if len(self._input) == before or self._parted:
            raise GoneError

    async def _shake_hands(self, context: ssl.SSLContext, go_ahead: bytes) -> None:
        """
        Send *go_ahead* and encrypt. Nothing has come in clear that was not read.

        Raises:
            GoneError: The handshake failed.
        """
        if self._transport is None or self._hung_up or self._parted:
            raise GoneError
        self._transport.write(go_ahead)
        self._resume_reading()
        self._shaking_hands = True
        try:
            transport = await self.loop.start_tls(
                self._transport,
                self,
                context,
                server_side=True,
                ssl_handshake_timeout=HANDSHAKE_S,
                ssl_shutdown_timeout=GOODBYE_S,
            )
            if transport is None:  # how asyncio says that the client left
                raise GoneError
        except BaseException as error:
            self.connection_lost(None)  # nobody else tells us: the handshake was not ours
            if isinstance(error, OSError):  # SSLError and a timeout, too
                handshake_failed(error)
                raise GoneError from None
            raise
        finally:
            self._shaking_hands = False
        self._take_up(transport)

    def _take_up(self, transport: asyncio.BaseTransport) -> None:
        """Talk over *transport* from now on."""
        self._transport = cast("asyncio.Transport", transport)
        self.tls = transport.get_extra_info("sslcontext") is not None
        self.certificate = certified_identity(transport.get_extra_info("peercert"))

    def _resume_reading(self) -> None:
        if not self._is_reading and self._transport is not None:
            self._transport.resume_reading()
            self._is_reading = True

    def _wake(self) -> None:
        if self._more_input is not None and not self._more_input.done():
            self._more_input.set_result(None)
