"""The mail server behind the demo's guard: takes everything, sends nothing, keeps it in memory."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session

from guard.demo.people import DOMAIN
from guard.model.address import Address, AddressError
from guard.model.message import Message
from guard.parse import parse

KEPT: Final = 500
"""Messages; older ones are forgotten."""


@dataclass(frozen=True, kw_only=True)
class Caught:
    """One message that the guard handed on."""

    place: int
    """1 for the first."""

    at: datetime
    sender: str
    """Reverse-path; empty for the null sender of notices and results."""

    recipients: tuple[str, ...]
    octets: bytes

    @cached_property
    def message(self) -> Message:
        """What it says."""
        return parse(self.octets)

    @property
    def inside(self) -> tuple[str, ...]:
        """Envelope recipients in the company."""
        return tuple(each for each in self.recipients if is_inside(each))

    @property
    def outside(self) -> tuple[str, ...]:
        """Envelope recipients to whom it really left the company."""
        return tuple(each for each in self.recipients if not is_inside(each))


class Catcher:
    """Keeps what it gets; `handle_DATA` is called by the SMTP server once for each message."""

    def __init__(self) -> None:
        self._kept: deque[Caught] = deque(maxlen=KEPT)
        self._count = 0

    async def handle_DATA(  # noqa: N802 -- aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take one message."""
        self._count += 1
        octets = envelope.original_content
        caught = Caught(
            place=self._count,
            at=datetime.now(UTC),
            # The library gives the null sender as it stands in the command.
            sender="" if envelope.mail_from in {None, "<>"} else envelope.mail_from,
            recipients=tuple(envelope.rcpt_tos),
            octets=octets or b"",
        )
        self._kept.append(caught)
        return "250 2.0.0 Kept, and not sent anywhere"

    def __iter__(self) -> Iterator[Caught]:
        """Give everything, latest first."""
        return reversed(self._kept)

    def inboxes(self) -> Iterator[Caught]:
        """Give what people of the company got, latest first."""
        return (caught for caught in self if caught.inside)

    def left(self) -> Iterator[Caught]:
        """Give what really left the company, latest first."""
        return (caught for caught in self if caught.outside)


@asynccontextmanager
async def catching(catcher: Catcher, host: str, port: int) -> AsyncIterator[tuple[str, int]]:
    """
    Serve *catcher* for as long as the block runs; gives the address really bound.

    Raises:
        OSError: The port is taken.
    """
    # The host name is given, for the library would ask the network for it.
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        return SMTP(
            catcher,
            hostname=f"mail.{DOMAIN}",
            ident="demo",
            enable_SMTPUTF8=True,
            data_size_limit=None,
            loop=loop,
        )

    server = await loop.create_server(session, host, port)
    try:
        bound = server.sockets[0].getsockname()
        yield bound[0], bound[1]
    finally:
        # Not waited for: a client that keeps its connection would keep the demo from ending.
        server.close()


def is_inside(address: str) -> bool:
    """Whether *address* is one of the company's own."""
    try:
        return Address.parse(address).domain == DOMAIN
    except AddressError:
        return False
