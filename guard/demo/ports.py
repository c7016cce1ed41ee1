"""Where the demo listens: on this machine only, and next door where a port is taken."""

import socket
from dataclasses import dataclass
from typing import Final

HOST: Final = "127.0.0.1"
"""Nobody outside this machine can reach anything of the demo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where the demo listens; 0 takes a free port."""

    mail_in: int = 2525
    mail_out: int = 2526
    page: int = 8025
    confirm: int = 8027


ANY: Final = Ports(mail_in=0, mail_out=0, page=0, confirm=0)


def free(port: int) -> int:
    """
    Give *port* if nobody listens on it, else the first free one ten, twenty, … further on; 0 is 0.

    Another program may still take it before it is bound; then binding fails, and is told of.
    """
    if port == 0:
        return 0
    return next((candidate for candidate in range(port, port + 210, 10) if _bound(candidate)), 0)


def unused() -> int:
    """Give some port that nobody listens on, for where it must be known before it is bound."""
    return _bound(0) or 0


def _bound(port: int) -> int | None:
    """Bind *port* for a moment, and give its number; `None` where it is taken."""
    with socket.socket() as probe:
        # As servers do: an ended connection on the port does not make it taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return None
        return int(probe.getsockname()[1])
