"""Waiting for servers that were just started."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

START_S: Final = 30.0
POLL_S: Final = 0.002


class NotStartedError(Exception):
    """A server ended, or did not get ready, before it was of use."""


async def until_greeted(process: asyncio.subprocess.Process, port: int) -> None:
    """
    Wait until *process* greets a client on loopback.

    Raises:
        NotStartedError: It ended instead.
        TimeoutError: It did not in `START_S` seconds.
    """
    await until(process, _greeted(port))


async def until_there(process: asyncio.subprocess.Process, path: Path) -> None:
    """
    Wait until *process* has made a socket or a file.

    Raises:
        NotStartedError: It ended instead.
        TimeoutError: It did not in `START_S` seconds.
    """
    await until(process, _there(path))


async def until(process: asyncio.subprocess.Process, done: Coroutine[Any, Any, None]) -> None:
    """
    Wait for *done*, or for the end of *process*, which is a failure.

    Raises:
        NotStartedError: It ended first.
        TimeoutError: Neither came in `START_S` seconds.
    """
    waiting = asyncio.ensure_future(done)
    end = asyncio.ensure_future(process.wait())
    try:
        async with asyncio.timeout(START_S):
            await asyncio.wait({waiting, end}, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            raise NotStartedError(f"ended with {process.returncode}")
        await waiting
    finally:
        waiting.cancel()
        end.cancel()


async def _there(path: Path) -> None:
    while not path.exists():
        await asyncio.sleep(POLL_S)


async def _greeted(port: int) -> None:
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(POLL_S)
            continue
        await reader.readline()
        writer.write(b"QUIT\r\n")
        writer.close()
        return
