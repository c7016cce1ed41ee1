"""Connections to the upstream, kept for the next message."""

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Final

import structlog

from guard.config import Route
from guard.model.errors import UpstreamError
from guard.model.reply import Reply
from guard.upstream.connection import Budgets, Connection
from guard.upstream.handshake import Dialer, TurnedAwayError
from guard.upstream.transaction import PooledTransaction

log = structlog.get_logger()

PROBE_S: Final = 2.0
"""Seconds that somebody waits to learn what an upstream never seen before can do."""

REPROBE_S: Final = 300.0
"""Seconds after which an upstream is asked again what it can do, where no mail did so."""

SLOW_S: Final = 1.0
"""Seconds without a command after which a transaction's connection may be called back."""

FULL_S: Final = 5.0
"""Seconds for which an upstream that turned a connection away is asked for no more than it gave."""


class UpstreamPool:
    """
    `guard.ports.Upstream` over one route.

    At most *size* connections are open, or as many as the upstream takes. When all are taken, a
    transaction whose client does nothing gives its connection to one whose client does; so slow
    clients cannot shut others out.
    """

    def __init__(
        self,
        route: Route,
        *,
        name: str = "",
        budgets: Budgets | None = None,
        size: int = 100,
        idle_s: float = 30,
    ) -> None:
        """Take *name* for ours in EHLO, and *idle_s* seconds that unused connections are kept."""
        self.budgets = budgets or Budgets()
        self.dialer: Final = Dialer(route, self.budgets, name=name)
        """Opens connections, also those that are none of the pool's."""

        self._size = size
        self._idle_s = idle_s
        self._open: set[Connection] = set()
        """All whose socket is open, also those that are lost and not closed yet."""

        self._full_until = 0.0
        """Loop time in seconds until which the upstream is thought to take no more."""

        self._opening = 0
        self._kept: dict[Connection, float] = {}
        """Connections without work → since when, the longest first; loop time in seconds."""

        self._idle: dict[PooledTransaction, float] = {}
        """Transactions that wait for their client → since when, the longest first."""

        self._waiters: deque[asyncio.Future[None]] = deque()
        self._probing: asyncio.Task[None] | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._reprober: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def extensions(self) -> Mapping[str, str]:
        """What the last EHLO announced; empty until there was one."""
        return self.dialer.extensions

    async def probe(self) -> None:
        """Try to learn `extensions`; never fails, and waits no longer than `PROBE_S`."""
        await asyncio.wait([self._begin_probe()], timeout=PROBE_S)

    async def transaction(self) -> PooledTransaction:
        """
        Open a transaction, on a kept connection or a new one.

        Raises:
            UpstreamError: The upstream cannot be reached, or all connections are at work.
        """
        return PooledTransaction(self, await self.acquire())

    async def close(self) -> None:
        """Take leave of the upstream; transactions still running lose their connection."""
        self._closed = True
        for timer in (self._sweeper, self._reprober):
            if timer is not None:
                timer.cancel()
        self.dialer.close()
        if self._probing is not None:
            self._probing.cancel()
        connections = list(self._open)
        for connection in connections:
            if connection.busy:
                connection.close()
            else:
                connection.quit()
        if connections:
            # TLS says goodbye too, which the other side may leave unanswered.
            await asyncio.wait([connection.closed for connection in connections], timeout=1)
        for connection in connections:
            connection.abort()

    async def acquire(self, *, fresh: bool = False) -> Connection:
        """
        Give a connection that is ready for MAIL; a *fresh* one was never used.

        Raises:
            UpstreamError: There is none to be had.
        """
        if self._kept and not fresh:
            return self._kept.popitem()[0]  # the latest: the likeliest alive
        deadline = asyncio.get_running_loop().time() + self.budgets.command_s
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    kept = await self._turn(fresh=fresh)
            except TimeoutError as error:
                log.warning("upstream.exhausted", connections=len(self._open))
                raise UpstreamError("all connections are at work") from error
            if kept is not None:
                return kept
            try:
                return await self._connect()
            except TurnedAwayError:
                if fresh or not self._serves:
                    raise

    def release(self, connection: Connection, *, reset: bool = False) -> None:
        """Take a connection back; *reset* when a transaction has begun there and not ended."""
        if connection.lost:
            return
        if connection.busy:  # somebody went away in the middle of a command
            connection.close()
            return
        if reset:
            pipelining = "PIPELINING" in connection.extensions
            connection.command(b"RSET").add_done_callback(
                lambda reply: self._has_reset(connection, reply, kept=pipelining)
            )
            if not pipelining:
                return  # no command may go out before the reply is here
        self._keep(connection)

    def idle(self, transaction: PooledTransaction) -> None:
        """Note that nothing happens in *transaction*: its connection may be called back."""
        self._idle[transaction] = asyncio.get_running_loop().time()

    def active(self, transaction: PooledTransaction) -> None:
        """Note that something happens in *transaction*, or that it is over."""
        self._idle.pop(transaction, None)

    def _begin_probe(self, *, fresh: bool = False) -> asyncio.Task[None]:
        if self._probing is None or self._probing.done():
            self._probing = asyncio.get_running_loop().create_task(self._probe(fresh=fresh))
        return self._probing

    async def _probe(self, *, fresh: bool) -> None:
        with suppress(UpstreamError):  # logged where it was found
            self.release(await self.acquire(fresh=fresh))

    @property
    def _serves(self) -> bool:
        """Whether there are connections that show that the upstream is up."""
        return any(not connection.lost for connection in self._open)

    def _has_place(self, *, fresh: bool) -> bool:
        """Whether a connection may be opened; for a *fresh* one, the one it replaces made room."""
        full = asyncio.get_running_loop().time() < self._full_until and self._serves
        return len(self._open) + self._opening < self._size and (fresh or not full)

    async def _turn(self, *, fresh: bool) -> Connection | None:
        """Wait for a kept connection, unless a *fresh* one is wanted; `None`: one may be opened."""
        while True:
            if self._kept and not fresh:
                return self._kept.popitem()[0]
            if self._closed:
                raise UpstreamError("shutting down")
            if self._has_place(fresh=fresh):
                return None
            if fresh and self._kept:
                next(iter(self._kept)).quit()
            await self._change()

    async def _connect(self) -> Connection:
        self._opening += 1
        try:
            connection = await self.dialer.dial()
        except TurnedAwayError:
            if self._serves:
                self._full_until = asyncio.get_running_loop().time() + FULL_S
                self.dialer.circuit.close()  # it is not down
            raise
        finally:
            self._opening -= 1
            self._wake()
            self._probe_later()
        if self._closed:
            connection.quit()
            raise UpstreamError("shutting down")
        self._open.add(connection)
        connection.on_lost = self._lost
        if connection.lost:
            self._lost(connection)
            raise UpstreamError("lost at once")
        return connection

    def _probe_later(self) -> None:
        """Ask again after a while, unless mail does so before."""
        if self._reprober is not None:
            self._reprober.cancel()
        if not self._closed:
            ask = partial(self._begin_probe, fresh=True)
            self._reprober = asyncio.get_running_loop().call_later(REPROBE_S, ask)

    async def _change(self) -> None:
        """Wait until a connection may be free; call back that of the slowest client."""
        loop = asyncio.get_running_loop()
        for transaction, since in self._idle.items():
            if loop.time() - since >= SLOW_S:
                transaction.call_back()
            break
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiters.append(waiter)
        try:
            await asyncio.wait([waiter], timeout=SLOW_S)
        finally:
            waiter.cancel()

    def _has_reset(
        self, connection: Connection, reply: asyncio.Future[Reply | None], *, kept: bool
    ) -> None:
        answer = reply.result()
        if answer is None or not answer.is_positive:
            connection.close()
        elif not kept:
            self._keep(connection)

    def _keep(self, connection: Connection) -> None:
        if self._closed or connection.worn:
            connection.quit()
            return
        loop = asyncio.get_running_loop()
        connection.kept = True
        self._kept[connection] = loop.time()
        self._wake()
        if self._sweeper is None:
            self._sweeper = loop.call_later(self._idle_s, self._sweep)

    def _sweep(self) -> None:
        """Close what was not needed for a while, before the upstream tires of it."""
        loop = asyncio.get_running_loop()
        self._sweeper = None
        for connection, since in list(self._kept.items()):
            if loop.time() - since < self._idle_s:
                self._sweeper = loop.call_at(since + self._idle_s, self._sweep)
                break
            connection.quit()

    def _lost(self, connection: Connection) -> None:
        """Give it to nobody any more; its place is free when its socket is closed."""
        self._kept.pop(connection, None)
        connection.closed.add_done_callback(lambda _: self._gone(connection))

    def _gone(self, connection: Connection) -> None:
        self._open.discard(connection)
        self._wake()

    def _wake(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
