"""How many clients there may be at once, together and from one address."""

import ipaddress
from collections import Counter
from typing import Final

import prometheus_client

from guard.config.mail import Limits
from guard.model.reply import Reply
from guard.submission.answers import TOO_MANY_CONNECTIONS
from guard.submission.session import Session

TURNED_AWAY = prometheus_client.Counter(
    "guard_submission_turned_away", "Connections refused because of a limit.", ["limit"]
)

PER_ADDRESS: Final = 100
"""Connections at once from one address outside the trusted networks, where nothing is set."""


class Crowd:
    """Everybody who is connected, at whichever listener."""

    def __init__(self, limits: Limits) -> None:
        self.sessions: dict[Session, str] = {}
        """Each one's session → the address that it counts for; empty: nobody knows it."""

        self.per_address: Counter[str] = Counter()
        self._limits = limits

    def admit(self, session: Session) -> Reply | None:
        """
        Count a client, where a proxy has named another for that one; may turn it away.

        All the clients of a proxy seem to be at one address, until it has told of them.
        """
        limits, listener, peer = self._limits, session.listener, session.peer
        is_new = session not in self.sessions
        self.leave(session)
        place = self.sessions[session] = _place(peer)
        self.per_address[place] += 1
        if is_new and len(self.sessions) > limits.connections:
            TURNED_AWAY.labels("connections").inc()
            return TOO_MANY_CONNECTIONS
        if not peer or peer in listener.proxies:
            return None
        unset = limits.connections if peer in listener.trusted else PER_ADDRESS
        if self.per_address[place] > (limits.per_address or unset):
            TURNED_AWAY.labels("per_address").inc()
            return TOO_MANY_CONNECTIONS
        return None

    def leave(self, session: Session) -> None:
        """Count a client no more; nothing happens where it never was."""
        place = self.sessions.pop(session, None)
        if place is None:
            return
        self.per_address[place] -= 1
        if not self.per_address[place]:
            del self.per_address[place]


def _place(peer: str) -> str:
    """
    Give what counts as one address: of IPv6 a network of 64 bits, for that is what one host has.

    An IPv4 address is the same in its IPv6 writing (``::ffff:``, RFC 4291 §2.5.5.2).
    """
    if ":" not in peer:
        return peer
    address = ipaddress.IPv6Address(peer)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Interface((int(address), 64)).network)
