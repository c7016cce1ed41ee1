"""Orders to a worker, and its words."""

import asyncio
import socket

import pytest

from guard.service.link import ALIVE, READY, RELOAD, WorkerLink


async def test_orders_are_heeded() -> None:
    """A reload as often as it comes, the end once: when the other side closes."""
    ours, theirs = socket.socketpair()
    heard: asyncio.Queue[str] = asyncio.Queue()
    link = WorkerLink(theirs, beat_s=1)
    link.heed(end=lambda: heard.put_nowait("end"), reload=lambda: heard.put_nowait("reload"))
    with ours, theirs:
        async with asyncio.timeout(10):
            for _ in range(2):
                ours.send(RELOAD)
                assert await heard.get() == "reload"
            ours.shutdown(socket.SHUT_WR)
            assert await heard.get() == "end"
        link.ready()  # the way back stays open: it says when it is done
        link.alive()
        assert ours.recv(10) == READY + ALIVE
        assert heard.empty()


async def test_a_supervisor_that_was_killed() -> None:
    """It took no leave, and left words unread: the worker ends all the same."""
    ours, theirs = socket.socketpair()
    ended = asyncio.Event()
    link = WorkerLink(theirs, beat_s=1)
    with theirs:
        link.heed(end=ended.set, reload=lambda: pytest.fail("nobody ordered it"))
        link.ready()
        ours.close()
        async with asyncio.timeout(10):
            await ended.wait()
        link.alive()
        link.stopping()
        link.reloading()


def test_a_supervisor_that_does_not_listen() -> None:
    """Its worker does not wait for it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        link = WorkerLink(theirs, beat_s=1)
        for _ in range(100_000):
            link.alive()
