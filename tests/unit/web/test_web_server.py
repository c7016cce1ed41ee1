"""uvicorn inside our own loop, over real sockets."""

import asyncio
import logging
import signal

import pytest
from factories import HELD_AT, hold
from one_hold_desk import TOKEN, OneHoldDesk

from guard.compose.letterhead import Letterhead
from guard.config import host_port
from guard.web.confirm import create_app
from guard.web.server import WebServer


def server(address: str = "127.0.0.1:0") -> WebServer:
    letterhead = Letterhead(from_="g@example.co.jp", public_url="http://guard.example")
    return WebServer(
        create_app(
            OneHoldDesk(hold(), lambda: HELD_AT), letterhead=letterhead, clock=lambda: HELD_AT
        ),
        address,
    )


async def get(address: str, target: str) -> bytes:
    """Fetch over a socket of our own."""
    reader, writer = await asyncio.open_connection(*host_port(address))
    writer.write(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    try:
        return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("address", ["127.0.0.1:0", "[::1]:0", "localhost:0"])
async def test_serves_until_stopped(address: str) -> None:
    """It answers as soon as `start` returns, at the port it says, and no longer after `stop`."""
    web = server(address)
    await web.start()
    where = web.address

    answered = await get(where, f"/m/{TOKEN}")
    await web.stop()
    await web.stop()

    assert not where.endswith(":0")
    assert answered.startswith(b"HTTP/1.1 200")
    assert b"server:" not in answered.split(b"\r\n\r\n")[0].lower()
    with pytest.raises(OSError, match=r"refused|Connect"):
        await get(where, "/")


async def test_signals_stay_ours() -> None:
    """Starting and stopping leaves the handlers of the process as they were."""
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    web = server()
    await web.start()
    during = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    await web.stop()

    assert before == during


async def test_a_taken_port_is_an_error() -> None:
    """The caller learns it; the process does not exit."""
    first = server()
    await first.start()
    try:
        with pytest.raises(OSError, match="in use"):
            await server(first.address).start()
    finally:
        await first.stop()


async def test_no_token_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """R-F10: not even with every logger wide open."""
    caplog.set_level(logging.DEBUG)
    web = server()
    await web.start()
    await get(web.address, f"/m/{TOKEN}")
    await web.stop()

    assert TOKEN not in caplog.text


async def test_an_address_before_start_is_an_error() -> None:
    """There is none yet."""
    with pytest.raises(RuntimeError, match="not started"):
        _ = server().address
