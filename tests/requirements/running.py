"""A guard in a process of its own, for what only a process shows: memory, crashes, outputs."""

import asyncio
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from smarthost import Smarthost

HELD_DOMAIN = "hold.example"
"""Mail to there is held; all other mail passes."""

POLICY = f"""\
guard: 1
us:
  domains: [example.com]
holding:
  undo_after_send: 0 seconds
rules:
  - id: asks
    message: {{en: "Are you sure?"}}
    when: {{recipient: {{address: "*@{HELD_DOMAIN}"}}}}
    then: hold
"""

SETTINGS = """
policies = "policies"
[[listen]]
address = "127.0.0.1:{smtp}"
{listen}
[logins]
by = "file"
[upstream]
address = "{upstream}"
[web]
address = "127.0.0.1:{web}"
public_url = "http://127.0.0.1:{web}"
[admin]
address = "127.0.0.1:{admin}"
[notices]
from = "Mail check <guard@example.com>"
"""


class Running:
    """A folder with settings and a policy, and the guard that runs in it."""

    def __init__(self, folder: Path, smarthost: Smarthost, listen: str) -> None:
        self.folder = folder
        self._smtp, self._web, self._admin = _free_ports(3)
        self._process: subprocess.Popen[bytes] | None = None
        folder.chmod(0o700)
        (folder / "policies").mkdir()
        (folder / "policies" / "main.yaml").write_text(POLICY, "utf-8")
        settings = SETTINGS.format(
            smtp=self._smtp,
            web=self._web,
            admin=self._admin,
            upstream=smarthost.address,
            listen=listen,
        )
        (folder / "guard.toml").write_text(settings, "utf-8")

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """As `guard.submission.SubmissionServer` has it, so that a `front.Client` finds it."""
        return [("127.0.0.1", self._smtp)]

    @property
    def log(self) -> str:
        """What it has written."""
        return (self.folder / "log").read_text("utf-8", "replace")

    async def start(self) -> None:
        """Start ``guard run`` and wait until it is ready."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "guard", "run"], cwd=self.folder, stdout=log, stderr=log
            )
        async with asyncio.timeout(30):
            while not await asyncio.to_thread(self._is_ready):
                assert self._process.poll() is None, self.log
                await asyncio.sleep(0.05)

    async def end(self, by: signal.Signals) -> int:
        """End it by a signal, if it runs, and give its exit code."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(by)
        return await asyncio.to_thread(self._process.wait, 30)

    def metrics(self) -> str:
        """The page of metrics."""
        url = f"http://127.0.0.1:{self._admin}/metrics"
        with urllib.request.urlopen(url, timeout=10) as page:
            return page.read().decode()

    @property
    def process_id(self) -> int:
        """That of the process which talks to clients."""
        assert self._process is not None
        return self._process.pid

    def rss_bytes(self) -> int:
        """Memory that is resident now (``/proc/…/status``)."""
        return self._status("VmRSS")

    def peak_bytes(self) -> int:
        """The most that was ever resident since `forget_peak`."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        """Measure the peak anew (proc(5), ``clear_refs``)."""
        Path(f"/proc/{self.process_id}/clear_refs").write_text("5")

    def _status(self, name: str) -> int:
        text = Path(f"/proc/{self.process_id}/status").read_text()
        found = re.search(rf"{name}:\s+(\d+) kB", text)
        assert found is not None
        return int(found[1]) * 1024

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._admin}/readyz", timeout=5):
                return True
        except OSError:
            return False


@asynccontextmanager
async def running(folder: Path, smarthost: Smarthost, listen: str = "") -> AsyncIterator[Running]:
    """Run a guard before *smarthost*; *listen* are lines of its ``[[listen]]``."""
    guard = Running(folder, smarthost, listen)
    await guard.start()
    try:
        yield guard
        assert await guard.end(signal.SIGTERM) == 0, guard.log
    finally:
        await guard.end(signal.SIGKILL)


def _free_ports(count: int) -> list[int]:
    """Ports that nobody uses now; all held at once, so that they differ."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
