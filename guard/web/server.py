"""uvicorn, run inside our own loop: it takes no signals, and writes no access log."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Sequence
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from guard.host.listening import bind

CONNECTIONS: Final = 500
"""Requests at once; above that a browser is told 503."""

KEEP_ALIVE_S: Final = 15
DRAIN_S: Final = 5
"""Seconds that running requests get when the server stops."""


class _Server(uvicorn.Server):
    """Says when it is ready, and leaves signals to `app`."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebServer:
    """One listener for one application."""

    def __init__(self, app: ASGIApp, address: str) -> None:
        """Serve *app* at *address*, ``127.0.0.1:8025``; port 0 takes a free one."""
        self._wanted = address
        self._server = _Server(
            uvicorn.Config(
                app,
                interface="asgi3",
                log_config=None,
                access_log=False,  # a path is a key
                lifespan="off",
                ws="none",
                http="h11",
                loop="none",
                server_header=False,
                proxy_headers=False,
                limit_concurrency=CONNECTIONS,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=DRAIN_S,
            )
        )
        self._sockets: Sequence[socket.socket] = ()
        self._task: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """
        Where it listens, host and port as really bound.

        Raises:
            RuntimeError: It was not started.
        """
        if not self._sockets:
            raise RuntimeError("the web server was not started")
        host, port = self._sockets[0].getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    async def start(self, sockets: Sequence[socket.socket] | None = None) -> None:
        """
        Listen, on *sockets* that are bound already or at the address; then requests are answered.

        Raises:
            OSError: The address cannot be had.
        """
        if sockets is None:
            sockets = await asyncio.to_thread(bind, self._wanted)
        self._sockets = sockets
        self._task = asyncio.create_task(self._server.serve(list(self._sockets)), name="web")
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait({ready, self._task}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._task.done():
            self._task.result()

    async def stop(self) -> None:
        """Take no more requests, let running ones end (`DRAIN_S`), and close."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
            self._task = None
        for each in self._sockets:
            each.close()
