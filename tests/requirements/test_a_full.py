"""R-A6: no room on the disk, or no names left; and what happens once there is some again."""

import asyncio
import os
import secrets
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from front import Client
from running import HELD_DOMAIN, Running, link_in, post, running
from smarthost import Smarthost

TO = f"<eve@{HELD_DOMAIN}>"
FULL = "452 4.3.1"
NAMES = 200
SIZE = 80 * 1024 * 1024
"""More than the 64 MB that must be left for mail to be begun."""

LIMITS = "[limits]\nmessage_bytes = 4000000"


def letter(size_bytes: int) -> bytes:
    """A mail that takes about that much room, however it is kept."""
    lines = (secrets.token_hex(35).encode() + b"\r\n" for _ in range(size_bytes // 72))
    return b"Subject: a\r\n\r\n" + b"".join(lines)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own; only root can have one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = f"size={SIZE},nr_inodes={NAMES},mode=0700"
    words = ["mount", "-t", "tmpfs", "-o", options, "guard-test", folder]
    mounted = subprocess.run(words, check=False, capture_output=True, text=True)
    if mounted.returncode != 0:
        refused = f"no disk could be mounted: {mounted.stderr.strip()}"
        if os.environ.get("CI") == "true" and os.getuid() == 0:
            pytest.fail(refused)
        pytest.skip(refused)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
async def guard(disk: Path, smarthost: Smarthost) -> AsyncIterator[Running]:
    """A guard whose data is on that disk."""
    async with running(disk, smarthost, LIMITS) as guard:
        yield guard


def fill(disk: Path, *, left_bytes: int) -> Path:
    """Take the room that there is, but for *left_bytes*; give the file that takes it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        while (found := os.statvfs(disk)).f_bavail * found.f_frsize > left_bytes:
            free = found.f_bavail * found.f_frsize - left_bytes
            file.write(bytes(min(free, 1 << 20)))
    return ballast


async def mailed(guard: Running, octets: bytes) -> str:
    """Hand in a mail that is held, and give the reply that ends it."""
    async with await Client.greeted(guard) as client:
        return await client.mail(octets, recipients=(TO,))


async def test_short_of_room_is_said_at_mail(guard: Running, disk: Path) -> None:
    """R-A6: before anybody has sent what could not be kept; over as soon as there is room."""
    assert (await mailed(guard, letter(1000))).startswith("250 ")
    ballast = fill(disk, left_bytes=60 * 1024 * 1024)
    async with await Client.greeted(guard) as client:
        assert (await client.ask("MAIL FROM:<ann@example.com>")).startswith(FULL)
        assert (await client.ask("NOOP")).startswith("250 ")
        ballast.unlink()
        assert (await client.ask("MAIL FROM:<ann@example.com>")).startswith("250 ")
    assert (await mailed(guard, letter(1000))).startswith("250 ")


async def test_no_names_left_is_said_at_mail(guard: Running, disk: Path) -> None:
    """R-A6: a disk with room and without inodes takes no new file either."""
    files = []
    while os.statvfs(disk).f_favail:
        files.append(disk / f"file-{len(files)}")
        files[-1].touch()
    assert (await mailed(guard, letter(1000))).startswith(FULL)
    for file in files:
        file.unlink()
    assert (await mailed(guard, letter(1000))).startswith("250 ")


async def test_full_at_the_dot(guard: Running, disk: Path, smarthost: Smarthost) -> None:
    """
    R-A6: room at MAIL and none at the dot: 452, and nothing of it is kept.

    What was held before stays, the page says that nothing can be done now, and with room again all
    goes on without a restart.
    """
    first, second = letter(300_000), letter(300_000)
    assert (await mailed(guard, first)).startswith("250 ")
    (notice,) = await smarthost.wait_for(1)
    await guard.until(lambda: guard.ask("SELECT * FROM outbox WHERE kind = 'notice'") == [])
    link = link_in(notice)

    async with await Client.greeted(guard) as client:
        for line in ("MAIL FROM:<ann@example.com>", f"RCPT TO:{TO}", "DATA"):
            assert (await client.ask(line))[0] in "23"
        ballast = await asyncio.to_thread(fill, disk, left_bytes=0)
        assert (await client.ask(second + b".\r\n")).startswith(FULL)
    assert guard.ask("SELECT state FROM holds") == [("waiting",)]
    assert await post(link, action="send", confirm=TO.strip("<>")) == 503
    assert guard.ask("SELECT state FROM holds") == [("waiting",)]
    assert len(smarthost.messages) == 1

    ballast.unlink()
    assert (await mailed(guard, second)).startswith("250 ")
    assert await post(link, action="send", confirm=TO.strip("<>")) == 200
    await guard.states("delivered", "waiting")
    assert (await guard.events()).count("hold.created") == 2
    released = [mail for mail in smarthost.messages if mail.rcpts == (TO.strip("<>"),)]
    assert [mail.octets.endswith(first) for mail in released] == [True]
