"""uvicorn, run inside our own loop: it takes no signals, and writes no access log."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from guard.config import host_port

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
        self._host, self._port = host_port(address)
        self._server = _Server(
            uvicorn.Config(
                app,
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
        self._socket: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """
        Where it listens, host and port as really bound.

        Raises:
            RuntimeError: It was not started.
        """
        if self._socket is None:
            raise RuntimeError("the web server was not started")
        host, port = self._socket.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    async def start(self) -> None:
        """
        Listen; requests are answered once this returns.

        Raises:
            OSError: The address cannot be had.
        """
        loop = asyncio.get_running_loop()
        infos = await loop.getaddrinfo(
            self._host, self._port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, _, _, _, where = infos[0]
        self._socket = socket.create_server(where[:2], family=family, backlog=512)
        self._task = asyncio.create_task(self._server.serve([self._socket]), name="web")
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
        if self._socket is not None:
            self._socket.close()
