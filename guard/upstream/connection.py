"""One connection to the upstream: commands out, replies in, in order (RFC 5321, RFC 2920)."""

import asyncio
import ssl
from asyncio import to_thread
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, cast

import structlog

from guard.model.errors import StoreError, UpstreamError
from guard.model.octets import BLOCK
from guard.model.reply import Reply
from guard.ports import GoOn
from guard.steps import reached
from guard.upstream.patience import Patience
from guard.upstream.replies import NotSmtpError, ReplyReader

log = structlog.get_logger()

GOODBYE_S: Final = 5.0
"""Seconds for what was written to leave, once nothing more is said; then the socket closes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """How long the upstream may take. Together they stay under the 300 s that clients wait."""

    connect_s: float = 10
    """Seconds for TCP, and for a TLS handshake."""

    command_s: float = 30
    """Seconds for the greeting, and for the reply to a command."""

    dot_s: float = 240
    """Seconds from 354 until the reply to the final dot."""


class Connection(asyncio.Protocol):
    """
    A connection on which whoever waits for a reply gets it, or `None` for its absence.

    `None` means that the connection broke, fell silent or spoke nonsense; it is `lost` then.
    """

    def __init__(self, budgets: Budgets) -> None:
        self.extensions: Mapping[str, str] = {}
        """What EHLO announced: keyword in upper case → parameters as they stood."""

        self.lost = False
        self.on_lost: Callable[[Connection], None] = lambda _: None
        """Called once, when it is lost."""

        self.kept = False
        """Whether it was ever laid by: then the upstream may have tired of us meanwhile."""

        self.mails = 0
        """Messages that were taken on it."""

        self.most_mails: int | None = None
        """Messages after which the upstream would rather have a new one; `None`: it did not say."""

        self._budgets = budgets
        self._loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[None] = self._loop.create_future()
        """Done when the socket is closed."""

        self.greeting: asyncio.Future[Reply | None] = self._loop.create_future()
        self._awaited = deque([self.greeting])
        self._unsent: deque[bytes] = deque()
        self._writable = asyncio.Event()
        self._writable.set()
        self._replies = ReplyReader()
        self._patience = Patience(self._loop, lambda: self._lose("timeout"))
        self._transport: asyncio.Transport | None = None
        self._goodbye: asyncio.TimerHandle | None = None

    @property
    def local_address(self) -> str:
        """IP address of our end; empty when the connection is closed."""
        name = self._transport.get_extra_info("sockname") if self._transport else None
        return str(name[0]) if name else ""

    @property
    def peer_address(self) -> str:
        """IP address of the upstream; empty when the connection is closed."""
        name = self._transport.get_extra_info("peername") if self._transport else None
        return str(name[0]) if name else ""

    @property
    def verified_tls(self) -> bool:
        """Whether it is encrypted, and the certificate was checked."""
        session = self._transport.get_extra_info("ssl_object") if self._transport else None
        return session is not None and session.context.verify_mode is ssl.CERT_REQUIRED

    @property
    def worn(self) -> bool:
        """Whether it has served as often as it may."""
        return self.most_mails is not None and self.mails >= self.most_mails

    @property
    def busy(self) -> bool:
        """Whether a reply is awaited."""
        return bool(self._awaited)

    def command(self, line: bytes) -> asyncio.Future[Reply | None]:
        """
        Send a command; commands given in the same turn of the loop leave in one packet.

        Raises:
            ValueError: *line* would be more than one command.
        """
        if b"\r" in line or b"\n" in line or b"\0" in line:
            raise ValueError("a command is one line")
        reply: asyncio.Future[Reply | None] = self._loop.create_future()
        if self.lost:
            reply.set_result(None)
            return reply
        if not self._unsent:
            self._loop.call_soon(self._send)
        self._awaited.append(reply)
        self._unsent.append(line)
        return reply

    async def message(
        self, blocks: Iterable[bytes], go_on: GoOn | None = None
    ) -> tuple[Reply | None, bool]:
        """
        Send a message: what may follow a 354, or BDAT with its octets. The last block ends it.

        Before the last one *go_on* is asked; if it says no, the connection ends without it, and the
        upstream has no message.

        Gives the reply, and whether the end went out: if it did and no reply came, nobody knows
        whether the upstream has the message. A refusal that comes before the end counts.

        Raises:
            ValueError: Raised by *blocks*, as `OSError`; then the message did not go out whole.
            StoreError: Raised by *go_on*; as above.
        """
        if self.lost:
            return None, False
        reply: asyncio.Future[Reply | None] = self._loop.create_future()
        self._awaited.append(reply)
        self._patience.begin(self._budgets.dot_s)
        waiting = iter(blocks)
        try:
            block = next(waiting, None)
            while block is not None:
                # Behind a large block more of them come, which are read from disk and looked at.
                large = len(block) >= BLOCK
                ahead = await to_thread(next, waiting, None) if large else next(waiting, None)
                if ahead is None and go_on is not None and not await go_on():
                    self.abort()
                if self._transport is None or self.lost or reply.done():
                    self.abort()  # nobody reads what of the message is still on its way
                    early = await reply
                    return (early if early is not None and early.code >= 400 else None), False
                self._transport.write(block)
                await self._writable.wait()
                reached("send.after_dot" if ahead is None else "send.mid_body")
                block = ahead
        except (ValueError, OSError, StoreError):
            self.abort()
            raise
        answer = await reply
        reached("send.after_250")
        self.mails += answer is not None and answer.is_positive
        return answer, True

    async def start_tls(self, context: ssl.SSLContext, name: str) -> None:
        """
        Encrypt; all that was learned in clear is forgotten (RFC 3207 §4.2).

        Raises:
            UpstreamError: Octets came before the handshake, so somebody may have put them there.
            OSError: The handshake failed, or the certificate is not that of *name*.
        """
        if self._replies.pending or self.lost or self._transport is None:
            self._lose("octets before TLS")
            raise UpstreamError("octets before TLS")
        transport = await self._loop.start_tls(
            self._transport,
            self,
            context,
            server_hostname=name,
            ssl_handshake_timeout=self._budgets.connect_s,
        )
        if transport is None:
            raise UpstreamError("connection closed during the TLS handshake")
        self._transport = transport
        self.extensions = {}

    def quit(self) -> None:
        """Take leave without waiting for an answer."""
        if not self.lost and self._transport is not None:
            self._transport.write(b"QUIT\r\n")
        self.close()

    def close(self) -> None:
        """Hang up; whoever waits gets `None`."""
        self._lose("")

    def abort(self) -> None:
        """Close the socket without another word, not even of TLS."""
        self._lose("")
        if self._transport is not None:
            self._transport.abort()

    # asyncio calls these.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the greeting."""
        self._transport = cast("asyncio.Transport", transport)
        self._patience.begin(self._budgets.command_s)

    def data_received(self, data: bytes) -> None:
        """Give each reply to who waits for it; one that nobody asked for ends the connection."""
        try:
            for reply in self._replies.feed(data):
                self._answer(reply)
        except NotSmtpError as error:
            self._lose(str(error))

    def eof_received(self) -> bool:
        """Note that the upstream has hung up."""
        self._lose("closed by the upstream")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the socket is closed."""
        self._lose("closed by the upstream" if exc is None else type(exc).__name__)
        self._transport = None
        if self._goodbye is not None:
            self._goodbye.cancel()
        if not self.closed.done():
            self.closed.set_result(None)

    def pause_writing(self) -> None:
        """Wait: the upstream reads slower than we write."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Go on: it has caught up."""
        self._writable.set()

    def _send(self) -> None:
        """Write what may go out now: without PIPELINING, one command at a time."""
        if self.lost or self._transport is None or not self._unsent:
            return
        in_flight = len(self._awaited) - len(self._unsent)
        if "PIPELINING" in self.extensions:
            lines = [*self._unsent]
        elif in_flight == 0:
            lines = [self._unsent[0]]
        else:
            return
        for _ in lines:
            self._unsent.popleft()
        self._transport.write(b"\r\n".join((*lines, b"")))
        if in_flight == 0:
            self._patience.begin(self._budgets.command_s)

    def _answer(self, reply: Reply) -> None:
        if self.lost:
            return
        if len(self._awaited) == len(self._unsent):
            # Mostly a 421 that tells why the connection ends.
            self._lose(f"unasked {reply.code}")
            return
        self._writable.set()  # a reply in the middle of a message: no use in writing on
        waiting = self._awaited.popleft()
        if not waiting.done():
            waiting.set_result(reply)
        if reply.code == 421:  # the upstream closes after it (RFC 5321 §3.8)
            self._lose("421")
        elif len(self._awaited) > len(self._unsent):
            self._patience.begin(self._budgets.command_s)
        else:
            self._patience.end()
            self._send()

    def _lose(self, reason: str) -> None:
        if self.lost:
            return
        self.lost = True
        if reason:
            log.info("upstream.lost", reason=reason)
        self._patience.close()
        self._unsent.clear()
        self._writable.set()
        for waiting in self._awaited:
            if not waiting.done():
                waiting.set_result(None)
        self._awaited.clear()
        if self._transport is not None:
            self._transport.close()
            # One who reads no more would keep the socket open for as long as he likes.
            self._goodbye = self._loop.call_later(GOODBYE_S, self._transport.abort)
        self.on_lost(self)
