"""The guard's side of the zygote: it is kept alive, and its children are handed out."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

from guard.sandbox.limits import Limits

KEPT_FROM: Final = frozenset({"calls", "files", "network"})
"""System calls they do not need, other people's files, and every network."""

_PACKET: Final = 4096
_START_S: Final = 30.0
"""Seconds that a zygote may take until its first child is born; usually 0.5."""

_END_S: Final = 5.0
"""Seconds that a zygote may take to end after its socket was closed."""

_PAUSES_S: Final = (0.0, 0.5, 2.0, 10.0)
"""Seconds before a new zygote, for each that died without a child; the last one repeats."""


@dataclass(slots=True, kw_only=True, eq=False)
class Child:
    """A process that waits for one file."""

    pid: int
    connection: socket.socket
    ended: "asyncio.Future[int | None]"
    """Its wait status; `None` if its zygote died, so that nobody knows."""


class Nursery:
    """
    Hands out children, born ahead of need.

    A zygote that dies is replaced, at once the first time.
    """

    def __init__(self, *, ahead: int, limits: Limits) -> None:
        self._ahead = ahead
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._idle: asyncio.Queue[Child] = asyncio.Queue()
        self._living: dict[int, Child] = {}
        self._born = asyncio.Event()
        self._coming = 0
        """Births that were ordered and not yet reported."""
        self._deaths = 0
        self._restart: asyncio.Task[None] | None = None
        self.kept_from: frozenset[str] = frozenset()
        """What the system keeps children from, of `KEPT_FROM`."""

    @property
    def pid(self) -> int | None:
        """Process id of the zygote, while there is one."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """
        Start a zygote and wait for its first child.

        Raises:
            RuntimeError: None was born in time.
        """
        self._spawn()
        try:
            async with asyncio.timeout(_START_S):
                await self._born.wait()
        except TimeoutError:
            await self.stop()
            raise RuntimeError("the process that opens attachments did not start") from None

    async def stop(self) -> None:
        """End the zygote and all children. Safe to call twice."""
        if self._restart:
            self._restart.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._restart
            self._restart = None
        self._let_go()
        await self._reap()

    async def take(self) -> Child:
        """
        Give a child that lives, and have another born in its place.

        Raises:
            TimeoutError: No zygote would start.
        """
        async with asyncio.timeout(_START_S):
            while True:
                self._refill()
                child = await self._idle.get()
                if not child.ended.done():
                    self._refill()
                    return child
                child.connection.close()  # it died in its sleep

    def dismiss(self, child: Child) -> None:
        """Kill a child, if it still lives."""
        if not child.ended.done():
            self._order({"kill": child.pid})

    async def end(self, child: Child) -> int | None:
        """Kill a child, if it still lives, and give its wait status."""
        self.dismiss(child)
        return await asyncio.shield(child.ended)  # whoever waits may be cancelled, it may not

    def _spawn(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        limits = self._limits
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter
                [
                    sys.executable,
                    "-P",  # the working folder is no place to import from
                    "-m",
                    "guard.sandbox.zygote",
                    *map(str, (theirs.fileno(), limits.memory_bytes, limits.cpu_s)),
                ],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONUTF8": "1"},
                start_new_session=True,  # Ctrl-C goes to the guard alone
            )
        ours.setblocking(False)
        self._control = ours
        asyncio.get_running_loop().add_reader(ours.fileno(), self._hear)
        self._coming = 0
        self._refill()

    def _refill(self) -> None:
        """Order as many births as are wanting."""
        for _ in range(self._ahead - self._idle.qsize() - self._coming):
            self._order({"fork": 1})
            self._coming += 1

    def _order(self, order: dict[str, int]) -> None:
        """Tell the zygote something; if it is gone, `_hear` finds out."""
        if self._control:
            with contextlib.suppress(OSError):
                self._control.send(json.dumps(order).encode())

    def _hear(self) -> None:
        """Take in what the zygote says, until it has no more to say."""
        while control := self._control:
            try:
                packet, descriptors, _, _ = socket.recv_fds(control, _PACKET, 1)
            except BlockingIOError:
                return
            except OSError:
                packet, descriptors = b"", []
            if not packet:
                self._let_go()
                self._restart = asyncio.get_running_loop().create_task(self._replace())
                return
            news = json.loads(packet)
            if "kept_from" in news:
                self.kept_from = frozenset(news["kept_from"])
            elif "born" in news:
                self._coming -= 1
                if not descriptors:
                    continue  # we have none left; the child ends by itself
                connection = socket.socket(fileno=descriptors[0])
                connection.setblocking(False)
                child = Child(
                    pid=news["born"],
                    connection=connection,
                    ended=asyncio.get_running_loop().create_future(),
                )
                self._living[child.pid] = child
                self._idle.put_nowait(child)
                self._born.set()
                self._deaths = 0
            elif news["ended"] in self._living:
                self._living.pop(news["ended"]).ended.set_result(news["status"])

    def _let_go(self) -> None:
        """Close the way to the zygote, which ends of it; its children are nobody's now."""
        if self._control:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            self._control.close()
            self._control = None
        for child in self._living.values():
            child.ended.set_result(None)
        self._living.clear()
        while not self._idle.empty():
            self._idle.get_nowait().connection.close()

    async def _replace(self) -> None:
        """Start another zygote, after a pause if the last ones did not live long."""
        await self._reap()
        while self._control is None:
            await asyncio.sleep(_PAUSES_S[min(self._deaths, len(_PAUSES_S) - 1)])
            self._deaths += 1
            with contextlib.suppress(OSError):  # no process or no memory to be had: try again
                self._spawn()

    async def _reap(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        try:
            await asyncio.to_thread(process.wait, _END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)
