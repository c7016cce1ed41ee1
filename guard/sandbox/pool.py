"""Reads attachments in children, a few at a time, each within its limits."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from guard.model.extract import Extract, ReadState, Reason
from guard.model.message import Attachment
from guard.sandbox import wire
from guard.sandbox.limits import Limits
from guard.sandbox.nursery import KEPT_FROM, Child, Nursery

_LOST: Final = 2
"""How often a file is read again because the zygote, not the file, killed its child."""


@dataclass(slots=True)
class _Purse:
    """What one mail may still spend, and what opens its files."""

    seconds: float
    entries: int
    expanded_bytes: int
    password: str = field(repr=False)


class Sandbox:
    """
    The port `Readers`: opens attachments where a crash hurts nobody.

    *slots* files are read at once, the others wait in the order they came; the files of one mail
    are read one after the other, so that a mail with a hundred of them takes one slot.
    """

    def __init__(self, *, slots: int | None = None, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        count = slots or os.cpu_count() or 1
        self._slots = asyncio.Semaphore(count)
        self._nursery = Nursery(ahead=count, limits=self._limits)

    @property
    def zygote_pid(self) -> int | None:
        """Process that children are forked from, while there is one."""
        return self._nursery.pid

    @property
    def not_kept_from(self) -> frozenset[str]:
        """What this system cannot keep a child from that was taken over (`nursery.KEPT_FROM`)."""
        return KEPT_FROM - self._nursery.kept_from

    async def start(self) -> None:
        """
        Start the reading process; takes half a second.

        Raises:
            RuntimeError: It did not come up.
        """
        await self._nursery.start()

    async def stop(self) -> None:
        """End all reading; files that are being read come out as `Reason.CRASH`."""
        await self._nursery.stop()

    async def read(
        self, attachments: Sequence[Attachment], *, password: str = ""
    ) -> tuple[Extract, ...]:
        """
        Read each file; the answer has one `Extract` an attachment, in their order.

        *password* is tried on what is encrypted; it goes to the children and nowhere else.

        Never raises for what stands in a file: time, memory and crashes end as `UNREADABLE`.
        """
        limits = self._limits
        purse = _Purse(limits.mail_s, limits.entries, limits.expanded_bytes, password)
        return tuple([await self._read(attachment, purse) for attachment in attachments])

    async def _read(self, attachment: Attachment, purse: _Purse) -> Extract:
        async with self._slots:
            clock = asyncio.get_running_loop().time
            started = clock()
            extract = await self._tries(attachment, purse)
            seconds = clock() - started
            purse.seconds -= seconds
            return replace(extract, seconds=round(seconds, 4))

    async def _tries(self, attachment: Attachment, purse: _Purse) -> Extract:
        """Read a file; after a crash once more, by a reader without native code."""
        plain = False
        lost = 0
        deadline = asyncio.get_running_loop().time() + purse.seconds
        while (left := deadline - asyncio.get_running_loop().time()) > 0:
            result = await self._try(attachment, purse, plain=plain, seconds=left)
            if result is None and lost < _LOST:
                lost += 1
            elif result is Reason.CRASH and not plain:
                plain = True
            elif isinstance(result, Extract):
                return result
            else:
                return _unread(attachment, result or Reason.CRASH)
        return _unread(attachment, Reason.LIMIT)

    async def _try(
        self, attachment: Attachment, purse: _Purse, *, plain: bool, seconds: float
    ) -> Extract | Reason | None:
        """Give what one child makes of a file, or why it died; `None` if its zygote did."""
        try:
            child = await self._nursery.take()
        except TimeoutError:
            return Reason.CRASH
        request = wire.Request(
            name=attachment.name,
            charset=attachment.charset,
            inline=attachment.inline,
            plain=plain,
            password=purse.password,
            entries=purse.entries,
            expanded_bytes=purse.expanded_bytes,
            text_chars=self._limits.text_chars,
            ocr_pages=self._limits.ocr_pages,
            size_bytes=len(attachment.octets),
        )
        try:
            async with asyncio.timeout(min(self._limits.wall_s, seconds)):
                answer = await self._ask(child, request, attachment.octets)
        except TimeoutError:
            return Reason.TIMEOUT
        except (OSError, EOFError, ValueError, TypeError, KeyError):
            # It died, or what it said was no answer.
            status = await self._nursery.end(child)
            if status is None:
                return None
            out_of_time = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU
            return Reason.TIMEOUT if out_of_time else Reason.CRASH
        finally:
            # What it had to say was said: nobody need wait until it is buried.
            self._nursery.dismiss(child)
        purse.entries = min(purse.entries, max(0, answer.entries))
        purse.expanded_bytes = min(purse.expanded_bytes, max(0, answer.expanded_bytes))
        return answer.extract

    async def _ask(self, child: Child, request: wire.Request, octets: bytes) -> wire.Answer:
        """Send a file and take the answer in, up to the cap."""
        with child.connection as connection:
            send = asyncio.get_running_loop().sock_sendall
            await send(connection, wire.pack_request(request))
            await send(connection, octets)
            (size,) = wire.LENGTH.unpack(await _exactly(connection, wire.LENGTH.size))
            if size > wire.HEAD_BYTES:
                raise ValueError("a head beyond its limit")
            head = json.loads(await _exactly(connection, size))
            size = wire.texts_bytes(head)
            if size > self._limits.answer_bytes:
                raise ValueError("an answer beyond its limit")
            return wire.unpack_answer(request.name, head, await _exactly(connection, size))


async def _exactly(connection: socket.socket, size: int) -> bytearray:
    """
    Receive *size* octets.

    Raises:
        EOFError: The other side closed before.
    """
    receive = asyncio.get_running_loop().sock_recv_into
    octets = bytearray(size)
    view = memoryview(octets)
    while view:
        received = await receive(connection, view)
        if not received:
            raise EOFError
        view = view[received:]
    return octets


def _unread(attachment: Attachment, reason: Reason) -> Extract:
    return Extract(file=attachment.name, state=ReadState.UNREADABLE, reasons=(reason,))
