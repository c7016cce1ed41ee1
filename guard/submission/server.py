"""The server: who gets in, and how everybody gets out."""

import asyncio
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Final, cast

import prometheus_client
import structlog

from guard.config import Settings
from guard.memory import Memory
from guard.model.envelope import Submission
from guard.model.reply import Reply
from guard.ports import Authenticator, Transaction, Upstream
from guard.submission.answers import GOING_DOWN
from guard.submission.crowd import Crowd
from guard.submission.entry.listener import Listener
from guard.submission.entry.proxy import ProxyError
from guard.submission.entry.tls import GOODBYE_S, HANDSHAKE_S, handshake_failed
from guard.submission.house import House
from guard.submission.mail.mailing import Accept
from guard.submission.session import Session

log = structlog.get_logger()

CONNECTIONS = prometheus_client.Gauge(
    "guard_submission_connections", "Clients connected now.", multiprocess_mode="livesum"
)
UNPROXIED = prometheus_client.Counter(
    "guard_submission_unproxied", "Connections closed because no proxy spoke for the client."
)

CERTIFICATES_S: Final = 60.0
"""Seconds between two looks at the files of the certificates."""


class SubmissionServer:
    """Listens on every address of the settings, in the loop it is started in."""

    def __init__(
        self,
        settings: Settings,
        upstream: Upstream,
        accept: Accept,
        *,
        room: Callable[[], bool] = lambda: True,
        authenticator: Authenticator | None = None,
    ) -> None:
        """
        Load certificates; nothing is bound yet.

        Args:
            settings: All of them.
            upstream: Where MAIL and RCPT are proposed.
            accept: Takes submissions, and ends their transactions.
            room: Whether another message could be kept.
            authenticator: Checks logins; left out: nobody can log in.

        Raises:
            SettingsError: A certificate cannot be used.
        """
        self._accept = accept
        self._house = House(
            name=settings.our_name,
            limits=settings.limits,
            upstream=upstream,
            accept=self._take,
            room=room,
            memory=Memory(settings.limits.memory_bytes),
            authenticator=authenticator,
            login_domain=settings.logins.domain,
        )
        self._listeners = [Listener(listen, self._welcome) for listen in settings.listen]
        self._watch: asyncio.Task[None] | None = None
        self._visits: set[asyncio.Task[None]] = set()
        """Every connection, from its first octet to its last."""

        self._arriving: set[asyncio.Task[None]] = set()
        """Those that were not greeted yet."""

        self._crowd = Crowd(settings.limits)
        self._acceptances: set[asyncio.Task[Reply]] = set()

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of every socket, as bound."""
        return [
            (str(host), int(port))
            for listener in self._listeners
            for host, port, *_ in (sock.getsockname() for sock in listener.sockets)
        ]

    async def start(self, sockets: Mapping[str, Sequence[socket.socket]] | None = None) -> None:
        """
        Listen: on *sockets*, by the address as `[[listen]]` has it, else on what is bound now.

        Raises:
            OSError: An address cannot be bound; then none is.
        """
        try:
            for listener in self._listeners:
                listener.open((sockets or {}).get(listener.listen.address, ()))
        except OSError:
            await self.stop(0)
            raise
        self._watch = asyncio.get_running_loop().create_task(self._look_again())

    def reload(self) -> bool:
        """
        Load the certificates anew for new clients; false: a bad one was passed over.

        It may be called in a thread, and should be: who knows how long it takes to read a file.
        """
        loaded = [listener.reload() for listener in self._listeners]  # each, whatever others say
        return all(loaded)

    async def stop(self, drain_s: float) -> None:
        """
        Listen no more, part from idle clients, and give work at hand *drain_s* seconds.

        Clients whose work takes longer are told so before they are cut off.
        """
        if self._watch is not None:
            self._watch.cancel()
        for listener in self._listeners:
            listener.close()
        for visit in self._arriving:
            visit.cancel()
        for session in list(self._crowd.sessions):
            session.drain()
        work = self._visits | self._acceptances
        if work:
            _, unfinished = await asyncio.wait(work, timeout=drain_s)
            if unfinished:
                log.warning("submission.cut", sessions=len(self._crowd.sessions))
            for task in self._acceptances:
                task.cancel()
            for session in list(self._crowd.sessions):
                session.part(GOING_DOWN)
                if session.task is not None:
                    session.task.cancel()  # it may be waiting for somebody else than its client
            rest = self._visits | self._acceptances
            await asyncio.gather(*rest, return_exceptions=True)

    async def _look_again(self) -> None:
        """Load the certificates whose files were exchanged, now and then."""
        while True:
            await asyncio.sleep(CERTIFICATES_S)
            for listener in self._listeners:
                await asyncio.to_thread(listener.reload_if_changed)

    def _welcome(self, listener: Listener, sock: socket.socket, address: str) -> None:
        visit = asyncio.get_running_loop().create_task(self._serve(listener, sock, address))
        for kept in (self._visits, self._arriving):
            kept.add(visit)
            visit.add_done_callback(kept.discard)

    async def _serve(self, listener: Listener, sock: socket.socket, address: str) -> None:
        """See one client through, from its first octet to its last."""
        session: Session | None = None
        CONNECTIONS.inc()
        try:
            peer = await self._peer(listener, sock, address)
            session = Session(self._house, listener, peer=peer, admit=self._crowd.admit)
            await self._connect(session, sock)
        except _TurnedAwayError:
            sock.close()
        except BaseException:
            sock.close()
            raise
        finally:
            self._arriving.discard(cast("asyncio.Task[None]", asyncio.current_task()))
            if session is not None:
                await self._see_off(session)
            CONNECTIONS.dec()

    async def _peer(self, listener: Listener, sock: socket.socket, address: str) -> str:
        """Find out who comes."""
        try:
            return await listener.client_behind(sock, address)
        except (ProxyError, OSError):  # a timeout, too
            UNPROXIED.inc()
            log.info("client.unproxied", listener=listener.listen.address)
            raise _TurnedAwayError from None

    async def _connect(self, session: Session, sock: socket.socket) -> None:
        """Let the session begin, where TLS comes first after the handshake."""
        tls = session.listener.implicit_tls
        if tls is not None and self._crowd.admit(session) is not None:
            # A 421 would need a handshake first, and many of them are what overload looks like.
            raise _TurnedAwayError
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: session,
                sock,
                ssl=tls,
                ssl_handshake_timeout=HANDSHAKE_S if tls else None,
                ssl_shutdown_timeout=GOODBYE_S if tls else None,
            )
        except OSError as error:
            if tls is not None:
                handshake_failed(error)
            raise _TurnedAwayError from None

    async def _see_off(self, session: Session) -> None:
        """Wait for the end of a session, and of its connection."""
        if session.task is not None:
            await asyncio.wait({session.task})
            if not session.closed.done():
                await asyncio.wait({session.closed}, timeout=GOODBYE_S)
                session.abort()
        self._crowd.leave(session)

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


class _TurnedAwayError(Exception):
    """A client is not let in, and told nothing."""
