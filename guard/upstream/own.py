"""Logins that are passed on: the client's own connection to the upstream, its secret never kept."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import structlog

from guard.model.address import Address
from guard.model.errors import LoginRefusedError, UpstreamError
from guard.model.reply import Reply
from guard.ports import Credentials, Login
from guard.upstream.connection import Budgets, Connection
from guard.upstream.login import log_in, mechanisms_of
from guard.upstream.pool import UpstreamPool
from guard.upstream.transaction import PooledTransaction
from guard.upstream.turns import Turns

log = structlog.get_logger()

AT_ONCE: Final = 8
"""Logins that are checked at the same time; more would cost mail its place at the upstream."""


class PassThrough:
    """
    `guard.ports.Authenticator` that asks the upstream itself.

    The secret lives as long as one exchange: no object that stays has it, and no error.
    """

    def __init__(
        self, pool: UpstreamPool, address_by_name: Callable[[str], Address | None]
    ) -> None:
        """*address_by_name* gives the mail address of a login, as far as its name tells it."""
        self._pool = pool
        self._address_by_name = address_by_name
        self._turns = Turns(AT_ONCE)

    def mechanisms(self, *, certificate: bool) -> tuple[str, ...]:  # noqa: ARG002 -- not passed on
        """Give what the upstream announced last; nothing while it was never reached."""
        return mechanisms_of(self._pool.extensions)

    async def log_in(self, credentials: Credentials) -> Login:
        """
        Open a connection of the client's own, and log in there.

        Raises:
            LoginRefusedError: The upstream refused, for good (5yz) or for now (454).
            UpstreamError: It gave no answer, or could not be trusted with a secret; or too many
                others are being checked.
        """
        async with self._turns.mine():
            return await self._log_in(credentials)

    async def _log_in(self, credentials: Credentials) -> Login:
        connection = await self._pool.dialer.dial(as_ourselves=False)
        try:
            reply = await log_in(connection, credentials, certain=self._pool.dialer.certain)
            if not reply.is_positive:
                raise LoginRefusedError(_refusal(reply))
        except (LoginRefusedError, UpstreamError):
            connection.quit()
            raise
        except BaseException:
            connection.abort()
            raise
        return Login(
            name=credentials.identity,
            address=self._address_by_name(credentials.identity),
            upstream=OwnConnection(connection, self._pool.budgets),
        )


class OwnConnection:
    """
    `guard.ports.OwnUpstream`: the one connection on which a client is logged in.

    Its transactions come one after the other, as the client's own do.
    """

    def __init__(self, connection: Connection, budgets: Budgets) -> None:
        self.budgets = budgets
        self._connection = connection

    @property
    def extensions(self) -> Mapping[str, str]:
        """What its EHLO announced."""
        return self._connection.extensions

    @property
    def lost(self) -> bool:
        """Whether it is lost, and the login with it."""
        return self._connection.lost

    async def probe(self) -> None:
        """Do nothing: `extensions` are known."""

    async def transaction(self) -> PooledTransaction:
        """
        Open a transaction.

        Raises:
            UpstreamError: The connection is lost, and with it the login.
        """
        return PooledTransaction(self, await self.acquire())

    async def close(self) -> None:
        """Say QUIT and hang up."""
        if self._connection.busy:
            self._connection.close()
        else:
            self._connection.quit()
        # TLS says goodbye too, which the other side may leave unanswered.
        await asyncio.wait([self._connection.closed], timeout=1)
        self._connection.abort()

    # Its transactions call these: it is their `Connections`.

    async def acquire(self, *, fresh: bool = False) -> Connection:
        """
        Give the connection.

        Raises:
            UpstreamError: It is lost, or a *fresh* one is wanted: there is no other.
        """
        if fresh or self._connection.lost:
            raise UpstreamError("the login is lost with its connection")
        return self._connection

    def release(self, connection: Connection, *, reset: bool = False) -> None:
        """Take the connection back; *reset* when a transaction has begun there and not ended."""
        if connection.busy:  # somebody went away in the middle of a command
            connection.close()
        elif reset:
            connection.command(b"RSET").add_done_callback(self._has_reset)

    def idle(self, transaction: PooledTransaction) -> None:
        """Nobody else waits for this connection."""

    def active(self, transaction: PooledTransaction) -> None:
        """Nobody else waits for this connection."""

    def _has_reset(self, answer: asyncio.Future[Reply | None]) -> None:
        reply = None if answer.cancelled() else answer.result()
        if reply is None or not reply.is_positive:
            self._connection.close()


def _refusal(reply: Reply) -> Reply:
    """Give the upstream's own words; what is temporary is 454, for it is AUTH that failed."""
    return reply if reply.is_permanent else replace(reply, code=454)
