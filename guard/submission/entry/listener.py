"""One `[[listen]]`: its sockets, its certificate, and whom it lets do what."""

import asyncio
import errno
import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from guard.config import Listen
from guard.host.listening import BACKLOG, bind
from guard.submission.entry.proxy import ProxyError, ProxyHeader
from guard.submission.entry.tls import Certificates

log = structlog.get_logger()

AT_ONCE: Final = 64
"""Connections taken before others get their turn."""

BREATH_S: Final = 1.0
"""Seconds without new clients where the system is out of file handles or memory."""

HEADER_S: Final = 5.0
"""Seconds for a PROXY header."""

_EXHAUSTED: Final = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class Networks:
    """IP networks as settings name them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._networks = [ipaddress.ip_network(text, strict=False) for text in texts]

    def __contains__(self, peer: str) -> bool:
        """Whether *peer*, an address in text, is in one of them; what is no address never is."""
        try:
            address = ipaddress.ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return any((mapped or address) in network for network in self._networks)


class Listener:
    """A way in: it hands each client over as it comes."""

    def __init__(
        self, listen: Listen, welcome: "Callable[[Listener, socket.socket, str], None]"
    ) -> None:
        """
        Load what the listener needs; nothing is opened yet.

        *welcome* is given each client: this listener, the socket and the address of the other end.

        Raises:
            SettingsError: A certificate cannot be used.
        """
        self.listen: Final = listen
        self.trusted: Final = Networks(listen.trusted)
        self.proxies: Final = Networks(listen.proxies)
        self.certificates: Final = Certificates(listen) if listen.tls != "none" else None
        self.behind_proxy: Final = listen.proxy_protocol == "required"
        self.sockets: list[socket.socket] = []
        self._welcome = welcome

    @property
    def implicit_tls(self) -> ssl.SSLContext | None:
        """How a client is encrypted that begins with a handshake (RFC 8314 §3.3); else `None`."""
        if self.listen.tls != "implicit" or self.certificates is None:
            return None
        return self.certificates.context

    def open(self, sockets: Sequence[socket.socket] = ()) -> None:
        """
        Listen on *sockets*, bound already, or on the address of the settings.

        Raises:
            OSError: The address cannot be bound.
        """
        self.sockets.extend(sockets or bind(self.listen.address))
        for sock in self.sockets:
            sock.setblocking(False)
            sock.listen(BACKLOG)
            self._watch(sock)

    def close(self) -> None:
        """Let nobody in any more."""
        loop = asyncio.get_running_loop()
        for sock in self.sockets:
            loop.remove_reader(sock)
            sock.close()
        self.sockets.clear()

    def reload(self) -> bool:
        """Load the certificate anew for new clients; false: it is bad, the old one stays."""
        return self.certificates is None or self.certificates.reload()

    def reload_if_changed(self) -> None:
        """Do so where a file is another than it was."""
        if self.certificates is not None and self.certificates.changed():
            self.certificates.reload()

    async def client_behind(self, sock: socket.socket, address: str) -> str:
        """
        Give the address of the client that speaks through *sock*, whose other end is *address*.

        It is empty where a proxy says that nobody knows it: such a client is in no network.

        Raises:
            ProxyError: There should be a proxy between, and is none, or it does not say.
            TimeoutError: The same.
            OSError: The connection broke.
        """
        if not self.behind_proxy:
            return address
        if address not in self.proxies:
            raise ProxyError("not from one of the proxies")
        loop, header = asyncio.get_running_loop(), ProxyHeader()
        async with asyncio.timeout(HEADER_S):
            while header.wants:
                octets = await loop.sock_recv(sock, header.wants)
                if not octets:
                    raise ProxyError("hung up")
                header.feed(octets)
        return address if header.source is None else header.source

    def _watch(self, sock: socket.socket) -> None:
        if sock.fileno() >= 0:
            asyncio.get_running_loop().add_reader(sock, self._take, sock)

    def _take(self, sock: socket.socket) -> None:
        """Take whoever waits to come in."""
        for _ in range(AT_ONCE):
            try:
                client, address = sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _EXHAUSTED:
                    raise
                log.error("clients.not_taken", error=errno.errorcode[error.errno])  # noqa: TRY400
                loop = asyncio.get_running_loop()
                loop.remove_reader(sock)
                loop.call_later(BREATH_S, self._watch, sock)
                return
            client.setblocking(False)
            self._welcome(self, client, str(address[0]))
