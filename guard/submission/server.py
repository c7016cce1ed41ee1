"""The listeners: who gets in, and how everybody gets out."""

import asyncio
import ipaddress
import re
import socket
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Final

import prometheus_client
import structlog

from guard.config import Listen, Settings, host_port
from guard.model.envelope import Submission
from guard.model.reply import Reply
from guard.ports import Transaction, Upstream
from guard.submission.answers import NO_RELAY, TOO_MANY_CONNECTIONS, RefusedError
from guard.submission.mailing import Accept
from guard.submission.session import Session

log = structlog.get_logger()

CONNECTIONS = prometheus_client.Gauge("guard_submission_connections", "Clients connected now.")
TURNED_AWAY = prometheus_client.Counter(
    "guard_submission_turned_away", "Connections refused with 421 because of a limit.", ["limit"]
)

PER_ADDRESS: Final = 100
"""Connections at once from one address outside the trusted networks, where nothing is set."""

BACKLOG: Final = 1024
"""Connections that the system keeps waiting for us."""


class SubmissionServer:
    """Listens on every address of the settings, in the loop it is started in."""

    def __init__(
        self,
        settings: Settings,
        upstream: Upstream,
        accept: Accept,
        *,
        room: Callable[[], bool] = lambda: True,
    ) -> None:
        """Take *room* for the answer to whether another message could be kept."""
        self._settings = settings
        self._upstream = upstream
        self._accept = accept
        self._room = room
        # Asked once, and never of the resolver.
        self._hostname = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname()) or "localhost"
        self._servers: list[asyncio.Server] = []
        self._sessions: set[Session] = set()
        self._per_address: Counter[str] = Counter()
        self._acceptances: set[asyncio.Task[Reply]] = set()

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of every socket, as bound."""
        return [
            (str(host), int(port))
            for server in self._servers
            for host, port, *_ in (sock.getsockname() for sock in server.sockets)
        ]

    async def start(self) -> None:
        """
        Listen.

        Raises:
            OSError: An address cannot be bound; then none is.
        """
        loop = asyncio.get_running_loop()
        try:
            for listen in self._settings.listen:
                host, port = host_port(listen.address)
                factory = partial(self._session, partial(self._admit, _Trust(listen)))
                server = await loop.create_server(factory, host, port, backlog=BACKLOG)
                self._servers.append(server)
        except OSError:
            await self.stop(0)
            raise

    async def stop(self, drain_s: float) -> None:
        """Listen no more, part from idle clients, and give work at hand *drain_s* seconds."""
        for server in self._servers:
            server.close()
        for session in list(self._sessions):
            session.drain()
        work = {session.task for session in self._sessions if session.task} | self._acceptances
        if work:
            _, unfinished = await asyncio.wait(work, timeout=drain_s)
            if unfinished:
                log.warning("submission.cut", sessions=len(self._sessions))
            for session in list(self._sessions):
                session.abort()
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()

    def _session(self, admit: "partial[None]") -> Session:
        return Session(
            hostname=self._hostname,
            limits=self._settings.limits,
            upstream=self._upstream,
            accept=self._take,
            room=self._room,
            admit=admit,
            leave=self._leave,
        )

    def _admit(self, trust: "_Trust", session: Session) -> None:
        """Let a client in, or turn it away."""
        limits = self._settings.limits
        self._sessions.add(session)
        self._per_address[session.peer] += 1
        CONNECTIONS.inc()
        trusted = trust.covers(session.peer)
        session.mail_refusal = None if trusted else NO_RELAY
        most = limits.per_address or (limits.connections if trusted else PER_ADDRESS)
        if len(self._sessions) > limits.connections:
            TURNED_AWAY.labels("connections").inc()
            raise RefusedError(TOO_MANY_CONNECTIONS)
        if self._per_address[session.peer] > most:
            TURNED_AWAY.labels("per_address").inc()
            raise RefusedError(TOO_MANY_CONNECTIONS)

    def _leave(self, session: Session) -> None:
        if session not in self._sessions:
            return
        self._sessions.discard(session)
        CONNECTIONS.dec()
        self._per_address[session.peer] -= 1
        if not self._per_address[session.peer]:
            del self._per_address[session.peer]

    async def _take(
        self, submission: Submission, transaction: Transaction, gone: Callable[[], bool]
    ) -> Reply:
        """Have a submission accepted by a task that lives on when its client does not."""

        async def acceptance() -> Reply:
            try:
                return await self._accept(submission, transaction, gone)
            finally:
                await transaction.reset()

        task = asyncio.get_running_loop().create_task(acceptance())
        self._acceptances.add(task)
        task.add_done_callback(self._acceptances.discard)
        return await asyncio.shield(task)


class _Trust:
    """Whom one listener lets relay."""

    def __init__(self, listen: Listen) -> None:
        self._networks = [ipaddress.ip_network(text, strict=False) for text in listen.trusted]

    def covers(self, peer: str) -> bool:
        """Whether *peer* is in a trusted network."""
        try:
            address = ipaddress.ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return any((mapped or address) in network for network in self._networks)
