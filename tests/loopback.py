"""This machine's own ports: which are free, and whether a guard is ready behind one."""

import random
import socket
import urllib.request
from contextlib import suppress

BELOW_EPHEMERAL = range(10_000, 32_000)
"""Ports that no connection going out is given, as it might be between our look and the use."""


def free_ports(count: int) -> list[int]:
    """Give ports that nobody uses now; all held at once, so that they differ."""
    sockets: list[socket.socket] = []
    while len(sockets) < count:
        with suppress(OSError):  # somebody has it
            port = random.choice(BELOW_EPHEMERAL)  # noqa: S311 -- no secret
            sockets.append(socket.create_server(("127.0.0.1", port)))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def is_ready(admin: int) -> bool:
    """Whether the guard whose health is served at the port *admin* says that it takes mail."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{admin}/readyz", timeout=5):
            return True
    except OSError:
        return False
