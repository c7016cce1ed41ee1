"""A guard in a process of its own, for what only a process shows: memory, crashes, outputs."""

import asyncio
import copy
import email
import email.policy
import os
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Self

from loopback import free_ports, is_ready
from smarthost import Mail, Smarthost

from guard.store.audit import AuditLog
from guard.store.database import Database

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

    def __init__(self, folder: Path, smarthost: Smarthost, listen: str = "") -> None:
        self.folder = folder
        self._smtp, self._web, self._admin = free_ports(3)
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

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave no process behind, however the test ended."""
        await self.kill()

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """As `guard.submission.SubmissionServer` has it, so that a `front.Client` finds it."""
        return [("127.0.0.1", self._smtp)]

    @property
    def log(self) -> str:
        """What it has written."""
        return (self.folder / "log").read_text("utf-8", "replace")

    def spawn(self, environ: Mapping[str, str] = {}, *, before: Sequence[str] = ()) -> None:
        """Start ``guard run`` with more in its environment, by a program *before* it."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*before, sys.executable, "-m", "guard", "run"],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                env={**os.environ, **environ},
            )

    async def ready(self) -> None:
        """Wait until it takes mail."""
        assert self._process is not None
        async with asyncio.timeout(30):
            while not await asyncio.to_thread(is_ready, self._admin):
                assert self._process.poll() is None, self.log
                await asyncio.sleep(0.05)

    async def start(self, environ: Mapping[str, str] = {}) -> None:
        """Start ``guard run`` and wait until it is ready."""
        self.spawn(environ)
        await self.ready()

    def moved(self, folder: Path) -> Self:
        """Give the same guard in another folder: same ports, so that its links still open."""
        other = copy.copy(self)
        other.folder, other._process = folder, None
        return other

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until *condition* holds, as long as it lives."""
        assert self._process is not None
        async with asyncio.timeout(30):
            while not condition():
                assert self._process.poll() is None, self.log
                await asyncio.sleep(0.05)

    async def stop(self) -> int:
        """Ask it to end, and give its exit code."""
        return await self.end(signal.SIGTERM)

    async def kill(self) -> None:
        """End it at once, if it runs."""
        if self._process is not None:
            await self.end(signal.SIGKILL)

    async def ended(self) -> int:
        """Wait until it ends by itself, and give its exit code."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, 30)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def end(self, by: signal.Signals) -> int:
        """End it by a signal, if it runs, and give its exit code."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(by)
        return await asyncio.to_thread(self._process.wait, 30)

    def ask(self, statement: str) -> list[tuple]:
        """Ask the database something, whether the guard runs or not."""
        with closing(sqlite3.connect(self.folder / "guard.db", timeout=20)) as database:
            return database.execute(statement).fetchall()

    def end_leases(self) -> None:
        """Have every job due now, as when the lease of a process that died has run out."""
        with closing(sqlite3.connect(self.folder / "guard.db", timeout=20)) as database:
            database.execute(
                "UPDATE outbox SET due_at = '2000-01-01 00:00:00.000000'"
                " WHERE kind IN ('notice', 'release', 'release_again')"
            )
            database.commit()

    async def states(self, *wanted: str) -> None:
        """Wait until the holds are in the states *wanted*, in the order in which they came."""
        await self.until(lambda: self._states() == [*wanted])

    def _states(self) -> list[str]:
        return [state for (state,) in self.ask("SELECT state FROM holds ORDER BY held_at, id")]

    async def events(self) -> list[str]:
        """Give what the audit log says, in order; its chain must be whole."""
        database = Database.reading(self.folder / "guard.db")
        try:
            log = AuditLog(database)
            assert await log.first_wrong() is None
            return [entry.event async for entry in log.entries()]
        finally:
            await database.close()

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


@asynccontextmanager
async def running(
    folder: Path, smarthost: Smarthost, listen: str = "", *, environ: Mapping[str, str] = {}
) -> AsyncIterator[Running]:
    """Run a guard before *smarthost*; *listen* are lines of its ``[[listen]]``."""
    guard = Running(folder, smarthost, listen)
    await guard.start(environ)
    try:
        yield guard
        assert await guard.end(signal.SIGTERM) == 0, guard.log
    finally:
        await guard.end(signal.SIGKILL)


def links_in(notice: Mail) -> list[str]:
    """Give the links that a notice leads its reader to: one for each mail that it tells of."""
    message = email.message_from_bytes(notice.octets, policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    return re.findall(r"https?://\S+/m/[\w-]+", body.get_content())


def link_in(notice: Mail) -> str:
    """Give the one link of a notice that tells of one mail."""
    (link,) = links_in(notice)
    return link


async def post(link: str, **fields: str) -> int:
    """Post a form to a page; give the status, or 0 where no answer came."""

    def posted() -> int:
        data = urllib.parse.urlencode(fields).encode()
        try:
            with urllib.request.urlopen(link, data, timeout=20) as page:
                return int(page.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    return await asyncio.to_thread(posted)
