"""This machine's own ports: which are free, and whether a guard is ready behind one."""

import socket
import urllib.request


def free_ports(count: int) -> list[int]:
    """Give ports that nobody uses now; all held at once, so that they differ."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
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
