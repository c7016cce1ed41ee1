"""Ports that are taken."""

import socket

from guard.demo.ports import HOST, free, unused


def test_a_taken_port_moves_by_tens() -> None:
    """The next one is easy to guess; a free one stays, and 0 leaves the choice to the system."""
    with socket.create_server((HOST, 0)) as server:
        taken = server.getsockname()[1]
        moved = free(taken)

    assert moved == 0 or (moved > taken and (moved - taken) % 10 == 0)
    assert free(0) == 0


def test_an_unused_port_can_be_bound() -> None:
    """And is named beforehand."""
    port = unused()
    with socket.create_server((HOST, port)) as server:
        assert server.getsockname() == (HOST, port)
        assert free(port) != port
