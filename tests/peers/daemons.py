"""Programs that a test starts: they end with it, whatever becomes of it."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from shutil import which
from typing import Final

import pytest

START_S: Final = 30
END_S: Final = 15
POLL_S: Final = 0.02
PATH: Final = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
"""Where programs are looked for: those of administrators, too."""


def needed(*commands: str, root: bool = False) -> None:
    """Skip the test where a program or the rights are missing; under CI that is a failure."""
    lacking = [each for each in commands if which(each, path=PATH) is None]
    if root and os.geteuid() != 0:
        lacking.append("root")
    if lacking:
        missing(*lacking)


def missing(*what: str) -> None:
    """Skip the test because something is missing; under CI that is a failure."""
    reason = f"not here: {', '.join(what)}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def folder() -> Iterator[Path]:
    """Give a folder that everybody may pass through, with a short name, for sockets are in it."""
    with tempfile.TemporaryDirectory(prefix="peers-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        yield Path(name)


@asynccontextmanager
async def daemon(
    *words: str, log: Path, cwd: Path | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a program for as long as the block lasts; what it says goes to *log*."""
    with log.open("ab") as said:
        process = await asyncio.create_subprocess_exec(
            # Also where the test itself is killed.
            *("setpriv", "--pdeathsig", "TERM", *words),
            cwd=cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=os.environ | {"PATH": PATH},
            start_new_session=True,
        )
    try:
        yield process
    finally:
        await asyncio.shield(_ended(process))


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Ask a program to end, and kill it if it does not; then all that it leaves behind."""
    with suppress(ProcessLookupError):
        process.terminate()
    with suppress(TimeoutError):
        async with asyncio.timeout(END_S):
            await process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


async def listening(port: int, process: asyncio.subprocess.Process, log: Path) -> None:
    """Wait until something greets on *port*."""
    async with asyncio.timeout(START_S):
        while True:
            assert process.returncode is None, log.read_text("utf-8", "replace")
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(POLL_S)
