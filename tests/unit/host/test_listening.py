"""Whose sockets are where."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from guard.config import Listen, Settings
from guard.config.schema import Admin, Web
from guard.host.listening import ListenError, Sockets, bind, bound
from guard.host.systemd import Inherited
from guard.model.errors import SettingsError


def settings(*listen: str, web: str = "127.0.0.1:0", admin: str = "127.0.0.1:0") -> Settings:
    return Settings(
        listen=tuple(Listen(address=address) for address in listen or ("127.0.0.1:0",)),
        web=Web(address=web),
        admin=Admin(address=admin),
    )


def place(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"{host}:{port}"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def closed(*shares: Sockets) -> None:
    for each in shares:
        each.close()


def test_alone() -> None:
    """Everything is bound, and nobody gets in before somebody listens."""
    (sockets,) = bound(settings())
    try:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(sockets.mail_addresses[0], timeout=10)
        sockets.listen()
        socket.create_connection(sockets.mail_addresses[0], timeout=10).close()
        assert len(set(map(place, sockets))) == 3
    finally:
        closed(sockets)


def test_workers_share_an_address() -> None:
    """Each has a socket of its own at the same place; the kernel spreads clients over them."""
    shares = bound(settings(), shares=3)
    try:
        for each in shares:
            each.listen()
        assert len({tuple(map(place, each)) for each in shares}) == 1
        assert len({sock.fileno() for each in shares for sock in each}) == 9
        reached = set()
        for _ in range(200):
            with socket.create_connection(shares[0].mail_addresses[0], timeout=10):
                reached |= {
                    number for number, each in enumerate(shares) if _takes(next(iter(each)))
                }
        assert reached == {0, 1, 2}
    finally:
        closed(*shares)


def _takes(sock: socket.socket) -> bool:
    try:
        sock.accept()[0].close()
    except BlockingIOError:
        return False
    return True


@pytest.mark.parametrize("shares", [1, 3])
def test_a_taken_port_is_told(listener: socket.socket, shares: int) -> None:
    """Also by workers, whose sockets the kernel would let share with another guard's."""
    with pytest.raises(ListenError, match="in use; is another guard running"):
        bound(settings(place(listener)), shares=shares)


def test_a_port_shared_by_another_guard_is_told() -> None:
    """Two guards with workers: the second would get half of the mail of the first, unnoticed."""
    (first, *others) = bound(settings(), shares=2)
    first.listen()
    try:
        with pytest.raises(ListenError, match="in use"):
            bound(settings(place(first.mail["127.0.0.1:0"][0])), shares=2)
    finally:
        closed(first, *others)


def test_the_same_address_twice_is_told() -> None:
    """Nobody could say which of the two a client came by."""
    with pytest.raises(SettingsError, match="same address"):
        bound(settings("127.0.0.1:2599", "127.0.0.1:2599"))


@pytest.mark.parametrize("shares", [1, 2])
def test_what_was_inherited_is_used(listener: socket.socket, shares: int) -> None:
    """By its address; what is left is bound. Workers take from the same one."""
    address = place(listener)
    given = Inherited(name="guard.socket", socket=listener)
    sockets = bound(settings(address, "127.0.0.1:0"), shares=shares, inherited=[given])
    try:
        assert all(each.mail[address] == (listener,) for each in sockets)
        assert all(len(each.mail["127.0.0.1:0"]) == 1 for each in sockets)
    finally:
        closed(*sockets)


def test_a_superfluous_one_is_told(listener: socket.socket) -> None:
    """Else mail would come in at a door that nobody serves."""
    given = Inherited(name="guard.socket", socket=listener)
    with pytest.raises(SettingsError, match=rf"guard\.socket.*{place(listener)}"):
        bound(settings(), inherited=[given])


def test_one_that_takes_no_connections_is_told() -> None:
    """A datagram socket, or one that does not listen, serves no client."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as datagrams:
        datagrams.bind(("127.0.0.1", 0))
        given = Inherited(name="guard.socket", socket=datagrams)
        with pytest.raises(SettingsError, match="no setting names"):
            bound(settings(place(datagrams)), inherited=[given])


def test_a_name_with_several_addresses() -> None:
    """All of them are bound that this machine has."""
    found = bind("localhost:0")
    try:
        assert {each.family for each in found} >= {socket.AF_INET}
        assert all(not each.getblocking() for each in found)
    finally:
        for each in found:
            each.close()
