"""One mail transaction at the upstream, and what became of each recipient."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from prometheus_client import Counter

from guard.model.address import Address
from guard.model.envelope import Recipient
from guard.model.errors import UpstreamError
from guard.model.hold import Fate
from guard.model.reply import Reply
from guard.ports import GoOn, Outcome
from guard.steps import reached
from guard.upstream.commands import NO_8BIT, NO_UTF8, command_line, lacking_for
from guard.upstream.connection import Budgets, Connection
from guard.upstream.stuffing import Part, chunk_blocks, is_ascii, size_bytes, wire_blocks

log = structlog.get_logger()

UNKNOWN_ENDS = Counter(
    "guard_upstream_unknown", "Messages whose final dot went out and whose reply never came."
)

GO_AHEAD: Final = 354

NO_ANSWER: Final = UpstreamError.reply
CHANGED: Final = Reply(451, "4.4.1", "The mail server behind this one changed its mind, try again")
LOST: Final = Reply(
    451, "4.4.2", "The mail server behind this one did not say whether it took the message"
)
NO_TRANSACTION: Final = Reply(503, "5.5.1", "No mail transaction")
NO_RECIPIENTS: Final = Reply(554, "5.5.1", "No valid recipients")


class Connections(Protocol):
    """Where transactions get their connections, and bring them back."""

    budgets: Budgets

    async def acquire(self, *, fresh: bool = False) -> Connection:
        """
        Give a connection that is ready for MAIL; a *fresh* one was never used.

        Raises:
            UpstreamError: There is none to be had.
        """

    def release(self, connection: Connection, *, reset: bool = False) -> None:
        """Take a connection back; *reset* when a transaction has begun there and not ended."""

    def idle(self, transaction: "PooledTransaction") -> None:
        """Note that nothing happens in *transaction*: its connection may be called back."""

    def active(self, transaction: "PooledTransaction") -> None:
        """Note that something happens in *transaction*, or that it is over."""


@dataclass(frozen=True, slots=True)
class _Taken:
    recipient: Recipient
    line: bytes
    reply: Reply


class PooledTransaction:
    """
    `guard.ports.Transaction` on a kept connection.

    `rcpt` may be called again before the last call has returned: such commands leave together.
    If the upstream hangs up while the client is slow, MAIL and RCPT are said again on another
    connection; should a reply then differ, the message is refused for now.
    """

    def __init__(self, connections: Connections, connection: Connection) -> None:
        self._connections = connections
        self._connection: Connection | None = connection
        self._mail: tuple[bytes, Reply] | None = None
        self._taken: list[_Taken] = []
        self._over: Reply | None = None
        """The reply to all that is asked after the end."""

        self._repeating = asyncio.Lock()

    async def mail(self, sender: Address | None, params: Sequence[str]) -> Reply:
        """Propose the reverse-path; a kept connection that proves dead is replaced once."""
        if self._over is not None:
            return self._over
        if self._mail is not None or self._connection is None:
            return NO_TRANSACTION
        self._connections.active(self)
        while True:
            connection = self._connection
            lacking = lacking_for(connection, sender, params)
            if lacking is not None:
                return lacking
            line = command_line("MAIL FROM", sender, params, connection.extensions)
            reply = await _ask(connection, line)
            if not (connection.kept and connection.lost):
                break
            try:
                self._connection = await self._connections.acquire(fresh=True)
            except UpstreamError as error:
                return self._end(error.reply)
        if reply is None:
            return self._end(NO_ANSWER)
        self._mail = line, reply
        self._connections.idle(self)
        return reply

    async def rcpt(self, recipient: Recipient) -> Reply:
        """Propose one forward-path."""
        connection = await self._ready()
        if isinstance(connection, Reply):
            return connection
        if not recipient.address.is_ascii and "SMTPUTF8" not in connection.extensions:
            return NO_UTF8
        line = command_line("RCPT TO", recipient.address, recipient.params, connection.extensions)
        reply = await _ask(connection, line)
        if reply is None:
            return self._over or self._end(NO_ANSWER)
        if reply.is_positive:
            self._taken.append(_Taken(recipient, line, reply))
        if not connection.busy:
            self._connections.idle(self)
        return reply

    async def data(
        self, *parts: Part, chunking: bool = False, go_on: GoOn | None = None
    ) -> Outcome:
        """
        Send the message; the transaction is over after it.

        The outcome speaks of those recipients only that were taken at RCPT. Right before the end
        *go_on* is asked: if it says no, the connection is dropped and the upstream has no message.

        Raises:
            ValueError: The octets are not CRLF lines; the upstream has no whole message.
            OSError: They can no longer be read; as above.
            StoreError: Raised by *go_on*; as above.
        """
        try:
            return await self._data(parts, chunking=chunking, go_on=go_on)
        finally:
            self._end(self._over or NO_TRANSACTION)

    async def reset(self) -> None:
        """Give the transaction up (RSET) and the connection back, without waiting for it."""
        self._end(self._over or NO_TRANSACTION)

    def call_back(self) -> None:
        """Return the connection while the client is slow; the next command gets another one."""
        connection, self._connection = self._connection, None
        self._connections.active(self)
        if connection is not None:
            self._connections.release(connection, reset=True)

    async def _data(self, parts: Sequence[Part], *, chunking: bool, go_on: GoOn | None) -> Outcome:
        try:
            async with asyncio.timeout(self._connections.budgets.command_s):
                connection = await self._go_ahead(parts, chunking=chunking)
        except TimeoutError:
            connection = NO_ANSWER
        if isinstance(connection, Reply):
            return self._outcome(connection, Fate.REFUSED)
        if chunking and "CHUNKING" in connection.extensions:
            command = f"BDAT {size_bytes(parts)} LAST\r\n".encode()
            blocks = chunk_blocks((command, *parts))
        else:
            blocks = wire_blocks(parts)
        reached("send.after_354")
        reply, end_sent = await connection.message(blocks, go_on)
        if reply is not None and not 300 <= reply.code < 400:
            self._mail = None  # ended at the upstream too: no RSET
            return self._outcome(reply, Fate.TAKEN if reply.is_positive else Fate.REFUSED)
        connection.close()
        if not end_sent:
            return self._outcome(NO_ANSWER, Fate.REFUSED)
        UNKNOWN_ENDS.inc()
        log.warning("upstream.unknown", recipients=len(self._taken))
        return self._outcome(LOST, Fate.UNKNOWN)

    async def _go_ahead(self, parts: Sequence[Part], *, chunking: bool) -> Connection | Reply:
        """
        Give the connection after a 354, or why there is none; DATA is said again once.

        With *chunking*, where the upstream knows it, nothing is said or waited for.
        """
        reply: Reply | None = None
        for _ in range(2):
            connection = await self._ready()
            if isinstance(connection, Reply):
                return connection
            if not self._taken:
                return NO_RECIPIENTS
            if "8BITMIME" not in connection.extensions and not is_ascii(parts):
                return NO_8BIT
            if chunking and "CHUNKING" in connection.extensions:
                return connection
            reply = await connection.command(b"DATA")
            if reply is not None and reply.code == GO_AHEAD:
                return connection
            if reply is not None and reply.is_positive:  # 250 ends a message that was never sent
                connection.close()
                return NO_ANSWER
            if not connection.lost:
                break
        return NO_ANSWER if reply is None else reply

    def _outcome(self, reply: Reply, fate: Fate) -> Outcome:
        return Outcome(
            reply=reply,
            recipients=tuple((taken.recipient.address, fate, reply) for taken in self._taken),
        )

    async def _ready(self) -> Connection | Reply:
        """Give the connection, with MAIL and the recipients known there; or why there is none."""
        self._connections.active(self)
        async with self._repeating:
            if self._over is not None:
                return self._over
            if self._mail is None or not self._mail[1].is_positive:
                return NO_TRANSACTION
            if self._connection is not None and not self._connection.lost:
                return self._connection
            try:
                self._connection = await self._connections.acquire(
                    fresh=self._connection is not None
                )
            except UpstreamError as error:
                return self._end(error.reply)
            return await self._repeat(self._connection, *self._mail)

    async def _repeat(
        self, connection: Connection, mail: bytes, agreed: Reply
    ) -> Connection | Reply:
        """Say again what the upstream agreed to."""
        before = [agreed, *(taken.reply for taken in self._taken)]
        waiting = [connection.command(mail), *(connection.command(t.line) for t in self._taken)]
        for old, reply in zip(before, await asyncio.gather(*waiting), strict=True):
            if reply is None or reply.code != old.code:
                log.info("upstream.changed", code=reply.code if reply else 0)
                return self._end(NO_ANSWER if reply is None else CHANGED)
        return connection

    def _end(self, reply: Reply) -> Reply:
        """Let go of the connection; *reply* answers whatever is asked from now on."""
        self._over = reply
        connection, self._connection = self._connection, None
        self._connections.active(self)
        if connection is not None:
            self._connections.release(connection, reset=self._mail is not None)
        return reply


async def _ask(connection: Connection, line: bytes) -> Reply | None:
    """Send MAIL or RCPT; an answer that makes no sense there is none."""
    reply = await connection.command(line)
    if reply is not None and 300 <= reply.code < 400:
        connection.close()
        return None
    return reply
