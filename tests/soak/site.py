"""The folder of a guard, and the process in it."""

import asyncio
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Final

from tests.bench.children import ROOT
from tests.loopback import free_ports, is_ready

READY_S: Final = 60.0

POLICY: Final = """\
guard: 1
us:
  domains: [example.com]
holding:
  undo_after_send: 1 second
  remind_after: []
rules:
  - id: asks
    message: {en: "Are you sure?"}
    when: {recipient: {address: "*@hold.example"}}
    then: hold
"""

SETTINGS: Final = """
policies = "policies"
[[listen]]
address = "127.0.0.1:{smtp}"
[limits]
command_s = 20
data_s = 20
[upstream]
address = "{upstream}"
[web]
address = "127.0.0.1:{web}"
public_url = "http://127.0.0.1:{web}"
[admin]
address = "127.0.0.1:{admin}"
[store]
url = "{store}"
[notices]
from = "Mail check <guard@example.com>"
"""


class Site:
    """One guard that is started again and again on the same data."""

    def __init__(self, folder: Path, upstream: str, store: str) -> None:
        self.folder = folder
        self.smtp, self.web, self.admin = free_ports(3)
        self.process: asyncio.subprocess.Process | None = None
        self.starts = 0
        folder.chmod(0o700)
        (folder / "policies").mkdir()
        self.set_policy(POLICY)
        settings = SETTINGS.format(
            smtp=self.smtp, web=self.web, admin=self.admin, upstream=upstream, store=store
        )
        (folder / "guard.toml").write_text(settings, "utf-8")

    @property
    def pid(self) -> int:
        """The process, 0 while there is none."""
        running = self.process is not None and self.process.returncode is None
        return self.process.pid if running and self.process is not None else 0

    @property
    def database(self) -> Path | None:
        """The SQLite file; `None` with another store."""
        path = self.folder / "guard.db"
        return path if path.exists() else None

    def set_policy(self, text: str) -> None:
        """Write the policy; it counts after `send(SIGHUP)`."""
        (self.folder / "policies" / "main.yaml").write_text(text, "utf-8")

    async def start(self) -> None:
        """Start it, and wait until it says that it is ready."""
        with (self.folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "guard",
                "run",
                "--config",
                str(self.folder / "guard.toml"),
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.starts += 1
        async with asyncio.timeout(READY_S):
            while not await asyncio.to_thread(is_ready, self.admin):
                if self.process.returncode is not None:
                    raise RuntimeError(f"the guard ended with {self.process.returncode}")
                await asyncio.sleep(0.1)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    async def end(self, by: signal.Signals) -> int:
        """End it by a signal."""
        assert self.process is not None
        if self.process.returncode is None:
            self.send(by)
        return await self.process.wait()

    def waiting_jobs(self) -> int:
        """Jobs that are still to be done, but for expiry and what waits for its time."""
        assert self.database is not None
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10) as reader:
            found = reader.execute(
                "SELECT count(*) FROM outbox WHERE kind NOT IN ('expire', 'destroy', 'reminder')"
            ).fetchone()
        return int(found[0])
