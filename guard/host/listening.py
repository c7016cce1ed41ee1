"""
The sockets of a guard: bound before anything else starts, or inherited from systemd.

Workers share an address by a socket each (SO_REUSEPORT): the kernel spreads new connections over
them, and whoever connects while one is replaced waits in the queue of its socket. One that was
inherited is there only once, and all take from it.
"""

import errno
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from guard.config import Settings, host_port
from guard.host.systemd import Inherited
from guard.model.errors import GuardError, SettingsError
from guard.problems import Problem

_NOT_HERE: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
"""Of several addresses of one name, one may be of a family that this machine lacks."""


BACKLOG: Final = 1024
"""Connections that the system keeps waiting at each socket."""

_TWICE: Final = Problem(
    file="[[listen]]",
    line=0,
    message="two ways in have the same address",
    hint="give each an address of its own",
)


class ListenError(GuardError):
    """An address cannot be had: it is taken, not ours, or forbidden to us."""

    def __init__(self, error: OSError) -> None:
        hint = "; is another guard running?" if error.errno == errno.EADDRINUSE else ""
        super().__init__(f"cannot listen: {error.strerror}{hint}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sockets:
    """What one process listens on: bound, and served once its server starts."""

    mail: Mapping[str, tuple[socket.socket, ...]]
    """By the `address` of ``[[listen]]``, as it is written there."""

    page: tuple[socket.socket, ...]
    admin: tuple[socket.socket, ...]

    @property
    def mail_addresses(self) -> list[tuple[str, int]]:
        """Host and port of every way in for mail, as bound."""
        return [each.getsockname()[:2] for sockets in self.mail.values() for each in sockets]

    def listen(self) -> None:
        """
        Let clients connect; they wait until somebody takes them.

        Raises:
            ListenError: Another process was faster.
        """
        try:
            for each in self:
                each.listen(BACKLOG)
        except OSError as error:
            raise ListenError(error) from error

    def close(self) -> None:
        """Close them here; another process that has them keeps them."""
        for each in self:
            each.close()

    def __iter__(self) -> Iterator[socket.socket]:
        for sockets in self.mail.values():
            yield from sockets
        yield from self.page
        yield from self.admin


def bound(
    settings: Settings, *, shares: int = 1, inherited: Sequence[Inherited] = ()
) -> tuple[Sockets, ...]:
    """
    Give the sockets for each of *shares* processes; what was not *inherited* is bound.

    Raises:
        SettingsError: An inherited socket is not at any address of *settings*.
        ListenError: An address cannot be bound; then none is.
    """
    addresses = [listen.address for listen in settings.listen]
    if len(set(addresses)) < len(addresses):
        raise SettingsError([_TWICE], {})
    left = list(inherited)
    made: dict[str, Sequence[tuple[socket.socket, ...]]] = {}
    wanted = {
        **{f"[[listen]] {listen.address}": listen.address for listen in settings.listen},
        "[web]": settings.web.address,
        "[admin]": settings.admin.address,
    }
    try:
        for use, address in wanted.items():
            made[use] = _taken(left, address, shares) or _bind(address, shares)
        if left:
            raise SettingsError([_superfluous(each) for each in left], {})
    except (OSError, SettingsError) as error:
        for each in {each for rows in made.values() for row in rows for each in row}:
            each.close()
        if isinstance(error, OSError):
            raise ListenError(error) from error
        raise
    return tuple(
        Sockets(
            mail={
                each.address: made[f"[[listen]] {each.address}"][share] for each in settings.listen
            },
            page=made["[web]"][share],
            admin=made["[admin]"][share],
        )
        for share in range(shares)
    )


def bind(address: str) -> tuple[socket.socket, ...]:
    """
    Bind *address*, ``localhost:8025``: a socket for each address that the name has.

    Raises:
        OSError: It cannot be had.
    """
    return _bind(address, 1)[0]


def _bind(address: str, shares: int) -> list[tuple[socket.socket, ...]]:
    """Bind *address* for each of *shares* processes."""
    columns: list[list[socket.socket]] = []
    refused: OSError | None = None
    infos = _infos(address)
    try:
        for family, where in infos:
            try:
                columns.append(_column(family, where, shares))
            except OSError as error:
                if error.errno not in _NOT_HERE:
                    raise
                refused = error
        if refused is not None and not columns:
            raise refused
    except OSError:
        for each in (each for column in columns for each in column):
            each.close()
        raise
    return list(zip(*columns, strict=True))


def _column(family: int, where: tuple[Any, ...], shares: int) -> list[socket.socket]:
    """Bind one address *shares* times."""
    first = _socket(family, where, shared=False)
    if shares == 1:
        return [first]
    # The first was bound alone, or a second guard would get half of our connections unnoticed.
    where = first.getsockname()
    first.close()
    made: list[socket.socket] = []
    try:
        for _ in range(shares):
            made.append(_socket(family, where, shared=True))  # noqa: PERF401 -- closed on failure
    except OSError:
        for each in made:
            each.close()
        raise
    return made


def _socket(family: int, where: tuple[Any, ...], *, shared: bool) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            # Or the wildcard address would take IPv4 too, which has an entry of its own.
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.setblocking(False)
        made.bind(where)
    except OSError:
        made.close()
        raise
    return made


def _infos(address: str) -> list[tuple[int, tuple[Any, ...]]]:
    host, port = host_port(address)
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys((int(family), where) for family, _, _, _, where in infos))


def _taken(
    left: list[Inherited], address: str, shares: int
) -> Sequence[tuple[socket.socket, ...]] | None:
    """Take what is at *address* out of *left*; the same for each of *shares* processes."""
    if not left:
        return None
    places = {(family, where[:2]) for family, where in _infos(address)}
    found = [each for each in left if _place(each.socket) in places]
    for each in found:
        left.remove(each)
        each.socket.setblocking(False)
    return [tuple(each.socket for each in found)] * shares if found else None


def _place(inherited: socket.socket) -> tuple[int, tuple[Any, ...]] | None:
    """Give family, host and port; `None` for what takes no TCP connections."""
    if inherited.family not in {socket.AF_INET, socket.AF_INET6}:
        return None
    if inherited.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 0:
        return None
    return int(inherited.family), inherited.getsockname()[:2]


def _superfluous(each: Inherited) -> Problem:
    name = each.socket.getsockname()
    place = f"{name[0]}:{name[1]}" if isinstance(name, tuple) else str(name)
    return Problem(
        file=each.name,
        line=0,
        message=f"systemd handed over a socket at {place} that no setting names",
        hint="let an address of [[listen]], [web] or [admin] be the same as its ListenStream=",
    )
